"""Images of which nobody has said what they show: files, folders of any layout, and shards with labels or without."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .class_folders import FileItems
from .endings import USUAL, ending
from .images import Images, Items, Stored
from .listing import PassedOver, images_below
from .parquets import read_files
from .places import DataMissing
from .splits import SHARDS, shards_in
from .tars import unlabelled_tars

NO_CLASS = ("",)  # of all of them


def unlabelled_images(places: Sequence[Path | str]) -> Images:
    """All images of these files and folders, in this order, as their owner sees them.

    In a folder those in it and in the folders below count, in the order of their names, then those in parquet and tar
    files; what the folders are called is of no matter. `notes` say what was passed over. A file that is named is an
    image, whatever its ending, or a shard. Raises DataMissing for what is not there or holds no image, and ValueError
    for a damaged shard or a folder that may not be read.
    """
    paths = [Path(place).expanduser() for place in places]
    if absent := [str(path) for path in paths if not path.exists()]:
        raise DataMissing(f"no such file or folder: {', '.join(absent)}")
    found: list[Items] = []
    notes: list[str] = []
    for path in paths:
        passed = PassedOver()
        parts = in_folder(path, passed) if path.is_dir() else in_file(path, passed)
        if not any(map(len, parts)):
            raise DataMissing("\n".join([f"{path}: no images; needed: {USUAL}", *passed.note(path)]))
        found += parts
        notes += passed.note(path)
    items = Joined(found)
    return Images(items, np.zeros(len(items), np.int64), NO_CLASS, as_shown=True, notes=tuple(notes))


def in_file(path: Path, passed: PassedOver) -> list[Items]:
    """A file that a person names: an image, or a shard of images."""
    kind = ending(path.name)
    return in_shards({kind: [path]}, passed) if kind in SHARDS else [[path]]


def in_folder(path: Path, passed: PassedOver) -> list[Items]:
    """All that is in a folder and in those below it."""
    listing = images_below(path, "")
    for kind in SHARDS:  # the listing, which is one of files of one image each, has passed over them
        listing.passed.counts.pop(f"{kind} files", None)
    passed.update(listing.passed)
    shards = [in_shards(shards_in(folder), passed) for folder in sorted(listing.folders)]
    return [FileItems(path, listing.files), *(items for of_folder in shards for items in of_folder)]


def in_shards(shards: dict[str, list[Path]], passed: PassedOver) -> list[Items]:
    found: list[Items] = []
    for kind, files in shards.items():
        if kind == ".parquet":
            items, _, _ = read_files(files, labelled=False)
            items.hold()
            found.append(items)
        else:
            found.append(unlabelled_tars(files, passed))
    return found


class Joined:
    """Several lists of images as one."""

    def __init__(self, parts: Sequence[Items]):
        self.parts, self.ends = parts, np.cumsum([len(part) for part in parts])

    def __len__(self) -> int:
        return int(self.ends[-1])

    def __getitem__(self, i: int) -> bytes | Path | np.ndarray | Stored:
        if not 0 <= i < len(self):
            raise IndexError(i)
        part = int(np.searchsorted(self.ends, i, side="right"))
        return self.parts[part][i - int(self.ends[part]) + len(self.parts[part])]
