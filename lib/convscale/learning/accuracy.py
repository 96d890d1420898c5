"""Accuracy of a model on a set of images while it trains: the recipe's own preprocessing, any device, all processes."""

import warnings

import torch
from torch import Tensor, nn

from ..datasets import Images, Unreadable, eval_batches
from ..devices import Device
from .augment import eval_transform
from .normalise import normalise
from .recipes import Recipe

EVAL_BATCH = 256


@torch.no_grad()
def evaluate(
    model: nn.Module, images: Images, image_size: int, device: Device, recipe: Recipe, precision: str = "float32"
) -> dict[str, float]:
    """Top-1 accuracy in % and loss (mean cross entropy, nats) of `model` in eval mode at `image_size` px.

    Every process takes its share of the images. With several labels an image counts as right if the first answer is
    any one of them. Results are read from the device once, at the end. Unreadable images are left out with a warning;
    raises ValueError if they are too many.
    """
    model.eval()
    sums_3 = torch.zeros(3).to(device.torch)  # images, hits, loss
    unreadable = Unreadable(images)
    resize = eval_transform(recipe, image_size)
    for x_BCHW, labels in eval_batches(images, resize, EVAL_BATCH, device.rank, device.world, unreadable=unreadable):
        valid_B = torch.ones(len(x_BCHW))
        if device.kind == "xla" and len(x_BCHW) < EVAL_BATCH:  # a last, shorter batch would be compiled anew
            x_BCHW, labels, valid_B = (pad(t, EVAL_BATCH) for t in (x_BCHW, labels, valid_B))
        x_BCHW, labels, valid_B = device.put((x_BCHW, labels, valid_B))
        with device.autocast(precision, image_size):
            logits_BK = model(normalise(x_BCHW, recipe.normalisation)).float()
        of_batch = (valid_B, hits(logits_BK, labels), losses(logits_BK, labels))
        sums_3 = sums_3 + torch.stack([(t * valid_B).sum() for t in of_batch])
        device.end_step()
    if unreadable.indices:
        warnings.warn(unreadable.report(), stacklevel=2)
    count, right, loss = device.total(sums_3.tolist())
    return {"top1": 100 * right / count, "loss": loss / count}


def pad(t: Tensor, length: int) -> Tensor:
    """Zeros up to `length` rows."""
    return torch.cat([t, t.new_zeros(length - len(t), *t.shape[1:])])


def hits(logits_BK: Tensor, labels: Tensor) -> Tensor:
    """1 where the largest logit is the label, or one of them, else 0."""
    answers_B = logits_BK.argmax(1)
    if labels.dim() == 1:
        return (answers_B == labels).float()
    return (labels.gather(1, answers_B[:, None])[:, 0] > 0).float()


def losses(logits_BK: Tensor, labels: Tensor) -> Tensor:
    """Cross entropy of each image, in nats; rows of labels are normalised to sum 1."""
    if labels.dim() == 2:
        labels = labels / labels.sum(1, keepdim=True).clamp(min=1e-12)
    return nn.functional.cross_entropy(logits_BK, labels, reduction="none")
