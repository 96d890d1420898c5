"""Tables as readers see them: in the book, in a notebook, in a terminal."""

import pandas as pd
import pytest

from convscale.evidence.claims import claim_of, claims
from convscale.evidence.judge_exact import decide
from convscale.experiments import get
from convscale.pages import BookTable
from convscale.pages.papers import arm_rows, cost_rows, exact_rows, verdict_rows
from convscale.records import frame

PAGE = "efficientnetv2/6-3-adaptive-regularization"


def shown(table):
    return table._repr_mimebundle_()


def test_table_shows_in_every_place():
    data = pd.DataFrame({"arm": ["a|b", "c"], "top-1": ["62.1", "not run"], " ": ["± 0.8", ""]})
    bundle = shown(BookTable(data, "tbl-x", "Some accuracies, %, see {numref}`tbl-y`"))
    assert bundle.keys() == {"text/plain", "text/html", "text/markdown"}
    assert bundle["text/markdown"] == (
        ":::{table} Some accuracies, %, see {numref}`tbl-y`\n:name: tbl-x\n:class: sf-t sf-names\n\n"
        "| arm | top-1 |   |\n| :-- | --: | :-- |\n| a\\|b | 62.1 | ± 0.8 |\n| c | not run |  |\n:::"
    )
    assert "<b>Some accuracies, %, see the table</b>" in bundle["text/html"]
    assert '<td style="text-align: right">62.1</td>' in bundle["text/html"]
    assert bundle["text/plain"].startswith("Some accuracies, %, see the table\n") and "62.1" in bundle["text/plain"]


def test_cells_are_markdown_in_the_book_and_plain_elsewhere():
    data = pd.DataFrame({"x": ['<a href="y.html#z">a < b</a>', "**bold** {disc}`A1`"]})
    bundle = shown(BookTable(data, "n", "c"))
    assert '<a href="y.html#z">' in bundle["text/markdown"] and "{disc}`A1`" in bundle["text/markdown"]
    assert ">a &lt; b</td>" in bundle["text/html"] and ">bold A1</td>" in bundle["text/html"]


def test_tables_can_be_folded_and_wide():
    markdown = shown(BookTable(pd.DataFrame({"a": ["1"]}), "n", "c", fold="More", wide=True))["text/markdown"]
    assert (
        markdown.startswith("::::{admonition} More\n:class: dropdown\n") and ":class: sf-t sf-names sf-wide" in markdown
    )


def test_table_in_a_notebook_uses_the_bundle():
    from IPython.core.formatters import DisplayFormatter

    bundle, _ = DisplayFormatter().format(BookTable(pd.DataFrame({"a": [1]}), "n", "c"))
    assert "text/markdown" in bundle and "text/html" in bundle


def test_empty_table_still_shows():
    assert ":name: n" in shown(BookTable(pd.DataFrame(columns=["a", "b"]), "n", "c"))["text/markdown"]


@pytest.mark.parametrize(
    "cells", [["62.1", ""], ["+1.3", "\u22120.1"], ["1,024", "**7**"], ["3 %", "-"], ["2.0\u00d7", "not run"]]
)
def test_columns_of_numbers_stand_to_the_right(cells):
    assert "| --: |" in BookTable(pd.DataFrame({"a": cells}), "n", "c").markdown()


@pytest.mark.parametrize("cells", [["± 0.8", "± 1.0"], ["", ""], ["1, 2", "3, 4, x"], ["B0", "7"]])
def test_columns_of_words_stand_to_the_left(cells):
    assert "| :-- |" in BookTable(pd.DataFrame({"a": cells}), "n", "c").markdown()


def test_arms_stand_beside_the_papers_numbers(named):
    runs = frame([named("progressive-vanilla", s, test_top1=60.0 + s) for s in range(3)])
    rows = arm_rows(get("v2_table13", "small"), runs, {"test_top1": "ours, %"})
    # V2 Table 13 prints 84.3±0.14 for progressive resize, vanilla. 60, 61, 62: 61 ± 4.3027 x 1 / sqrt(3)
    first, fixed = rows.iloc[0], rows[rows["arm"] == "fixed-size"].iloc[0]
    assert (first["paper"], first["ours, %"]) == ("84.3", "61.0")
    assert first.tolist()[3] == "±\u00a00.14" and first.tolist()[5] == "±\u00a02.5"
    assert (fixed["paper"], fixed["ours, %"]) == ("", "not run") and fixed["what it does"].endswith("(ours)")
    assert rows["arm"].tolist() == list(get("v2_table13", "small").arms)


def test_costs_are_medians_of_an_arm(named):
    runs = [named("b", seed) for seed in range(3)] + [named("a", 0)]
    runs[0]["cost"]["cpu_seconds"] = 600.0
    # medians of 120 s and 6,000 images: 2 minutes, 50 images a second
    row = {"core-minutes a run": "2.0", "images a core-second": "50"}
    assert cost_rows(frame(runs), ["a", "b", "absent"]).to_dict("records") == [
        {"arm": "a", "runs": 1, **row},
        {"arm": "b", "runs": 3, **row},
    ]
    assert cost_rows(frame([]), ["a"]).empty


def test_counted_claims_stand_side_by_side():
    table = exact_rows(["v1-table2-params", "v1-table2-flops"])
    params, flops = (decide(claim_of(f"v1-table2-{what}")) for what in ("params", "flops"))
    assert table["network"].tolist() == params["row"].tolist()
    assert table["params M, paper"].tolist() == params["printed"].tolist()
    assert table["FLOPs B, paper"].tolist() == flops["printed"].tolist()
    b2 = table.set_index("network").loc["EfficientNet-B2"]
    assert (b2["ours"], b2["off by"]) == ("9.11", "**\u22121.0 %** {disc}`B11`")


def test_every_claim_of_a_page_gets_a_verdict():
    table = verdict_rows(PAGE)
    assert [claim["statement"].rstrip(".") in text for claim, text in zip(claims(PAGE), table["claim"], strict=True)]
    assert all(f'href="../claims.html#{c["id"]}"' in text for c, text in zip(claims(PAGE), table["claim"], strict=True))
    assert table["paper"].tolist()[:3] == ["+0.8", "+0.7", "+0.9"]
    counted = verdict_rows("efficientnet/5-2-imagenet")
    row = counted[counted["claim"].str.contains(">Parameters of EfficientNet and ResNet<")].iloc[0]
    assert row["here"] == "EfficientNet-B2: 9.11 against 9.2 (\u22121.0 %)"
    assert row["verdict"] == "within 3 %: 9 of 10 rows agree to the printed digits"
    row = counted[counted["claim"].str.contains(">Dropout grows linearly")].iloc[0]  # of the released code
    assert (row["here"], row["verdict"]) == ("8\u00a0of\u00a08", "agrees")


def test_a_claim_that_is_no_number_is_named_where_it_does_not_hold():
    table = verdict_rows("efficientnet/4-grid-search")
    row = table[table["claim"].str.contains("gives the layers and channels of")].iloc[0]
    assert row["here"] == "does not hold: B5, B6, B7"
