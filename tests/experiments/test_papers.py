"""The papers' experiments: their arms differ as designed, and a run of each gets to its end."""

from dataclasses import replace

import pytest
import torch

from convscale import build
from convscale.experiments import get
from convscale.experiments.differences import values_of
from convscale.experiments.execute import execute
from convscale.experiments.papers import rs_factorial, rs_section6, rs_table1r, small_b0, v2_search, v2_table5
from convscale.experiments.papers.rs_factorial import of_stage
from convscale.experiments.registry import experiments
from convscale.measure.counting import count_macs
from convscale.models import table
from convscale.models.resnet_counts import resnet_counts
from convscale.recipes import preset, stage_at
from convscale.records import Store

NEW = [name for name, e in experiments().items() if "smoke" in e.scales and name != "v2_table13"]  # a page runs that


@pytest.mark.parametrize("name", NEW)
def test_a_run_of_the_smoke_scale_gets_to_its_end(name, tmp_path):
    (record,) = execute(get(name, "smoke").jobs[:1], Store(tmp_path), "cpu")  # and what it builds on
    assert 0 <= record["metrics"]["test_top1"] <= 100


def test_networks_of_the_search_are_those_of_their_levels():
    low = {factor: -1 for factor in v2_search.ARRAY.factors}
    ops = [(stage.op, stage.kernel, stage.expand, stage.depth) for stage in v2_search.network(low).stages]
    base = table("efficientnetv2-tiny8").stages
    assert ops == [("mbconv", 3, 1 if i == 0 else 4, stage.depth) for i, stage in enumerate(base)]
    found = v2_search.network(low | {"fused-early": 1, "fused-late": -1, "expand-6": 1})
    assert [(s.op, s.se, s.expand) for s in found.stages] == [("fused", 0, e) for e in (1, 6, 6)] + [
        ("mbconv", 0.25, 6)
    ] * 3
    high = v2_search.network(dict.fromkeys(low, 1))
    assert [s.depth for s in high.stages] == [1, 2, 1, 2, 2, 3, 1] and {s.kernel for s in high.stages} == {5}
    assert high.stages[-1].width == 160 and high.total_stride == 8 and {s.op for s in high.stages} == {"fused"}


def test_runs_of_the_factorial_have_the_levels_of_their_arm():
    for arm, run in get("rs_factorial", "small").arms.items():
        high, (stage,) = set(arm.split("+")), run.schedule.stages
        assert (run.recipe.weight_decay == 5e-5, run.epochs == 80, run.recipe.lr_schedule == "cosine-joined") == (
            "less-decay" in high,
            "epochs" in high,
            "cosine" in high,
        )
        assert run.recipe.warmup_epochs * 20 == run.epochs
        assert (run.recipe.policy, stage.randaugment) == (("randaugment", 5) if "randaugment" in high else ("none", 0))
        rates = (run.recipe.label_smoothing, run.recipe.drop_path_rate, stage.dropout)
        regularizers = zip(("smoothing", "stochastic-depth", "dropout"), (0.1, 0.1, 0.25), strict=True)
        assert rates == tuple(rate if name in high else 0 for name, rate in regularizers)


def test_gains_of_the_factorial_are_those_of_a_model_of_pairs():
    """Outcomes made of main effects and pairs: the contrasts find what such a model has at these levels."""
    design, beta = rs_factorial.DESIGN, {"epochs": 0.5, "less-decay": 0.25, "dropout": -0.5}
    pairs = {("epochs", other): 0.25 for other in rs_factorial.REGULARIZATION}
    pairs |= {("less-decay", other): 0.125 for other in rs_factorial.REGULARIZATION}

    def outcome(levels):
        alone = sum(b * levels[f] for f, b in beta.items())
        return alone + sum(b * levels[f] * levels[g] for (f, g), b in pairs.items())

    def gain(factor, level, of):
        others = dict.fromkeys(design.factors, 0) | dict.fromkeys(of, level)
        return outcome(others | {factor: 1}) - outcome(others | {factor: -1})

    every, three = rs_factorial.REGULARIZATION, rs_factorial.WITHOUT_DEPTH
    wanted = {
        "harm of epochs without regularization": -gain("epochs", -1, every),
        "harm of dropout at large weight decay": -gain("dropout", -1, ["less-decay"]),
        "less weight decay with regularization": gain("less-decay", 1, every),
        "epochs x regularization": gain("epochs", 1, every) - gain("epochs", -1, every),
        "less weight decay x regularization": gain("less-decay", 1, three) - gain("less-decay", -1, three),
        "stochastic depth": 0,
    }
    outcomes = {arm: outcome(levels) for arm, levels in design.runs.items()}
    contrasts = rs_factorial.EXPERIMENT.contrasts
    found = {name: sum(c * outcomes[arm] for arm, c in contrasts[name].items()) for name in wanted}
    assert found == pytest.approx(wanted)


def test_cells_of_table_5_are_trained_and_tested_at_their_size_and_magnitude():
    """Translations at magnitude 10, in px: a third of 32, whatever the size, or a third of every size."""
    cells = {}
    for arm, run in get("v2_table5", "small").arms.items():
        (stage,), third = run.schedule.stages, round(3 * run.recipe.translate_px, 6)
        assert run.eval_size == stage.image_size and run.schedule.sizes == "fixed"
        assert run.recipe.policy == ("randaugment" if stage.randaugment else "none")
        cells[arm] = (stage.image_size, stage.randaugment, third)
    sizes, magnitudes = {"128": 16, "192": 24, "300": 32}, {"5": 0, "10": 5, "15": 10}
    assert cells == {f"size-{s}-magnitude-{m}": (sizes[s], magnitudes[m], 32) for s in sizes for m in magnitudes} | {
        f"size-128-magnitude-{m}-relative": (16, magnitudes[m], 16) for m in ("10", "15")
    }


def test_regimes_of_table_5_take_as_many_steps():
    runs = get("v2_table5_regimes", "small").arms.values()
    assert [(run.train_images, run.epochs) for run in runs] == [(1000, 90)] * 4 + [(4000, 22)] * 4
    main = v2_table5.SMALL.length(2000)[0]
    assert all(abs(run.length(run.train_images)[0] / main - 1) < 0.04 for run in runs)
    corners = [(r.eval_size, r.recipe.policy, round(3 * r.recipe.translate_px)) for r in runs][:4]
    assert corners == [(16, "none", 16), (16, "randaugment", 16), (32, "none", 32), (32, "randaugment", 32)]


def test_a_size_for_every_batch_differs_from_table_13_in_its_draws_alone():
    """The blocks are runs of Table 13, key by key, so they are made once."""
    batches, table13 = get("v2_section6_3", "small"), get("v2_table13", "small")
    keys = {name: {job.run.key for job in sweep.jobs} for name, sweep in (("6.3", batches), ("13", table13))}
    assert len(keys["6.3"] & keys["13"]) == 16 and len(keys["6.3"]) == 48
    blocks, every_batch, small = batches.arms.values()
    assert blocks == table13.arms["random-adaptive"]
    assert replace(every_batch, schedule=replace(every_batch.schedule, every=8, unit="epochs")) == blocks
    drawn = [stage_at(every_batch.schedule, step, 1800, 15, 10).image_size for step in range(1800)]
    assert {px: drawn.count(px) for px in (16, 24, 32)} == {16: 600, 24: 600, 32: 600} and drawn[:2] != drawn[1:3]
    assert [stage.image_size for stage in small.schedule.stages] == [16] and small.eval_size == 32


LENGTHS = ("short", "middle", "long")


def macs(model, px=24):
    with torch.device("meta"):
        return count_macs(build(model, 10), px)


def test_deep_and_wide_cost_the_same():
    deep, wide = rs_section6.NETWORKS.values()
    assert macs(wide) / macs(deep) == pytest.approx(1, abs=0.03)
    assert sum(deep.depths) == 3 * sum(wide.depths) and deep.width == table("resnet-tiny8").width < wide.width
    counts = [resnet_counts(network, 24, 10)[0] for network in (deep, wide)]
    assert counts[0] < 0.9 * counts[1]  # the reason that the paper gives
    # the next networks with other channels, below and above
    assert all(abs(macs(replace(wide, width=w)) / macs(deep) - 1) > 0.03 for w in (0.165, 0.18))


@pytest.mark.parametrize(("scale", "classes"), [("medium", 10), ("paper", 1000)])
def test_depth_and_width_cost_the_same_at_larger_scales_and_depth_has_fewer_parameters(scale, classes):
    runs = get("rs_section6", scale).arms
    deep, wide = (resnet_counts(runs[arm].model, runs[arm].eval_size, classes) for arm in ("long-deep", "long-wide"))
    assert wide[1] / deep[1] == pytest.approx(1, abs=0.02) and deep[0] < 0.9 * wide[0]
    assert all({stage.image_size for stage in run.schedule.stages} == {run.eval_size} for run in runs.values())


def test_lengths_of_training_at_the_papers_scale():
    runs = get("rs_section6", "paper").arms
    lengths = [(runs[f"{length}-wide"].epochs, runs[f"{length}-wide"].recipe.warmup_epochs) for length in LENGTHS]
    assert lengths == [(10, 0.5), (100, 5), (350, 5)]


def test_lengths_of_training_and_their_warm_up():
    runs = get("rs_section6", "small").arms
    assert [(runs[f"{length}-deep"].epochs) for length in LENGTHS] == [8, 40, 120]
    assert all(run.recipe.warmup_epochs == run.epochs / 20 for run in runs.values())


def test_each_step_of_figure_3_doubles_the_cost():
    runs = get("v1_figure3", "small").arms
    cost = {arm: macs(run.model) / macs(small_b0.TINY) for arm, run in runs.items()}
    assert cost == pytest.approx(
        {"base": 1, "width-1.4": 2, "width-2": 4, "width-2.8": 8, "depth-2": 2, "depth-4": 4}, rel=0.09
    )
    steps = [cost["width-1.4"], cost["width-2.8"] / cost["width-2"], cost["depth-2"], cost["depth-4"] / cost["depth-2"]]
    assert steps[0] == pytest.approx(steps[1], rel=0.03) and steps[2] == pytest.approx(steps[3], rel=0.03)
    paper = get("v1_figure3", "paper").arms
    assert [macs(paper[a].model, paper[a].eval_size) // 10**6 for a in ("base", "depth-2", "width-2")] == [
        macs(table("efficientnet-b0"), 224) // 10**6,
        macs(table("efficientnet-b0").scaled(1, 2), 224) // 10**6,
        macs(table("efficientnet-b0").scaled(2, 1), 224) // 10**6,
    ]
    assert (paper["resolution-2.5"].eval_size, paper["resolution-2.5"].schedule.stages[0].image_size) == (560, 560)


def test_scaled_networks_of_table_3_cost_four_times_their_baseline():
    runs = get("v1_table3", "medium").arms
    for arm, run in runs.items():
        base = runs[arm.partition("-")[0]]
        assert macs(run.model, run.eval_size) / macs(base.model, 64) == pytest.approx(4 if "-" in arm else 1, rel=0.02)
        assert [stage.image_size for stage in run.schedule.stages] == [run.eval_size]
        assert replace(run, model=base.model, schedule=base.schedule, eval_size=64) == base


def test_table_12_has_two_trainings_and_a_worse_network_of_each():
    runs = get("v2_table12", "small").arms
    for network, ours in (("resnet50-380", "resnet-tiny8"), ("efficientnet-b4", "efficientnet-tiny8")):
        baseline, growing, half = (runs[f"{network}-{arm}"] for arm in ("baseline", "progressive", "half-width"))
        assert baseline.model == growing.model == ours and macs(half.model) < 0.6 * macs(ours)
        assert replace(growing, schedule=baseline.schedule) == baseline == replace(half, model=ours)
        assert (baseline.schedule.sizes, growing.schedule.sizes) == ("fixed", "progressive")
        assert growing.schedule.stages[-1].image_size == growing.eval_size == 32


def test_rows_of_the_additive_study_differ_by_what_they_add():
    """From the plain ResNet-200 of 90 epochs to the published recipe of ResNet-RS-200."""
    runs = get("rs_table1l", "paper").arms
    assert runs["resnet-d"] == preset("rs-200-256:paper").run()
    rows = [list(runs)[i : i + 2] for i in range(len(runs) - 2)]
    names = [
        {name for name, value in values_of(runs[after]).items() if value != values_of(runs[before]).get(name)}
        for before, after in rows
    ]
    assert names == [
        {"recipe.lr_schedule"},
        {"epochs"},
        {"recipe.ema_decay", "recipe.bn_momentum"},
        {"recipe.label_smoothing"},
        {"recipe.drop_path_rate"},
        {"recipe.policy", "schedule.stages.1.randaugment"},
        {"schedule.stages.1.dropout"},
        {"recipe.weight_decay"},
        {"model"},
        {"model"},
    ]
    base = runs["baseline"]
    assert (base.epochs, base.recipe.weight_decay, base.recipe.lr_schedule) == (90, 1e-4, "step")
    plain, mine = table("resnet-200"), base.model
    assert replace(plain, name=mine.name, train_size=256, eval_size=256) == replace(
        mine, dropout=plain.dropout, drop_path_rate=plain.drop_path_rate
    )
    assert replace(runs["weight-decay-90-epochs"], epochs=350) == runs["weight-decay"]


def test_the_additive_study_at_medium_scale_has_the_same_steps():
    runs = get("rs_table1l", "medium").arms
    base, full = runs["baseline"], runs["resnet-d"]
    assert (base.epochs, base.recipe.weight_decay, base.recipe.lr_schedule, base.recipe.ema_decay) == (
        20,
        5e-4,
        "step",
        0,
    )
    assert (full.epochs, full.recipe.weight_decay, full.schedule.stages[0].randaugment) == (80, 5e-5, 10)
    assert (base.model.se, base.model.stem, full.model.se, full.model.stem) == (0, "7x7", 0.25, "deep")


def test_the_grid_of_figure_2():
    runs = get("rs_figure2", "small").arms
    assert len(runs) == 12 and {run.eval_size for run in runs.values()} == {16, 24, 32}
    cost = {arm: macs(run.model, run.eval_size) for arm, run in runs.items()}
    assert 20 < max(cost.values()) / min(cost.values()) < 30
    assert all(run.schedule.stages[0].image_size == run.eval_size for run in runs.values())


def test_rows_of_weight_decay_at_the_papers_scale_are_those_of_table_1():
    runs = get("rs_table1r", "paper").arms
    assert runs["resnet-200-ra-ls-sd-do-4e-5"] == get("rs_table1l", "paper").arms["weight-decay"]
    told = {
        arm: (r.recipe.weight_decay, r.recipe.policy, r.recipe.label_smoothing, r.recipe.drop_path_rate)
        for arm, r in runs.items()
    }
    assert told["resnet-200-ra-ls-1e-4"] == (1e-4, "randaugment", 0.1, 0.0)
    assert told["resnet-200-none-4e-5"] == (4e-5, "none", 0.0, 0.0)
    assert {r.schedule.stages[0].dropout for arm, r in runs.items() if "-do-" not in arm} == {0.0}
    assert not any("-ra-ls-4" in arm or "-ra-ls-1" in arm for arm in get("rs_table1r", "small").arms)


def test_small_networks_of_the_additive_study():
    plain, se, d = (run.model for run in get("rs_table1l", "small").arms.values())
    assert replace(plain, name="resnet-tiny8") == table("resnet-tiny8")
    assert [(t.se, t.shortcut, t.stem) for t in (se, d)] == [(0.25, "conv", "3x3"), (0.25, "pool", "3x3 deep")]
    assert plain.total_stride == d.total_stride == 8


def test_corners_of_weight_decay():
    runs = get("rs_table1r", "small").arms
    full = replace(get("rs_factorial", "small").arms["+".join(rs_factorial.DESIGN.factors)], model=rs_table1r.DEEP)
    assert runs["resnet-200-ra-ls-sd-do-4e-5"] == full
    for name in ("none", "ra-ls-sd-do"):
        little, large = (runs[f"resnet-200-{name}-{decay}"] for decay in ("4e-5", "1e-4"))
        assert replace(large, recipe=replace(large.recipe, weight_decay=5e-5)) == little
    none = get("rs_factorial", "small").arms["less-decay+epochs+cosine+dropout"]  # the one with the least else
    assert runs["resnet-200-none-4e-5"] == replace(of_stage(dropout=0.0)(none), model=rs_table1r.DEEP)


def test_a_scale_may_have_some_arms_only():
    experiment = experiments()["v2_table13"]
    some = replace(experiment.scales["smoke"], only=("fixed-size", "random-vanilla"))
    sweep = replace(experiment, scales={"smoke": some}).at("smoke")
    assert list(sweep.arms) == ["fixed-size", "random-vanilla"]


def test_networks_of_figure_5_cost_as_much_as_the_one_before_at_its_own_size():
    arms = get("rs_figure5", "medium").arms
    with torch.device("meta"):
        macs = {arm: count_macs(build(run.model, 10), run.eval_size) for arm, run in arms.items()}
    assert macs["slow-3"] == pytest.approx(macs["compound-2"], rel=0.02)
    assert macs["slow-2"] == pytest.approx(macs["compound-1"], rel=0.06)
    assert macs["compound-1"] < macs["compound-2"] < macs["compound-3"]
    for phi in (2, 3):
        assert arms[f"slow-{phi}"].model == arms[f"compound-{phi}"].model
        assert arms[f"slow-{phi}"].eval_size < arms[f"compound-{phi}"].eval_size <= 160
    assert {run.schedule.stages[0].image_size == run.eval_size for run in arms.values()} == {True}
