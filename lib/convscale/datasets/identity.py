"""What a data set is called in keys and records: a known set by its name, a person's folder by what is in it.

The digest of a folder is kept in it, in the hidden file NOTE, or where that cannot be written below `CACHE`. It holds
while names, sizes, numbers and times of all files are the same, so that an unchanged folder is only looked through.
NOTE is no image and may be removed: it is then written again.
"""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from ..devices import cores
from ..files import replace_file
from ..paths import CACHE
from ..recipes import Run
from .class_folders import FileItems
from .endings import OURS
from .folders import SPLITS
from .images import Images
from .places import DataMissing
from .several import SeveralLabels
from .sources import load

NOTE = f"{OURS}-digest.json"
FORMAT = 3  # part of the digest: counts up when other pixels or labels are read of the same files
SETTLED = 2.0  # s; a file changed less long ago may change again within one tick of its file system's clock
CHUNK = 64  # files that a thread takes at a time; handing over each alone takes longer than reading a small one


def identified(run: Run) -> Run:
    """`run` as keys and records have it: the same on every machine that has the same images.

    A `folder:PATH` becomes `folder:<digest>`, with the digest of its content now, also in runs that it builds on.
    Raises what `load` does.
    """
    return run.each(lambda each: replace(each, dataset=identity_of(each.dataset)))


def identity_of(dataset: str) -> str:
    """The data set by its name, a `folder:PATH` by its content."""
    kind, _, folder = dataset.partition(":")
    return f"folder:{digest_of_folder(folder)}" if kind == "folder" else dataset


def digest_of_folder(folder: str | Path) -> str:
    """16 hexadecimal digits from names, bytes and labels of all images in the splits of `folder:<folder>`.

    Names are those below the folder, which may lie anywhere. Raises DataMissing or ValueError as `load` does.
    """
    root = Path(folder).expanduser()
    splits = list(images_of(folder))
    files = [file for _, images in splits for file in files_of(images)]
    state, newest = state_of(files, root)
    notes = (root / NOTE, CACHE / "digests" / f"{hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:16]}.json")
    for note in notes:
        if (known := digest_in(note, state)) is not None:
            return known
    begun = time.time()
    digest = digest_of(splits, files, root)
    if begun - newest > SETTLED:
        keep(notes, {"format": FORMAT, "images": sum(len(i) for _, i in splits), "state": state, "digest": digest})
    return digest


def images_of(folder: str | Path) -> Iterator[tuple[str, Images]]:
    """Name and images of each split; there may be none to test."""
    for split in SPLITS:
        try:
            yield split, load(f"folder:{folder}", split)
        except DataMissing:
            if split == "train":
                raise


def files_of(images: Images) -> list[str]:
    """The files that hold these images, in their order: one each, or shards."""
    if isinstance(images.items, FileItems):
        folder = os.fspath(images.items.folder)
        return [os.path.join(folder, os.fsdecode(name)) for name in images.items.names]
    return [os.fspath(place) for place in images.places if place.is_file()]


def below(file: str, root: Path) -> bytes:
    """The name of a file below `root`, without making a Path of it: there may be millions."""
    return os.fsencode(file.removeprefix(f"{root}{os.sep}"))


def state_of(files: list[str], root: Path) -> tuple[str, float]:
    """A hash of what the file system says of the files, and when the newest of them was changed (s).

    The time of a file's change and its number tell also a file that another of its size and age was moved over.
    """
    total, newest = hashlib.sha256(), 0
    for file in files:
        stat = os.stat(file)
        total.update(
            below(file, root) + b"\0%d %d %d %d\0" % (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
        )
        newest = max(newest, stat.st_ctime_ns)
    return total.hexdigest(), newest / 1e9


def digest_of(splits: list[tuple[str, Images]], files: list[str], root: Path) -> str:
    total = hashlib.sha256(b"%d\0" % FORMAT)
    chunks = [files[start : start + CHUNK] for start in range(0, len(files), CHUNK)]
    with ThreadPoolExecutor(cores()) as threads:
        digests = threads.map(digests_of_files, chunks)
        for chunk, found in zip(tqdm(chunks, "digest", leave=False, disable=None), digests, strict=True):
            for file, digest in zip(chunk, found, strict=True):
                total.update(below(file, root) + b"\0" + digest)
    for split, images in splits:
        total.update(json.dumps([split, images.classes, images.labels.shape]).encode())
        for array in arrays_of(images.labels):
            total.update(array.tobytes())
    return total.hexdigest()[:16]


def arrays_of(labels: np.ndarray | SeveralLabels) -> list[np.ndarray]:
    """What tells labels from others, the same on every machine."""
    if isinstance(labels, SeveralLabels):
        return [labels.ends.astype("<i8"), labels.numbers.astype("<i4")]
    return [labels.astype("<f8")]


def digests_of_files(files: list[str]) -> list[bytes]:
    found = []
    for file in files:
        with open(file, "rb", buffering=0) as opened:
            found.append(hashlib.file_digest(opened, "sha256").digest())
    return found


def digest_in(note: Path, state: str) -> str | None:
    """The digest kept in `note` if it is of this state; a damaged note counts as none."""
    try:
        kept = json.loads(note.read_text(encoding="utf-8"))
        return kept["digest"] if (kept["format"], kept["state"]) == (FORMAT, state) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(notes: tuple[Path, ...], known: dict) -> None:
    """Write the first of `notes` that can be written, in the folder of the images if they may be written to: what was
    computed, and of which state. Where none can, the next call computes it again."""
    for note in notes:
        with contextlib.suppress(OSError):
            replace_file(note, lambda file: file.write_text(json.dumps(known), encoding="utf-8"))
            return
