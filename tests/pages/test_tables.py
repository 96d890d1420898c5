"""Tables as readers see them: in the book, in a notebook, in a terminal."""

import pandas as pd
import pytest

from convscale.evidence.claims import claims
from convscale.pages import BookTable, compare, costs, verdict_rows
from convscale.records import frame

PAGE = "efficientnetv2/6-3-adaptive-regularization"


def shown(table):
    return table._repr_mimebundle_()


def test_table_shows_in_every_place():
    frame = pd.DataFrame({"arm": ["a|b", "c"], "top-1": ["62.1 ± 0.8 (5)", "<not run>"]})
    bundle = shown(BookTable(frame, name="tbl-x", caption="Some accuracies (%)"))
    assert bundle.keys() == {"text/plain", "text/html", "text/markdown"}
    assert bundle["text/markdown"] == (
        ":::{table} Some accuracies (%)\n:name: tbl-x\n\n"
        "| arm | top-1 |\n| :-- | :-- |\n| a\\|b | 62.1 ± 0.8 (5) |\n| c | <not run> |\n:::"
    )
    assert "Some accuracies (%)" in bundle["text/html"] and "&lt;not run&gt;" in bundle["text/html"]
    assert bundle["text/plain"].startswith("Some accuracies (%)\n") and "62.1 ± 0.8 (5)" in bundle["text/plain"]


def test_table_in_a_notebook_uses_the_bundle():
    from IPython.core.formatters import DisplayFormatter

    bundle, _ = DisplayFormatter().format(BookTable(pd.DataFrame({"a": [1]}), name="n", caption="c"))
    assert "text/markdown" in bundle and "text/html" in bundle


def test_empty_table_still_shows():
    assert ":name: n" in shown(BookTable(pd.DataFrame(columns=["a", "b"]), name="n", caption="c"))["text/markdown"]


CELLS = {"progressive-vanilla": ("progressive", "vanilla"), "ours": None}


def test_comparison_puts_the_papers_number_beside_ours(named):
    published = frame([named("progressive-vanilla", s, test_top1=60.0 + s) for s in range(3)])
    ours = {"published": published, "this machine": frame([named("ours", 0, test_top1=33.33)])}
    table = compare("v2:13", CELLS, ours)
    # V2 Table 13 prints 84.3±0.14 for progressive resize, vanilla. 60, 61, 62: 61 ± 4.3027 x 1 / sqrt(3)
    assert table.to_dict("records") == [
        {
            "arm": "progressive-vanilla",
            "paper": "84.3 ± 0.14",
            "published": "61.0 ± 2.5 (3)",
            "this machine": "not run",
        },
        {"arm": "ours", "paper": "-", "published": "not run", "this machine": "33.3 (1)"},
    ]


def test_comparison_without_any_records_says_so():
    table = compare("v2:13", CELLS, {"published": frame([]), "this machine": frame([])})
    assert table["published"].tolist() == table["this machine"].tolist() == ["not run", "not run"]


def test_costs_are_medians_of_an_arm(named):
    runs = [named("b", seed) for seed in range(3)] + [named("a", 0)]
    runs[0]["cost"]["cpu_seconds"] = 600.0
    # medians of 120 s and 6,000 images: 2 minutes, 50 images a second
    row = {"core-minutes": "2.0", "images / core-second": "50"}
    assert costs(frame(runs), ["a", "b", "absent"]).to_dict("records") == [
        {"arm": "a", "runs": 1, **row},
        {"arm": "b", "runs": 3, **row},
    ]
    assert costs(frame([]), ["a"]).empty


def test_every_claim_of_a_page_gets_a_verdict():
    table = verdict_rows(PAGE)
    assert table["claim"].tolist() == [claim["statement"] for claim in claims(PAGE)]
    kinds = [claim["kind"] for claim in claims(PAGE)]
    table = table[[kind == "trend" for kind in kinds]]
    assert set(table["verdict"]) == {"not run: 0 of 16 seeds at small"}
    assert table["paper"].tolist() == ["+0.8", "+0.7", "+0.9", "-"]
    counted = verdict_rows("efficientnet/5-2-imagenet").set_index("claim").loc["Parameters of EfficientNet and ResNet"]
    assert counted["ours"] == "EfficientNet-B2: 9.11 against 9.2 (-1.0 %)"
    assert counted["verdict"] == "within 3 %: 9 of 10 rows agree to the printed digits"


def test_unknown_paper_table_is_refused():
    with pytest.raises(ValueError, match=r"unknown paper table 'v2:31': did you mean .*v2:13"):
        compare("v2:31", CELLS, {"published": frame([])})
