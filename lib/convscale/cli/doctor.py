"""What this machine has, what of it is used, and what is missing."""

import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .command import Commands

SHOWN = ("torch", "torchvision", "timm", "numpy", "pandas")
# Distributions that are not always installed -> what is missed without them.
OPTIONAL = {
    "numba": "small images on a CPU ten times as fast",
    "simplejpeg": "JPEG files decoded sooner where `pixel_path` is torch",
    "pyarrow": "data sets in Parquet files",
    "papermill": "running pages of the book",
    "jupyter-book": "building the book",
    "scikit-image": "the data set `textures` and photographs",
    "torch_xla": "TPUs",
}


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def sets_in(folder: Path) -> list[str]:
    """The data sets that lie in a folder, by the names of their folders."""
    try:
        return sorted(entry.name for entry in os.scandir(folder) if entry.is_dir() and not entry.name.startswith("."))
    except OSError:
        return []


def automatic() -> str:
    """What the device `auto` is, or why it is none."""
    from ..devices import pick

    try:
        return f"takes {pick().kind}"
    except (RuntimeError, ValueError) as error:
        return str(error)


def findings() -> Iterator[tuple[str, str]]:
    """(what, found), in the order in which they are shown."""
    from .. import __version__
    from ..augment import kernels
    from ..datasets import data_root
    from ..devices import describe_devices, free_memory
    from ..paths import DATA, local_records

    versions = ", ".join(f"{name} {found}" for name in SHOWN if (found := installed(name)))
    yield "versions", f"convscale {__version__}, Python {platform.python_version()}, {versions}"
    for line in describe_devices():
        what, _, found = line.partition(": ")
        yield what, found
    yield "memory", f"{free_memory() / 2**30:.1f} GiB free"
    yield "device auto", automatic()
    yield "small images", "whole batches, by numba" if kernels.works() else "one by one, without numba"
    sets = sets_in(data_root())
    where = "CONVSCALE_DATA" if "CONVSCALE_DATA" in os.environ else "default; another: set CONVSCALE_DATA"
    yield "data sets", f"{data_root()} ({where})"
    yield "sets there", ", ".join(sets) or "none; `digits` needs none"
    yield "records", str(local_records())
    yield "papers' data", str(DATA)
    for name, missed in OPTIONAL.items():
        if installed(name) is None:
            yield "missing", f"{name}: {missed} (pip install {name})"


def doctor(args) -> None:
    for what, found in findings():
        print(f"{what + ':':26} {found}")


def add(commands: Commands) -> None:
    commands.add("doctor", doctor, "what this machine can run, where things lie, what is missing", "convscale doctor")
