"""How good a model is on a set of images: training's curve, its metrics and `convscale evaluate` all ask here."""

import json
import warnings
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from tqdm.auto import tqdm

from ..augment import EvalPixels, normalise, papers_pixels, timm_pixels
from ..datasets import DataMissing, Images, Unreadable, eval_batches, load, read_split
from ..devices import Device, pick
from ..models import Preprocessing, build, load_weights, released_preprocessing, timm_name
from ..models.table_files import table_from
from ..models.timm_drops import build_with_drops
from ..models.timm_drops import load_file as load_timm_file
from ..models.weight_files import read
from ..models.weights import pretrained
from .own_data import dataset_of

BATCH = 256


@torch.no_grad()
def evaluate(
    model: nn.Module,
    images: Images,
    pixels: EvalPixels,
    device: str | Device = "auto",
    precision: str = "float32",
    workers: int = 0,
    batch_size: int = BATCH,
    progress: bool = False,
) -> dict[str, float]:
    """`images` that were read, top1 and top5 in %, and loss (mean cross entropy, nats) of `model` in eval mode.

    `pixels` is what the model is shown (`augment.papers_pixels`, `augment.timm_pixels`). Every process takes its share
    of the images, with `workers` loading processes. With several labels an image counts as right if an answer is any
    one of them. Results are read from the device once, at the end. Unreadable images are left out with a warning;
    raises ValueError if they are too many, and FloatingPointError for outputs that are no finite numbers.
    """
    device = pick(device) if isinstance(device, str) else device
    if next(model.parameters()).device != device.torch:
        model = device.model(model)
    model.eval()
    sums_5 = torch.zeros(5).to(device.torch)  # images, those without an answer, first right, one of five right, loss
    unreadable = Unreadable(images)
    loader = eval_batches(images, pixels.transform, batch_size, device.rank, device.world, workers, unreadable)
    total = -(-len(images) // (batch_size * device.world))
    for x_BCHW, labels in tqdm(loader, total=total, disable=None if progress and device.is_main else True):
        valid_B = torch.ones(len(x_BCHW))
        if device.traced and len(x_BCHW) < batch_size:  # a last, shorter batch would be compiled anew
            x_BCHW, labels, valid_B = (pad(t, batch_size) for t in (x_BCHW, labels, valid_B))
        x_BCHW, labels, valid_B = device.put((x_BCHW, labels, valid_B))
        with device.autocast(precision, pixels.size):
            logits_BK = model(normalise(x_BCHW, pixels.normalisation)).float()
        no_answer_B = (~logits_BK.isfinite().all(1)).float()
        of_batch = (torch.ones_like(valid_B), no_answer_B, *hits(logits_BK, labels), losses(logits_BK, labels))
        sums_5 = sums_5 + torch.stack([(t * valid_B).sum() for t in of_batch])
        device.end_step()
    if unreadable.indices:
        warnings.warn(unreadable.report(), stacklevel=2)
    count, unanswered, first, five, loss = device.total(sums_5.tolist())
    if unanswered:
        raise FloatingPointError(
            f"the network's outputs for {unanswered:.0f} of {count:.0f} images are no finite numbers: its training has "
            "diverged, or its weights are damaged"
        )
    return {"images": int(count), "top1": 100 * first / count, "top5": 100 * five / count, "loss": loss / count}


def pad(t: Tensor, length: int) -> Tensor:
    """Zeros up to `length` rows."""
    return torch.cat([t, t.new_zeros(length - len(t), *t.shape[1:])])


def hits(logits_BK: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """1 where the largest logit, and one of the five largest, is that of the label or of one of them; else 0."""
    answers_BA = logits_BK.topk(min(5, logits_BK.shape[1])).indices
    right_BA = answers_BA == labels[:, None] if labels.dim() == 1 else labels.gather(1, answers_BA) > 0
    return right_BA[:, 0].float(), right_BA.any(1).float()


def losses(logits_BK: Tensor, labels: Tensor) -> Tensor:
    """Cross entropy of each image, in nats; rows of labels are normalised to sum 1."""
    if labels.dim() == 2:
        labels = labels / labels.sum(1, keepdim=True).clamp(min=1e-12)
    return nn.functional.cross_entropy(logits_BK, labels, reduction="none")


@dataclass(frozen=True)
class Trained:
    """A network with weights, what they were made for, and the names of its classes where they are known."""

    model: nn.Module
    pixels: EvalPixels
    classes: tuple[str, ...] | None = None


def released(name: str, weights: str | None, num_classes: int, image_size: int | None) -> Trained:
    """One of our networks with `weights` as `load_weights` takes them and the papers' preprocessing, or
    "timm:<name.tag>" with its own of both, or with the weights in a file.

    Raises ValueError for an unknown model, weights that do not fit, or another number of classes.
    """
    if weights and (kept := kept_by_train(weights)):
        if kept["model"] != name:
            raise ValueError(f"{weights} holds weights of {kept['model']}, not of {name}: leave out the model")
        return load_trained(weights, image_size)
    if (theirs := timm_name(name)) is None:
        model = build(name, num_classes, image_size=image_size)
        if weights:
            load_weights(model, weights)
        return Trained(model, papers_pixels(released_preprocessing(name, image_size)))
    from timm.data import resolve_model_data_config

    model = pretrained(theirs) if weights is None else build_with_drops(theirs, num_classes)
    if weights is not None:
        load_timm_file(model, weights, classifier=True)
    if model.num_classes != num_classes:
        raise ValueError(f"{name} has {model.num_classes} classes, the images {num_classes}")
    config = resolve_model_data_config(model)
    return Trained(model, timm_pixels(config | ({"input_size": (3, image_size, image_size)} if image_size else {})))


def kept_by_train(path: str | Path) -> dict[str, str]:
    """What `fit` says in a file of its weights of what they are; nothing for any other file."""
    try:
        with safe_open(path, "pt") as file:
            about = file.metadata() or {}
    except (OSError, SafetensorError):
        return {}
    return about if "preprocessing" in about else {}


def load_trained(path: str | Path, image_size: int | None = None) -> Trained:
    """What `fit` kept in a file: the network with its weights, its classes, and how it was evaluated.

    `image_size` in px is by default that of the evaluation. Raises FileNotFoundError, and ValueError for a file that is
    damaged and for one that `fit` did not write.
    """
    state, about = read(Path(path)), kept_by_train(path)
    if not about:
        raise ValueError(f"{path} was not written by `train`: name its network with --model")
    classes = tuple(json.loads(about["classes"]))
    name = about["model"]
    if (theirs := timm_name(name)) is not None:
        model = build_with_drops(theirs, len(classes))
    else:
        model = build(table_from(json.loads(name)) if name.startswith("{") else name, len(classes))
    model.load_state_dict(state)
    how = Preprocessing(image_size or int(about["image_size"]), **json.loads(about["preprocessing"]))
    return Trained(model, papers_pixels(how), classes)


def check_classes(trained: Trained, classes: tuple[str, ...], path: str | Path) -> None:
    """Raise ValueError unless the images have the classes that the network was trained on."""
    known = trained.classes
    if known is not None and known != classes:
        here = f"{len(classes)} ({', '.join(classes[:3])} ...)"
        raise ValueError(
            f"{path} was trained on {len(known)} classes ({', '.join(known[:3])} ...), the images have {here}"
        )


def evaluation_images(data: str) -> Images:
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
