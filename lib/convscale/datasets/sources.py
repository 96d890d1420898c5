"""Data set name -> train or test images.

`digits` comes with scikit-learn and `textures` with scikit-image; they need no download. The others are read from
CONVSCALE_DATA/<name>, `folder:PATH` from PATH, in any of three layouts, or else downloaded into CONVSCALE_DATA/<name>
once, from their official source:

    train-*.parquet, test-*.parquet             Hugging Face layout: bytes and label
    train-*.tar, test-*.tar                     webdataset layout: <key>.jpg and <key>.cls or .json
    train/<class>/*.jpg, test/<class>/*.jpg     ImageFolder layout; train/ may hold parquet or tar files instead

What lies under the name of a known set must be that set (see `genuine`); of `folder:PATH` nothing is known.
Splits may be spelled as people do (see `splits`), and `validation` stands for a `test` that is not there; of a known
set it is read for nothing else. Known sets have ImageFolder's order of classes and are decoded as the papers' code
does; a person's own have natural order and are read as they are seen (see `shown`). `torchvision:<Name>` and
`timm:<kind>/<name>` name what those libraries fetch. `<Name>` is a classification set of torchvision.datasets, `<kind>`
torch or hfds.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from ..errors import check_name
from ..files import installed_file
from .classes import aligned
from .endings import OURS
from .folders import SPLITS, Splits
from .genuine import check_genuine
from .images import Images
from .libraries import TORCHVISION, check_timm_kind, timm_set, torchvision_set
from .places import DataMissing, data_root
from .sizes import SIZES, Size
from .textures import textures


def digits(split: str) -> Images:
    """1,797 handwritten digits, 8x8 px grey (UCI, by way of scikit-learn): every fifth one is a test image."""
    file = installed_file("sklearn", "datasets/data/digits.csv.gz")  # importing scikit-learn takes a second
    if file is None:
        raise DataMissing("digits are not here: they come with scikit-learn (pip install scikit-learn)")
    values = np.loadtxt(file, delimiter=",", dtype=int)  # 64 pixels and the label
    test = np.arange(len(values)) % 5 == 4
    chosen = values[test if split == "test" else ~test]
    pixels = np.round(chosen[:, :-1].reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)  # values are 0..16
    return Images(list(pixels), chosen[:, -1], tuple(str(d) for d in range(10)))


INSTALLED = {"digits": digits, "textures": textures}  # sets that other packages carry

# The transfer sets of V1 Table 6 and V2 Table 9 by the papers' names; their Birdsnap is in neither library. torchvision
# can read Stanford Cars where they lie, but their address is dead.
DOWNLOADS: dict[str, partial[Images]] = {
    "cifar10": partial(torchvision_set, "CIFAR10"),
    "cifar100": partial(torchvision_set, "CIFAR100"),
    "flowers": partial(torchvision_set, "Flowers102"),
    "cars": partial(torchvision_set, "StanfordCars"),
    "aircraft": partial(torchvision_set, "FGVCAircraft"),
    "pets": partial(torchvision_set, "OxfordIIITPet"),
    "food101": partial(torchvision_set, "Food101"),
    "imagenette": partial(torchvision_set, "Imagenette"),
}
DATASETS = (*INSTALLED, *DOWNLOADS, "birdsnap", "imagenet")  # ImageNet's terms ask everybody to fetch it themselves
KNOWN_AS = {f"torchvision:{fetch.args[0]}": name for name, fetch in DOWNLOADS.items()}  # of the same sets
FORMS = ("folder:PATH", "torchvision:<Name>", "timm:<kind>/<name>")

# Sets of digits, letters and signs, whose images mean something else, or nothing, in a mirror.
UNFLIPPED = {"digits", "emnist", "gtsrb", "kmnist", "mnist", "renderedsst2", "svhn", "usps"}


def flips(name: str) -> bool:
    """Whether images of data set `name` keep their label when mirrored; taken to be so for every `folder:`."""
    return name.startswith("folder:") or name.rpartition(":")[2].rpartition("/")[2].lower() not in UNFLIPPED


_listed: dict[tuple[str, str, Path], tuple[Images, tuple | None]] = {}  # what was read, and the state it was read in


def load(name: str, split: str) -> Images:
    """Images of data set `name` (one of DATASETS or of the FORMS); split "train", "test", or of a folder of one's own
    "validation", where it has some besides its test images.

    A list that was read before in this process is used again while the files and folders it was read from are the
    same; pixels are read anew. Raises ValueError for an unknown name or malformed data, DataMissing when there is
    nothing to read and nothing could be downloaded.
    """
    check_name("split", split, SPLITS)
    key = (name, split, data_root())
    images, before = _listed.get(key, (None, None))
    if images is None or before is None or state_of(images.places) != before:
        images = read(name, split)
        _listed[key] = images, state_of(images.places)
    return replace(images, _decoded={}, _bytes=0)


def state_of(places: tuple[Path, ...]) -> tuple | None:
    """Sizes and times of change of these files and folders; None if one of them is gone.

    The last is the folder of the whole set, into which we write what we keep of it: of that one, which may be among the
    others too, what lies in it counts.
    """
    try:
        last = places[-1] if places and places[-1].is_dir() else None
        found = [place.stat() for place in places if place != last]
        inside = sorted(os.scandir(last), key=lambda entry: entry.name) if last else []
        entries = [(e.name, e.stat().st_mtime_ns) for e in inside if not e.name.startswith(OURS)]
    except OSError:
        return None
    return (*((stat.st_size, stat.st_mtime_ns) for stat in found), *entries)


def read(name: str, split: str) -> Images:
    """The list of images, read anew."""
    kind, _, rest = name.partition(":")
    if name in INSTALLED and split != "validation":
        images = INSTALLED[name](split)
    elif kind == "folder":
        images = of_folder(Path(rest).expanduser(), split)
    elif kind == "torchvision":
        check_name("torchvision data set", rest, TORCHVISION)
        images = found_or_fetched(rest, split, partial(torchvision_set, rest))
    elif kind == "timm":
        check_timm_kind(rest)
        images = found_or_fetched(rest, split, partial(timm_set, rest))
    else:
        check_name("data set", name, (*DATASETS, *FORMS))
        images = found_or_fetched(name, split, DOWNLOADS.get(name))
    if split == "train":
        check_every_class(images, name)
    if (known := KNOWN_AS.get(name, name)) in SIZES:
        check_genuine(known, split, images)
    return images


def of_folder(folder: Path, split: str) -> Images:
    """A split in a person's folder; of images without splits all are for training. Raises DataMissing or ValueError.

    Labels of every split count in the classes of the training images, of which it may lack some.
    """
    splits = Splits(folder) if folder.is_dir() else None
    images = splits.read(split) if splits else None
    if splits and images is None and split == "train" and not splits.found:
        images = splits.told(splits.alone())
    if splits is None or images is None:
        raise DataMissing(f"{folder}: needs {split}/<class>/*.jpg, {split}-*.parquet or {split}-*.tar")
    if split != "train" and splits.numbered_by_folders:
        train = load(f"folder:{folder}", "train")
        images = aligned(images, train.classes, f"{split} images of {folder}", "training's classes")
        images = replace(images, places=(*train.places, *images.places))
    return replace(images, as_shown=True)


def found_or_fetched(name: str, split: str, fetch: Callable[[Path, str], Images] | None) -> Images:
    """The images in CONVSCALE_DATA/<name>, or else what `fetch` puts there. Raises DataMissing or ValueError."""
    root = data_root()
    if split == "validation":
        raise DataMissing(f"{name} has no validation images that are not its test images: hold some out of training")
    if (root / name).is_dir() and (images := Splits(root / name, own=False).read(split)) is not None:
        return images
    why = "they are not downloaded for you;"
    if fetch:
        try:
            return replace(fetch(root / name, split), places=(root / name,))
        except Exception as error:  # the libraries raise whatever their downloaders met
            why = (
                f"they could not be downloaded ({error}); run once where the network reaches their official source, or"
            )
    raise DataMissing(
        f"no {name} images in {root}: {why} set CONVSCALE_DATA to a folder that holds {name}/train-*.parquet and "
        f"test-*.parquet, {name}/train-*.tar and test-*.tar, or {name}/train/<class>/*.jpg and test/<class>/*.jpg"
    )


def check_every_class(images: Images, name: str) -> None:
    """Raises ValueError for a class without training images, where each image has one class."""
    if images.one_each is not None:
        empty = np.flatnonzero(np.bincount(images.one_each, minlength=len(images.classes)) == 0)
        if len(empty):
            raise ValueError(
                f"{name}: {len(empty)} of {len(images.classes)} classes have no training image, the first of them "
                f"{images.classes[empty[0]]!r} (number {empty[0]}): number the classes from 0 without gaps"
            )


def size_of_set(name: str) -> Size:
    """Raises DataMissing for a set that is none of `SIZES` and is not here."""
    if name in SIZES:
        return SIZES[name]
    from .sources import load  # which compares what it reads with SIZES

    train, test = (load(name, split) for split in ("train", "test"))
    first = train.image(0)
    return Size(len(train), len(test), len(train.classes), (first.height, first.width))
