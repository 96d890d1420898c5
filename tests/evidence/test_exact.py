"""Exact claims: rounding to printed digits, and a documented cause for every difference."""

import pytest

from convscale.evidence.claims import claims, judge
from convscale.evidence.exact import agrees, decide
from convscale.paths import CHECKOUT

EXACT = [claim for claim in claims() if claim["kind"] == "exact"]


@pytest.mark.parametrize(
    ("printed", "count", "equal"),
    [("9.2", 9.15, True), ("9.2", 9.149, False), ("22", 21.5, True), ("22", 21.458488, False), ("0.70", 0.687, False)],
)
def test_a_count_agrees_if_it_rounds_to_the_printed_digits(printed, count, equal):
    assert agrees(printed, count) is equal


@pytest.mark.parametrize("claim", EXACT, ids=lambda claim: claim["id"])
def test_every_difference_has_a_cause_on_the_discrepancies_page(claim):
    page = (CHECKOUT / "book" / "discrepancies.md").read_text()
    rows = decide(claim)
    for cause in rows.loc[rows["verdict"] == "not reproduced", "cause"]:
        assert f"\n| {cause} |" in page
    assert set(claim.get("causes", {})) == set(rows.loc[rows["verdict"] == "not reproduced", "row"])


def test_released_s_is_not_what_table_7_prints():
    claim = next(c for c in EXACT if c["id"] == "v2-table7-params")
    assert dict(decide(claim)[["row", "verdict"]].to_numpy())["EfficientNetV2-S"] == "not reproduced"
    assert judge(claim, []).verdict == "not reproduced"


def test_resnet_rs_counts_a_multiply_add_twice():
    claim = next(c for c in EXACT if c["id"] == "rs-table2-flops")
    assert dict(decide(claim)[["row", "verdict"]].to_numpy())["ResNet-RS-420 @320"] == "reproduced"
    once = decide(
        {
            **claim,
            "unit": 1,
            "rows": {"ResNet-RS-420 @320": "resnet-rs-420@320"},
            "causes": {"ResNet-RS-420 @320": "C11"},
        }
    )
    assert once["verdict"].tolist() == ["not reproduced"]
