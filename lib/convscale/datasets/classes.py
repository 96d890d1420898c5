"""Names of classes: their order, and labels of one set told in the classes of another."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from ..words import plural
from .images import Images
from .several import SeveralLabels

LISTED = 5  # names that a message gives


def natural(name: str) -> tuple:
    """A key that sorts 2 before 10, and everything else by letters."""
    parts = re.split(r"(\d+)", name)
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], name


def listed(names: Iterable[str]) -> str:
    """The first names, for a message."""
    names = list(names)
    return ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED} others" if len(names) > LISTED else "")


def aligned(images: Images, classes: Sequence[str], where: str, whose: str) -> Images:
    """`images` with labels that count in `classes`, matched by name; of some of these there may be no image.

    Names that look the same are the same: macOS writes the letters and accents of a folder's name apart.
    Raises ValueError, naming `where` and the classes that are not among `whose`, for an image of another class.
    """
    if images.classes == tuple(classes):
        return images
    composed = {unicodedata.normalize("NFC", name): i for i, name in enumerate(classes)}
    exact = {name: i for i, name in enumerate(classes)}
    number = {name: exact.get(name, composed.get(unicodedata.normalize("NFC", name))) for name in images.classes}
    used = np.flatnonzero(used_classes(images))
    unknown = [images.classes[i] for i in used if number[images.classes[i]] is None]
    if unknown:
        raise ValueError(
            f"{where}: has images of {plural(len(unknown), 'class')} not among {whose}: {listed(unknown)}; "
            f"those are {len(classes)}: {listed(classes)}"
        )
    to = np.array([number[name] or 0 for name in images.classes])
    labels: np.ndarray | SeveralLabels
    if isinstance(images.labels, SeveralLabels):
        labels = images.labels.renumbered(to, len(classes))
    elif images.labels.ndim == 1:
        labels = to[images.labels]
    else:
        labels = np.zeros((len(images), len(classes)), np.float32)
        labels[:, to[used]] = images.labels[:, used]
    result = replace(images, labels=labels, classes=tuple(classes))
    lacking = [name for name, is_used in zip(classes, used_classes(result), strict=True) if not is_used]
    note = (f"{where}: no images of {plural(len(lacking), 'class')}: {listed(lacking)}",) if lacking else ()
    return replace(result, notes=(*images.notes, *note))


def used_classes(images: Images) -> np.ndarray:
    """Whether each class (K,) has an image."""
    if isinstance(images.labels, SeveralLabels):
        return np.bincount(images.labels.numbers, minlength=len(images.classes)) > 0
    if images.labels.ndim == 2:
        return np.asarray((images.labels > 0).any(0))
    return np.bincount(images.labels, minlength=len(images.classes)) > 0
