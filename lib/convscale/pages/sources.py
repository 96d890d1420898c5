"""The text sources of pages, read without Jupyter: machines that only train have none of its packages.

This reads what our pages use of MyST notebooks and no more: fenced code cells with their options. A test compares it
with jupytext, cell by cell, on all pages.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ..errors import check_name
from ..files import parse_yaml
from ..paths import checkout

CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
OPTIONS = re.compile(r"\A(?:---\n(?P<block>.*?)^---\n|(?P<lines>(?::[\w-]+:[^\n]*\n)+))", re.DOTALL | re.MULTILINE)
OFFER = re.compile(r"(?P<name>\w+) *=.*# *@param *(?P<values>\[.*\])")  # scale = "smoke"  # @param ["smoke", "small"]


@dataclass(frozen=True)
class Cell:
    source: str
    tags: tuple[str, ...] = ()


def files_in(folder: Path, pattern: str = "*") -> list[Path]:
    """The files below a folder, in a fixed order, without Python's caches and what lies hidden: Jupyter keeps a copy of
    each file that it saves in .ipynb_checkpoints beside it."""
    files = {file: file.relative_to(folder).parts for file in sorted(folder.rglob(pattern)) if file.is_file()}
    return [file for file, parts in files.items() if not any(p.startswith((".", "__pycache__")) for p in parts)]


def sources() -> dict[str, Path]:
    """Page name -> its text source, for every page of the checkout. Raises RuntimeError outside a checkout."""
    folder = checkout() / "notebooks"
    return {str(file.relative_to(folder).with_suffix("")): file for file in files_in(folder, "*.md")}


def repository() -> dict[str, str]:
    """`url` and `branch` of the project's public home; _config.yml is the one place where they stand."""
    return parse_yaml((checkout() / "_config.yml").read_text(encoding="utf-8"))["repository"]


def read_cells(name: str) -> list[Cell]:
    """The code cells of page `name`. Raises ValueError for an unknown page."""
    return cells_of(sources()[check_name("page", name, sources())].read_text(encoding="utf-8"))


def cells_of(text: str) -> list[Cell]:
    """The code cells of a MyST notebook; their options are a YAML block, or lines such as ":tags: [parameters]"."""
    cells = []
    for body in CELL.findall(text):
        options, found = {}, OPTIONS.match(body)
        if found:
            body = body[found.end() :].removeprefix("\n")
            lines = found["block"] or re.sub("^:", "", found["lines"], flags=re.MULTILINE)
            options = parse_yaml(lines)
        cells.append(Cell(body.removesuffix("\n"), tuple(options.get("tags", ()))))
    return cells


def assignments(cell_source: str) -> dict[str, ast.Assign]:
    """The assignments of a parameters cell, by name; there each is to one plain name."""
    found = [node for node in ast.parse(cell_source).body if isinstance(node, ast.Assign)]
    return {cast(ast.Name, node.targets[0]).id: node for node in found}


def parameters_of(cells: list[Cell]) -> dict[str, tuple]:
    """Names that the cell tagged `parameters` sets, each with the values that its form on Colab offers; () is any."""
    lines = [line for cell in cells if "parameters" in cell.tags for line in cell.source.splitlines()]
    offers = {found["name"]: tuple(parse_yaml(found["values"])) for line in lines if (found := OFFER.match(line))}
    names = [name for cell in cells if "parameters" in cell.tags for name in assignments(cell.source)]
    return {name: offers.get(name, ()) for name in names}
