"""No measured number without a record: the tables of the executed pages are made anew from what the repository holds.

Nothing is run. Left alone are only the columns that say themselves to be of the machine that executed the page, and
the how-to pages, which show no results.
"""

import json
import re
import shutil

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from convscale.experiments.execute import planning
from convscale.pages import BookTable
from convscale.pages import page as page_module
from convscale.pages.plain import executed, keep_figures
from convscale.pages.sources import read_cells, sources
from convscale.paths import CHECKOUT
from convscale.records import Store, published
from convscale.records.store import seal

TABLE13 = "efficientnetv2/6-3-adaptive-regularization"


def cells_of(html: str) -> pd.DataFrame:
    """The cells of an HTML table as text."""
    soup = BeautifulSoup(html, "html.parser")
    rows = [[cell.get_text() for cell in row.find_all("td")] for row in soup.select("tbody tr")]
    head = [cell.get_text() for cell in soup.select("thead th")]
    return pd.DataFrame(rows, columns=head[-len(rows[0]) :])  # pandas may put a name for all columns first


def shown(name: str) -> dict[str, pd.DataFrame]:
    """Label -> cells of every table in the executed page in book/."""
    notebook = json.loads((CHECKOUT / "book" / f"{name}.ipynb").read_text())
    bundles = [out["data"] for cell in notebook["cells"] for out in cell.get("outputs", ()) if "data" in out]
    text = {kind: ["".join(data.get(kind, "")) for data in bundles] for kind in ("text/markdown", "text/html")}
    labels = [re.search(r"^:name: (\S+)$", markdown, re.MULTILINE) for markdown in text["text/markdown"]]
    return {label[1]: cells_of(html) for label, html in zip(labels, text["text/html"], strict=True) if label}


def recomputed(name: str) -> dict[str, pd.DataFrame]:
    """The same of the page's cells, executed here without making a run."""
    tables = {}
    with planning():
        for label, value in executed(read_cells(name), {}):
            keep_figures(None, label)
            if isinstance(value, BookTable):
                tables[value.name] = cells_of(value._repr_mimebundle_()["text/html"])
    return tables


def of_the_repository(table: pd.DataFrame) -> pd.DataFrame:
    return table.loc[:, [column for column in table if not column.startswith("this machine")]]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in sources() if not name.startswith("howto/")])
def test_tables_of_the_book_follow_from_records_and_papers(name):
    book, here = shown(name), recomputed(name)
    assert book.keys() == here.keys() and book
    for label in book:
        pd.testing.assert_frame_equal(of_the_repository(book[label]), of_the_repository(here[label]), obj=label)


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the published records, which pages read instead."""
    store = Store(tmp_path / "records")
    shutil.copytree(published().root, store.root)
    monkeypatch.setattr(page_module, "published", lambda: store)
    return store


def with_other_top1(store: Store):
    """Path of the record of one run of Table 13, whose accuracy has been changed by hand."""
    path = sorted(store.root.glob(f"{TABLE13}/small/*.json"))[0]
    record = json.loads(path.read_text())
    record["metrics"]["test_top1"] += 10
    path.write_text(json.dumps(record, indent=1) + "\n")
    return path, record["arm"]


def seeds_of(arm: str) -> int:
    return sum(record["arm"] == arm for record in published().all(TABLE13, "small"))


def published_cell(tables: dict[str, pd.DataFrame], arm: str) -> str:
    table = tables["tbl-v2-table13"]
    return table.loc[table["arm"] == arm, "published, small"].item()


def test_forged_record_is_refused_and_shows_as_missing(copied):
    before = shown(TABLE13)
    path, arm = with_other_top1(copied)
    with pytest.warns(UserWarning, match=f"{path.name}: was changed since it was written.*records check --seal"):
        after = recomputed(TABLE13)
    seeds = seeds_of(arm)
    assert published_cell(before, arm).endswith(f"({seeds})")
    assert published_cell(after, arm).endswith(f"({seeds - 1})")


def test_record_changed_on_purpose_changes_the_page(copied):
    before = shown(TABLE13)
    path, arm = with_other_top1(copied)
    seal(path)
    cell, seeds = published_cell(recomputed(TABLE13), arm), seeds_of(arm)
    assert cell.endswith(f"({seeds})")
    expected = float(published_cell(before, arm).split()[0]) + 10 / seeds
    assert float(cell.split()[0]) == pytest.approx(expected, abs=0.1)
