"""The map of rooms in CONTRIBUTING.md, drawn from the code: `make drawings` writes it, a test keeps it true.

lib/convscale is a house of rooms, its folders. A room imports only those below it; what has no folder lies on the
ground and is everybody's.
"""

import ast
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "lib/convscale"
GUIDE = PACKAGE.parents[1] / "CONTRIBUTING.md"
BEGIN, END = "<!-- rooms: written by `make drawings` -->\n", "<!-- end of rooms -->\n"

# From the top floor down
ROOMS = (
    "cli",
    "pages",
    "evidence",
    "search",
    "experiments",
    "records",
    "measure",
    "learning",
    "augment",
    "datasets",
    "recipes",
)
ROOMS += ("models", "devices", "drawing")
GROUND = {"checks", "errors", "files", "paths", "signals", "words"}


def imported_rooms(file: Path) -> set[str]:
    """The first parts of what a module of the package imports of it, wherever in the file."""
    inside = file.relative_to(PACKAGE).parts[:-1]
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*inside[: len(inside) - node.level + 1], *(node.module or "").split(".")]
            path = [part for part in base if part]
            found |= {path[0]} if path else {alias.name for alias in node.names}
    return found


def drawn() -> str:
    """The rooms as a Markdown table: what each holds, by its own first sentence, and what it imports."""
    rows = ["| room | what it is | imports |\n|:--|:--|:--|\n"]
    for room in ROOMS:
        about = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))).partition(
            "\n"
        )[0]
        known = set().union(*(imported_rooms(file) for file in (PACKAGE / room).rglob("*.py"))) - {room}
        rows.append(f"| `{room}` | {about} | {', '.join(other for other in ROOMS if other in known) or '-'} |\n")
    return "".join(rows)


def with_map(text: str) -> str:
    """The guide with the present map between its marks."""
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + drawn() + END + rest.partition(END)[2]


if __name__ == "__main__":
    GUIDE.write_text(with_map(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
