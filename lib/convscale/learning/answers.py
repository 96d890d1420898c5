"""What a network says of each image of a set: for predictions, and for tables of its mistakes."""

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from ..datasets import Images, Unreadable
from ..devices import Device, pick
from ..words import plural
from .evaluation import Trained, check_answered, hits, losses
from .passes import BATCH, passes

TOP = 5  # answers that are kept of an image, as the papers count them
NONE = -1  # in place of an answer, where there are fewer classes


@dataclass(frozen=True)
class Answers:
    """Of the N images that could be read, in their order: the A most probable classes, and how right they are.

    A is 5, or all classes where there are fewer. `label_N` is the image's class: of several, the answer if it is one of
    them, else the first of greatest weight.
    """

    index_N: np.ndarray  # numbers of the images in their set
    answer_NA: np.ndarray  # classes, the most probable first
    probability_NA: np.ndarray
    label_N: np.ndarray
    of_label_N: np.ndarray  # the label's probability
    in_top5_N: np.ndarray  # whether one of five answers is a label
    loss_N: np.ndarray  # cross entropy, nats

    def __len__(self) -> int:
        return len(self.index_N)

    @property
    def right_N(self) -> np.ndarray:
        """Whether the first answer is the label."""
        return self.answer_NA[:, 0] == self.label_N

    def results(self) -> dict[str, float]:
        """As of `evaluate`: images, top1 and top5 in %, and loss."""
        top1, top5 = (100 * float(right_N.mean()) for right_N in (self.right_N, self.in_top5_N))
        return {"images": len(self), "top1": top1, "top5": top5, "loss": float(self.loss_N.mean())}


def answers_of(
    trained: Trained,
    images: Images,
    device: str | Device = "auto",
    precision: str = "float32",
    workers: int = 0,
    batch_size: int = BATCH,
    progress: bool = False,
    unreadable: Unreadable | None = None,
) -> Answers:
    """What `trained` says of `images`, shown as in its evaluation. Every process computes its share, and gets all.

    `unreadable` counts images that are left out, with a warning; by default as many as in `evaluate`. Raises ValueError
    for too many of them or if none is left, and FloatingPointError for outputs that are no finite numbers.
    """
    device = pick(device) if isinstance(device, str) else device
    unreadable = unreadable or Unreadable(images)
    looked = passes(trained.model, images, trained.pixels, device, unreadable, precision, workers, batch_size, progress)
    batches = [said(logits_BK, labels)[valid_B > 0].cpu().numpy() for logits_BK, labels, valid_B in looked]
    if unreadable.indices:
        warnings.warn(unreadable.report(), stacklevel=2)
    first, stop = (rank * len(images) // device.world for rank in (device.rank, device.rank + 1))
    table_NC = np.zeros((len(images), 6 + 2 * TOP))  # the columns of `said`; zeros for what others found
    if batches:
        table_NC[np.setdiff1d(np.arange(first, stop), unreadable.indices)] = np.concatenate(batches)
    if device.world > 1:
        table_NC = np.reshape(device.total(table_NC.ravel().tolist()), table_NC.shape)
    index_N = np.flatnonzero(table_NC[:, 0])
    if not len(index_N):
        raise ValueError(f"none of {plural(len(images), 'image')} can be read. The first: {unreadable.why(0)}")
    _, finite_N, label_N, of_label_N, in_top5_N, loss_N = table_NC[index_N, :6].T
    check_answered(np.sum(finite_N == 0), len(index_N))
    answer_NA, probability_NA = np.split(table_NC[index_N, 6:], 2, axis=1)
    there = answer_NA[0] != NONE
    whole, labels_N = answer_NA[:, there].astype(np.int64), label_N.astype(np.int64)
    return Answers(index_N, whole, probability_NA[:, there], labels_N, of_label_N, in_top5_N > 0, loss_N)


def said(logits_BK: Tensor, labels: Tensor) -> Tensor:
    """Of each image 1, whether its outputs are finite, label, the label's probability, whether it is in the top 5,
    loss; then `TOP` answers, and their probabilities."""
    probability_BK = logits_BK.softmax(1)
    some = min(TOP, logits_BK.shape[1])
    probability_BA, answer_BA = probability_BK.topk(some)
    label_B = labels
    if labels.dim() == 2:
        is_one_B = labels.gather(1, answer_BA[:, :1])[:, 0] > 0
        label_B = torch.where(is_one_B, answer_BA[:, 0], labels.argmax(1))
    of_label_B = probability_BK.gather(1, label_B[:, None])[:, 0]
    finite_B, in_top5_B = logits_BK.isfinite().all(1), hits(logits_BK, labels)[1]
    single = (torch.ones_like(of_label_B), finite_B, label_B, of_label_B, in_top5_B, losses(logits_BK, labels))
    lists = (pad(answer_BA, (0, TOP - some), value=NONE), pad(probability_BA, (0, TOP - some)))
    return torch.cat([torch.stack([column_B.float() for column_B in single], 1), *lists], 1)
