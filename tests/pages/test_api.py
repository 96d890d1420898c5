"""The reference of the library has every public name, in the words of its docstring, and is made without torch."""

import importlib
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup

from convscale.pages.api import Field, entries, entry
from convscale.paths import CHECKOUT, PACKAGE

ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.pyi"))
SOURCE = '''\
from dataclasses import dataclass, field
from typing import overload

# Of the paper,
# Table 1.
SIZES = (128, 300)
RATE: float = 0.2  # V2 §5.1

@dataclass(frozen=True)
class Stage:
    """One stage."""

    image_size: int  # px
    dropout: float = 0.0
    notes: dict = field(default_factory=dict)
    _cache = None

    def at(self, step: int) -> "Stage":
        """The stage at a step."""

    @property
    def area(self) -> int:
        """In px."""

    def __post_init__(self): ...

@overload
def build(name: str) -> int: ...

def build(name, *, width: float = 1.0) -> int:
    """Build it.

    Raises ValueError.
    """
'''


@pytest.fixture
def code(tmp_path):
    (tmp_path / "code.py").write_text(SOURCE)
    (tmp_path / "front.py").write_text("from .code import RATE\n")
    return lambda name, file="code.py": entry(name, tmp_path / file)


def test_an_entry_says_what_its_source_says(code):
    assert (code("SIZES").signature, code("SIZES").text) == (" = (128, 300)", "Of the paper, Table 1.")
    assert (code("RATE", "front.py").signature, code("RATE").text) == (": float = 0.2", "V2 §5.1")
    assert code("build").signature == "(name, *, width: float=1.0) -> int"
    assert code("build").text == "Build it.\n\nRaises ValueError."
    stage = code("Stage")
    assert stage.fields[:2] == (Field("image_size", "int", "", "px"), Field("dropout", "float", "0.0", ""))
    assert [field.name for field in stage.fields] == ["image_size", "dropout", "notes"]
    assert [(m.name, m.kind, m.signature) for m in stage.members] == [
        ("at", "method", "(step: int) -> Stage"),
        ("area", "property", " -> int"),
    ]


def test_a_name_that_is_promised_and_not_there_is_an_error(code):
    with pytest.raises(LookupError, match="does not define gone"):
        code("gone")


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_has_words_and_a_place(room):
    found = entries(room)
    assert {e.name for e in found} == set(importlib.import_module(f"convscale.{room}").__all__)
    assert [e.name for e in found if not e.text] == []


def test_every_room_is_in_the_list_of_rooms():
    listed = (CHECKOUT / "book/reference/index.md").read_text().split("```{rooms}\n")[1].split("```")[0].split()
    assert sorted(listed) == sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


@pytest.mark.slow
def test_the_built_reference_has_every_name_and_stays_light(html):
    for room in ROOMS:
        page = html / f"book/reference/{room}.html"
        assert page.stat().st_size < 400_000
        ids = {tag["id"] for tag in BeautifulSoup(page.read_text(), "html.parser").find_all(id=True)}
        assert {f"convscale.{room}.{e.name}" for e in entries(room)} <= ids


def test_reading_the_source_imports_no_torch():
    script = "import sys; from convscale.pages.api import entries; entries('models'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0
