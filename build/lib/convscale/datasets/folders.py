"""Data sets in a folder: class folders, parquet files or tar shards, in splits or alone."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from .class_folders import image_folder
from .images import Images
from .listing import folders_in, has_images_itself
from .parquets import parquet
from .places import DataMissing
from .splits import holds_anything, holds_classes, shards_in, split_folders, split_of_words, unwrapped
from .tars import tar_shards

Read = Callable[[], Images | None]
READERS: dict[str, Callable[[list[Path]], Images | None]] = {".parquet": parquet, ".tar": tar_shards}
SPLITS = ("train", "test", "validation")


class Splits:
    """The splits that lie in a folder. In a person's `own` more is understood than in a known set's.

    A split may lie there in several layouts, which is refused when it is read. Raises ValueError for training images
    without classes.
    """

    def __init__(self, folder: Path, own: bool = True):
        self.outer, self.folder, self.own = folder, unwrapped(folder) if own else folder, own
        self.found: dict[str, dict[str, Read]] = {}
        self.notes: tuple[str, ...] = ()
        self.no_classes: tuple[str, ...] = ()  # folders of splits, whether used or not
        self.numbered_by_folders = False  # whether the names of training's class folders number all classes
        self.find_shards()
        self.find_folders()

    def find_shards(self) -> None:
        for kind, files in shards_in(self.folder).items():
            for split in SPLITS:
                if of_split := [file for file in files if split_of_words(file.stem) == split]:
                    self.add(split, of_split[0].name, partial(READERS[kind], of_split))

    def find_folders(self) -> None:
        named = split_folders(self.folder)
        spelled = {name for names in named.values() for name in names}
        rest = [n for n in folders_in(self.folder) if n not in spelled and holds_anything(self.folder / n)]
        for split, names in named.items():
            for name in names:
                place = unwrapped(self.folder / name)
                if split == "train" and has_images_itself(place):
                    if len(rest) < 2:
                        raise ValueError(f"{place}: images without class folders: put them in a folder for each class")
                    self.notes += (f"{name}/ is taken for a class, as are the {len(rest)} folders beside it",)
                    continue  # trains are what these images show
                self.no_classes += (name,)
                self.numbered_by_folders |= split == "train" and not shards_in(place)
                if split == "train" or (holds_classes(place) and holds_anything(place)):
                    self.add(split, f"{name}/", partial(read_layout, place, self.own, 2 if split == "train" else 1))
                else:
                    self.notes += (f"{name}/ is not used: it has no class folders with images",)
        if self.own and self.found and rest:
            if "train" in self.found:
                self.notes += (f"not used beside the splits: {', '.join(f'{name}/' for name in rest)}",)
            else:
                self.numbered_by_folders = True
                self.add("train", "class folders", self.alone)

    def add(self, split: str, name: str, read: Read) -> None:
        self.found.setdefault(split, {})[name] = read

    def alone(self, least: int = 2) -> Images | None:
        """The images that lie in no split, of at least so many classes."""
        return read_layout(self.folder, self.own, least, self.no_classes)

    def read(self, split: str) -> Images | None:
        """The split, None if there is none with labels. Raises ValueError for two layouts of it, and damage.

        Validation images are the test images of a folder that has no others; then they are no split of their own.
        """
        if split == "validation" and self.of("test") is None:
            return None
        images = self.of(split)
        return self.of("validation") if images is None and split == "test" else images

    def of(self, split: str) -> Images | None:
        found = self.found.get(split, {})
        kind = "spellings of one split" if all(name.endswith("/") for name in found) else "layouts of the same images"
        return self.told(only(self.folder, found, kind))

    def told(self, images: Images | None) -> Images | None:
        """`images` with what is to be said of the folder, and what their list was read from."""
        if images is None:
            return None
        return replace(images, places=(*images.places, self.outer, self.folder), notes=(*self.notes, *images.notes))


def read_layout(folder: Path, own: bool = True, least: int = 2, without: tuple[str, ...] = ()) -> Images | None:
    """One split by itself: a folder of class folders, of parquet files, or of tar shards."""
    shards = shards_in(folder)
    layouts: dict[str, Read] = {files[0].name: partial(READERS[kind], files) for kind, files in shards.items()}
    if not layouts or any(holds_anything(folder / name) for name in folders_in(folder) if name not in without):
        layouts["class folders"] = partial(image_folder, folder, own, least, without)
    return only(folder, layouts)


def only(folder: Path, layouts: dict[str, Read], kind: str = "layouts of the same images") -> Images | None:
    if len(layouts) > 1:
        raise ValueError(f"{folder}: holds {' and '.join(layouts)}, two {kind}: leave one")
    images = next(iter(layouts.values()))() if layouts else None
    return None if images is None else replace(images, places=(*images.places, folder))


def read_split(folder: Path) -> Images:
    """A person's images of one split by itself: a folder of class folders, parquet files or tar shards.

    Raises DataMissing or ValueError.
    """
    if not folder.is_dir():
        raise DataMissing(f"{folder}: no such folder; needs <class>/*.jpg, *.parquet or *.tar")
    images = labelled(read_layout(unwrapped(folder)), folder)
    return replace(images, places=(*images.places, folder))


def whole_folder(folder: Path, least: int = 2) -> Images:
    """The training images of a person's folder, or all of one without splits, of at least so many classes.

    Raises DataMissing or ValueError.
    """
    if not folder.is_dir():
        raise DataMissing(f"{folder}: no such folder; needs <class>/*.jpg, *.parquet or *.tar")
    splits = Splits(folder)
    return labelled(splits.read("train") if splits.found else splits.told(splits.alone(least)), folder)


def labelled(images: Images | None, folder: Path) -> Images:
    if images is None:
        raise ValueError(f"{folder}: every label is -1, so there is nothing to compare answers with: use another split")
    return replace(images, as_shown=True)
