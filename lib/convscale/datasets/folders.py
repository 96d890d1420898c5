"""Data sets in a folder: class folders, parquet files or tar shards."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from .images import Images
from .parquets import parquet
from .places import DataMissing
from .tars import tar_shards

SPLITS = {"train": ("train",), "test": ("test", "validation", "val")}
IMAGE_ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".ppm"}


def image_folder(folder: Path) -> Images:
    """One folder per class, with folders in it or not; hidden files and folders are passed over, as macOS and Jupyter
    leave some behind. Raises ValueError for an empty class or fewer than two."""
    classes = sorted(class_folders(folder))
    if len(classes) < 2:
        raise ValueError(f"{folder}: {len(classes)} class folders; at least 2 are needed, one a class")
    names, labels, places = [], [], [folder]
    for label, name in enumerate(classes):
        files = []
        for parent, _, inside in os.walk(folder / name):
            places.append(Path(parent))
            files += [
                os.path.relpath(os.path.join(parent, file), folder)
                for file in inside
                if os.path.splitext(file)[1].lower() in IMAGE_ENDINGS and not file.startswith(".")
            ]
        if not files:
            raise ValueError(f"{folder / name}: no images ({', '.join(sorted(IMAGE_ENDINGS))}) in this class folder")
        names += sorted(files, key=lambda file: file.split(os.sep))
        labels += [label] * len(files)
    return Images(FileItems(folder, names), np.array(labels), tuple(classes), places=tuple(places))


def class_folders(folder: Path) -> list[str]:
    return [d.name for d in folder.iterdir() if d.is_dir() and not d.name.startswith(".")]


class FileItems:
    """Paths below a folder in one array of bytes: 1.3 million path objects take a GB, and each worker copies them."""

    def __init__(self, folder: Path, names: list[str]):
        self.folder, self.names = folder, np.array([os.fsencode(name) for name in names])

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, i: int) -> Path:
        return self.folder / os.fsdecode(self.names[i])


def read_folder(folder: Path, split: str) -> Images | None:
    """The split found in `folder`; None if it has none. Raises ValueError for two layouts of one split, and damage.

    A test split is looked for as test, validation and val, in this order; one whose labels are all -1 is passed over.
    """
    for alias in SPLITS[split]:
        layouts: dict[str, Callable[[], Images | None]] = {}
        if files := sorted(folder.glob(f"{alias}-*.parquet")):
            layouts[files[0].name] = partial(parquet, files)
        if shards := sorted(folder.glob(f"*{alias}-*.tar")):  # timm's ImageNet is imagenet1k-train-0000.tar
            layouts[shards[0].name] = partial(tar_shards, shards)
        if (folder / alias).is_dir():
            layouts[f"{alias}/"] = partial(read_layout, folder / alias)
        if (images := only(folder, layouts)) is not None:
            return images
    return None


def read_layout(folder: Path) -> Images | None:
    """One split by itself: a folder of class folders, of parquet files, or of tar shards."""
    layouts: dict[str, Callable[[], Images | None]] = {}
    if files := sorted(folder.glob("*.parquet")):
        layouts[files[0].name] = partial(parquet, files)
    if shards := sorted(folder.glob("*.tar")):
        layouts[shards[0].name] = partial(tar_shards, shards)
    if not layouts or class_folders(folder):
        layouts["class folders"] = partial(image_folder, folder)
    return only(folder, layouts)


def only(folder: Path, layouts: dict[str, Callable[[], Images | None]]) -> Images | None:
    if len(layouts) > 1:
        raise ValueError(f"{folder}: holds {' and '.join(layouts)}, two layouts of the same images: leave one")
    images = next(iter(layouts.values()))() if layouts else None
    return None if images is None else replace(images, places=(*images.places, folder))


def read_split(folder: Path) -> Images:
    """One split by itself: a folder of class folders, parquet files or tar shards. Raises DataMissing or ValueError."""
    if not folder.is_dir():
        raise DataMissing(f"{folder}: no such folder; needs <class>/*.jpg, *.parquet or *.tar")
    images = read_layout(folder)
    if images is None:
        raise ValueError(f"{folder}: every label is -1, so there is nothing to compare answers with: use another split")
    return images
