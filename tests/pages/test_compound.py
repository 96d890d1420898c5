"""Pages on EfficientNet's compound scaling: their numbers by hand, and their figures as every figure must be."""

import pandas as pd
import pytest
import torch

from convscale.drawing import lines, regions
from convscale.experiments import get
from convscale.experiments.training_memory import kept_bytes
from convscale.measure import count_macs
from convscale.models import build
from convscale.models.scaling import Coefficients
from convscale.pages import attention, budget, compound, figure8, grid, lineage, nominal, promises
from convscale.pages.sections import label_of, sections
from tests.drawing.conftest import check_svg

FIGURES = [
    compound.silhouettes, compound.proportional, compound.fields, compound.lookup, budget.feasible,
    grid.shared_growth, nominal.nominal_costs, figure8.figure8, promises.figure1, lineage.bars,
]  # fmt: skip


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.__name__)
def test_figures_fit_both_pages(figure):
    drawing = figure(name="fig-x", caption="What it shows.")
    check_svg(drawing.wide, 688)
    check_svg(drawing.narrow, 358)
    assert len(drawing.title) < 110 and len(drawing.data)


def test_every_section_has_a_label_of_its_own():
    labels = [label_of(page) for page in sections()]
    assert len(set(labels)) == len(labels)
    assert label_of("efficientnet/4-grid-search") == "v1-4-grid" and label_of("efficientnet/4-architecture") == "v1-4"


def test_receptive_fields_of_the_family_keep_step_with_the_image():
    rows = compound.field_rows()
    grown = rows[(rows["line"] == "B0 to B7") & (rows["label"] != "B0")]["y"]
    assert grown.min() > 4.5 and grown.max() < 5.2
    alone = rows[rows["line"] == "size alone"]
    assert alone["y"].iloc[-1] == pytest.approx(alone["y"].iloc[0] / 3, rel=1e-3)


def test_the_phi_of_a_factor_gives_the_factor():
    assert compound.phi_of(Coefficients(1.2**2, 1.1**3, 1.15)) == pytest.approx((2, 3, 1))


@pytest.mark.parametrize("factors", list(compound.SINGLE.values()), ids=list(compound.SINGLE))
def test_training_memory_by_arithmetic_is_that_of_autograd(factors):
    network = compound.scaled(factors)
    with torch.device("meta"):
        model = build(network).train()
    few, more = (kept_bytes(model, images, network.eval_size) for images in (2, 4))
    ours = budget.training_bytes(network, 4) - budget.training_bytes(network, 2)
    assert ours == pytest.approx(more - few, rel=0.02)


def test_the_widest_network_is_found_or_said_to_be_none():
    found = budget.widest(lambda network: network.stages[-1].width <= 480, 1.0, 1.0)
    assert found == pytest.approx(1.5, abs=0.03)  # 480 of 320 channels, and rounded to 8
    assert budget.widest(lambda network: False, 1.0, 1.0) == 0


def test_points_of_the_grid_share_one_doubling():
    assert grid.shares(Coefficients(2, 1, 1)) == (0, 1, 0)
    rows = grid.points()
    assert rows[["a", "b", "c"]].sum(axis=1).tolist() == pytest.approx([1] * len(rows))
    assert grid.is_paper(rows).sum() == 1


def test_factors_of_the_medium_scale_cost_alike():
    runs = get("v1_table7", "medium").arms
    counted = {}
    for arm, run in runs.items():
        with torch.device("meta"):
            counted[arm] = count_macs(build(run.model, 10), run.eval_size)
    ratios = [counted[arm] / counted["b0"] for arm in runs if arm != "b0"]
    assert min(ratios) > 3.9 and max(ratios) < 4.15
    assert ratios[-1] == pytest.approx(sum(ratios) / 4, rel=0.01)  # the compound is no dearer than the others


def test_paper_scale_has_the_papers_factors():
    runs = get("v1_table7", "paper").arms
    assert [run.eval_size for run in runs.values()] == [224, 224, 224, 448, 291]
    assert sum(stage.depth for stage in runs["b0-depth"].model.stages) == 4 * 16
    wide = get("v1_figure4", "paper").arms["deep-large-wide"]
    assert (wide.model.head, wide.eval_size) == (2560, 291)


def test_promises_say_which_do_not_follow():
    table = promises.promises("efficientnet/1-introduction", name="tbl-x", caption="")
    good, count = promises.kept()
    assert len(table.frame) == count and table.frame["follows"].eq("yes").sum() == good
    assert promises.size_ratios().max() == pytest.approx(557 / 66)


def test_a_folder_of_images_is_read_by_its_names(tmp_path):
    with pytest.raises(FileNotFoundError, match="no files whose names begin with an ImageNet synset"):
        attention.effects(tmp_path)
    (tmp_path / "n01443537_goldfish.JPEG").touch()
    (tmp_path / "readme.md").touch()
    assert [(path.name, label) for path, label in attention.labelled(tmp_path)] == [("n01443537_goldfish.JPEG", 1)]


def test_lines_are_named_and_compared():
    points = pd.DataFrame({"line": ["a", "a", "b", "b"], "x": [1, 2, 1, 2], "y": [1.0, 2.0, 1.0, 0.5]})
    drawing = lines(points, name="fig-x", title="t", x="x", y="y", at=(1.0, "level"))
    check_svg(drawing.wide, 688)
    assert "<title>level: 1</title>" in drawing.wide and "a: x 1, y 1; a: x 2, y 2" in drawing.wide
    with pytest.raises(ValueError, match="7 lines"):
        lines(pd.DataFrame({"line": range(7), "x": 1, "y": 1}), name="n", title="t", x="x", y="y")


def test_a_limit_ends_where_it_allows_nothing():
    limits = pd.DataFrame({"panel": "p", "limit": "l", "x": [1, 2, 3, 4], "y": [2.0, 1.2, 0.0, 0.0]})
    points = pd.DataFrame({"panel": ["p"], "x": [2], "y": [1.5], "label": ["one"], "about": ["outside"]})
    drawing = regions(limits, points, name="fig-x", title="t", x="depth", y="width", edges=(0.9, 2.4))
    check_svg(drawing.wide, 688)
    assert "p, l: width up to 2.00 at depth 1" in drawing.wide and "one: outside" in drawing.wide
