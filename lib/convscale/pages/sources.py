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
from ..files import parse_yaml, text_of, yaml_at
from ..paths import checkout

HEAD = re.compile(r"\A---\n(.*?)^---$", re.DOTALL | re.MULTILINE)
CELL = re.compile(
    r"^```\{code-cell\}[^\n]*\n(?P<body>.*?)(?:(?P<end>^```$)|(?=^```\{code-cell\})|\Z)", re.DOTALL | re.MULTILINE
)
OPTIONS = re.compile(r"\A(?:---\n(?P<block>.*?)^---\n|(?P<lines>(?::[\w-]+:[^\n]*\n)+))", re.DOTALL | re.MULTILINE)
# scale = "smoke"  # @param ["smoke", "small"]
OFFER = re.compile(r"(?P<name>\w+) *(?::[^=]*)?=.*# *@param *(?P<values>\[.*\])")
Assignment = ast.Assign | ast.AnnAssign  # seeds = 5, seeds: int = 5


@dataclass(frozen=True)
class Cell:
    source: str
    tags: tuple[str, ...] = ()
    line: int = 1  # of the file, in which the source begins


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


def text_of_page(name: str) -> tuple[str, str]:
    """The text of page `name`, and its file from the checkout on. Raises ValueError for an unknown page and for a text
    that is no UTF-8."""
    file = sources()[check_name("page", name, sources())]
    shown = str(file.relative_to(checkout()))
    return text_of(file, shown), shown


def read_cells(name: str) -> list[Cell]:
    """The code cells of page `name`. Raises ValueError as `text_of_page` and `cells_of` do."""
    return cells_of(*text_of_page(name))


def line_at(text: str, place: int) -> int:
    """The number of the line, from 1, in which a place of the text is."""
    return text.count("\n", 0, place) + 1


def cells_of(text: str, file: str = "page") -> list[Cell]:
    """The code cells of a MyST notebook; their options are a YAML block, or lines such as ":tags: [parameters]".

    Raises ValueError, with line and remedy, for a head, a cell or parameters that cannot be read: nothing is executed
    of a page that somebody has not finished.
    """
    check_head(text, file)
    cells = []
    for found in CELL.finditer(text):
        if found["end"] is None:
            raise ValueError(f"{file}, line {line_at(text, found.start())}: a cell without end: close it by a line ```")
        start, tags = found.start("body"), tuple[str, ...]()
        if options := OPTIONS.match(found["body"]):
            tags = tags_of(options, file, line_at(text, start))
            start += options.end()
            start += text[start] == "\n"
        cell = Cell(text[start : found.end("body")].removesuffix("\n"), tags, line_at(text, start))
        if "parameters" in tags:
            check_parameters_cell(cell, file)
        cells.append(cell)
    return cells


def check_head(text: str, file: str) -> None:
    """Raise ValueError for a head that is no YAML of names and values."""
    if not text.startswith("---\n"):
        return
    if not (head := HEAD.match(text)):
        raise ValueError(f"{file}, line 1: a head without end: close it by a line ---")
    if not isinstance(found := yaml_at(head[1], file, 2), dict):
        raise ValueError(f"{file}, line 2: the head is {found!r}: names with values are needed, as other pages have")


def tags_of(options: re.Match, file: str, line: int) -> tuple[str, ...]:
    """The tags among the options of a cell whose first line is this one."""
    block = options["block"] is not None
    lines = options["block"] if block else re.sub("^:", "", options["lines"], flags=re.MULTILINE)
    found = yaml_at(lines, file, line + block) or {}
    tags = found.get("tags", []) if isinstance(found, dict) else None
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise ValueError(f"{file}, line {line}: options of a cell {found!r}: write tags as :tags: [parameters]")
    return tuple(tags)


def check_parameters_cell(cell: Cell, file: str) -> None:
    """Raise ValueError for what could not be replaced by a reader's value, or is no Python."""
    rule = "in the cell of parameters each line is a name and its value, such as seeds = 5"
    try:
        nodes = ast.parse(cell.source).body
    except SyntaxError as error:
        line, wrong = cell.line + (error.lineno or 1) - 1, (error.text or "").strip()
        raise ValueError(f"{file}, line {line}: {error.msg}, {wrong!r}: {rule}") from None
    for node in nodes:
        if isinstance(node, Assignment) and not is_plain(node):
            raise ValueError(f"{file}, line {cell.line + node.lineno - 1}: {ast.unparse(node)!r}: {rule}")
    offers(cell, file)


def targets_of(node: Assignment) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def is_plain(node: Assignment) -> bool:
    """Whether it gives one name a value that is written out."""
    try:
        ast.literal_eval(node.value)  # type: ignore[arg-type]  # of `seeds: int` it is None, and refused
    except (ValueError, TypeError):
        return False
    return [type(target) for target in targets_of(node)] == [ast.Name]


def assignments(cell_source: str) -> dict[str, Assignment]:
    """The assignments of a parameters cell, by name; there each is to one plain name."""
    found = [node for node in ast.parse(cell_source).body if isinstance(node, Assignment)]
    return {cast(ast.Name, targets_of(node)[0]).id: node for node in found}


def offers(cell: Cell, file: str = "page") -> dict[str, tuple]:
    """The values that the form on Colab offers, of the names for which it does."""
    lines = [(number, OFFER.match(line)) for number, line in enumerate(cell.source.splitlines(), start=cell.line)]
    return {found["name"]: tuple(yaml_at(found["values"], file, number)) for number, found in lines if found}


def parameters_of(cells: list[Cell]) -> dict[str, tuple]:
    """Names that the cell tagged `parameters` sets, each with the values that its form on Colab offers; () is any."""
    own = [cell for cell in cells if "parameters" in cell.tags]
    return {name: offers(cell).get(name, ()) for cell in own for name in assignments(cell.source)}
