"""Where the files of a list of images lie, and what they hold: what anything computed from them is kept by."""

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from ..paths import CACHE
from .identity import FORMAT, SETTLED, digest_in, digests_of_files, files_of, state_of
from .identity import keep as keep_note
from .images import Images

FOLDER = ".convscale-pixels"  # in the folder of the images; hidden, so that no one takes it for a class


@dataclass(frozen=True)
class Content:
    """`folders` are where something about these images may be kept: beside them, or else on this machine."""

    folders: tuple[Path, ...]
    digest: str


def content_of(images: Images) -> Content | None:
    """Of images that lie in files; None for those that do not.

    The digest is of the files' names and bytes in their order, and tells how they are read. It is noted beside them,
    and holds while names, sizes, numbers and times of all files are the same.
    """
    files = files_of(images) or [os.fspath(item) for item in path_items(images)]
    if not files:
        return None
    places = [place for place in images.places if place.is_dir()]
    home = places[-1] if places else Path(files[0]).parent
    digest_of_names = hashlib.sha256("\0".join(files).encode(errors="surrogateescape")).hexdigest()[:16]
    folders = (home / FOLDER, CACHE / "pixels")
    notes = tuple(folder / f"{digest_of_names}.json" for folder in folders)
    state, newest = state_of(files, home)
    reading = "-shown" if images.as_shown else ""
    for note in notes:
        if (known := digest_in(note, state)) is not None:
            return Content(folders, known + reading)
    begun = time.time()
    total = hashlib.sha256()
    for file, digest in zip(files, digests_of_files(files), strict=True):
        total.update(os.fsencode(os.path.basename(file)) + b"\0" + digest)
    found = total.hexdigest()[:16]
    if begun - newest > SETTLED:
        keep_note(notes, {"format": FORMAT, "state": state, "digest": found})
    return Content(folders, found + reading)


def path_items(images: Images) -> list[Path]:
    """The items of a list of paths; none of any other."""
    items = images.items
    return items if isinstance(items, list) and items and isinstance(items[0], Path) else []
