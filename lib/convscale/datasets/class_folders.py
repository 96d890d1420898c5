"""One split as class folders: which images are in it, and what was passed over."""

import os
from pathlib import Path

import numpy as np

from ..words import plural
from .classes import listed, natural
from .endings import USUAL, is_image, is_passed_over, is_unsaid
from .images import Images
from .listing import Listing, PassedOver, entries_of, folders_in, has_images_itself, images_below, is_folder
from .splits import split_of_folder


class FileItems:
    """Paths below a folder in one array of bytes: 1.3 million path objects take a GB, and each worker copies them."""

    def __init__(self, folder: Path, names: list[str]):
        self.folder, self.names = folder, np.array([os.fsencode(name) for name in names])

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, i: int) -> Path:
        return self.folder / os.fsdecode(self.names[i])


def image_folder(folder: Path, own: bool = True, least: int = 2, without: tuple[str, ...] = ()) -> Images:
    """One folder per class, with folders in it or not; `notes` say what was passed over.

    A person's `own` classes are in natural order, 2 before 10; of a known set in that of letters, as torchvision's
    ImageFolder has them. Folders `without` are no classes. Raises ValueError for fewer than `least` classes with
    images, for a class whose images are of kinds that are not read, and for splits below the classes.
    """
    listings = {name: images_below(folder, name) for name in folders_in(folder) if name not in without}
    found = {name: listing for name, listing in listings.items() if not is_runs(name, listing)}
    classes = sorted((name for name in found if found[name].files), key=natural if own else None)
    check_classes(folder, found, len(classes), least)
    files = [file for label in classes for file in found[label].files]
    labels = np.repeat(np.arange(len(classes)), [len(found[name].files) for name in classes])
    places = (folder, *(place for listing in listings.values() for place in listing.folders))
    name = f"{folder.resolve().name}/"  # of "." too
    notes = passed_over(folder, listings, classes, without).note(name)
    if classes != sorted(classes) and least > 1:  # other splits are matched with training's by name
        notes += (f"classes of {name} in the order of their numbers: {listed(classes)}",)
    if own and least > 1:
        notes += classes_within(folder, listings, classes)
    return Images(FileItems(folder, files), labels, tuple(classes), places=places, notes=notes)


def classes_within(folder: Path, listings: dict[str, Listing], classes: list[str]) -> tuple[str, ...]:
    """A note where every class holds folders of the same names and nothing else, as splits with other names do."""
    inside = {frozenset(p.name for p in listings[name].folders if p.parent == folder / name) for name in classes}
    if len(inside) != 1 or len(same := inside.pop()) < 2 or any(has_images_itself(folder / name) for name in classes):
        return ()
    return (
        f"each of the classes {listed(classes)} holds folders of the same names: {listed(sorted(same, key=natural))}; "
        "if those are the classes, name the folders above them train, val and test",
    )


def is_runs(name: str, listing: Listing) -> bool:
    """Whether a folder is where `convscale train` keeps runs, with whatever pictures lie beside them."""
    return name == "runs" and listing.passed.counts["folders of runs"] > 0


def passed_over(folder: Path, listings: dict[str, Listing], classes: list[str], without: tuple[str, ...]) -> PassedOver:
    """All that lies in a folder of class folders and is not one of its images."""
    passed = PassedOver()
    for entry in entries_of(folder):
        name = entry.name
        if is_unsaid(name, folder=is_folder(entry)):
            continue
        if name in classes:
            passed.update(listings[name].passed)
        elif name in listings:
            passed.add("folders without images" if not listings[name].files else "folders of runs", f"{name}/")
        elif is_folder(entry) and is_passed_over(name):
            passed.add("hidden or system folders", name)
        elif is_image(name):
            passed.add("images in no class folder", name)
        elif not (is_folder(entry) or name in without):
            passed.add("files in no class folder", name)
    return passed


def check_classes(folder: Path, found: dict[str, Listing], full: int, least: int) -> None:
    """Raise ValueError, with all that is wrong, unless `full` classes with images are enough and all can be read."""
    below = [name for name, listing in found.items() if has_splits(folder / name, listing)]
    if below:
        raise ValueError(f"{folder}: splits lie below the classes {listed(below)}: put them above, as train/<class>")
    empty = [name for name in found if not found[name].files]
    unread = [f"{name} ({found[name].unread})" for name in empty if found[name].unread]
    if full >= least and not unread:
        return
    faults = []
    if full < least:
        faults.append(f"{plural(full, 'class folder')} with images; at least {least} are needed, one a class")
    if unread:
        faults.append(f"all images of {listed(unread)} are of kinds that Pillow does not read: convert them")
    elif empty:
        faults.append(f"{listed(empty)}: no images ({USUAL}) in this class folder")
    if loose := sum(is_image(entry.name) and not is_folder(entry) for entry in entries_of(folder)):
        faults.append(f"{plural(loose, 'image')} in no class folder")
    raise ValueError(f"{folder}: {'; '.join(faults)}")


def has_splits(folder: Path, listing: Listing) -> bool:
    """Whether folders for training and for testing or choosing lie in this one, which was listed."""
    splits = {split_of_folder(place.name) for place in listing.folders if place.parent == folder} - {None}
    return "train" in splits and len(splits) > 1
