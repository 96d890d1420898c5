"""Rounding, compound scaling, V2 Table 3, V2 scaling and the ResNet-RS strategies on tables."""

from dataclasses import replace

import pytest
import torch

from convscale.measure import count_macs, count_params
from convscale.models import build, fuse, resnet_rs_within, scale, scale_v2, strategy1, table
from convscale.models.resnet_tables import RS_TABLE2
from convscale.models.scaling import COMPOUND, Coefficients, compound, compound_grid, cost_factor, round_width
from convscale.models.transformations import KERNELS, TABLE3_ROWS


def counts(t, size):
    with torch.device("meta"):
        model = build(t)
    return count_params(model) / 1e6, count_macs(model, size) / 1e9


def test_the_ninety_percent_rule_changes_one_width_of_b0_to_b7():
    assert (round_width(16 * 1.2, 0.9), round_width(16 * 1.2)) == (24, 16)
    changed = []
    for variant in range(8):
        ours = table(f"efficientnet-b{variant}")
        width = (1, 1, 1.1, 1.2, 1.4, 1.6, 1.8, 2)[variant]
        for i, stage in enumerate(table("efficientnet-b0").stages):
            if round_width(stage.width * width) != ours.stages[i].width:
                changed.append((variant, i + 1))
    assert changed == [(3, 1)]


@pytest.mark.parametrize(
    ("name", "widths", "depths"),
    [
        ("efficientnet-b2", (32, 16, 24, 48, 88, 120, 208, 352, 1408), (2, 3, 3, 4, 4, 5, 2)),
        ("efficientnet-b3", (40, 24, 32, 48, 96, 136, 232, 384, 1536), (2, 3, 3, 5, 5, 6, 2)),
        ("efficientnet-b7", (64, 32, 48, 80, 160, 224, 384, 640, 2560), (4, 7, 7, 10, 10, 13, 4)),
        ("efficientnetv2-b2", (32, 16, 32, 56, 104, 120, 208, 1408), (2, 3, 3, 4, 6, 10)),
        ("efficientnetv2-b3", (40, 16, 40, 56, 112, 136, 232, 1536), (2, 3, 3, 5, 7, 12)),
    ],
)
def test_scaled_tables(name, widths, depths):
    t = table(name)
    assert (t.stem, *(s.width for s in t.stages), t.head) == widths
    assert tuple(s.depth for s in t.stages) == depths


def test_compound_scaling_costs_two_to_the_phi_and_misses_b1():
    assert cost_factor(COMPOUND) == pytest.approx(1.92, abs=5e-3)
    assert cost_factor(compound(3)) == pytest.approx(cost_factor(COMPOUND) ** 3)
    b0 = table("efficientnet-b0")
    sizes = [scale(b0, name="phi", **compound(phi)._asdict()).eval_size for phi in range(1, 8)]
    assert sizes == [258, 296, 341, 392, 451, 518, 596]
    assert {240, 260, 300, 380}.isdisjoint(sizes)


def test_the_grid_holds_the_paper_s_coefficients_and_only_the_constraint():
    grid = compound_grid()
    assert COMPOUND in grid
    assert all(1.8 <= cost_factor(c) <= 2.2 and min(c) >= 1 for c in grid)
    assert Coefficients(2.0, 1.0, 1.0) in grid
    assert Coefficients(1.0, 1.0, 1.0) not in grid
    with pytest.raises(ValueError, match="step = 0"):
        compound_grid(step=0)


# V2 Table 3 at 380 px. Counts of each reading of its missing details; the paper prints 20.0M / 7.5B, 43.4M / 21.3B
# and 132.0M / 34.4B.
@pytest.mark.parametrize(
    ("row", "kernels", "se", "params", "macs"),
    [
        ("no fused", "kept", 0.0, 19.34, 4.39),
        ("stage1-3", "first 3x3", 0.0, 19.94, 7.34),
        ("stage1-3", "first 3x3", 0.25, 19.99, 7.34),
        ("stage1-3", "kept", 0.0, 20.95, 9.65),
        ("stage1-5", "kept", 0.0, 43.53, 23.0),
        ("stage1-5", "first 3x3", 0.0, 42.53, 20.7),
        ("stage1-5", "first 3x3", 0.25, 43.20, 20.7),
        ("stage1-7", "kept", 0.0, 132.12, 36.0),
        ("stage1-7", "first 3x3", 0.0, 131.12, 33.7),
    ],
)
def test_fused_b4(row, kernels, se, params, macs):
    fused = fuse(table("efficientnet-b4"), TABLE3_ROWS[row], kernels=KERNELS[kernels], se=se)
    got = counts(fused, 380)
    assert got[0] == pytest.approx(params, abs=6e-3)
    assert got[1] == pytest.approx(macs, rel=5e-3)


def test_fusing_a_stage_that_is_not_there():
    with pytest.raises(ValueError, match="upto = 8: efficientnet-b4 has stages 1 to 7"):
        fuse(table("efficientnet-b4"), 8)


@pytest.mark.parametrize(("name", "width", "depth", "extra"), [("m", 1.6, 2.2, {5: 3}), ("l", 2.0, 3.1, {5: 3})])
def test_v2_scaling_gives_the_released_depths(name, width, depth, extra):
    released = table(f"efficientnetv2-{name}")
    scaled = scale_v2(table("efficientnetv2-b0"), name=name, width=width, depth=depth, resolution=3, extra=extra)
    assert [s.depth for s in scaled.stages] == [s.depth for s in released.stages[:6]]
    assert all(abs(a.width - b.width) <= 8 for a, b in zip(scaled.stages, released.stages, strict=False))
    assert scaled.eval_size == 480


def test_the_early_s_is_b0_at_width_1_4():
    scaled, early = (
        scale_v2(table("efficientnetv2-b0"), name="s", width=1.4, depth=1.8),
        table("efficientnetv2-s-preprint"),
    )
    assert (scaled.stages[-1].width, scaled.head) == (early.stages[-1].width, early.head) == (272, 1792)
    assert [s.depth for s in scaled.stages] == [s.depth for s in early.stages]


def test_strategy_1_spends_the_same_on_depth_or_width():
    base = table("resnet-rs-101")
    deep = strategy1(base, 2, overfitting=True, name="deep")
    wide = strategy1(base, 2, overfitting=False, name="wide")
    assert (deep.depths, deep.width) == ((6, 8, 46, 6), 1.0)
    assert wide.depths == base.depths
    assert wide.width == pytest.approx(2**0.5)
    macs = counts(base, 192)[1]
    assert counts(deep, 192)[1] / macs == pytest.approx(2, rel=0.1)
    assert counts(wide, 192)[1] / macs == pytest.approx(2, rel=0.1)


def test_rs_table_2_within_a_budget():
    with pytest.raises(ValueError, match=r"smallest row of RS Table 2 takes 4\.6"):
        resnet_rs_within(4)
    assert [(t.name, t.eval_size) for t in (resnet_rs_within(5), resnet_rs_within(100))] == [
        ("resnet-rs-50", 160),
        ("resnet-rs-350", 256),
    ]
    assert (resnet_rs_within(100).dropout, resnet_rs_within(107).dropout) == (0.25, 0.4)


@pytest.mark.parametrize(("depth", "size", "gflops"), RS_TABLE2[::5])
def test_rs_table_2_counts_two_flops_a_multiply_add(depth, size, gflops):
    got = 2 * counts(table(f"resnet-rs-{depth}"), size)[1]
    assert got == pytest.approx(gflops, rel=0.03)  # printed with two digits


def test_width_multiplier_of_the_scaling_study():
    """A quarter of the channels: a sixteenth of the weights of a convolution between scaled layers."""
    with torch.device("meta"):
        full, quarter = build("resnet-rs-50"), build(replace(table("resnet-rs-50"), width=0.25))
    assert full.blocks[-1].spatial[0].weight.numel() == 16 * quarter.blocks[-1].spatial[0].weight.numel()
    assert quarter.stem[0][0].out_channels == 8
