"""A labelled set of images, decoded on demand and kept decoded while that fits in memory."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

CACHE_BYTES = 2**30  # decoded pixels kept per set: all of CIFAR-10 (0.15 GiB) and Imagenette-160 (0.68 GiB)


@dataclass
class Images:
    """`items` are encoded bytes, file paths or uint8 arrays (HWC or HW); `labels` are class indices."""

    items: Sequence[bytes | Path | np.ndarray]
    labels: np.ndarray
    classes: tuple[str, ...]
    _decoded: dict[int, Image.Image] = field(default_factory=dict, repr=False)
    _bytes: int = 0

    def __len__(self) -> int:
        return len(self.items)

    def image(self, i: int) -> Image.Image:
        """Image `i` in RGB."""
        if i in self._decoded:
            return self._decoded[i]
        item = self.items[i]
        if isinstance(item, np.ndarray):
            image = Image.fromarray(item)
        else:
            image = Image.open(io.BytesIO(item) if isinstance(item, bytes) else item)
        image = image.convert("RGB")
        size = 3 * image.width * image.height
        if self._bytes + size <= CACHE_BYTES:
            self._decoded[i] = image
            self._bytes += size
        return image


def subset(images: Images, count: int | None) -> Images:
    """The first `count` images, as evenly over the classes as they allow; None = all of them.

    Raises ValueError when there are fewer than `count`.
    """
    if count is None or count == len(images):
        return images
    if not 0 < count < len(images):
        raise ValueError(f"asked for {count} of {len(images)} images")
    rank = np.empty(len(images), int)  # of each image within its class
    for label in np.unique(images.labels):
        members = np.flatnonzero(images.labels == label)
        rank[members] = np.arange(len(members))
    chosen = np.sort(np.lexsort((images.labels, rank))[:count])
    return Images([images.items[i] for i in chosen], images.labels[chosen], images.classes)
