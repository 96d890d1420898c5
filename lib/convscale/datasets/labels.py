"""Labels as files hold them -> the array and the class names of `Images`."""

from collections.abc import Sequence

import numpy as np

from ..words import plural
from .several import SeveralLabels


def read_labels(
    values: Sequence, where: object, classes: Sequence[str] = ()
) -> tuple[np.ndarray | SeveralLabels, tuple[str, ...]]:
    """Labels and class names of whole numbers from 0 on (N,), or of lists of them, for images of several classes.

    `classes` are names where the source has them; otherwise the numbers up to the greatest name the classes. Raises
    ValueError, naming `where`, for no images, another kind of label, one beyond `classes`, or fewer than two classes.
    """
    if not len(values):
        raise ValueError(f"{where}: no images")
    several = any(isinstance(row, list) for row in values)
    if several:
        values = [row if isinstance(row, list) else [row] for row in values]
    flat = [label for row in values for label in row] if several else values
    numbers = np.asarray(flat)
    if numbers.dtype.kind not in "iu":
        wrong = next((v for v in flat if not isinstance(v, int | np.integer) or isinstance(v, bool)), "absent")
        raise ValueError(f"{where}: label {wrong!r} of type {type(wrong).__name__}; needed: whole numbers from 0 on")
    if numbers.min() < 0:
        raise ValueError(f"{where}: label {numbers.min()}; needed: whole numbers from 0 on")
    if classes and numbers.max() >= len(classes):
        raise ValueError(
            f"{where}: label {numbers.max()}, but the set names {plural(len(classes), 'class')}: use 0 to "
            f"{len(classes) - 1}"
        )
    names = tuple(classes) or tuple(str(c) for c in range(numbers.max() + 1))
    if len(names) < 2:
        raise ValueError(f"{where}: 1 class; at least 2 are needed")
    if not several:
        return numbers.astype(np.int64), names
    return SeveralLabels.of(values, len(names)), names


def unlabelled(values: Sequence) -> bool:
    """Whether every label is -1, as in Hugging Face's test splits whose labels are secret (imagenet-1k)."""
    return len(values) > 0 and all(np.ndim(label) == 0 and label == -1 for label in values)
