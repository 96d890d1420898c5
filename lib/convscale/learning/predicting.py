"""What a trained network says of images without labels, as a table."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ..datasets import Images, Unreadable, unlabelled_images
from ..devices import Device
from .answers import answers_of
from .evaluation import Trained
from .passes import BATCH

ALL = 1.0  # share of unreadable images that is no error: every other image has its own answer


def predict(
    trained: Trained,
    images: Images | Path | str | Sequence[Path | str],
    device: str | Device = "auto",
    workers: int = 0,
    batch_size: int = BATCH,
    progress: bool = False,
) -> pd.DataFrame:
    """A row for each image that can be read: file, class, probability, and in further columns the next four answers.

    `images` are a folder of any layout, files, or a set; labels play no part. They are shown as `trained` was
    evaluated. Others are left out with a warning that names them. Raises ValueError for a network without names of
    classes and if no image can be read, and what `datasets.unlabelled_images` and `answers_of` raise.

        predict(load_trained("best.safetensors"), "holiday/")
    """
    if trained.classes is None:
        raise ValueError("this network does not say what its classes are called: predict with weights that `fit` kept")
    if not isinstance(images, Images):
        images = unlabelled_images([images] if isinstance(images, str | Path) else images)
    found = answers_of(trained, images, device, "float32", workers, batch_size, progress, Unreadable(images, share=ALL))
    names = np.array(trained.classes, dtype=object)
    columns: dict[str, object] = {"file": [images.name(i) for i in found.index_N]}
    for place in range(found.answer_NA.shape[1]):
        ending = f"_{place + 1}" if place else ""
        columns[f"class{ending}"] = names[found.answer_NA[:, place]]
        columns[f"probability{ending}"] = found.probability_NA[:, place]
    return pd.DataFrame(columns)
