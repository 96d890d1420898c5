"""Data sets that torchvision and timm know how to fetch, as `Images`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from ..errors import check_name
from .images import Images
from .labels import read_labels, unlabelled


def splits(train: tuple[str, ...], test: str, **more) -> dict[str, list[dict]]:
    return {"train": [{"split": s, **more} for s in train], "test": [{"split": test, **more}]}


# Arguments of each part of our two splits. Validation images that the papers train on count as training images:
# V1 Table 6 and V2 Table 9 have 2,040 training images of Flowers, which are `train` and `val` here.
TORCHVISION = {
    **{
        name: {"train": [{"train": True}], "test": [{"train": False}]}
        for name in ("CIFAR10", "CIFAR100", "MNIST", "FashionMNIST", "KMNIST", "USPS")
    },
    **dict.fromkeys(("FER2013", "Food101", "GTSRB", "STL10", "SVHN", "StanfordCars"), splits(("train",), "test")),
    **dict.fromkeys(("DTD", "Flowers102", "RenderedSST2"), splits(("train", "val"), "test")),
    **dict.fromkeys(("FGVCAircraft", "OxfordIIITPet"), splits(("trainval",), "test")),
    "Country211": splits(("train", "valid"), "test"),
    "Imagenette": splits(("train",), "val", size="160px"),
    "Places365": splits(("train-standard",), "val", small=True),  # 256 x 256 px
}
TIMM_STREAMS = ("hfids", "tfds", "wds")  # kinds that timm reads in order only
TIMM_KINDS = ("torch", "hfds")
ALIASES = {"train": ("train",), "test": ("test", "validation", "val")}  # names of our splits in timm's sets


def torchvision_set(name: str, root: Path, split: str) -> Images:
    """`split` of torchvision's data set `name` below `root`, downloaded if it is not there.

    Raises ValueError for a name that is no classification set with splits, and whatever torchvision's download met.
    """
    import torchvision.datasets

    make = getattr(torchvision.datasets, check_name("torchvision data set", name, TORCHVISION))
    items: list = []
    labels: list[int] = []
    classes: tuple = ()
    for arguments in TORCHVISION[name][split]:
        try:
            data = make(root, **arguments)
        except (RuntimeError, OSError):  # how torchvision says that the files are absent
            data = make(root, **arguments, download=True)
        more_items, more_labels = from_torchvision(data)
        items += more_items
        labels += more_labels
        classes = getattr(data, "classes", ())
    names = tuple(c if isinstance(c, str) else c[0] for c in classes)  # Imagenette's are tuples of synonyms
    return Images(items, *read_labels(labels, f"torchvision:{name}", names))


def from_torchvision(data) -> tuple[list, list[int]]:
    """Items and labels of a torchvision data set without decoding: each class of them keeps these in its own way."""
    pairs = getattr(data, "_samples", None) or getattr(data, "samples", None)
    files, labels = zip(*pairs, strict=True) if pairs else (None, None)
    if labels is None:
        labels = next(getattr(data, a) for a in ("targets", "labels", "_labels") if hasattr(data, a))
        files = getattr(data, "_image_files", None) or getattr(data, "_images", None)
    items: list[Path | Drawn]
    if files is not None and isinstance(files[0], str | Path):
        items = [Path(file) for file in files]
    else:
        items = [Drawn(data, i) for i in range(len(data))]
    return items, [int(label) for label in labels]


@dataclass(frozen=True)
class Drawn:
    """One image of a torchvision data set that is held in memory."""

    data: Any
    i: int

    def __str__(self) -> str:
        return f"torchvision {type(self.data).__name__}: image {self.i}"

    def image(self) -> Image.Image:
        return self.data[self.i][0]


@dataclass(frozen=True)
class TimmItem:
    """One image of a timm reader; read past timm's own data set, which passes over broken images."""

    reader: Any
    i: int

    def __str__(self) -> str:
        return f"timm {self.reader.filename(self.i)}"

    def image(self) -> Image.Image:
        return Image.open(self.reader[self.i][0])


def check_timm_kind(name: str) -> str:
    """The kind in <kind>/<name>. Raises ValueError for one that can only be read in order, or an unknown one."""
    kind = name.partition("/")[0]
    if kind in TIMM_STREAMS:
        raise ValueError(
            f"timm:{name}: {kind}/ is read in order only, and a run that resumes exactly needs any image at any time: "
            "save the set as tar shards or parquet files and name it folder:PATH"
        )
    return check_name("kind of timm data set", kind, TIMM_KINDS)


def timm_set(name: str, root: Path, split: str) -> Images:
    """`split` of `timm.data.create_dataset(name)`, kinds torch/ and hfds/ (Hugging Face).

    Raises ValueError for a set without such a split, ImportError where timm needs another package, and whatever the
    download met.
    """
    from timm.data import create_dataset

    if check_timm_kind(name) == "torch":
        items, labels = from_torchvision(create_dataset(name, root=str(root), split=ALIASES[split][-1], download=True))
        return Images(items, *read_labels(labels, f"timm:{name}"))
    fault: object = "all labels are -1"
    for alias in ALIASES[split]:
        try:
            reader = create_dataset(name, root=str(root), split=alias).reader
        except ValueError as error:  # Hugging Face's word for an unknown split
            fault = error
            continue
        labels = list(reader.dataset[reader.label_key])
        if not unlabelled(labels):
            classes = sorted(reader.class_to_idx, key=reader.class_to_idx.get)
            items = [TimmItem(reader, i) for i in range(len(labels))]
            return Images(items, *read_labels(labels, f"timm:{name}", classes))
    raise ValueError(f"timm:{name}: no {split} images with labels ({fault})")
