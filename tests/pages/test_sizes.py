"""§4.1's figures and tables: before any run, and when all are there."""

import pytest

from convscale.experiments import get, records_of
from convscale.pages import sizes
from convscale.pages.results import Results
from convscale.recipes import canonical
from convscale.records import Store

PAGE = "efficientnetv2/4-1-motivation"
TOP1 = {"size-128-magnitude-5": 44.0, "size-128-magnitude-10": 41.0, "size-128-magnitude-15": 37.0}
TOP1 |= {"size-192-magnitude-5": 46.0, "size-192-magnitude-10": 47.0, "size-192-magnitude-15": 45.0}
TOP1 |= {"size-300-magnitude-5": 48.0, "size-300-magnitude-10": 49.0, "size-300-magnitude-15": 50.0}
TOP1 |= {"size-128-magnitude-10-relative": 42.0, "size-128-magnitude-15-relative": 40.0}


@pytest.fixture
def all_runs(record, tmp_path, monkeypatch):
    """A store with every run of both experiments; half the images lose less, twice as many more."""
    store = Store(tmp_path)
    for name in ("v2_table5", "v2_table5_regimes"):
        for job in get(name, "small").jobs:
            regime, _, cell = job.arm.partition("-") if name == "v2_table5_regimes" else ("", "", job.arm)
            top1 = TOP1[cell] + {"half": 2.0, "twice": -3.0, "": 0.0}[regime] * ("15" in cell and "300" in cell)
            made = record(job.arm, job.run.seed, test_top1=top1 + job.run.seed / 10)
            store.write(made | {"key": job.run.key, "run": canonical(job.run)})
    monkeypatch.setattr(sizes, "published", lambda: store)
    return store


def results(store=None):
    sweep = get("v2_table5", "small")
    return Results(PAGE, sweep, [], sweep if store else None, records_of(sweep, store) if store else [])


def test_the_grid_has_the_papers_numbers_before_any_run():
    table = sizes.grid(results(), "c").frame
    assert table["paper, 300 px"].tolist() == ["82.5", "82.7", "83.2"]
    assert table["ours, 16 px"].tolist() == ["not run"] * 3
    assert table["RandAugment: paper (here)"].tolist() == ["weak: 5 (none)", "medium: 10 (5)", "strong: 15 (10)"]


def test_gains_before_any_run_are_the_papers():
    drawing = sizes.gains(results(), "c")
    assert drawing.data["paper"].round(1).tolist() == [-0.3, -0.6, 0.4, 0.3, 0.2, 0.7]
    assert drawing.data["ours"].isna().all() and drawing.title.startswith("In the paper strong augmentation gains +0.7")
    assert "not run" in drawing.wide and "not run" in drawing.narrow


def test_gains_and_grid_of_complete_runs_are_ours(all_runs):
    drawing, table = sizes.gains(results(all_runs), "c"), sizes.grid(results(all_runs), "c").frame
    assert drawing.data["ours"].tolist() == pytest.approx([-3, -7, 1, -1, 1, 2])
    assert drawing.title.startswith("Here strong augmentation gains +2.0 points on large images, \u22127.0")
    assert table["ours, 32 px"].tolist() == ["49.4", "50.4", "51.4"]  # seeds 10 to 17 add 1.35


def test_regimes_wait_until_they_are_run(tmp_path, monkeypatch):
    monkeypatch.setattr(sizes, "published", lambda: Store(tmp_path))
    assert sizes.regimes("c").text.endswith("convscale experiment run v2_table5 v2_table5_regimes --scale small")


def test_the_answer_names_the_interaction_and_the_rival_explanation():
    assert sizes.finding() == (
        "In the paper strong augmentation gains +0.7 points at 300 px and \u22120.6 at 128 px. "
        "At that strength the released code also moves images by 150 px, whatever their size."
    )


def test_regimes_that_wait_are_counted(all_runs):
    for job in get("v2_table5_regimes", "small").jobs:
        all_runs.run_path(job.run.key).unlink()
    assert sizes.regimes("c").title.endswith(", in 1 of 1 regime; 2 are not run")


def test_regimes_stand_side_by_side(all_runs):
    """Strong at 16 px is that with relative distances: -4 points; at 32 px +2, +4 with few and -1 with many images."""
    table = sizes.regimes("c").data
    regimes = ["1,000 images, 90 epochs", "2,000 images, 45 epochs", "4,000 images, 22 epochs"]
    assert table["label"].tolist() == regimes * 3
    found = table.groupby("group", sort=False)["mean"].apply(list)
    # the regimes' corners have no "-relative" in their names: -7 at 16 px
    assert found.iloc[0] == pytest.approx([-7, -4, -7]) and found.iloc[1] == pytest.approx([4, 2, -1])
    assert found.iloc[2] == pytest.approx([11, 6, 6])
    assert sizes.regimes("c").title == "The gain grows with the image, beyond chance, in 3 of 3 regimes"


def test_what_a_translation_leaves():
    table = sizes.remaining((128, 300), (5, 15), "tbl-x")
    assert table.frame.values.tolist() == [["5", "50", "61 %", "83 %"], ["15", "150", "0 %", "50 %"]]
    assert "2 of 16 operations translate and each image gets 2: 23 % of the images" in table.caption
