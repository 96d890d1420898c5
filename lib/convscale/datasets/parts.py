"""Parts of a set by rule: a balanced subset, balanced images outside it, and the held-out minival split."""

from dataclasses import replace

import numpy as np

from ..errors import check_name
from ..words import plural
from .images import Images
from .several import SeveralLabels

MINIVAL_SHARE = 0.02  # V2 §5.1: 25,000 images, "about 2%"; ResNet-RS: "2%", 20 of 1,024 shards

# name -> share of the training images that is held out for the curve and the choice of the best weights, where they are
# not images of another split; a tenth is ours, for sets of a few thousand images
VALIDATIONS = {"test": 0.0, "validation": 0.0, "minival": MINIVAL_SHARE, "tenth": 0.1}
SUBSETS = ("first", "seed")  # whose images a run on part of a set trains on


def held_out_share(validate: str) -> float:
    """Raises ValueError for a name that is not in VALIDATIONS."""
    return VALIDATIONS[check_name("validate", validate, VALIDATIONS)]


def of_classes(images: Images, classes: tuple[int, ...] | None) -> Images:
    """Images of these classes alone, which are numbered anew in this order and keep their names; None = all images.

    Raises ValueError for a number that the set does not have, and for images of several classes each.
    """
    if classes is None:
        return images
    count = len(images.classes)
    if unknown := [c for c in classes if not 0 <= c < count]:
        raise ValueError(f"classes {unknown} of a set of {plural(count, 'class')}: use numbers from 0 to {count - 1}")
    labels = labels_of(images, "classes")
    number = np.full(count, -1)
    number[list(classes)] = np.arange(len(classes))
    chosen = np.flatnonzero(number[labels] >= 0)
    names = tuple(images.classes[c] for c in classes)
    return replace(images.take(chosen), labels=number[labels[chosen]], classes=names)


def with_groups(images: Images, groups: tuple[tuple[int, ...], ...]) -> Images:
    """With each group of classes as a class, too, after the others: an image has the label of its class and those of
    all groups that its class is in. Its name is that of its classes, joined by "or".

    Raises ValueError for a number that the set does not have, and for images of several classes each.
    """
    if not groups:
        return images
    labels, count = labels_of(images, "groups"), len(images.classes)
    if unknown := sorted({c for group in groups for c in group if not 0 <= c < count}):
        raise ValueError(f"groups of classes {unknown} of {plural(count, 'class')}: use numbers from 0 to {count - 1}")
    names = tuple(" or ".join(images.classes[c] for c in group) for group in groups)
    of_class = [[c, *(count + i for i, group in enumerate(groups) if c in group)] for c in range(count)]
    several = SeveralLabels.of([of_class[label] for label in labels], count + len(groups))
    return replace(images, labels=several, classes=(*images.classes, *names))


def labels_of(images: Images, what: str) -> np.ndarray:
    """The one class (N,) of each image. Raises ValueError for images of several, of which `what` cannot be told."""
    if images.one_each is None:
        raise ValueError(f"{what} of images that have several each: choose them of a set with one class an image")
    return images.one_each


def subset(images: Images, count: int | None, seed: int | None = None) -> Images:
    """`count` images, as evenly over the classes as they allow, in their old order; None = all of them.

    Of each class the first ones, or with a `seed` those that it draws: then a smaller subset is part of a larger one of
    the same seed. Raises ValueError when there are fewer than `count`.
    """
    chosen = subset_indices(images, count, seed)
    return images if len(chosen) == len(images) else images.take(chosen)


def subset_indices(images: Images, count: int | None, seed: int | None = None) -> np.ndarray:
    """The places (count,) in `images` of those that `subset` takes, ascending. Raises ValueError as it does."""
    if count is None or count == len(images):
        return np.arange(len(images))
    if not 0 < count < len(images):
        raise ValueError(f"asked for {count:,} of {plural(len(images), 'image')}")
    return evenly(images.main_labels(), np.arange(len(images)) if seed is None else drawn_order(images, seed), count)


def unseen(images: Images, seen: np.ndarray, count: int, seed: int) -> Images:
    """`count` of `images` outside the places `seen`, as evenly over the classes as they allow, drawn by `seed`.

    All that there are if fewer, none where everything was seen. They come from the far end of the order that `subset`
    takes a seed's images from, so that runs of one seed on subsets of any size are asked about the same images while
    the set has enough.
    """
    order = drawn_order(images, seed)[::-1]
    order = order[~np.isin(order, seen)]
    return images.take(evenly(images.main_labels(), order, count))


def further_indices(images: Images, seen: np.ndarray, count: int, seed: int) -> np.ndarray:
    """`count` places in `images` outside those `seen`, ascending, drawn by `seed` whatever their labels are.

    They are the next ones in the order that `subset` takes a seed's images from. Raises ValueError if there are fewer.
    """
    order = drawn_order(images, seed)
    order = order[~np.isin(order, seen)]
    if count > len(order):
        wanted = plural(count, "further image")
        raise ValueError(f"asked for {wanted} of {len(images):,}, of which {len(order):,} are left")
    return np.sort(order[:count])


def drawn_order(images: Images, seed: int) -> np.ndarray:
    """A permutation (N,) of the images; its key names what is drawn, so that no other draw of `seed` repeats it."""
    return np.random.default_rng([*b"subset", seed]).permutation(len(images))


def evenly(labels: np.ndarray, order: np.ndarray, count: int) -> np.ndarray:
    """Up to `count` places of `order`, ascending: the first of each class, then the second ones, and so on."""
    rank, _ = rank_in_class(labels[order], np.arange(len(order)))
    return np.sort(order[np.lexsort((labels[order], rank))[:count]])


def minival(images: Images, share: float = MINIVAL_SHARE, seed: int = 0) -> tuple[Images, Images]:
    """Training images without the held-out share, and the held-out ones, both in their old order.

    The papers choose settings and stop early by a part of ImageNet's training images: 25,022 of 1,281,167 in the
    released code (tpu: models/official/efficientnet/README.md), the first 20 of its 1,024 shards. Ours is a rule that
    needs no shards: of each class the same share, to the nearest image, drawn by `seed`, so a class too small for one
    image may give none. A function of labels, share and seed alone; 25,623 images of ImageNet with the default.
    Raises ValueError when the share leaves no image on one side.
    """
    count = round(share * len(images))
    if not 0 < count < len(images):
        raise ValueError(
            f"a share of {share} holds out {count} of {plural(len(images), 'image')}: add images, "
            "or put some into a folder val/ or test/ of their own beside train/"
        )
    labels = images.main_labels()
    rank, size = rank_in_class(labels, np.random.default_rng(seed).permutation(len(images)))
    chosen = np.lexsort((labels, (rank + 0.5) / size))[:count]
    held_out = np.isin(np.arange(len(images)), chosen)
    return images.take(np.flatnonzero(~held_out)), images.take(np.flatnonzero(held_out))


def rank_in_class(labels: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place of each image among those of its class when all are gone through in `order`, and its class's size."""
    by_class = order[np.argsort(labels[order], kind="stable")]
    _, first, inverse, size = np.unique(labels[by_class], return_index=True, return_inverse=True, return_counts=True)
    rank, sizes = np.empty(len(labels), int), np.empty(len(labels), int)
    rank[by_class] = np.arange(len(labels)) - first[inverse]
    sizes[by_class] = size[inverse]
    return rank, sizes
