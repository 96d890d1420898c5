"""Files that are whole or not there, and files of installed packages."""

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file beside `path` and rename it: whatever happens, `path` is the old file or the new one.

    Raises what `write` raises, and OSError where nothing can be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{uuid4().hex}.tmp")  # process numbers repeat on other machines
    try:
        write(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def installed_file(package: str, file: str) -> Path | None:
    """`file` below an installed package, which is not imported; None where one of the two is not there."""
    spec = find_spec(package)
    folders = (spec.submodule_search_locations if spec else None) or ()
    return next((path for folder in folders if (path := Path(folder, file)).is_file()), None)
