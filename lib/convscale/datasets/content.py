"""Where the files of a list of images lie, and what they hold: what anything computed from them is kept by."""

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

import PIL
from PIL import features

from ..paths import CACHE
from .endings import OURS
from .identity import FORMAT, SETTLED, digest_in, digests_of_files, files_of, state_of
from .identity import keep as keep_note
from .images import Images

FOLDER = f"{OURS}-pixels"  # in the folder of the images; hidden, so that no one takes it for a class


@dataclass(frozen=True)
class Content:
    """`folders` are where something about these images may be kept: beside them, or else on this machine.

    `state` is what the file system said of the files before they were read.
    """

    folders: tuple[Path, ...]
    digest: str
    state: str


def content_of(images: Images) -> Content | None:
    """Of images that lie in files; None for those that do not.

    The digest is of the files' names and bytes in their order, and tells how they are read. The first is noted beside
    them, and holds while names, sizes, numbers and times of all files are the same.
    """
    files, home = placed(images)
    if not files:
        return None
    digest_of_names = hashlib.sha256("\0".join(files).encode(errors="surrogateescape")).hexdigest()[:16]
    folders = (home / FOLDER, CACHE / "pixels")
    notes = tuple(folder / f"{digest_of_names}.json" for folder in folders)
    state, newest = state_of(files, home)
    for note in notes:
        if (known := digest_in(note, state)) is not None:
            return Content(folders, f"{known}-{reading(images)}", state)
    begun = time.time()
    total = hashlib.sha256()
    for file, digest in zip(files, digests_of_files(files), strict=True):
        total.update(os.fsencode(os.path.basename(file)) + b"\0" + digest)
    found = total.hexdigest()[:16]
    if begun - newest > SETTLED:
        keep_note(notes, {"format": FORMAT, "state": state, "digest": found})
    return Content(folders, f"{found}-{reading(images)}", state)


def is_still(images: Images, content: Content) -> bool:
    """Whether the files are what they were when this was found."""
    try:
        return state_of(*placed(images))[0] == content.state
    except OSError:  # one of them is gone
        return False


def placed(images: Images) -> tuple[list[str], Path]:
    """The files that hold these images, none for other images, and the folder of their set."""
    files = files_of(images) or [os.fspath(item) for item in path_items(images)]
    places = [place for place in images.places if place.is_dir()]
    return files, places[-1] if places else Path(files[0] if files else ".").parent


def reading(images: Images) -> str:
    """What else than the files decides about pixels: how they are read, and the decoder of JPEG files."""
    decoder = [PIL.__version__, features.version("jpg"), features.version("libjpeg_turbo")]
    return hashlib.sha256(repr([FORMAT, images.as_shown, *decoder]).encode()).hexdigest()[:8]


def path_items(images: Images) -> list[Path]:
    """The items of a list of paths; none of any other."""
    items = images.items
    return items if isinstance(items, list) and items and isinstance(items[0], Path) else []
