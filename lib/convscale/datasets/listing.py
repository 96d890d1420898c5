"""The image files below a folder, and a count of everything that was passed over on the way."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .endings import OTHER_IMAGES, ending, is_image, is_passed_over, is_unsaid

# What `fit` writes: a folder that holds both is a run, and a picture in it belongs to no class.
RUN_FILES = {"history.csv", "final.safetensors"}
SHOWN = 3  # names that a note gives of each kind


@dataclass
class PassedOver:
    """How many files and folders of each kind were passed over, with some of their names."""

    counts: Counter = field(default_factory=Counter)
    names: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, name: str) -> None:
        self.counts[kind] += 1
        shown = self.names.setdefault(kind, [])
        if len(shown) < SHOWN:
            shown.append(name)

    def update(self, other: "PassedOver") -> None:
        for kind, count in other.counts.items():
            self.counts[kind] += count
            self.names[kind] = (self.names.get(kind, []) + other.names[kind])[:SHOWN]

    def note(self, where: object) -> tuple[str, ...]:
        """One line for people, none if nothing was passed over."""
        kinds = [
            f"{kind}: {count:,} ({', '.join(self.names[kind])}{', ...' if count > SHOWN else ''})"
            for kind, count in sorted(self.counts.items())
        ]
        return (f"passed over in {where}: {'; '.join(kinds)}",) if kinds else ()


@dataclass
class Listing:
    """Image files, by their paths below the folder that was listed; the folders looked into; what was passed over."""

    files: list[str] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    passed: PassedOver = field(default_factory=PassedOver)

    @property
    def unread(self) -> int:
        """How many images of other kinds than Pillow reads are among what was passed over."""
        return sum(self.passed.counts[f"{kind} files"] for kind in OTHER_IMAGES)


def images_below(root: Path, name: str) -> Listing:
    """All image files in folder `name` of `root` and the folders in it, which may be links.

    Passed over are hidden files and folders, those of operating systems, a run's folder, files of other endings, and
    links that lead nowhere or back; hidden files without a word. Raises ValueError for a folder that may not be read.
    """
    listing, seen, waiting = Listing(), set(), [name]
    while waiting:
        place = waiting.pop()
        folder = root / place
        entries = entries_of(folder)
        stat = folder.stat()
        if (stat.st_dev, stat.st_ino) in seen:
            listing.passed.add("links to folders that were read already", place)
            continue
        seen.add((stat.st_dev, stat.st_ino))
        listing.folders.append(folder)
        if {entry.name for entry in entries} >= RUN_FILES:
            listing.passed.add("folders of runs", place)
            continue
        for entry in entries:
            path = os.path.join(place, entry.name)
            if is_unsaid(entry.name, folder=is_folder(entry)):
                continue
            if is_folder(entry):
                if is_passed_over(entry.name):
                    listing.passed.add("hidden or system folders", path)
                else:
                    waiting.append(path)
            elif not is_image(entry.name):
                listing.passed.add(
                    f"{ending(entry.name)} files" if ending(entry.name) else "files without ending", path
                )
            elif not is_file(entry):  # a link's target is looked up, any other file's kind is known
                listing.passed.add("links to nothing" if entry.is_symlink() else "names of no file", path)
            else:
                listing.files.append(path)
    listing.files.sort(key=lambda file: file.split(os.sep))
    return listing


def entries_of(folder: Path) -> list[os.DirEntry]:
    """What lies in the folder, by name. Raises ValueError if it may not be read."""
    return sorted(entries_in(folder), key=lambda entry: entry.name)


def entries_in(folder: Path) -> Iterator[os.DirEntry]:
    """The same as the file system has it, for those who look for one thing and stop there."""
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError as error:
        raise ValueError(f"{folder}: this folder cannot be read ({error.strerror}): mend it or take it away") from None


def is_folder(entry: os.DirEntry) -> bool:
    """Also for a link to one; links that lead to themselves lead nowhere."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def is_file(entry: os.DirEntry) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def folders_in(folder: Path) -> list[str]:
    """Names of the folders in it that may hold images."""
    return [entry.name for entry in entries_of(folder) if is_folder(entry) and not is_passed_over(entry.name)]


def has_images_itself(folder: Path) -> bool:
    """Whether image files lie in the folder, and not only in folders of it."""
    return any(is_image(entry.name) and not is_folder(entry) for entry in entries_in(folder))
