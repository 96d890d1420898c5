"""Tables of a network's answers: which classes it knows, what it takes for what, how far its word is to be trusted."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..datasets import Images
from .answers import Answers

BINS = 15  # of probability, equally wide (Guo et al., On Calibration of Modern Neural Networks, 2017, Table 1)
WORST = 100  # images that are listed; ours: as many as a person looks through


def per_class(found: Answers, classes: Sequence[str]) -> pd.DataFrame:
    """A row for each class that has images, in the order of the classes.

    class; images; top1, in %: how many of them are answered so (recall); answered: how many images are taken for it;
    precision, in %, empty where none is; and what most of its other images are taken for, with their number.
    """
    rows = []
    for number in np.unique(found.label_N):
        of_class, answered = found.label_N == number, found.answer_NA[:, 0] == number
        wrong = np.bincount(found.answer_NA[of_class & ~found.right_N, 0], minlength=1)
        rows.append(
            {
                "class": classes[number],
                "images": of_class.sum(),
                "top1": 100 * found.right_N[of_class].mean(),
                "answered": answered.sum(),
                "precision": 100 * found.right_N[answered].mean() if answered.any() else np.nan,
                "taken_for": classes[wrong.argmax()] if wrong.any() else "",
                "so_often": wrong.max(),
            }
        )
    return pd.DataFrame(rows)


def confusion(found: Answers, classes: Sequence[str]) -> pd.DataFrame:
    """Images by their class (rows) and by the network's answer (columns), of all classes that are one or the other."""
    present = np.union1d(found.label_N, found.answer_NA[:, 0])
    counts = np.zeros((len(present), len(present)), np.int64)
    np.add.at(counts, tuple(np.searchsorted(present, of) for of in (found.label_N, found.answer_NA[:, 0])), 1)
    names = [classes[number] for number in present]
    return pd.DataFrame(counts, index=pd.Index(names, name="class"), columns=pd.Index(names, name="answer"))


def calibration(found: Answers, bins: int = BINS) -> pd.DataFrame:
    """Reliability of the first answers by their probability: from, to, images, mean probability and top1 (both in %).

    Bins are equally wide, each with its upper end; those without images are left out.
    """
    probability_N = found.probability_NA[:, 0]
    bin_N = np.clip(np.ceil(probability_N * bins).astype(int) - 1, 0, bins - 1)
    rows = [
        {
            "from": 100 * number / bins,
            "to": 100 * (number + 1) / bins,
            "images": (bin_N == number).sum(),
            "probability": 100 * probability_N[bin_N == number].mean(),
            "top1": 100 * found.right_N[bin_N == number].mean(),
        }
        for number in np.unique(bin_N)
    ]
    return pd.DataFrame(rows)


def calibration_error(found: Answers, bins: int = BINS) -> float:
    """Expected calibration error in points: the mean over images of |top1 - probability| of their bin (Guo et al. 2017,
    eq. 3). 0 is a network that is right as often as it says."""
    table = calibration(found, bins)
    return float(np.average((table["top1"] - table["probability"]).abs(), weights=table["images"]))


def worst(found: Answers, count: int = WORST) -> np.ndarray:
    """Places in `found` of the wrong answers with the highest losses, that first.

    A loss is high where the image's own class is least probable: mistakes of which the network is sure, and images
    whose labels are wrong.
    """
    order_N = np.argsort(-found.loss_N, kind="stable")
    return order_N[~found.right_N[order_N]][:count]


def mistakes(found: Answers, images: Images, classes: Sequence[str], count: int = WORST) -> pd.DataFrame:
    """The `worst` answers: file, class, answer, its probability, and the class's (of_class)."""
    order = worst(found, count)
    return pd.DataFrame(
        {
            "file": [images.name(int(i)) for i in found.index_N[order]],
            "class": [classes[k] for k in found.label_N[order]],
            "answer": [classes[k] for k in found.answer_NA[order, 0]],
            "probability": found.probability_NA[order, 0],
            "of_class": found.of_label_N[order],
        }
    )
