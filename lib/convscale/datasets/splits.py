"""Which parts of a person's folder are for training, for choosing and for testing, however they are spelled."""

import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from .endings import ending, is_hidden, is_image
from .listing import entries_in, entries_of, folders_in, has_images_itself

# Our names of the splits -> how people, and the tools that write such folders, spell them.
SPELLINGS = {
    "train": ("train", "training", "trn", "trainval"),
    "validation": ("validation", "val", "valid", "validate", "validating", "dev", "eval", "evaluation"),
    "test": ("test", "testing", "tst"),
}
SPLIT_OF = {spelling: split for split, spellings in SPELLINGS.items() for spelling in spellings}
# What may stand beside a spelling: "test set", "train_images", "TrainData", "val2017".
FILLERS = ("dataset", "set", "data", "images", "image", "imgs", "img", "photos", "pictures", "split")
JOINED = re.compile(rf"^(?:{'|'.join(FILLERS)})|(?:{'|'.join(FILLERS)})$")
SHARDS = (".parquet", ".tar")


def words_of(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", name.lower())


def split_of_folder(name: str) -> str | None:
    """The split that a folder of this name is, alone or with a filler beside it; else None."""
    words = [core for word in words_of(name) if (core := JOINED.sub("", word))]
    return SPLIT_OF.get(words[0]) if len(words) == 1 else None


def split_of_words(name: str) -> str | None:
    """The split that the last of the words of a name stands for, such as of seg_train or imagenet1k-train-0000.tar."""
    return next((SPLIT_OF[word] for word in reversed(words_of(name)) if word in SPLIT_OF), None)


def shards_in(folder: Path) -> dict[str, list[Path]]:
    """Parquet and tar files by their ending, in the order of their names."""
    found: dict[str, list[Path]] = {}
    for entry in entries_of(folder):
        kind = ending(entry.name)
        if kind in SHARDS and not is_hidden(entry.name) and entry.is_file():
            found.setdefault(kind, []).append(folder / entry.name)
    return found


def holds_classes(folder: Path) -> bool:
    """Whether what lies in the folder can be a split: folders, or shards, and no images of its own."""
    return bool(shards_in(folder)) or (not has_images_itself(folder) and bool(folders_in(folder)))


def split_folders(folder: Path) -> dict[str, list[str]]:
    """Split -> the folders that are it: by their names alone, or where they hold folders of the same names.

    seg_train/ and seg_test/ are splits if they have a class in common; of a folder of classes, steam-train/ is none.
    """
    names = folders_in(folder)
    found = grouped((split_of_folder(name), name) for name in names)
    evaluation = [name for name in found.get("validation", ()) if words_of(name)[0].startswith("eval")]
    if len(evaluation) == 1 < len(found["validation"]) and "test" not in found:  # beside dev/ it is for the end
        found["validation"].remove(evaluation[0])
        found["test"] = evaluation
    if not found:
        by_words = grouped((split_of_words(name), name) for name in names)
        inside = {name: set(folders_in(unwrapped(folder / name))) for of in by_words.values() for name in of}
        trained = {label for name in by_words.get("train", ()) for label in inside[name]}
        others = [name for split, of in by_words.items() if split != "train" for name in of]
        if any(inside[name] & trained for name in others):
            return by_words
    return found


def grouped(pairs: Iterable[tuple[str | None, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for split, name in pairs:
        if split is not None:
            found.setdefault(split, []).append(name)
    return found


def unwrapped(folder: Path) -> Path:
    """The folder itself, or the one inside that alone holds images, as archives unpack: pics/pics/train."""
    while not (shards_in(folder) or has_images_itself(folder)):
        full = list(islice((name for name in folders_in(folder) if holds_anything(folder / name)), 2))
        if len(full) != 1 or not holds_classes(folder / full[0]):
            break
        if split_of_folder(full[0]) and not split_of_folder(folder.name):
            break
        folder = folder / full[0]
    return folder


def holds_anything(folder: Path) -> bool:
    """Whether an image or a shard lies anywhere in it; looks no further than the first, and at each folder once."""
    waiting, seen = [folder], set()
    while waiting:
        place = waiting.pop()
        if (known := place.resolve()) in seen:
            continue
        seen.add(known)
        names = (entry.name for entry in entries_in(place) if not is_hidden(entry.name))
        if any(is_image(name) or ending(name) in SHARDS for name in names):
            return True
        waiting += [place / name for name in folders_in(place)]
    return False
