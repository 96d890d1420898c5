"""A labelled set of images, decoded on demand and kept decoded while that fits in memory."""

import io
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from PIL import Image, UnidentifiedImageError

from ..words import plural
from .jpegs import jpeg_pixels
from .pixels import Decoded
from .several import SeveralLabels
from .shown import as_shown

CACHE_BYTES = 2**30  # decoded images kept per set: all of CIFAR-10 (0.19 GiB) and Imagenette-160 (0.91 GiB)
KEPT_SHARE = 0.25  # of a set; where less of it would be kept nothing is; ours: memory for hardly any decoding saved
PIXEL_BYTES = 4  # of a Pillow image in RGB
Kept = TypeVar("Kept", Image.Image, np.ndarray)


class BrokenImage(ValueError):
    """One image cannot be decoded; the message names it and says why."""


class Stored(Protocol):
    """An image inside another file. Its `str` is the name that a person can find it by."""

    def image(self) -> Image.Image: ...


class Items(Protocol):
    """Images by number from 0 on, as in a list; beyond the last there is IndexError, so that loops end."""

    def __len__(self) -> int: ...

    def __getitem__(self, i: int, /) -> bytes | Path | np.ndarray | Stored: ...


@dataclass
class Images:
    """`items` are encoded bytes, file paths, uint8 arrays (HWC or HW) or images inside other files.

    `labels` are class indices (N,), or `SeveralLabels` or rows (N, K) of class weights where an image has several
    classes: `labels[chosen]` is in each case what a batch holds. `shards`, where
    the images lie in shards, tells which shard each is in. With `as_shown` an image is what its owner sees (see
    `shown`): so folders of one's own are read. Known sets are read as the TensorFlow code behind the papers' ImageNet
    results does (tf.io.decode_jpeg): EXIF orientation is ignored, and transparency.

    The pixels of small sets are kept once decoded, up to CACHE_BYTES; of a set so large that this were less than
    KEPT_SHARE of it, nothing is. Worker processes share out that sum: each keeps what it decoded itself, in persistent
    workers to the end of the run, and all together never more than the sum.
    `places` are the files and folders that the list of images was read from; while none of them changes, it holds.
    `notes` are lines for people: what was passed over, and what was understood in another way than it may be meant.
    `decoded` are all of their pixels, where `decoded.resident` has put them into memory.
    Raises ValueError for labels that do not fit `items` and `classes`.
    """

    items: Items
    labels: np.ndarray | SeveralLabels
    classes: tuple[str, ...]
    shards: np.ndarray | None = None
    places: tuple[Path, ...] = ()
    as_shown: bool = False
    notes: tuple[str, ...] = ()
    decoded: Decoded | None = None
    _decoded: dict[int, Image.Image | np.ndarray] = field(default_factory=dict, repr=False)
    _bytes: int = 0

    def __post_init__(self):
        if not isinstance(self.labels, SeveralLabels):
            kind = np.float32 if np.ndim(self.labels) == 2 else np.int64
            self.labels = np.asarray(self.labels).astype(kind, copy=False)
        if len(self.labels) != len(self.items):
            raise ValueError(
                f"{plural(len(self.items), 'image')} with {plural(len(self.labels), 'label')}: give each image one"
            )
        if self.labels.ndim == 2 and self.labels.shape[1] != len(self.classes):
            columns, classes = plural(self.labels.shape[1], "column"), plural(len(self.classes), "class")
            raise ValueError(f"labels of {columns} for {classes}: give one each")
        one = self.one_each
        if one is not None and len(one) and not 0 <= one.min() <= one.max() < len(self.classes):
            worst = one.min() if one.min() < 0 else one.max()
            raise ValueError(
                f"label {worst} with {plural(len(self.classes), 'class')}: use 0 to {len(self.classes) - 1}"
            )

    def __len__(self) -> int:
        return len(self.items)

    def name(self, i: int) -> str:
        """What a person can find image `i` by: its path, its file and place in it, or else its number."""
        item = self.items[i]
        return f"image {i}" if isinstance(item, bytes | np.ndarray) else str(item)

    def image(self, i: int) -> Image.Image:
        """Image `i` in RGB. Raises BrokenImage when it is truncated, absent, no image or a decompression bomb."""
        if self.decoded is not None:
            return Image.fromarray(self.decoded.image(i))
        if i not in self._decoded:
            return self.kept(i, self.read(i))
        found = self._decoded[i]
        return Image.fromarray(found) if isinstance(found, np.ndarray) else found

    def array(self, i: int) -> np.ndarray:
        """RGB x_HWC (uint8) of image `i`, not to be written to: the pixels of `image`, sooner where it is a JPEG."""
        if self.decoded is not None:
            return self.decoded.image(i)
        if i in self._decoded:
            return np.asarray(self._decoded[i])
        pixels_HWC = jpeg_pixels(self.items[i], self.as_shown)
        return self.kept(i, np.asarray(self.read(i)) if pixels_HWC is None else pixels_HWC)

    def kept(self, i: int, pixels: Kept) -> Kept:
        """`pixels` of image `i`, kept where they fit."""
        size = pixels.nbytes if isinstance(pixels, np.ndarray) else PIXEL_BYTES * pixels.width * pixels.height
        fits = self._bytes + size <= CACHE_BYTES // loader_processes()
        if fits and KEPT_SHARE * size * len(self) <= CACHE_BYTES:  # were all of the set as large
            self._decoded[i] = pixels
            self._bytes += size
        return pixels

    def read(self, i: int) -> Image.Image:
        """Image `i` in RGB, decoded anew. Raises BrokenImage as `image`."""
        try:
            image = opened(self.items[i])
            return as_shown(image) if self.as_shown else image.convert("RGB")
        except MemoryError:
            raise
        except Exception as error:  # each of Pillow's readers raises others: OSError, SyntaxError, struct.error ...
            raise BrokenImage(f"{self.name(i)}: {fault_of(error)}") from None

    def take(self, chosen: np.ndarray) -> "Images":
        """The images of these indices, in this order; not read yet where they are not `decoded`."""
        shards = None if self.shards is None else self.shards[chosen]
        items, labels = Picked(self.items, chosen), self.labels.take(chosen, 0)
        decoded = None if self.decoded is None else self.decoded.take(chosen)
        return Images(items, labels, self.classes, shards, (), self.as_shown, self.notes, decoded)

    @property
    def one_each(self) -> np.ndarray | None:
        """The class (N,) of each image, None where images have several."""
        return self.labels if isinstance(self.labels, np.ndarray) and self.labels.ndim == 1 else None

    def main_labels(self) -> np.ndarray:
        """One class (N,) per image: of several, the first of greatest weight."""
        return self.labels.argmax(1) if self.one_each is None else self.one_each


def fault_of(error: Exception) -> str:
    """What is wrong with an image whose reader raised this, in words where Pillow's need explaining."""
    if isinstance(error, Image.DecompressionBombError):
        sizes = str(error).partition(",")[0]
        return f"{sizes}; Pillow refuses it, as it would fill the memory: store it with fewer pixels"
    if isinstance(error, UnidentifiedImageError):
        return "no image of a kind that Pillow reads, or damaged at its beginning"
    return f"{type(error).__name__}: {error}"


def loader_processes() -> int:
    """How many processes load images, of which this is one; 1 outside a loader. Listing images needs no torch."""
    loading = sys.modules.get("torch.utils.data")
    info = loading.get_worker_info() if loading else None
    return info.num_workers if info else 1


class Picked:
    """Some of `items`, each read only when asked for."""

    def __init__(self, items: Items, chosen: np.ndarray):
        self.items, self.chosen = items, chosen

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, i: int) -> bytes | Path | np.ndarray | Stored:
        return self.items[self.chosen[i]]


def opened(item: bytes | Path | np.ndarray | Stored) -> Image.Image:
    if isinstance(item, np.ndarray):
        return Image.fromarray(item)
    if isinstance(item, bytes):
        return Image.open(io.BytesIO(item))
    return Image.open(item) if isinstance(item, Path) else item.image()
