"""Top-1 and top-5 of a model on a folder of images, with the preprocessing that its weights were made for."""

import json
import warnings
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from timm.data import create_transform, resolve_model_data_config
from torch import nn
from tqdm.auto import tqdm

from ..datasets import DataMissing, Images, Unreadable, eval_batches, load
from ..datasets.sources import read_split
from ..devices import Device
from ..models import build, load_weights
from ..models.preprocessing import CROP_PADDING, Preprocessing, preprocessing
from ..models.timm_drops import build_with_drops
from ..models.weights import pretrained
from .normalise import NORMALISATIONS
from .own_images import dataset_of


def with_weights(name: str, weights: str | None, num_classes: int, image_size: int | None) -> tuple[nn.Module, dict]:
    """The model and its evaluation preprocessing in timm's terms.

    Our models take `weights` as `load_weights` does, and the papers' preprocessing. "timm:<name.tag>" brings its own of
    both. Raises ValueError for an unknown model, weights that do not fit, or another number of classes.
    """
    if not name.startswith("timm:"):
        model = build(name, num_classes, image_size=image_size)
        if weights:
            load_weights(model, weights)
        return model, preprocessing(name, image_size).timm_config()
    if weights:
        raise ValueError(f"weights {weights!r}: a timm model brings its own; choose them by its tag, timm:<name.tag>")
    model = pretrained(name.removeprefix("timm:"))
    if model.num_classes != num_classes:
        raise ValueError(f"{name} has {model.num_classes} classes, the images {num_classes}")
    config = resolve_model_data_config(model)
    return model, config | ({"input_size": (3, image_size, image_size)} if image_size else {})


def test_images(data: str) -> Images:
    """What `data` has to test on: the test images of a data set or of a folder that has them, else all of the folder.

    Raises DataMissing for neither folder nor data set, ValueError for what is both and for malformed data.
    """
    dataset = dataset_of(data)
    try:
        return load(dataset, "test")
    except DataMissing:
        if not dataset.startswith("folder:"):
            raise
        return read_split(Path(dataset.removeprefix("folder:")).expanduser())


def kept_model(weights: str | None, classes: tuple[str, ...], image_size: int | None) -> tuple[nn.Module, dict]:
    """The model that `fit` kept in file `weights`, and the preprocessing that it was evaluated with.

    Raises ValueError for no file, one that `fit` did not write, and for other classes than it was trained on.
    """
    path = Path(weights or "")
    try:
        with safe_open(path, "pt") as file:
            about = file.metadata() or {}
        state = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ValueError(f"weights {weights!r} cannot be read ({error}): give a file of `train`, or --model") from None
    if "preprocessing" not in about:
        raise ValueError(f"{path} was not written by `train`: name its network with --model")
    trained_on = json.loads(about["classes"])
    if list(classes) != trained_on:
        here = f"{len(classes)} ({', '.join(classes[:3])} ...)"
        raise ValueError(
            f"{path} was trained on {len(trained_on)} classes ({', '.join(trained_on[:3])} ...), the images have {here}"
        )
    name = about["model"]
    if name.startswith("timm:"):
        model = build_with_drops(name.removeprefix("timm:"), len(classes))
    else:
        model = build(name, len(classes))
    model.load_state_dict(state)
    size = image_size or int(about["image_size"])
    return model, timm_config(size, **json.loads(about["preprocessing"]))


def timm_config(size: int, normalisation: str, eval_crop: str, interpolation: str) -> dict:
    """A recipe's evaluation preprocessing in timm's terms."""
    crop = {"whole": 1.0, "padded": size / (size + CROP_PADDING), "0.875": 0.875}[eval_crop]
    mean, std = (tuple(value / 255 for value in values) for values in NORMALISATIONS[normalisation])
    return Preprocessing(size, crop, eval_crop == "whole", interpolation, mean, std).timm_config()


@torch.no_grad()
def evaluate_images(
    model: nn.Module, images: Images, config: dict, device: Device, batch_size: int = 64, workers: int = 2
) -> dict[str, float]:
    """Top-1 and top-5 accuracy in % of `model` on all `images`, preprocessed by timm's evaluation transform.

    Unreadable images are left out with a warning. Raises ValueError if they are too many, or have several labels each.
    """
    if images.labels.ndim == 2:
        raise ValueError("top-1 and top-5 need one label an image, these have several: use `learning.evaluate`")
    model = device.model(model).eval()
    unreadable = Unreadable(images)
    transform = create_transform(**config, is_training=False)
    batches = eval_batches(images, transform, batch_size, workers=workers, unreadable=unreadable)
    count = top1 = top5 = 0
    for batch in tqdm(batches, total=-(-len(images) // batch_size), disable=None):
        x_BCHW, labels_B = device.put(batch)
        hits_B5 = model(x_BCHW).topk(min(5, len(images.classes))).indices == labels_B[:, None]
        count += len(labels_B)
        top1 += hits_B5[:, 0].sum().item()
        top5 += hits_B5.sum().item()
    if unreadable.indices:
        warnings.warn(unreadable.report(), stacklevel=2)
    return {"images": count, "top1": 100 * top1 / count, "top5": 100 * top5 / count}
