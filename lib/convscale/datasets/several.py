"""Labels of images that have several classes each, kept as the numbers of those classes."""

from collections.abc import Sequence
from typing import overload

import numpy as np


class SeveralLabels:
    """Rows of zeros and ones (N, K) that are made only when they are read, by `[]`: float32, (K,) or (B, K).

    Kept are 8 bytes an image and 4 a label. As rows the labels of ImageNet-21k, 13 million images of 21,841 classes
    (V2 §5.2), would take 1.1 TB; so they take 0.2 GB. `numbers` are the classes of all images, one after the other, and
    `ends` (N,) says where those of each image end. What else there is, is named as numpy names it.
    """

    ndim = 2

    def __init__(self, numbers: np.ndarray, ends: np.ndarray, classes: int):
        self.numbers, self.ends = numbers.astype(np.int32, copy=False), ends.astype(np.int64, copy=False)
        self.shape = len(ends), classes

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]], classes: int) -> "SeveralLabels":
        """Of the classes of each image; one that is named twice counts once."""
        sets = [list(dict.fromkeys(row)) for row in rows]
        return cls(np.array([n for row in sets for n in row], np.int32), np.cumsum([len(row) for row in sets]), classes)

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def counts(self) -> np.ndarray:
        """How many classes each image (N,) has."""
        return np.diff(self.ends, prepend=0)

    @overload
    def __getitem__(self, chosen: int) -> np.ndarray: ...
    @overload
    def __getitem__(self, chosen: slice | np.ndarray) -> np.ndarray: ...
    def __getitem__(self, chosen):
        places = np.arange(len(self))[chosen]
        part = self.take(np.atleast_1d(places), 0)
        rows = np.zeros(part.shape, np.float32)
        rows[np.repeat(np.arange(len(part)), part.counts), part.numbers] = 1
        return rows[0] if np.ndim(places) == 0 else rows

    def take(self, chosen: np.ndarray, axis: int) -> "SeveralLabels":
        """Those of these images, in this order; `axis` is 0."""
        counts = self.counts[chosen]
        ends = np.cumsum(counts)
        within = np.arange(counts.sum()) - np.repeat(ends - counts, counts)
        return SeveralLabels(self.numbers[np.repeat(self.ends[chosen] - counts, counts) + within], ends, self.shape[1])

    def argmax(self, axis: int) -> np.ndarray:
        """The lowest class of each image (N,), 0 where it has none, as of dense rows; `axis` is 1."""
        first = np.full(len(self), self.shape[1])
        np.minimum.at(first, np.repeat(np.arange(len(self)), self.counts), self.numbers)
        return np.where(first < self.shape[1], first, 0)

    def renumbered(self, to: np.ndarray, classes: int) -> "SeveralLabels":
        """With class `c` as class `to[c]` of `classes`."""
        return SeveralLabels(to[self.numbers], self.ends, classes)
