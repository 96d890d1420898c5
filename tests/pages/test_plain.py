"""What a committed notebook shows instead of the book's Markdown, and that the book gets its own back."""

import json

import pytest

from convscale.pages.plain import cleaned, plain, restored
from convscale.pages.sources import sources


@pytest.mark.parametrize(
    ("myst", "shown"),
    [
        ("(v2-6-3)=\n# A title\n", "# A title\n"),
        ("{cite:t}`tan2021efficientnetv2` start small", "Tan and Le (2021) start small"),
        ("small {cite:p}`tan2019efficientnet,bello2021revisiting`", "small (Tan and Le, 2019; Bello et al., 2021)"),
        ("see {numref}`fig-a` and {numref}`tbl-b`", "see the figure and the table"),
        ("see {ref}`the verdict <v2-6-3-verdict>`", "see the verdict"),
        ("row {disc}`A2`", "row A2"),
        ("[below](v2-6-3-first) and [there](https://example.org/a_b)", "below and [there](https://example.org/a_b)"),
        ("$$\nx\n$$ (eq-x)", "$$\nx\n$$"),
        (":::{margin}\n**Note.** {term}`arm`\n:::", "**Note.** arm"),
        (":::{admonition} What we know\n:class: dropdown\nNothing.\n:::", "**What we know**\n\nNothing."),
        ("```{raw} html\n<b>x</b>\n```", "<b>x</b>"),
        ("```python\nx = {role}\n```", "```python\nx = {role}\n```"),
        ("![a picture](picture.svg)", "![a picture](picture.svg)"),
        ("plain *text* with `code` and $x_i$", "plain *text* with `code` and $x_i$"),
    ],
)
def test_markdown_of_the_book_reads_well_in_a_notebook(myst, shown):
    assert plain(myst) == shown


def notebook(*sources: str) -> dict:
    return {"cells": [{"cell_type": "markdown", "metadata": {}, "source": source} for source in sources]}


def test_the_book_gets_its_own_markdown_back():
    texts = "(a)=\n# A title", "plain text"
    shown = notebook(*texts)
    cleaned(shown)
    assert [cell["source"] for cell in shown["cells"]] == ["# A title", "plain text"]
    assert "metadata" in shown["cells"][1] and not shown["cells"][1]["metadata"]
    assert json.loads(restored(json.dumps(shown))) == notebook(*texts)


def test_code_is_left_alone():
    code = {"cells": [{"cell_type": "code", "metadata": {}, "source": "f'{role}`x`'"}]}
    cleaned(code)
    assert code["cells"][0]["source"] == "f'{role}`x`'"


@pytest.mark.parametrize("name", sources())
def test_no_page_shows_marks_of_the_book(name):
    import jupytext

    for cell in jupytext.read(sources()[name]).cells:
        if cell.cell_type == "markdown":
            shown = plain(cell.source)
            assert not {mark for mark in ("{cite", "{numref", "{ref", "{disc", "{term", ":::", "{doc") if mark in shown}
