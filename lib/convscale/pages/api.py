"""The public names of a room, read from its source: nothing is imported, so neither torch nor timm is needed."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ..paths import PACKAGE

QUOTES = "'"  # around the name of a class in its own methods
LONGEST_VALUE = 60  # characters of a value that are shown; ours: two lines at 390 px


@dataclass(frozen=True)
class Field:
    name: str
    annotation: str
    default: str  # as written; empty where there is none, or none that a reader could write
    comment: str  # that stands behind it in the source


@dataclass(frozen=True)
class Entry:
    """A public name as its source states it."""

    name: str
    kind: str  # function, class, method, property or data
    signature: str  # of a function "(x: int) -> str", of data its annotation and value, of a class empty
    text: str  # docstring, or the comment of data; Markdown
    fields: tuple[Field, ...] = ()
    members: tuple["Entry", ...] = ()


def room_text(room: str) -> str:
    """The docstring of a room."""
    return ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))) or ""


def exports(room: str) -> dict[str, Path]:
    """Public name -> the file that defines it, as `__init__.pyi` of `room` lists them; whole rooms are left out."""
    found = {}
    for node in ast.parse((PACKAGE / room / "__init__.pyi").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            base = PACKAGE.joinpath(room, *node.module.split("."))
            for alias in node.names:
                found[alias.name] = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    return found


def entries(room: str) -> list[Entry]:
    """Every public name of `room`, in the order of its list. Raises LookupError for one that is not there."""
    return [entry(name, file) for name, file in exports(room).items()]


def entry(name: str, file: Path) -> Entry:
    """What `file` says of `name`, or the file from which it takes it."""
    lines = file.read_text(encoding="utf-8").splitlines()
    for node in ast.parse("\n".join(lines)).body:
        match node:
            case ast.FunctionDef() if node.name == name and "overload" not in map(ast.unparse, node.decorator_list):
                return function(node, "function")
            case ast.ClassDef() if node.name == name:
                return Entry(name, "class", "", doc(node), tuple(fields(node, lines)), tuple(members(node)))
            case ast.Assign(targets=[ast.Name(id=target)]) if target == name:
                return Entry(name, "data", f" = {shortened(node.value)}", comment(node, lines))
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as given) if target == name:
                value = f": {ast.unparse(node.annotation)} = {shortened(given)}"
                return Entry(name, "data", value, comment(node, lines))
            case ast.ImportFrom(module=str()) if node.level and name in {alias.name for alias in node.names}:
                base = file.parents[node.level - 1].joinpath(*node.module.split("."))
                return entry(name, base / "__init__.py" if base.is_dir() else base.with_suffix(".py"))
    raise LookupError(f"{file} does not define {name}, which a list of public names promises")


def doc(node: ast.FunctionDef | ast.ClassDef) -> str:
    return inspect.cleandoc(ast.get_docstring(node) or "")


def function(node: ast.FunctionDef, kind: str) -> Entry:
    arguments = node.args
    if kind != "function" and arguments.args:  # self
        arguments = ast.arguments(**{**vars(arguments), "args": arguments.args[1:]})
    returned = f" -> {ast.unparse(node.returns).strip(QUOTES)}" if node.returns else ""
    signature = returned if kind == "property" else f"({ast.unparse(arguments)}){returned}"
    return Entry(node.name, kind, signature, doc(node))


def shortened(value: ast.expr) -> str:
    text = ast.unparse(value)
    return text if len(text) <= LONGEST_VALUE else "…"


def comment(node: ast.stmt, lines: list[str]) -> str:
    """The comment behind a statement, or the lines of comment before it."""
    behind = lines[cast(int, node.end_lineno) - 1].partition("  # ")[2]
    above: list[str] = []
    for line in reversed(lines[: node.lineno - 1]):
        if not line.strip().startswith("# "):
            break
        above.insert(0, line.strip().removeprefix("# "))
    return behind or " ".join(above)


def fields(node: ast.ClassDef, lines: list[str]) -> Iterator[Field]:
    """The public annotated fields of a class."""
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and not ast.unparse(line.target).startswith("_"):
            default = (
                "" if line.value is None or ast.unparse(line.value).startswith("field(") else shortened(line.value)
            )
            yield Field(ast.unparse(line.target), ast.unparse(line.annotation), default, comment(line, lines))


def members(node: ast.ClassDef) -> Iterator[Entry]:
    """The public methods and properties of a class that say what they do."""
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and not part.name.startswith("_") and doc(part):
            marks = {ast.unparse(mark) for mark in part.decorator_list}
            yield function(part, "property" if marks & {"property", "cached_property"} else "method")
