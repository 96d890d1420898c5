"""What the pages on ResNet-RS §5 and §6 show, from tables and counts."""

import numpy as np
import pandas as pd
import pytest

from convscale.experiments import get
from convscale.experiments.differences import replacements
from convscale.pages import (
    additive,
    downstream,
    pseudo_labels,
    scaling,
    speed_accuracy,
    start,
    three_recipes,
    weight_decay,
)


def test_the_grid_has_all_networks_of_the_search():
    grid = scaling.grid()
    assert len(grid) == 175 and grid["label"].is_unique
    base = grid.set_index(["width", "depth", "size"])
    assert base.loc[(1.0, 101, 224), "y"] == base.loc[(1.0, 101, 448), "y"]  # size adds no parameter
    assert base["x"].max() / base["x"].min() > 1000


def test_width_and_even_depth_cost_the_same_parameters():
    """The blocks' parameters and multiply-adds both grow with depth x width^2, so it matters where blocks go."""
    ends = scaling.equal_cost().groupby("line").last()
    per_cost = ends["y"] / ends["x"]
    assert per_cost["wider"] == pytest.approx(per_cost["all groups deeper"], rel=0.02)
    assert per_cost["deeper, as the paper"] < 0.8 * per_cost["wider"]


def test_sizes_of_all_three_families():
    sizes = scaling.sizes()
    assert sizes.groupby("family").size().to_dict() == {"rs": 11, "v1": 8, "v2": 7}
    assert sizes.loc[sizes["label"] == "B7", "y"].item() == 600


def test_an_error_law_is_drawn_with_its_exponent():
    arms = [f"network {i}" for i in range(6)]
    macs = dict(zip(arms, np.geomspace(2, 50, 6), strict=True))
    runs = pd.DataFrame({"arm": arms, "test_top1": [100 - 60 * macs[arm] ** -0.2 for arm in arms]})
    figure = scaling.law_figure(runs, macs, "fig-x", "c")
    assert figure.title == "Error fell as a power of the multiply-adds, exponent \u22120.200"


def test_figure_1_leads_from_the_plain_resnet_200_to_that_of_table_2():
    points = additive.figure1_points().set_index("line")
    path, family = points.loc["ResNet-200"], points.loc["ResNet-RS"].set_index("label")
    assert list(path["y"]) == [79.0, 82.2, 83.4] and path["x"].iloc[0] == path["x"].iloc[1] < path["x"].iloc[2]
    assert (path["x"].iloc[2], path["y"].iloc[2]) == tuple(family.loc["200 @256", ["x", "y"]])
    assert (len(family), len(points.loc["EfficientNet"])) == (11, 8)


def test_activations_order_the_printed_times_of_a_tpu():
    assert speed_accuracy.rank_correlation("activations", "TPUv3 latency") == pytest.approx(1)  # as §7.1 says


def test_what_the_tables_say_before_anything_is_trained():
    assert additive.in_print().endswith("training gains 3.2 of 4.4 points, and 2 of 10 steps lose accuracy.")
    assert "by \u22121.0 points without other regularization, by +0.5 with it" in weight_decay.in_print()
    assert scaling.in_short().endswith("3.9 times the parameters by width, 2.8 by the paper's depths.")
    assert pseudo_labels.in_print().endswith("3.4 points for ResNet-RS-152, 2.4 for EfficientNet-B5.")
    assert "on 5 of 5 tasks, by 2.0 to 8.2 points" in downstream.in_print()


def test_the_waterfall_is_the_papers_path():
    rows = additive.steps_figure("fig-x", "c").data
    assert len(rows) == 12 and (rows["start"].iloc[0], rows["end"].iloc[-1]) == (79.0, 83.4)
    assert list(rows["start"].iloc[1:11]) == list(rows["end"].iloc[:10])


@pytest.mark.parametrize("scale", ["medium", "paper"])
def test_ten_calls_lead_from_the_baseline_to_the_last_row(scale):
    table = additive.path_table("tbl-x", "c", scale).frame
    calls = table["what it is here"].str.findall(r"replace\((\w+)")
    assert len(table) == 10
    assert [set(found) <= {"run", "recipe", "stage"} for found in calls] == [True] * 8 + [False] * 2


def test_no_call_between_equal_runs():
    run = get("rs_table1l", "small").arms["resnet-d"]
    assert replacements(run, run) == []
    with pytest.raises(TypeError, match="no fields in common"):
        replacements(run, run.recipe)


def test_rows_of_weight_decay_carry_the_papers_numbers():
    page = start("resnet_rs/5-2-weight-decay")
    figure = weight_decay.decay_figure(page.shown("rs_factorial"), page.shown("rs_table1r"), "fig-x", "c")
    assert list(figure.data["paper"]) == [-1.0, -0.1, 0.5, 1.5, -0.8, 0.2, 1.0]


def test_three_recipes_side_by_side():
    differing = three_recipes.differing()
    changed = differing.index[differing["EfficientNet-B5"] != differing["ResNet-RS-270"]]
    assert {"optimizer", "lr_schedule", "learning_rate", "weight_decay", "policy"} <= set(
        changed
    )  # as its finding says
    assert differing.loc["image_size", "EfficientNetV2-S"] == "128 to 300"
    assert "weight_decay" not in three_recipes.shared_table("t", "c", "f").frame["setting"].to_list()
    rates = three_recipes.rates_figure("fig-x", "c").data
    assert rates.groupby("line")["y"].max().max() <= 100 and rates["x"].max() == 350
