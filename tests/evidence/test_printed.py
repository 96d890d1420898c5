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
    with pytest.raises(KeyError):
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


def test_an_unknown_operation_is_refused():
    with pytest.raises(ValueError, match="unknown operation 'product'"):
        decide_printed(PRINTED[0] | {"operation": "product"})
