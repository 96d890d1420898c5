"""Data set name -> train or test images.

`digits` comes with scikit-learn and needs no file. The others are read from a folder that the user names in
CONVSCALE_DATA, in any of three layouts, or else downloaded once from their official source by torchvision:

    <folder>/train-*.parquet, test-*.parquet (or validation-*)      Hugging Face layout: bytes and label
    <folder>/train/<class>/*.jpg, test/<class>/*.jpg (or val/)      ImageFolder layout
    <folder>/...                                                    whatever torchvision has downloaded there

where <folder> is CONVSCALE_DATA/<name>.
"""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..errors import check_name
from .images import Images

SPLITS = {"train": ("train",), "test": ("test", "validation", "val")}
IMAGE_ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".ppm"}


class DataMissing(FileNotFoundError):
    """The images are not there; the message says how to get them."""


def data_root() -> Path:
    return Path(os.environ.get("CONVSCALE_DATA", "~/.cache/convscale/data")).expanduser()


def digits(split: str) -> Images:
    """1,797 handwritten digits, 8x8 px grey (UCI, by way of scikit-learn): every fifth one is a test image."""
    from sklearn.datasets import load_digits

    data = load_digits()
    test = np.arange(len(data.target)) % 5 == 4
    chosen = test if split == "test" else ~test
    pixels = np.round(data.images[chosen] * (255 / 16)).astype(np.uint8)  # values are 0..16
    return Images(list(pixels), data.target[chosen], tuple(str(d) for d in range(10)))


def torchvision_cifar10(root: Path, split: str) -> Images:
    from torchvision.datasets import CIFAR10

    data = CIFAR10(root, train=split == "train", download=True)
    return Images(list(data.data), np.array(data.targets), tuple(data.classes))


def torchvision_imagenette(root: Path, split: str) -> Images:
    from torchvision.datasets import Imagenette

    folder = root / "imagenette2-160"
    Imagenette(root, size="160px", download=not folder.exists())
    return image_folder(folder / ("train" if split == "train" else "val"))


DOWNLOADS: dict[str, Callable[[Path, str], Images]] = {
    "cifar10": torchvision_cifar10,
    "imagenette": torchvision_imagenette,
}
DATASETS = ("digits", *DOWNLOADS, "imagenet")  # ImageNet's terms ask everybody to fetch it themselves
FLIPPED = {"cifar10", "imagenette", "imagenet"}  # sets whose images keep their label when mirrored


def parquet(files: list[Path]) -> Images:
    """Hugging Face image layout: a struct column with the encoded `bytes`, and an integer column `label`.

    Raises ValueError, naming a file, for damage, other columns, no images, fewer than two classes or a bad label.
    """
    import pandas as pd

    def read(file: Path) -> pd.DataFrame:
        try:
            return pd.read_parquet(file)
        except (OSError, ValueError) as error:
            raise ValueError(f"{file}: {error}") from None

    frame = pd.concat([read(file) for file in files], ignore_index=True)
    column = next((c for c in ("image", "img") if c in frame), None)
    if column is None or "label" not in frame:
        raise ValueError(f"{files[0]}: columns {list(frame)}; needed: 'image' or 'img', and 'label'")
    labels = frame["label"].to_numpy()
    if not len(labels):
        raise ValueError(f"{files[0]}: no images")
    if labels.dtype.kind not in "iu" or labels.min() < 0:
        raise ValueError(
            f"{files[0]}: label {frame['label'].min()} of type {labels.dtype}; needed: whole numbers from 0 on"
        )
    if labels.max() == 0:
        raise ValueError(f"{files[0]}: 1 class; at least 2 are needed")
    return Images([cell["bytes"] for cell in frame[column]], labels, tuple(str(c) for c in range(labels.max() + 1)))


def image_folder(folder: Path) -> Images:
    """One folder per class. Raises ValueError for an empty class or fewer than two."""
    classes = sorted(d.name for d in folder.iterdir() if d.is_dir())
    if len(classes) < 2:
        raise ValueError(f"{folder}: {len(classes)} class folders; at least 2 are needed, one a class")
    items, labels = [], []
    for label, name in enumerate(classes):
        files = sorted(f for f in (folder / name).rglob("*") if f.suffix.lower() in IMAGE_ENDINGS)
        if not files:
            raise ValueError(f"{folder / name}: no images ({', '.join(sorted(IMAGE_ENDINGS))}) in this class folder")
        items += files
        labels += [label] * len(files)
    return Images(items, np.array(labels), tuple(classes))


def read_folder(folder: Path, split: str) -> Images | None:
    """The split found in `folder` as parquet or ImageFolder; None if it holds neither."""
    for alias in SPLITS[split]:
        if files := sorted(folder.glob(f"{alias}-*.parquet")):
            return parquet(files)
        if (folder / alias).is_dir():
            return image_folder(folder / alias)
    return None


def read_split(folder: Path) -> Images:
    """One split by itself: a folder of class folders, or of parquet files. Raises DataMissing or ValueError."""
    if not folder.is_dir():
        raise DataMissing(f"{folder}: no such folder; needs <class>/*.jpg or *.parquet")
    files = sorted(folder.glob("*.parquet"))
    return parquet(files) if files else image_folder(folder)


def load(name: str, split: str) -> Images:
    """Images of data set `name` ("digits", "cifar10", "imagenette", or "folder:PATH"); split "train" or "test".

    Raises ValueError for an unknown name or a malformed folder, DataMissing when there is nothing to read and
    nothing could be downloaded.
    """
    check_name("split", split, SPLITS)
    if name == "digits":
        return digits(split)
    if name.startswith("folder:"):
        folder = Path(name.removeprefix("folder:")).expanduser()
        images = read_folder(folder, split) if folder.is_dir() else None
        if images is None:
            raise DataMissing(f"{folder}: needs {split}/<class>/*.jpg or {split}-*.parquet")
        return images
    check_name("data set", name, DATASETS)
    root = data_root()
    if (images := read_folder(root / name, split)) is not None:
        return images
    why = "they are not downloaded for you;"
    if name in DOWNLOADS:
        try:
            return DOWNLOADS[name](root / name, split)
        except Exception as error:  # torchvision raises whatever its downloader met
            why = (
                f"they could not be downloaded ({error}); run once where the network reaches their official source, or"
            )
    raise DataMissing(
        f"no {name} images in {root}: {why} set CONVSCALE_DATA to a folder that holds {name}/train-*.parquet and "
        f"test-*.parquet, or {name}/train/<class>/*.jpg and test/<class>/*.jpg"
    )
