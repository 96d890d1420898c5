"""Rows of the discrepancies have addresses, and the role, and columns of causes, lead to them."""

import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx

ROWS = """\
# Differences

| row | paper |
|:--|:--|
| A1 | no table of sources |

:::{table} Rows
:class: sources

| row | paper | here |
|:--|:--|:--|
| A12 | one | see {disc}`A13` |
| A13 | other | - |
:::
"""
PAGE = """\
# A page

In prose ({disc}`A12`).

| network | cause |
|:--|:--|
| B4 | A12, A13 |

| only | heads |
|:--|:--|
"""


def build(folder, page):
    (folder / "conf.py").write_text(
        "extensions = ['myst_parser', 'convscale.pages.discrepancies']\nmyst_enable_extensions = ['colon_fence']\n"
    )
    (folder / "index.md").write_text(page + "\n```{toctree}\nrows\n```\n")
    (folder / "rows.md").write_text(ROWS)
    warnings = folder / "warnings"
    with warnings.open("w") as file:
        Sphinx(folder, folder, folder / "html", folder / "trees", "html", status=None, warning=file).build()
    return BeautifulSoup((folder / "html/index.html").read_text(), "html.parser"), warnings.read_text()


def test_rows_are_linked_from_prose_and_from_causes(tmp_path):
    page, warnings = build(tmp_path, PAGE)
    assert not warnings
    links = [link["href"] for link in page.find_all("a") if "disc-" in link.get("href", "")]
    assert links == ["rows.html#disc-A12", "rows.html#disc-A12", "rows.html#disc-A13"]
    rows = BeautifulSoup((tmp_path / "html/rows.html").read_text(), "html.parser")
    assert {row["id"] for row in rows.find_all("tr", id=True)} == {"disc-A12", "disc-A13"}
    assert rows.find(id="disc-A12").a["href"] == "#disc-A13"


@pytest.mark.parametrize(("name", "said"), [("A99", "disc-a99"), ("table 3", "'table 3' is no row")])
def test_a_row_that_is_not_there_is_said(tmp_path, name, said):
    _, warnings = build(tmp_path, f"# A page\n\n{{disc}}`{name}`\n")
    assert said in warnings
