"""Pages that somebody edits: what cannot be read is one sentence with file and line, from every command."""

import sys

import pytest

from convscale.cli import main
from convscale.pages import notebook, sources
from convscale.pages.book import make_book
from convscale.pages.notebook import read_page, run_page
from convscale.pages.papermill_io import handler
from convscale.pages.sources import parameters_of, read_cells

PAGE = """\
---
kernelspec:
  name: python3
  display_name: Python 3
---

# A page

```{code-cell} ipython3
:tags: [parameters]

scale = "smoke"  # @param ["smoke", "small"]
seeds = 2
```

```{code-cell} ipython3
print(scale, seeds)
```
"""


@pytest.fixture
def edited(tmp_path, monkeypatch):
    """`edited(old, new)`: the only page of a checkout, "page", with that change."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "_config.yml").write_text("repository: {url: https://example.org/us/it, branch: trunk}")
    monkeypatch.setattr("convscale.paths.CHECKOUT", tmp_path)
    file = tmp_path / "notebooks/page.md"

    def edit(old="", new="", encoding="utf-8"):
        file.write_text(PAGE.replace(old, new), encoding=encoding)
        return file

    return edit


BROKEN = [
    ("seeds = 2", "seeds = = 2", "page.md, line 13: invalid syntax, 'seeds = = 2': in the cell of parameters"),
    ("seeds = 2", "%time", "page.md, line 13: invalid syntax, '%time'"),
    ("seeds = 2", "seeds, x = 2, 3", r"page.md, line 13: 'seeds, x = \(2, 3\)': .* such as seeds = 5"),
    ("seeds = 2", "seeds = 1 + 1", r"page.md, line 13: 'seeds = 1 \+ 1'"),
    ("seeds = 2", "seeds: int", "page.md, line 13: 'seeds: int'"),
    ('"small"]', '"small]', "page.md, line 12: no YAML: "),
    ("[parameters]", "[parameters", r"page.md, line 11: no YAML: .* begins in line 10: close what is open"),
    ("[parameters]", "parameters", r"page.md, line 10: .*'parameters'.*: write tags as :tags: \[parameters\]"),
    (":tags: [parameters]", "---\n- a\n---", "page.md, line 10: options of a cell"),
    ("name: python3", "name: !mine python3", "page.md, line 3: no YAML: .*'!mine'"),
    ("name: python3", "name: [python3", "page.md, line 4: no YAML"),
    ("name: python3", "name: 2026-13-45", "page.md, line 3: no YAML: month must be in 1..12"),
    ("---\n\n#", "\n#", "page.md, line 1: a head without end"),
    (PAGE.partition("\n#")[0], "---\n- a\n---\n", r"page.md, line 2: the head is \['a'\]"),
    ("seeds = 2\n```", "seeds = 2", "page.md, line 9: a cell without end"),
    ("seeds)\n```", "seeds)", "page.md, line 16: a cell without end"),
    ("name: python3", "name: 3", r"page.md: jupytext makes .*\(metadata.kernelspec.name: 3 is not of type 'string'\)"),
    ("---\nkernel", "---\njupytext: 3\nkernel", "page.md: jupytext makes no notebook of it"),
]


@pytest.mark.parametrize(("old", "new", "words"), BROKEN)
def test_what_cannot_be_read_is_named_by_file_and_line(old, new, words, edited):
    file = edited(old, new)
    for read in (lambda: read_page("page"), lambda: make_book({}), lambda: handler.read(str(file))):
        with pytest.raises(ValueError, match=words) as raised:
            read()
        assert len(str(raised.value).splitlines()) == 1


def test_a_text_that_is_no_utf8_is_named_by_file_and_line(edited):
    file = edited("# A page", "# Ein schöner Titel", encoding="latin-1")
    for read in (lambda: read_page("page"), lambda: make_book({}), lambda: handler.read(str(file))):
        with pytest.raises(ValueError, match=r"page.md, line 7: byte 0xf6 is no UTF-8: save the file as UTF-8"):
            read()


def test_a_mark_of_byte_order_is_no_part_of_a_page(edited):
    edited()
    plain = read_page("page")
    file = edited(encoding="utf-8-sig")
    assert read_page("page") == plain and plain.metadata.kernelspec.name == "python3"
    assert '"python3"' in handler.read(str(file))


def test_a_parameter_may_say_its_type(edited, tmp_path):
    edited("seeds = 2", 'seeds: "int | None" = 2  # @param [2, 3]')
    assert parameters_of(read_cells("page")) == {"scale": ("smoke", "small"), "seeds": (2, 3)}
    done = notebook.nbformat.read(run_page("page", tmp_path / "out.ipynb", {"seeds": 3}), 4)
    assert 'seeds: "int | None" = 3  # @param [2, 3]' in done.cells[2].source
    assert done.metadata["convscale"]["parameters"] == {"scale": "smoke", "seeds": 3}
    assert done.cells[-1].outputs[0]["text"] == "smoke 3\n"


def test_a_broken_page_is_said_before_the_first_is_published(edited, monkeypatch):
    edited("seeds = 2", "seeds = = 2").with_name("a.md").write_text(PAGE)
    monkeypatch.setattr(notebook, "run_page", lambda *_: pytest.fail("it ran"))
    monkeypatch.setattr(sys, "argv", ["convscale", "page", "publish"])
    assert list(sources.sources()) == ["a", "page"]
    with pytest.raises(SystemExit, match=r"convscale: notebooks/page.md, line 13: invalid syntax"):
        main()
