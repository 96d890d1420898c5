"""All pixels of a set in memory, decoded once: what whole batches are cut from.

A set that comes from files is decoded into a file beside them, which later runs map into memory and runs side by side
share; it is found again by the files' content. All other sets lie in memory anyway.
"""

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from ..devices import cores, free_memory, torchrun_here
from ..files import remove_temporaries, replace_file
from ..words import plural
from .content import Content, content_of, is_still, placed
from .images import BrokenImage, Images, opened
from .pixels import Decoded, mapped

MEMORY_SHARE = 0.25  # of the free memory that a set may take; ours: two runs side by side leave half of it
SAMPLE = 50  # images whose headers tell how large the others may be
CHUNK = 256  # images that the threads decode before they are written
KEPT = 8  # sets whose pixels stay in one folder, the last used; ours: three splits of a set, before and after a change
A_DAY = 24 * 3600  # s; what is still being written is younger


def resident(images: Images, name: str) -> Images:
    """`images`, of the set `name`, with all their pixels decoded; or as they are where that does not fit.

    A set fits if it takes no more than MEMORY_SHARE of the memory that is free, of which each process that torchrun
    started here has its part unless all map one file, and if every image can be decoded. Says on stderr what it decodes
    into which file, and once in a process why a set is not in memory or in no file.
    """
    if images.decoded is not None or not len(images):
        return images
    in_files = bool(placed(images)[0])
    need, free = expected_bytes(images), free_memory() // (1 if in_files else torchrun_here())
    if need > MEMORY_SHARE * free:
        said = f"about {mib(need)} decoded, more than {MEMORY_SHARE:.0%} of the {mib(free)} that are free"
        say_once(name, f"{plural(len(images), 'image')} would take {said}: each is decoded when it is needed")
        return images
    content = content_of(images)
    for file in files_of_pixels(content):
        if (decoded := read(file)) is not None and not mended(images, decoded):
            return with_pixels(images, decoded, name)
    return with_pixels(images, decode(images, name) if content is None else keep(images, name, content), name)


def broken_in(decoded: Decoded) -> np.ndarray:
    """The numbers of the images that could not be decoded."""
    return np.flatnonzero(decoded.size_N2[:, 0] == 0)


def mended(images: Images, decoded: Decoded) -> bool:
    """Whether an image can be decoded that could not be: its disk may have been away for a moment."""
    for i in broken_in(decoded)[:1]:
        with contextlib.suppress(BrokenImage):
            images.read(int(i))
            return True
    return False


def with_pixels(images: Images, decoded: Decoded, name: str) -> Images:
    """`images` with their pixels, unless one of them could not be decoded."""
    if len(broken := broken_in(decoded)):
        first = images.name(int(broken[0]))
        count = plural(len(broken), "image")
        say_once(name, f"{count} cannot be decoded, the first is {first}: images are decoded when they are needed")
        return images
    return replace(images, decoded=decoded)


_said: set[str] = set()  # the sets of which this process has said why they are not in memory, or in no file


def say_once(name: str, why: str) -> None:
    """On stderr, for the first of the runs that one process makes."""
    if name not in _said:
        say(name, why)
        _said.add(name)


def say(name: str, what: str) -> None:
    """On stderr; of the processes that torchrun started here, the first speaks for all."""
    if os.environ.get("LOCAL_RANK", "0") == "0":
        print(f"{name}: {what}", file=sys.stderr)


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
        size_N2 = np.load(file.with_suffix(".npy"), allow_pickle=False).astype(np.int64)
        pixels = mapped(file)
    except (OSError, ValueError, EOFError):
        return None
    if len(pixels) != int((3 * size_N2.prod(1)).sum()):
        return None
    with contextlib.suppress(OSError):
        os.utime(file)  # for `remove_unused`
    return Decoded(pixels, starts_of(size_N2), size_N2, file)


def keep(images: Images, name: str, content: Content) -> Decoded:
    """Decode into a file and map it; in memory where no file can be written, or the images change meanwhile."""
    need = expected_bytes(images)
    for file in files_of_pixels(content):
        if not is_still(images, content):
            break
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            remove_unused(file.parent)
            if shutil.disk_usage(file.parent).free > 2 * need:
                decode_into(file, images, name, content)
        except OSError:
            continue
        if (decoded := read(file)) is not None:
            say(name, f"{plural(len(images), 'image')} decoded once, {mib(len(decoded.pixels))} in {file}")
            return decoded
    folders = " or ".join(map(str, content.folders))
    why = f"no file of their pixels could be kept in {folders}: every run decodes {plural(len(images), 'image')} anew"
    say_once(name, why)
    return decode(images, name)


def remove_unused(folder: Path) -> None:
    """Make room in a folder of pixels: drop all but the last used, and what killed processes left."""
    with contextlib.suppress(FileNotFoundError):  # another process does the same
        remove_temporaries(folder, A_DAY)
        used = sorted(folder.glob("*.pixels"), key=lambda file: file.stat().st_mtime)
        for file in used[: -KEPT + 1]:
            file.unlink()  # who has mapped it keeps it
            file.with_suffix(".npy").unlink()


def decode_into(file: Path, images: Images, name: str, content: Content) -> None:
    """Pixels into `file`, sizes beside it. Raises OSError where they cannot be written, or are not of this content."""
    sizes: list[tuple[int, int]] = []

    def write_all(path: Path) -> None:
        write(path, each(images, name), sizes)
        if not is_still(images, content):
            raise OSError("images changed while they were decoded")

    replace_file(file, write_all)
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
