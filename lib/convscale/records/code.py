"""The code that decides what a run comes to, as a digest of its sources: it needs no git, nor a checkout."""

import hashlib
from pathlib import Path

from ..paths import PACKAGE

Parts = tuple[str, ...]  # names of rooms, and of files that lie on the ground

# Rooms and files of the package that decide a run's numbers: `learning`, what it imports, and what that imports in
# turn. The others plan, keep, judge or show. No room reads a table of data/; a network's own table is in its run's key.
TRAINING: Parts = ("augment", "datasets", "devices", "learning", "models", "recipes")
TRAINING += ("checks.py", "errors.py", "files.py", "paths.py", "signals.py", "words.py")
MEASURING: Parts = (*TRAINING, "measure")  # those of a measurement


def sources(parts: Parts, package: Path = PACKAGE) -> list[Path]:
    """The Python files of these rooms and files of the package, in a fixed order; copies that JupyterLab keeps in
    .ipynb_checkpoints of files that it saves are none of them."""
    found: list[Path] = []
    for place in (package / part for part in parts):
        found += [place] if place.suffix == ".py" else place.rglob("*.py")
    ours = [file for file in found if not any(part.startswith(".") for part in file.relative_to(package).parts)]
    return sorted(ours, key=lambda file: file.relative_to(package).parts)


def digest_of_code(parts: Parts = TRAINING, package: Path = PACKAGE) -> str:
    """16 hexadecimal digits from names and bytes of the `sources`."""
    total = hashlib.sha256()
    for file in sources(parts, package):
        content = file.read_bytes()
        total.update(f"{file.relative_to(package).as_posix()}\0{len(content)}\0".encode() + content)
    return total.hexdigest()[:16]


LOADED = {parts: digest_of_code(parts) for parts in (TRAINING, MEASURING)}  # now, as files may change while runs go on
