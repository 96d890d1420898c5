"""The digest of code: of all that training imports, and of nothing else."""

import ast
import shutil

import pytest

from convscale.paths import PACKAGE
from convscale.records.code import LOADED, MEASURING, TRAINING, digest_of_code


def imported(file) -> set[str]:
    """Rooms and ground files of the package that a module imports, wherever in it."""
    inside, found = file.relative_to(PACKAGE).parts[:-1], set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*inside[: len(inside) - node.level + 1], *(node.module or "").split(".")]
            path = [part for part in base if part]
            found |= {path[0]} if path else {alias.name for alias in node.names}
    return {name if (PACKAGE / name).is_dir() else f"{name}.py" for name in found}


@pytest.mark.parametrize(("begin", "parts"), [("learning", TRAINING), ("measure", MEASURING)])
def test_everything_that_a_room_imports_is_part_of_the_digest(begin, parts):
    reached, left = set(), {begin}
    while left:
        part = left.pop()
        reached.add(part)
        files = (PACKAGE / part).rglob("*.py") if (PACKAGE / part).is_dir() else [PACKAGE / part]
        left |= set().union(*map(imported, files)) - reached
    assert reached <= set(parts)
    assert begin != "learning" or reached == set(parts)


@pytest.fixture
def package(tmp_path):
    return shutil.copytree(PACKAGE, tmp_path / "package", ignore=shutil.ignore_patterns("__pycache__"))


def test_a_copy_has_the_digest_wherever_it_lies(package):
    assert digest_of_code(TRAINING, package) == LOADED[TRAINING]
    assert digest_of_code(MEASURING, package) == LOADED[MEASURING] != LOADED[TRAINING]


@pytest.mark.parametrize("part", TRAINING)
def test_a_byte_in_what_trains_changes_it(package, part):
    place = package / part
    file = place if place.is_file() else sorted(place.rglob("*.py"))[-1]
    file.write_bytes(file.read_bytes() + b"\n")
    assert digest_of_code(TRAINING, package) != LOADED[TRAINING]


def test_names_count(package):
    (package / "models/blocks.py").rename(package / "models/bricks.py")
    assert digest_of_code(TRAINING, package) != LOADED[TRAINING]


@pytest.mark.parametrize("room", ["cli", "pages", "evidence", "experiments", "records"])
def test_what_plans_keeps_and_shows_does_not(package, room):
    for file in (package / room).rglob("*.py"):
        file.write_text("changed")
    (package / "models/notes.txt").write_text("beside the code")
    (package / "models/.ipynb_checkpoints").mkdir()  # of JupyterLab, which keeps what it saves there
    (package / "models/.ipynb_checkpoints/blocks-checkpoint.py").write_text("a copy")
    assert digest_of_code(TRAINING, package) == LOADED[TRAINING]
