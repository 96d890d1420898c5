"""Whether what lies under a known set's name is that set: a name in a record must mean the same images everywhere.

Checked are the number of images and of classes; of `digits`, `textures` and `cifar10` also all labels in the official
order, which decides what "the first images" and a seed's shuffling are, and the pixels of SAMPLES images; of
`imagenette` also that the images keep their aspect ratio. A few images do not show a set in which others were changed.
"""

import hashlib

import numpy as np

from .images import BrokenImage, Images
from .sizes import SIZES

SAMPLES = 16  # images that are looked at, evenly over the set

# Digests of labels and of sample pixels. digits: scikit-learn's; textures: of scikit-image 0.26; cifar10: the official
# python batches, whose md5 sums torchvision has, in the order of their numbers.
OFFICIAL = {
    ("digits", "train"): ("d88bc14b5455324f", "93bd999e0d462cec"),
    ("digits", "test"): ("5b60d960d691c63f", "95f929ddcaae1310"),
    ("textures", "train"): ("470acf5a40a1c555", "87939f52ff0c0899"),
    ("textures", "test"): ("470acf5a40a1c555", "a130b2f9cb1c5a75"),
    ("cifar10", "train"): ("f5cfe00b0f00968c", "a435ee0e205698c9"),
    ("cifar10", "test"): ("cbb7365de8ed11f0", "c8307e17c2731cdb"),
}


def check_genuine(name: str, split: str, images: Images) -> None:
    """Raises ValueError if `images`, read as this split of the known set `name`, are those of another set."""
    if fault := difference(name, split, images):
        raise ValueError(
            f"what was read as {name} is another set: {fault}. Give it a name of its own, folder:PATH, or put "
            f"the official {name} in its place"
        )


def difference(name: str, split: str, images: Images) -> str:
    """How `images` differ from the official ones, "" if nothing was found."""
    size = SIZES[name]
    count, labels = getattr(size, split), np.unique(images.main_labels())
    if len(images) != count:
        return f"{len(images):,} {split} images, not {count:,}"
    if len(labels) != size.classes:
        return f"{split} images of {len(labels)} classes, not {size.classes}"
    try:
        if (name, split) in OFFICIAL:
            of_labels, of_samples = OFFICIAL[name, split]
            if digest_of_labels(images) != of_labels:
                return f"the labels of its {split} images are others, or in another order"
            if digest_of_samples(images) != of_samples:
                return f"the pixels of its {split} images are others, or in another order"
        if name == "imagenette":
            return other_shapes(images)
    except BrokenImage as error:
        return str(error)
    return ""


def samples(images: Images) -> list[int]:
    return np.linspace(0, len(images) - 1, SAMPLES).astype(int).tolist()


def digest_of_labels(images: Images) -> str:
    return hashlib.sha256(images.main_labels().astype("<i8").tobytes()).hexdigest()[:16]


def digest_of_samples(images: Images) -> str:
    """Of RGB pixels, however they are encoded."""
    total = hashlib.sha256()
    for i in samples(images):
        total.update(np.asarray(images.image(i)).tobytes())
    return total.hexdigest()[:16]


def other_shapes(images: Images) -> str:
    """Imagenette's 160 px version, the one that torchvision fetches here, has few squares and a shorter side of 160."""
    sizes = [images.image(i).size for i in samples(images)]
    squares = sum(width == height for width, height in sizes)
    if 2 * squares > SAMPLES:
        return f"{squares} of {SAMPLES} images looked at are squares, as squashed or cropped ones are"
    short = sum(min(size) == 160 for size in sizes)
    return "" if 2 * short >= SAMPLES else f"the shorter side of {SAMPLES - short} of {SAMPLES} images is not 160 px"
