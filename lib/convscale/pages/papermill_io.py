"""Lets papermill read text notebooks by any path: `papermill notebooks/x.md out.ipynb -p scale small`.

papermill picks a handler by the beginning of a path, and a name in the folder at hand may begin in any way. So this
one takes every path, and leaves those that are no files of this machine (s3://, https://, -) to the handlers there were
before it. papermill loads this module, by the entry point in pyproject.toml, when it is imported itself.
"""

import json
from copy import deepcopy
from pathlib import Path

from papermill.iorw import LocalHandler, papermill_io
from papermill.utils import chdir

from ..errors import check_name
from ..files import text_of
from .sources import assignments
from .text_notebooks import notebook_of

TEXT = (".md", ".py")
others = deepcopy(papermill_io)


def check_injected(notebook: dict) -> None:
    """Raise ValueError for a parameter that papermill was given and a page of ours does not have."""
    about = notebook["metadata"].get("papermill", {})
    ours = "convscale" in notebook["metadata"] or str(about.get("input_path")).endswith(TEXT)
    if ours and about.get("parameters"):
        cells = [cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", ())]
        has = [name for cell in cells for name in assignments("".join(cell["source"]))]
        for name in about["parameters"]:
            check_name("page parameter", name, has)


class TextHandler(LocalHandler):
    """Reads text as a notebook; of what papermill writes, before its first cell is run, refuses what would be lost."""

    def read(self, path: str) -> str:
        if not isinstance(other := others.get_handler(path), LocalHandler):
            return other.read(path)
        if not path.endswith(TEXT):
            return super().read(path)
        with chdir(self._cwd):
            return json.dumps(notebook_of(text_of(Path(path)), path))

    def write(self, buf: str, path: str) -> None:
        if path.endswith(TEXT):
            raise ValueError(f"{path} is text, and outputs need a notebook: give papermill a name that ends in .ipynb")
        check_injected(json.loads(buf))
        if not isinstance(other := others.get_handler(path), LocalHandler):
            return other.write(buf, path)
        return super().write(buf, path)

    def listdir(self, path: str) -> list[str]:
        other = others.get_handler(path)
        return super().listdir(path) if isinstance(other, LocalHandler) else other.listdir(path)

    def pretty_path(self, path: str) -> str:
        return others.get_handler(path).pretty_path(path)


handler = TextHandler()
papermill_io.register("", handler)
