"""Exact claims and those on the release: rounding to printed digits, and a documented cause for every difference."""

import pytest

from convscale.evidence import judge
from convscale.evidence.claims import claims
from convscale.evidence.judge_exact import agrees, decide
from convscale.paths import CHECKOUT

EXACT = [claim for claim in claims() if claim["kind"] in ("exact", "release")]


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
    assert judge(claim, []).verdict == "within 3 %"


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


def test_a_tolerance_replaces_the_printed_digits():
    assert agrees("20", 21.9, tolerance=5) and not agrees("20", 21.9) and not agrees("20", 25.1, tolerance=5)


def test_a_bound_is_held_by_whatever_is_beyond_it():
    assert agrees("6.8", 7.64, bound="at least") and agrees("6.8", 6.75, bound="at least")
    assert not agrees("6.8", 6.74, bound="at least") and agrees("6.8", 6.85, bound="at most")
    assert not agrees("6.8", 7.64, bound="at most")
    with pytest.raises(ValueError, match="unknown bound 'more than'"):
        agrees("6.8", 7.64, bound="more than")
    found = judge(next(c for c in EXACT if c["id"] == "v2-figure1-smaller"), [])
    assert (found.verdict, found.why) == ("reproduced", "1 of 1 rows are at least the printed number")
    assert found.shown == "ResNet-RS-350 / EfficientNetV2-S: 7.641 against 6.8 (+12.4 %)"


def sizes(printed, kind="exact"):
    """A claim on the image sizes of EfficientNet-B0 and B1, 224 and 240 px, where the first is printed as given."""
    rows = {"B0": "efficientnet-b0", "B1": "efficientnet-b1"}
    return {
        "kind": kind,
        "quantity": "image size",
        "rows": rows,
        "printed": {"B0": printed, "B1": "240"},
        "causes": {"B0": "A1"},
    }


@pytest.mark.parametrize(
    ("printed", "word", "release", "agreeing"),
    [("224", "reproduced", "agrees", 2), ("220", "within 3 %", "differs", 1), ("217", "not reproduced", "differs", 1)],
)
def test_words_of_counted_claims(printed, word, release, agreeing):
    """224 is 1.8 % more than 220, and 3.2 % more than 217."""
    found = judge(sizes(printed), [])
    assert (found.verdict, found.why) == (word, f"{agreeing} of 2 rows agree to the printed digits")
    assert judge(sizes(printed, "release"), []).verdict == release
    assert agreeing == 2 or found.shown.startswith(f"B0: 224 against {printed} (+")


def test_nothing_is_within_3_percent_of_a_printed_zero():
    found = judge(sizes("0"), [])
    assert (found.verdict, found.shown) == ("not reproduced", "B0: 224 against 0")


def rows_of(claim_id):
    return decide(next(c for c in EXACT if c["id"] == claim_id)).set_index("row")


def test_stage_tables_are_compared_row_by_row():
    table = rows_of("v1-table1-resolution")
    assert table["ours"].tolist() == [224, 112, 112, 56, 28, 14, 14, 7, 7]
    assert table.index[table["verdict"] != "reproduced"].tolist() == ["6 MBConv6, k5x5"]
    assert rows_of("v2-table4-strides")["ours"].tolist() == [2, 1, 2, 2, 2, 1, 2]  # the head has none in print


def test_scaled_and_fused_networks_are_counted():
    assert rows_of("v1-table7-flops").loc["Scale model by depth (d=4)", "ours"] == pytest.approx(1.575, abs=1e-3)
    assert rows_of("v2-table3-params").loc["Fused stage1-3", "ours"] == pytest.approx(19.944, abs=1e-3)
    assert rows_of("rs-section7-1-more-flops")["ours"].item() == pytest.approx(34.377 / 19.068, abs=1e-3)


def test_a_bound_is_one_sided():
    assert agrees("6.8", 7.6, bound="at least") and agrees("6.8", 6.75, bound="at least")
    assert not agrees("6.8", 6.74, bound="at least") and not agrees("6.8", 7.6)


def test_settings_are_those_of_the_release():
    assert rows_of("v2-table6-last")["ours"].to_dict() == {"image size": 300, "RandAugment": 10, "mixup alpha": 0}
    first = {"image size": 192, "RandAugment": 5, "mixup alpha": 0, "dropout rate": 0.4}
    assert rows_of("v2-table6-first-l")["ours"].to_dict() == pytest.approx(first)
    assert rows_of("v2-section5-1-batch-norm").loc["S", "ours"] == pytest.approx(0.9)
    assert judge(next(c for c in EXACT if c["id"] == "v2-section5-1-drop-path"), []).verdict == "agrees"


def test_no_network_is_counted_for_a_setting_of_the_paper_against_itself():
    for claim in EXACT:
        assert claim["kind"] == "release" or ":release" not in claim.get("setting", ""), claim["id"]


def test_networks_of_others_are_counted():
    # timm's results-imagenet.csv has 132.63 million parameters for dm_nfnet_f1
    row = rows_of("v2-table1-params").loc["NFNet-F1"]
    assert row["ours"] == pytest.approx(132.63, abs=0.01) and row["image_size"] == 320


def test_operators_are_compared_stage_by_stage():
    kernels = rows_of("v1-table1-kernels")["ours"]
    assert {row: f"k{value}x{value}" for row, value in kernels.items()} == {row: row[-4:] for row in kernels.index}
    expansions = rows_of("v2-table4-expansions")["ours"]
    assert all(f"MBConv{value}," in row for row, value in expansions.items())
    assert rows_of("v2-table4-fused")["ours"].tolist() == [1, 1, 1, 0, 0, 0]


def test_a_block_of_the_next_group_costs_as_much_with_four_times_the_parameters():
    # without norms: 17 c^2 of c inner channels (4c in, c, 3x3, 4c out); with them 17 c^2 + 12 c
    blocks = rows_of("rs-section6-1-groups")["ours"]
    assert blocks["parameters of a block of c3 / c2"] == pytest.approx(
        (17 * 128**2 + 12 * 128) / (17 * 64**2 + 12 * 64)
    )
    assert blocks["multiply-adds of a block of c5 / c4"] == 1


def test_layers_and_expansions_of_whole_networks():
    assert rows_of("v1-figure4-layers")["ours"].tolist() == [18, 34]
    assert rows_of("v2-section3-3-more-layers")["ours"].item() == pytest.approx(42 / 34)
    # (2 x 1 + 30 x 6) / 32 of B4 over (2 x 1 + 14 x 4 + 24 x 6) / 40 of S
    assert rows_of("v2-section3-3-smaller-expansion")["ours"].item() == pytest.approx((182 / 32) / (202 / 40))
    assert rows_of("v2-section3-3-later-stages")["ours"].item() == pytest.approx(20 / 12)
