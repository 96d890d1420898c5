"""How good a model is on a set of images: training's curve, its metrics and `convscale evaluate` all ask here."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from ..augment import EvalPixels, papers_pixels, timm_pixels
from ..datasets import (
    DataMissing,
    Images,
    Unreadable,
    aligned,
    held_out_share,
    identity_of,
    load,
    minival,
    whole_folder,
)
from ..devices import Device, pick
from ..models import NetworkTable, build, load_weights, released_preprocessing, timm_name
from ..models.packages import PACKAGE
from ..models.pretrained import PRETRAINED, expected_normalisation, from_the_papers, pretrained_source, timm_config
from ..models.tables import image_table
from ..models.timm_drops import build_with_drops
from ..models.timm_drops import load_file as load_timm_file
from ..models.weight_files import read
from ..models.weights import misfits, pretrained
from ..words import plural
from .kept import check_is_of, kept_network, kept_preprocessing, stated
from .own_data import dataset_of
from .passes import BATCH, passes


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
    sums_5 = torch.zeros(5).to(device.torch)  # images, those without an answer, first right, one of five right, loss
    unreadable = Unreadable(images)
    for logits_BK, labels, valid_B in passes(
        model, images, pixels, device, unreadable, precision, workers, batch_size, progress
    ):
        no_answer_B = (~logits_BK.isfinite().all(1)).float()
        of_batch = (torch.ones_like(valid_B), no_answer_B, *hits(logits_BK, labels), losses(logits_BK, labels))
        sums_5 = sums_5 + torch.stack([(t * valid_B).sum() for t in of_batch])
    if unreadable.indices:
        warnings.warn(unreadable.report(), stacklevel=2)
    count, unanswered, first, five, loss = device.total(sums_5.tolist())
    check_answered(unanswered, count)
    return {"images": int(count), "top1": 100 * first / count, "top5": 100 * five / count, "loss": loss / count}


def check_answered(unanswered: float, count: float) -> None:
    """Raise FloatingPointError if a network gave so many of `count` images no finite numbers."""
    if unanswered:
        raise FloatingPointError(
            f"the network's outputs for {unanswered:.0f} of {plural(round(count), 'image')} are no finite numbers: its "
            "training has diverged, or its weights are damaged"
        )


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
    """A network with weights, what they were made for, and where they are known the names of its classes, the images
    that it was trained on (as `datasets.identified` names them) and what its best weights were chosen on.

        trained = load_trained("best.safetensors")
        logits_BK = trained.model(trained.transform(Image.open("cat.jpg"))[None])
        print(trained.classes[logits_BK.argmax()])
    """

    model: nn.Module
    pixels: EvalPixels
    classes: tuple[str, ...] | None = None
    dataset: str | None = None
    validate: str | None = None

    @property
    def transform(self) -> Callable[[Image.Image], Tensor]:
        """From a person's image, of any size and mode, to the network's input: float32 x_CHW, normalised."""
        return self.pixels.network_input


def released(name: str | NetworkTable, weights: str | None, num_classes: int, image_size: int | None) -> Trained:
    """One of our networks, by name or as a table, with `weights` as `load_weights` takes them or "pretrained", or
    "timm:<name.tag>" with its own or those in a file; images are shown to it as the weights' own configuration says, at
    `image_size` px or theirs.

    Raises ValueError for an unknown model, weights that do not fit, or another number of classes.
    """
    if "preprocessing" in stated(weights):
        return load_trained(str(weights), image_size, name)
    if (theirs := timm_name(name)) is None:
        weights = pretrained_source(name) if weights == PRETRAINED else weights
        model = build(name, num_classes, image_size=image_size)
        if weights:
            load_weights(model, weights)
        return Trained(model, pixels_of(name, weights, image_size))
    if weights in (None, PRETRAINED):
        model = pretrained(theirs)
    else:
        model = build_with_drops(theirs, num_classes)
        load_timm_file(model, weights, classifier=True)
    if model.num_classes != num_classes:
        raise ValueError(f"{name} has {plural(model.num_classes, 'class')}, the images {num_classes}")
    return Trained(model, tagged_pixels(theirs, image_size))


def pixels_of(network: str | NetworkTable, weights: str | None, image_size: int | None) -> EvalPixels:
    """What evaluation shows one of our networks with `weights`.

    Weights that `fit` kept say it themselves. Those of the papers' release are cropped as it did, also where they come
    by way of timm, and others of timm as timm does; the normalisation is in each case that of these weights.
    """
    if kept := kept_preprocessing(weights, image_size):
        return papers_pixels(kept)
    if (tag := timm_name(weights)) is not None and not from_the_papers(tag):
        return tagged_pixels(tag, image_size)
    expected = released_preprocessing(network, image_size)
    return papers_pixels(
        replace(expected, normalisation=expected_normalisation(network, weights) or expected.normalisation)
    )


def tagged_pixels(timm_model: str, image_size: int | None) -> EvalPixels:
    """What timm's own evaluation shows its weights `<name or name.tag>`."""
    from timm.data import resolve_data_config

    config = resolve_data_config(pretrained_cfg=timm_config(timm_model).to_dict())
    return timm_pixels(config | ({"input_size": (3, image_size, image_size)} if image_size else {}))


def load_trained(path: str | Path, image_size: int | None = None, model: str | NetworkTable | None = None) -> Trained:
    """What `fit` kept in a file: the network with its weights, in eval mode, its classes, and how it was evaluated.

    `image_size` in px is by default that of the evaluation; `model` is the network that a person takes it to be of.
    Raises FileNotFoundError, and ValueError for a file that is damaged, not written by `fit`, or of another network.
    """
    state, about = read(Path(path)), stated(path)
    if "preprocessing" not in about:
        raise ValueError(
            f"{path} does not say what it is of, as final.safetensors and best.safetensors of `train` do: name its "
            "network with --model"
        )
    kept, classes = kept_network(path)
    name = kept if isinstance(kept, str) else kept.name
    if model is not None:
        check_is_of(path, model)
    theirs = timm_name(name)
    network = build(kept, len(classes)) if theirs is None else build_with_drops(theirs, len(classes))
    ours = network.state_dict()
    lines, _ = misfits(ours, state, dict(zip(ours, ours, strict=True)))
    if lines:
        raise ValueError(
            "\n".join([f"{path} says that it is of {name} with {plural(len(classes), 'class')}; it is not", *lines])
        )
    network.load_state_dict(state)
    pixels = papers_pixels(kept_preprocessing(path, image_size))
    return Trained(network.eval(), pixels, classes, about.get("dataset"), about.get("validate"))


def to_evaluate(
    data: str, model: str | NetworkTable | None, weights: str | None, image_size: int | None = None
) -> tuple[Trained, Images, str]:
    """The network that a person names by `model`, `weights` or both, the images of `data` that it is tested on, and
    what those are in words.

    What a file of `fit` says of its network, classes and pixels holds. Raises ValueError where `model` is another
    network than the file's, or one of ours without weights; where published `weights` are of no `model`; for a network
    of video, an image size that the network does not take, images of classes that it does not know, and what
    `load_trained`, `released` and `images_to_test` raise.
    """
    if model is None and (weights in (PRETRAINED, PACKAGE) or timm_name(weights)):
        raise ValueError(f"weights {weights}: name their network with --model")
    if model is not None and weights is None and timm_name(model) is None:
        name = model if isinstance(model, str) else model.name
        raise ValueError(f"{name} without weights answers at random: give --weights, a file or pretrained")
    if model is not None and timm_name(model) is None:
        image_table(model)
    said = stated(weights) if weights else {}
    if model is None or "preprocessing" in said:
        trained = load_trained(str(weights), image_size, model)
        check_takes(trained.model, trained.pixels.size)
        images, words = images_to_test(data, trained)
        whose = f"the classes that {weights} was trained on"
        return trained, aligned(images, trained.classes or images.classes, str(data), whose), words
    check_is_of(weights, model)
    images, words = images_to_test(data)
    if weights in (None, PRETRAINED, PACKAGE) or timm_name(weights):
        images = within_imagenet(images, str(data))
    trained = released(model, weights, len(images.classes), image_size)
    check_takes(trained.model, trained.pixels.size)
    return trained, images, words


def within_imagenet(images: Images, where: str) -> Images:
    """Images of some of ImageNet's 1,000 classes, whose folders have its numbers (n01440764), with labels among all."""
    from timm.data import ImageNetInfo

    classes = ImageNetInfo("imagenet-1k").label_names()  # in the order of published weights
    return aligned(images, classes, where, "ImageNet's") if set(images.classes) < set(classes) else images


@torch.no_grad()
def check_takes(model: nn.Module, px: int) -> None:
    """Raise ValueError for an image size that the network does not take, such as a transformer's of other patches."""
    try:
        model.eval()(torch.zeros(1, 3, px, px))
    except (RuntimeError, ValueError, AssertionError) as error:  # each network has its own way to say so
        raise ValueError(f"this network does not take images of {px} px: {error}") from None


def images_to_test(data: str, trained: Trained | None = None) -> tuple[Images, str]:
    """What `data` has to test on, and how many images of what kind that is in words.

    The test images of a data set or a folder that has them; else, where `trained` was trained on these very images,
    those that were held out of its training; else all of the folder, which may have one class of a `trained` network's.
    Raises DataMissing for neither folder nor data set, ValueError for what is both and for malformed data.
    """
    dataset = dataset_of(data)
    kind, _, folder = dataset.partition(":")
    try:
        images = load(dataset, "test")
        return images, plural(len(images), "test image")
    except DataMissing:
        if (
            trained
            and (share := held_out_share(trained.validate or "test"))
            and trained.dataset == identity_of(dataset)
        ):
            images = minival(load(dataset, "train"), share)[1]
            return images, f"{plural(len(images), 'image')} held out of training"
        if kind != "folder":
            raise
    images = whole_folder(Path(folder).expanduser(), least=2 if trained is None else 1)
    rest = "all that there are: it has no test images, and training may have seen these"
    return images, f"{plural(len(images), 'image')}, {rest}"
