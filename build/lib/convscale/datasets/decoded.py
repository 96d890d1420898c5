"""All pixels of a set in memory, decoded once: what whole batches are cut from.

A set that comes from files is decoded into a file beside them, which later runs map into memory and runs side by side
share; it is found again by the files' content. All other sets lie in memory anyway.
"""

import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from ..devices import cores, free_memory
from ..files import replace_file
from .content import Content, content_of
from .images import BrokenImage, Images, opened

MEMORY_SHARE = 0.25  # of the free memory that a set may take; ours: two runs side by side leave half of it
SAMPLE = 50  # images whose headers tell how large the others may be
CHUNK = 256  # images that the threads decode before they are written


@dataclass(frozen=True, eq=False)
class Decoded:
    """RGB images row by row, one after the other. Image i begins at `start_N[i]`; `size_N2`: heights and widths, px."""

    pixels: np.ndarray  # uint8
    start_N: np.ndarray  # int64
    size_N2: np.ndarray  # int64

    def take(self, chosen: np.ndarray) -> "Decoded":
        """These images, in this order, of the same pixels."""
        return Decoded(self.pixels, self.start_N[chosen], self.size_N2[chosen])

    def image(self, i: int) -> np.ndarray:
        """x_HWC of image `i`."""
        height, width = self.size_N2[i]
        return self.pixels[self.start_N[i] : self.start_N[i] + 3 * height * width].reshape(height, width, 3)


def resident(images: Images, name: str) -> Images:
    """`images`, of the set `name`, with all their pixels decoded; or as they are where that does not fit.

    A set fits if it takes no more than MEMORY_SHARE of the memory that is free and every image can be decoded. Says on
    stderr what it decodes and how much memory that takes, or why it does not.
    """
    if images.decoded is not None or not len(images):
        return images
    content = content_of(images)
    for file in files_of_pixels(content):
        if (decoded := read(file)) is not None:
            return with_pixels(images, decoded, name)
    need, free = expected_bytes(images), free_memory()
    if need > MEMORY_SHARE * free:
        said = f"about {mib(need)} decoded, more than {MEMORY_SHARE:.0%} of the {mib(free)} that are free"
        print(f"{name}: {len(images):,} images take {said}: each is decoded when it is needed", file=sys.stderr)
        return images
    return with_pixels(images, decode(images, name) if content is None else keep(images, name, content), name)


def with_pixels(images: Images, decoded: Decoded, name: str) -> Images:
    """`images` with their pixels, unless one of them could not be decoded."""
    broken = np.flatnonzero(decoded.size_N2[:, 0] == 0)
    if len(broken):
        first = images.name(int(broken[0]))
        print(
            f"{name}: {len(broken)} images cannot be decoded, the first is {first}: each is read anew", file=sys.stderr
        )
        return images
    return replace(images, decoded=decoded)


def expected_bytes(images: Images) -> float:
    """What they take decoded, from the headers of some."""
    some = np.linspace(0, len(images) - 1, min(SAMPLE, len(images))).astype(int)
    sizes = []
    for i in some:
        try:
            width, height = opened(images.items[i]).size
            sizes.append(3 * width * height)
        except Exception:  # whatever a reader raises: decoding it will tell
            continue
    return len(images) * float(np.mean(sizes)) if sizes else 0.0


def each(images: Images, name: str) -> Iterator[np.ndarray | None]:
    """x_HWC of every image in order, decoded by all cores; None for one that is unreadable."""

    def decoded(i: int) -> np.ndarray | None:
        try:
            return np.asarray(images.read(i))
        except BrokenImage:
            return None

    with ThreadPoolExecutor(cores()) as threads:
        for start in tqdm(range(0, len(images), CHUNK), f"decoding {name}", leave=False, disable=None):
            yield from threads.map(decoded, range(start, min(start + CHUNK, len(images))))


def starts_of(size_N2: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(3 * size_N2.prod(1))[:-1]]).astype(np.int64)


def decode(images: Images, name: str) -> Decoded:
    """All pixels, in memory."""
    found = list(each(images, name))
    size_N2 = np.array([(0, 0) if x is None else x.shape[:2] for x in found], np.int64)
    return Decoded(
        np.concatenate([np.empty(0, np.uint8), *(x.ravel() for x in found if x is not None)]),
        starts_of(size_N2),
        size_N2,
    )


def files_of_pixels(content: Content | None) -> list[Path]:
    """Where the pixels of this content may lie."""
    return [folder / f"{content.digest}.pixels" for folder in content.folders] if content else []


def read(file: Path) -> Decoded | None:
    """Pixels that were kept, mapped into memory; None where there are none, or not all of them."""
    try:
        size_N2 = np.load(file.with_suffix(".npy"), allow_pickle=False)
        start_N = starts_of(size_N2)
        # copy on write: numba takes a read-only array for another type and would compile everything twice
        pixels = np.asarray(np.memmap(file, np.uint8, "c"))
    except (OSError, ValueError, EOFError):
        return None
    whole = len(pixels) == int((3 * size_N2.prod(1)).sum())
    return Decoded(pixels, start_N, size_N2.astype(np.int64)) if whole else None


def keep(images: Images, name: str, content: Content) -> Decoded:
    """Decode into a file and map it; in memory where no file can be written."""
    need = expected_bytes(images)
    for file in files_of_pixels(content):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(file.parent).free > 2 * need:
                decode_into(file, images, name)
        except OSError:
            continue
        if (decoded := read(file)) is not None:
            print(f"{name}: {len(images):,} images decoded once, {mib(len(decoded.pixels))} in {file}", file=sys.stderr)
            return decoded
    return decode(images, name)


def decode_into(file: Path, images: Images, name: str) -> None:
    """Pixels into `file`, sizes beside it. Raises OSError where they cannot be written."""
    sizes: list[tuple[int, int]] = []
    replace_file(file, lambda path: write(path, each(images, name), sizes))
    replace_file(file.with_suffix(".npy"), lambda path: save(path, np.array(sizes, np.int32)))


def write(path: Path, found: Iterator[np.ndarray | None], sizes: list[tuple[int, int]]) -> None:
    with path.open("wb") as file:
        for x_HWC in found:
            sizes.append((0, 0) if x_HWC is None else x_HWC.shape[:2])
            if x_HWC is not None:
                file.write(np.ascontiguousarray(x_HWC).data)


def save(path: Path, array: np.ndarray) -> None:
    with path.open("wb") as file:
        np.save(file, array)


def mib(size: float) -> str:
    return f"{size / 2**20:,.0f} MiB" if size < 10 * 2**30 else f"{size / 2**30:,.0f} GiB"
