"""What a run takes from the runs that it builds on: the file of their weights, and labels for images without any."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from .. import datasets
from ..augment import normalise
from ..datasets import Images
from ..devices import Device
from ..recipes import Run
from .evaluation import Trained, load_trained
from .passes import BATCH


def weights_file(run: Run, folder: Path | str | None) -> Path:
    """The file of the averaged weights of `run` in a `folder` of such files, named by their runs' keys.

    Raises ValueError if it is not there.
    """
    key = datasets.identified(run).key
    needed = f"the weights of run {key} ({run.model_name} on {run.dataset}) are needed, on which this one builds"
    if folder is None:
        raise ValueError(f"{needed}: make it with `experiments.execute`, or name the folder that has {key}.safetensors")
    if not (file := Path(folder) / f"{key}.safetensors").is_file():
        raise ValueError(f"{needed}, and there is no {file}: make that run first")
    return file


def with_pseudo_labels(
    images: Images, own: int, teacher: Run, device: Device, workers: int, folder: Path | str | None
) -> tuple[Images, float]:
    """`images` with labels (N, K), the teacher's probabilities for all but the first `own`; and its top-1 in % on them.

    RS §7.2 trains jointly on labelled and pseudo-labelled images "in a similar fashion to Noisy Student", whose labels
    are the teacher's probabilities (Xie et al. 2020). Only the top-1 looks at the images' own labels.

    Raises ValueError without the teacher's weights, or where it knows other classes.
    """
    file = weights_file(teacher, folder)
    trained = load_trained(file)
    if trained.classes != images.classes:
        raise ValueError(
            f"the teacher, run {teacher.key}, knows the classes {', '.join(trained.classes or ())}, the images have "
            f"{', '.join(images.classes)}: train it on those"
        )
    further = images.take(np.arange(own, len(images)))
    told = probabilities(trained, further, device, teacher.precision, workers)
    top1 = 100 * float((told.argmax(1) == further.main_labels()).mean())
    return replace(images, labels=np.concatenate([rows(images)[:own], told])), top1


def rows(images: Images) -> np.ndarray:
    """Labels as class weights (N, K)."""
    found = images.labels[np.arange(len(images))]
    return found if found.ndim == 2 else np.eye(len(images.classes), dtype=np.float32)[found]


@torch.no_grad()
def probabilities(trained: Trained, images: Images, device: Device, precision: str, workers: int) -> np.ndarray:
    """What a network says of each image (N, K), shown as in its evaluation. Every process computes all of them.

    Raises BrokenImage for an image that cannot be read.
    """
    model, pixels = device.model(trained.model).eval(), trained.pixels
    told = []
    for x_BCHW, _ in datasets.eval_batches(images, pixels.transform, BATCH, workers=workers):
        (x_BCHW,) = device.put((x_BCHW,))
        with device.autocast(precision, pixels.size):
            logits_BK = model(normalise(x_BCHW, pixels.normalisation)).float()
        told.append(logits_BK.softmax(1).cpu().numpy())
    return np.concatenate(told)
