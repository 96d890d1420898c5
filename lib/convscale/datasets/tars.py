"""Tar shards in webdataset's layout, read at any place.

Of each image a shard has `<key>.jpg`, .png, .webp or another ending that Pillow reads, and beside it `<key>.cls` (a
number as text) or `<key>.json` with "label" or "cls" (a number, or a list of them). Of two images of one key the usual
one counts, as a mask or a depth map may lie beside it.

One pass over the headers finds where each image lies; after that every image is one read at its offset, in any order
and from any process. The places found are kept in CONVSCALE_DATA/.index, one file of about 60 bytes an image per set,
which is made anew when a shard's size or time of change is another, and done without where that folder cannot be
written.
"""

import contextlib
import hashlib
import io
import json
import os
import tarfile
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from PIL import Image
from tqdm.auto import tqdm

from ..files import replace_file
from .endings import IMAGE_ENDINGS, USUAL, is_hidden, is_passed_over
from .images import Images
from .labels import read_labels
from .listing import PassedOver
from .places import data_root
from .several import SeveralLabels

USUAL_ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
OPEN_FILES = 64  # shards open at a time in each process; systems allow 1,024 in all and ImageNet has 1,024 shards
INDEX_FORMAT = 4  # counts up when what an index file holds changes


def tar_shards(files: list[Path]) -> Images:
    """Images of these shards, in their order. Raises ValueError, naming the shard, for damage or missing labels."""
    state = [(str(f.resolve()), f.stat().st_size, f.stat().st_mtime_ns) for f in files]
    key = hashlib.sha256(json.dumps([INDEX_FORMAT, state]).encode()).hexdigest()[:32]
    path = data_root() / ".index" / f"{key}.npz"
    index = load_index(path)
    if index is None:
        index = read_index(files)
        save_index(path, index)
    items = TarItems(files, *(index[column] for column in ("shard", "offset", "size", "name")))
    classes, notes = (tuple(index[column].tolist()) for column in ("classes", "notes"))
    labels = index["labels"]
    several = SeveralLabels(labels, index["label_ends"], len(classes)) if "label_ends" in index else labels
    return Images(items, several, classes, items.shard, tuple(files), notes=notes)


def unlabelled_tars(files: list[Path], passed: PassedOver) -> "TarItems":
    """Images of these shards, in their order, whatever lies beside them; `passed` counts what is none.

    Raises ValueError, naming the shard, for damage.
    """
    found = [(number, *image) for number, file in enumerate(files) for image in members(file, passed, labelled=False)]
    shard, offset, size, name, _ = zip(*found, strict=True) if found else ((),) * 5
    encoded = np.array([os.fsencode(n) for n in name])
    return TarItems(files, np.array(shard, np.int32), np.array(offset, np.int64), np.array(size, np.int64), encoded)


@dataclass
class TarItems:
    """Where images lie: shard, offset and size in bytes, and member name of each (N,). Compact and without objects,
    so that forked workers share the arrays instead of copying them."""

    files: list[Path]
    shard: np.ndarray
    offset: np.ndarray
    size: np.ndarray
    names: np.ndarray  # UTF-8 bytes

    def __len__(self) -> int:
        return len(self.shard)

    def __getitem__(self, i: int) -> "TarMember":
        return TarMember(self.files[self.shard[i]], int(self.offset[i]), int(self.size[i]), os.fsdecode(self.names[i]))


@dataclass(frozen=True)
class TarMember:
    file: Path
    offset: int
    size: int
    name: str

    def __str__(self) -> str:
        return f"{self.file}: {self.name}"

    def image(self) -> Image.Image:
        with _one_at_a_time:
            encoded = os.pread(descriptor(self.file), self.size, self.offset)
        return Image.open(io.BytesIO(encoded))


# Of threads that decode side by side one might close a file that another is about to read, and a third open its own
# under that number.
_one_at_a_time = threading.Lock()
_descriptors: OrderedDict[tuple[int, Path], int] = OrderedDict()


def descriptor(file: Path) -> int:
    """The file opened in this process, the least used of OPEN_FILES others closed for it."""
    key = (os.getpid(), file)  # a forked worker opens its own
    if key not in _descriptors:
        if len(_descriptors) >= OPEN_FILES:
            os.close(_descriptors.popitem(last=False)[1])
        _descriptors[key] = os.open(file, os.O_RDONLY)
    _descriptors.move_to_end(key)
    return _descriptors[key]


def read_index(files: list[Path]) -> dict[str, np.ndarray]:
    """Columns shard, offset, size, name, labels of all images, the class names, and what was passed over.

    Where images have several labels, those of all stand one after the other, and `label_ends` says where each ends.
    """
    shown = tqdm(files, "tar headers", leave=False, disable=None)
    passed = PassedOver()
    found = [(number, *image) for number, file in enumerate(shown) for image in members(file, passed)]
    shard, offset, size, name, label = zip(*found, strict=True) if found else ((),) * 5
    labels, classes = read_labels(label, files[0].parent)
    return {
        "shard": np.array(shard, np.int32),
        "offset": np.array(offset, np.int64),
        "size": np.array(size, np.int64),
        "name": np.array([os.fsencode(n) for n in name]),
        **columns_of(labels),
        "classes": np.array(classes),
        "notes": np.array(passed.note(files[0].parent), str),
    }


def columns_of(labels: np.ndarray | SeveralLabels) -> dict[str, np.ndarray]:
    if isinstance(labels, SeveralLabels):
        return {"labels": labels.numbers, "label_ends": labels.ends}
    return {"labels": labels}


def members(
    file: Path, passed: PassedOver, labelled: bool = True
) -> list[tuple[int, int, str, int | list[int] | None]]:
    """Offset, size, name and label (None unless they are to be `labelled`) of each image of one shard; `passed` counts
    what is none of it."""
    images: dict[str, tuple[int, int, str]] = {}
    others: dict[str, tuple[int, int, str]] = {}
    beside: dict[str, dict[str, bytes]] = {}
    try:
        with tarfile.open(file, "r:") as tar:
            opened = tar.fileobj.fileno()  # type: ignore[attr-defined]  # typeshed's has none; this one is a file
            for member in tar:
                if not member.isfile():
                    continue
                folder, name = os.path.split(member.name)
                if is_hidden(name):
                    continue  # macOS packs a "._" file beside each of its own
                if any(map(is_passed_over, folder.split("/"))):
                    passed.add("files in hidden or system folders", member.name)
                    continue
                stem, _, ending = name.partition(".")
                key = os.path.join(folder, stem)
                if f".{ending.lower()}" in IMAGE_ENDINGS:
                    of_kind = images if f".{ending.lower()}" in USUAL_ENDINGS else others
                    if key in of_kind:
                        raise ValueError(f"{file}: {of_kind[key][2]} and {member.name} have one key; give each its own")
                    of_kind[key] = (member.offset_data, member.size, member.name)
                elif ending in ("cls", "json"):
                    beside.setdefault(key, {})[ending] = os.pread(opened, member.size, member.offset_data)
                else:
                    passed.add(f".{ending} files" if ending else "files without ending", member.name)
            if os.pread(opened, tarfile.BLOCKSIZE, tar.offset) != bytes(tarfile.BLOCKSIZE):
                raise tarfile.ReadError("its end is missing")  # which tarfile takes for the end
    except (tarfile.TarError, OSError) as error:
        raise ValueError(f"{file}: no whole, uncompressed tar file ({error}); fetch or make it again") from None
    for key, image in others.items():
        if images.setdefault(key, image) is not image:
            passed.add("further images of one key", image[2])
    if labelled and (alone := next((key for key in beside if key not in images), None)):
        raise ValueError(f"{file}: label of {alone}, but no image ({USUAL}) beside it; pack it anew")
    return [(*image, label(file, image[2], beside.get(key, {})) if labelled else None) for key, image in images.items()]


def label(file: Path, name: str, beside: dict[str, bytes]) -> int | list[int]:
    """The label that the members beside an image state. Raises ValueError for none, or one that is no number."""
    stem = name.rpartition(".")[0]
    try:
        if "cls" in beside:
            return int(beside["cls"])
        stated = json.loads(beside.get("json", b"{}"))
        found = stated.get("label", stated.get("cls"))
    except (ValueError, AttributeError) as error:
        raise ValueError(f"{file}: label of {name}: {error}; needed: a whole number from 0 on") from None
    if found is None:
        raise ValueError(
            f"{file}: {name} has no label; needed beside it: {stem}.cls with a number, or {stem}.json with 'label'"
        )
    return found


def load_index(path: Path) -> dict[str, np.ndarray] | None:
    try:
        with np.load(path, allow_pickle=False) as index:
            return dict(index)
    except (OSError, ValueError, EOFError, BadZipFile):
        return None  # absent, or left half-written by another program: it is made anew


def save_index(path: Path, index: dict[str, np.ndarray]) -> None:
    """Without room or permission nothing is kept: the next run reads the headers."""

    def write(file: Path) -> None:
        with file.open("wb") as opened:
            np.savez(opened, **index)  # type: ignore[arg-type]  # to its stub a column might be allow_pickle

    with contextlib.suppress(OSError):
        replace_file(path, write)
