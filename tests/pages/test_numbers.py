"""No measured number without a record: the tables of the executed pages are made anew from what the repository holds.

Nothing is run. Left alone are only the columns that say themselves to be of the machine that executed the page, and
the how-to pages, which show no results.
"""

import ast
import json
import re
import shutil
from base64 import b64decode
from io import StringIO

import matplotlib
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from convscale.drawing import Drawing
from convscale.evidence.judging import summary, tally
from convscale.evidence.verdict import VERDICTS
from convscale.experiments import get
from convscale.pages import BookTable
from convscale.pages import page as page_module
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
    columns = head[-len(rows[0]) :] if rows else head  # pandas may put a name for all columns first
    return pd.DataFrame(rows, columns=columns)


def drawn(csv: str) -> pd.DataFrame:
    """The data of a figure as text."""
    return pd.read_csv(StringIO(csv), dtype=str, keep_default_na=False)


def shown(name: str) -> dict[str, pd.DataFrame]:
    """Label -> cells of every table, and data of every drawing, in the executed page in book/."""
    notebook = json.loads((CHECKOUT / "book" / f"{name}.ipynb").read_text())
    bundles = [out["data"] for cell in notebook["cells"] for out in cell.get("outputs", ()) if "data" in out]
    text = {kind: ["".join(data.get(kind, "")) for data in bundles] for kind in ("text/markdown", "text/html")}
    labels = [re.search(r"^:name: (\S+)$", markdown, re.MULTILINE) for markdown in text["text/markdown"]]
    data = [re.search(r"^:csv: (\S+)$", markdown, re.MULTILINE) for markdown in text["text/markdown"]]
    return {
        label[1]: drawn(b64decode(csv[1]).decode()) if csv else cells_of(html)
        for label, csv, html in zip(labels, data, text["text/html"], strict=True)
        if label
    }


def recomputed(name: str, monkeypatch) -> dict[str, pd.DataFrame]:
    """The same of the page's cells, executed here without making a run."""
    monkeypatch.setattr(page_module, "execute", lambda *_: [])
    matplotlib.use("template")  # its show() does nothing, where those of other backends without windows warn
    tables, namespace = {}, {}
    for cell in read_cells(name):
        body = ast.parse(cell.source)
        last = ast.Expression(body.body.pop().value) if isinstance(body.body[-1], ast.Expr) else None
        exec(compile(body, name, "exec"), namespace)
        value = eval(compile(last, name, "eval"), namespace) if last else None
        if isinstance(value, BookTable):
            tables[value.name] = cells_of(value._repr_mimebundle_()["text/html"])
        if isinstance(value, Drawing):
            tables[value.name] = drawn(value.csv)
    plt.close("all")
    return tables


def of_the_repository(table: pd.DataFrame) -> pd.DataFrame:
    return table.loc[:, [column for column in table if not column.startswith("this machine")]]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in sources() if not name.startswith("howto/")])
def test_tables_of_the_book_follow_from_records_and_papers(name, monkeypatch):
    book, here = shown(name), recomputed(name, monkeypatch)
    assert book.keys() == here.keys() and book
    for label in book:
        pd.testing.assert_frame_equal(of_the_repository(book[label]), of_the_repository(here[label]), obj=label)


@pytest.mark.slow
def test_kinds_of_evidence_are_never_added_up():
    found = summary()  # here, because the page of all claims has had everything counted
    table = tally(found)
    assert table["group"].unique().tolist() == ["measured here", "counted", "the papers' own arithmetic"]
    totals = table[table["kind"] == "all"]
    assert totals["claims"].sum() == len(found) and len(totals) == 3
    assert table.columns.tolist() == ["group", "kind", "claims", *VERDICTS]


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the published records, which pages read instead."""
    shutil.copytree(published().root, tmp_path / "data/records")
    monkeypatch.setattr("convscale.records.store.DATA", tmp_path / "data")
    return published()


ARM = "random-adaptive"


def with_other_top1(store: Store):
    """Path of the record of one run of the first design, whose accuracy has been changed by hand."""
    job = next(job for job in get("v2_table13_first", "small").jobs if job.arm == ARM)
    path = store.run_path(job.run.key)
    record = json.loads(path.read_text())
    record["metrics"]["test_top1"] += 10
    path.write_text(json.dumps(record, indent=1) + "\n")
    return path


def top1_of_the_first_design(tables: dict[str, pd.DataFrame]) -> str:
    """The accuracy of the arm as the page shows it."""
    table = tables["tbl-v2-table13-first"]
    return table.loc[table["arm"] == ARM, "ours, %"].item()


def test_forged_record_is_refused_and_shows_as_missing(copied, monkeypatch):
    before = top1_of_the_first_design(shown(TABLE13))
    assert float(before) > 0
    path = with_other_top1(copied)
    with pytest.warns(UserWarning, match=f"{path.name}: was changed since it was written.*records check --seal"):
        after = recomputed(TABLE13, monkeypatch)
    assert top1_of_the_first_design(after) == "not run"  # nothing is computed from three of four runs


def test_record_changed_on_purpose_changes_the_page(copied, monkeypatch):
    before = top1_of_the_first_design(shown(TABLE13))
    seal(with_other_top1(copied))
    after = top1_of_the_first_design(recomputed(TABLE13, monkeypatch))
    assert float(after) == pytest.approx(float(before) + 10 / 4, abs=0.1)
