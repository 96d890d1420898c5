"""Sentences against the papers' own tables: rounding is given the benefit, contradictions are found."""

import pytest

from convscale.evidence.claims import claims
from convscale.evidence.judge_printed import cell, decide_printed, rounding
from convscale.paths import CHECKOUT

PRINTED = [claim for claim in claims() if claim["kind"] == "printed"]


def decided(claim_id):
    return decide_printed(next(c for c in PRINTED if c["id"] == claim_id)).set_index("row")


def test_printed_digits_are_an_interval():
    assert [float(end) for end in rounding("9.2")] == pytest.approx([9.15, 9.25])
    assert [float(end) for end in rounding("-17")] == [-17.5, -16.5]


def test_cells_are_numbers_without_spread_or_unit():
    assert cell("v2:13", "progressive", "adaptive") == "85.1" and cell("v2:13", "random", "change") == "+0.7"
    with pytest.raises(ValueError, match="v2:7, row 'TResNet-L', column 'FLOPs' is empty"):
        cell("v2:7", "TResNet-L", "FLOPs")
    with pytest.raises(ValueError, match="unknown row of v2:7 'TResNet-M': did you mean TResNet-L"):
        cell("v2:7", "TResNet-M", "FLOPs")


@pytest.mark.parametrize("claim", PRINTED, ids=lambda claim: claim["id"])
def test_every_contradiction_has_a_cause_on_the_discrepancies_page(claim):
    page = (CHECKOUT / "book" / "discrepancies.md").read_text()
    rows = decide_printed(claim)
    assert (rows["low"] <= rows["high"]).all()
    wrong = rows.loc[rows["verdict"] == "not reproduced"]
    assert all(f"\n| {cause} |" in page for cause in wrong["cause"])
    assert set(claim.get("causes", {})) == set(wrong["row"])


def test_eleven_times_faster_follows_from_139_and_13_hours():
    row = decided("v2-section5-1-faster-than-b7").iloc[0]
    assert (row["low"], row["high"]) == pytest.approx((138.5 / 13.5, 139.5 / 12.5))
    assert row["verdict"] == "reproduced"


def test_known_contradictions_are_found():
    assert decided("v2-section6-1-inference")["verdict"].tolist() == ["not reproduced"]  # 170 / 57 is no 3.1
    assert decided("v1-table2-flops-ratios").query("verdict == 'not reproduced'").index.tolist() == ["PNASNet"]
    assert decided("v1-table5-public-ratios").query("verdict == 'not reproduced'").index.tolist() == [
        "Oxford-IIIT Pets"
    ]


def test_changes_extremes_and_counts():
    assert decided("v2-table10-changes")["low"].item() == pytest.approx(100 * (54.5 / 66.5 - 1))
    assert decided("rs-abstract-tpu").index.tolist() == ["smallest", "largest"]
    ahead = decided("v1-section5-3-datasets").loc["number"]
    assert (ahead["low"], ahead["high"]) == (3, 5)  # ahead on three, level in print on two


def claim_on(operation, pairs, published="1", **others):
    claim = {"paper": "efficientnetv2", "table": "7", "column": "params", "operation": operation} | others
    return decide_printed(
        claim | {"pairs": {"it": pairs}, "published": {"it": published}, "causes": {"it": "A1"}}
    ).iloc[0]


def test_numbers_may_stand_elsewhere():
    text = claim_on("ratio", [{"text": "13"}, {"text": "1.28"}], "10")
    assert (text["low"], text["high"]) == pytest.approx((12.5 / 1.285, 13.5 / 1.275))
    exact = claim_on("ratio", [{"count": 350}, {"count": 4}], "87")
    assert exact["low"] == exact["high"] == 87.5
    elsewhere = claim_on("difference", ["EfficientNetV2-S", {"table": "v2:8", "row": "EfficientNetV2-S"}], "-2")
    assert (elsewhere["low"], elsewhere["high"]) == (-3, -1)
    column = claim_on("difference", [{"row": "EfficientNetV2-S", "column": "FLOPs"}, {"count": 8}], "0.8")
    assert (column["low"], column["high"]) == (0.75, 0.85)


def test_a_tie_in_print_is_open_for_one_operation_and_no_lead_for_the_other():
    tie = [{"text": "99.1"}, {"text": "99.1"}]
    assert claim_on("greater", tie)[["low", "high"]].tolist() == [0, 1]
    assert claim_on("greater in print", tie)[["low", "high"]].tolist() == [0, 0]
    assert claim_on("equal in print", tie)[["low", "high"]].tolist() == [1, 1]
    near = [{"text": "0.8"}, {"text": "0.7"}]  # 0.75 prints as either
    assert claim_on("equal in print", near)["verdict"] == "not reproduced"
    assert claim_on("greater in print", near)["verdict"] == "reproduced"


def test_differences_may_be_compared_and_divided():
    gains = [{"minus": [{"text": "82.9"}, {"text": "82.4"}]}, {"minus": [{"text": "78.4"}, {"text": "78.1"}]}]
    assert claim_on("greater in print", gains)["verdict"] == "reproduced"
    assert claim_on("ratio", gains, "1.7")[["low", "high"]].tolist() == pytest.approx([0.4 / 0.4, 0.6 / 0.2])


def test_sums_and_products_take_any_number():
    parts = [{"text": "1.0"}, {"text": "0.5"}, {"text": "-0.3"}]
    assert claim_on("sum", parts)[["low", "high"]].tolist() == pytest.approx([1.05, 1.35])
    factors = [{"count": 1.2}, *2 * [{"count": 1.1}], *2 * [{"count": 1.15}]]
    assert claim_on("product", factors, "2")["low"] == pytest.approx(1.2 * 1.1**2 * 1.15**2)
    epochs = [{"times": [{"count": 350}, {"text": "2040"}]}, {"count": 5_120_000}]
    assert claim_on("greater", epochs)["verdict"] == "not reproduced"


def test_a_bound_is_one_sided():
    faster = [{"text": "172"}, {"text": "45"}]
    assert claim_on("ratio", faster, "3", bound="at least")["verdict"] == "reproduced"
    assert claim_on("ratio", faster, "5", bound="at least")["verdict"] == "not reproduced"
    assert claim_on("ratio", faster, "3")["verdict"] == "not reproduced"


@pytest.mark.parametrize(
    ("claim_id", "wrong"),
    [
        ("v2-abstract-training", ["ViT-L/16 / XL"]),
        ("v2-section3-2-overhead", ["FLOPs"]),
        ("v2-section3-2-slower", ["V100"]),
        ("v2-section5-3-all-sets", ["number"]),
        ("v1-table2-caption-flops", ["largest"]),
        ("v1-section6-up-to", ["largest"]),
        ("v1-section5-3-public-accuracy", ["number"]),
        ("rs-section7-1-match", ["EfficientNet-B7"]),
    ],
)
def test_sentences_that_their_own_tables_contradict(claim_id, wrong):
    assert decided(claim_id).query("verdict == 'not reproduced'").index.tolist() == wrong


def test_an_unknown_operation_is_refused():
    with pytest.raises(ValueError, match="unknown operation 'power'"):
        decide_printed(PRINTED[0] | {"operation": "power"})
