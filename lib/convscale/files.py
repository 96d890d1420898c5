"""Files that are whole or not there, YAML, and files of installed packages."""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from uuid import uuid4

SCIENTIFIC = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$")  # 1e-3, 2.5E4
TEMPORARY = re.compile(r".+\.[0-9a-f]{32}\.tmp")  # the names that `replace_file` gives


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file beside `path` and rename it: whatever happens, `path` is the old file or the new one.

    Raises what `write` raises, and OSError, which names the file, where nothing can be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{uuid4().hex}.tmp")  # process numbers repeat on other machines
    try:
        temporary.touch()
        mode = temporary.stat().st_mode  # by the person's umask; some writers, as safetensors', keep all others out
        write(temporary)
        if temporary.stat().st_mode != mode:
            temporary.chmod(mode)
        os.replace(temporary, path)
    except OSError as error:
        if error.filename is None:  # as of a disk that is full
            error.filename = os.fspath(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def parse_yaml(text: str) -> Any:
    """What a YAML text says, by libyaml where PyYAML was built with it: six times as fast. Raises yaml.YAMLError."""
    import yaml  # only now: most commands read none

    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def text_of(file: Path, name: str = "") -> str:
    """A text that a person wrote, without the byte order mark that some editors put before it.

    Raises ValueError, with the line, for one that is no UTF-8; there the file is called `name`, if that is given.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{name or file}, line {line}: byte 0x{error.object[error.start]:02x} is no UTF-8: save the file as UTF-8"
        ) from None


def yaml_at(text: str, file: str, line: int = 1) -> Any:
    """As `parse_yaml`, of a text that a person wrote and that stands in `file` from this line on.

    Raises ValueError for what is no YAML and for a name that stands twice: file, line, fault and remedy.
    """
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):
        """Says of every value where it is, and of two of one name that they are two; YAML takes the last."""

        def construct_object(self, node, deep=False):
            try:
                return super().construct_object(node, deep)
            except ValueError as error:  # of a date that there is not
                raise yaml.constructor.ConstructorError(problem=str(error), problem_mark=node.start_mark) from None

        def construct_mapping(self, node, deep=False):
            names = set()
            for name, _ in node.value if isinstance(node, yaml.MappingNode) else ():
                if isinstance(name.value, str) and name.value in names:
                    fault = f"{name.value!r} stands twice"
                    raise yaml.constructor.ConstructorError(problem=fault, problem_mark=name.start_mark)
                names |= {name.value} if isinstance(name.value, str) else set()
            return super().construct_mapping(node, deep)

    try:
        return yaml.load(text, Loader)
    except (yaml.YAMLError, RecursionError) as error:
        mark, begun = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
        fault = getattr(error, "problem", None) or str(error).partition("\n")[0]
        if begun:
            fault = f"{fault} {getattr(error, 'context', '')} that begins in line {line + begun.line}"
        place = f"{file}, line {line + (mark.line if mark else 0)}"
        remedy = "close what is open, name nothing twice, and quote a value with : # & * ! [ or { in it"
        raise ValueError(f"{place}: no YAML: {fault}: {remedy}") from None


def people_yaml(text: str) -> Any:
    """What a YAML text says that a person wrote: 1e-3 is a number, too, which YAML 1.1 takes for a word.

    Raises yaml.YAMLError, and RecursionError for one nested too deep.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        """Knows one more kind of number."""

    Loader.add_implicit_resolver("tag:yaml.org,2002:float", SCIENTIFIC, list("-+0123456789."))
    return yaml.load(text, Loader)


def installed_file(package: str, file: str) -> Path | None:
    """`file` below an installed package, which is not imported; None where one of the two is not there."""
    spec = find_spec(package)
    folders = (spec.submodule_search_locations if spec else None) or ()
    return next((path for folder in folders if (path := Path(folder, file)).is_file()), None)


def remove_temporaries(folder: Path, older_than: float = 0) -> None:
    """Remove what processes that were killed while they wrote left in `folder`, if it is older than so many seconds."""
    for file in folder.glob("*.tmp"):
        with suppress(FileNotFoundError):  # its own process may have renamed it by now
            if TEMPORARY.fullmatch(file.name) and time.time() - file.stat().st_mtime >= older_than:
                file.unlink()


@contextmanager
def taken_back(folder: Path | None) -> Iterator[None]:
    """Where what is done inside ends in an error, remove `folder` and those made above it, as far as they are empty."""
    made = [place for place in (folder, *folder.parents) if not place.exists()] if folder else []
    try:
        yield
    except BaseException:
        with suppress(OSError):  # it was not made, or something lies in it
            for place in made:
                place.rmdir()
        raise


def check_writable(folder: Path, bytes_needed: int = 1, variable: str = "", remedy: str = "") -> None:
    """Make `folder`, and raise OSError now where so many bytes could not be written into it later.

    `variable` is that of the environment by which a person chooses it, if there is one; `remedy` is what to do where
    nobody chooses.
    """
    other = remedy or f"choose another folder{variable and f' by {variable}'}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as file:
            file.write(b"a")
    except OSError as error:
        raise OSError(f"cannot write into {folder} ({error.strerror}): {other}") from None
    if (free := shutil.disk_usage(folder).free) < bytes_needed:
        raise OSError(
            f"{folder} has {free / 1e6:,.0f} MB free and {bytes_needed / 1e6:,.0f} MB are needed: make room, or {other}"
        )
