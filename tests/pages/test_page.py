"""A notebook's parameters are checked, by name, before any work."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from convscale.experiments import Arm, Experiment, Scale, get
from convscale.experiments.registry import experiments as known
from convscale.pages import Page, Results, page, source_of, start
from convscale.pages import results as results_of_pages
from convscale.pages.words import duration
from convscale.paths import PACKAGE
from convscale.recipes import canonical
from convscale.records import Store, local, published

PAGE63 = "efficientnetv2/6-3-adaptive-regularization"
GOOD = dict(scale="smoke", seeds=2, device="cpu", fresh=False)


def test_good_parameters_make_a_page():
    assert start("paper/section", **GOOD) == Page("paper/section", "smoke", 2, "cpu", False)
    assert start("paper/section", **GOOD | {"seeds": None}).seeds is None


@pytest.mark.parametrize("word", ["true", "True", "false", "False"])
def test_papermill_hands_on_true_as_a_word(word):
    """`-p fresh true`; True it takes for the value."""
    assert start("paper/section", **GOOD | {"fresh": word}).fresh is (word.lower() == "true")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (dict(scale="smal"), r"unknown scale 'smal': did you mean small.*smoke, small, medium, paper"),
        (dict(scale="SMOKE"), "unknown scale 'SMOKE'"),
        (dict(scale=3), "unknown scale 3"),
        (dict(device="gpu"), r"unknown device 'gpu'.*auto, cpu, cuda, xla"),
        (dict(seeds=0), "seeds = 0: a whole number from 1 on"),
        (dict(seeds=-1), "seeds = -1"),
        (dict(seeds="5"), "seeds = '5'"),
        (dict(seeds=2.0), "seeds = 2.0"),
        (dict(seeds=True), "seeds = True"),
        (dict(seeds=[0, 1]), r"seeds = \[0, 1\].*how many seeds, not which"),
        (dict(fresh="no"), "fresh = 'no': True or False"),
        (dict(fresh=0), "fresh = 0"),
    ],
)
def test_bad_parameters_are_refused_by_name(wrong, words):
    with pytest.raises(ValueError, match=words):
        start("paper/section", **{**GOOD, **wrong})


def in_notebook(monkeypatch, *cells):
    """As if these cells had been executed in a notebook."""
    shell = SimpleNamespace(user_ns={"In": list(cells)})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))


def test_misspelt_parameter_that_papermill_injected_is_refused(monkeypatch):
    in_notebook(monkeypatch, "", "scale = 'smoke'\nseeds = 2", "# Parameters\nscael = 'small'\nseeds = 3\n")
    with pytest.raises(ValueError, match=r"unknown page parameter 'scael': did you mean scale\? allowed: scale, seeds"):
        start("paper/section", **GOOD)


def test_parameters_of_other_pages_that_papermill_injected_are_refused(monkeypatch):
    in_notebook(monkeypatch, "", "# Parameters\nscale = 'small'\n", "!pip list")
    with pytest.raises(ValueError, match="unknown page parameter 'scale': there is none here"):
        start("efficientnet/4-architecture")


def test_known_parameters_that_papermill_injected_are_fine(monkeypatch):
    own = "scale = 'smoke'\nseeds: int | None = None\ndevice = 'auto'\nfresh = False"
    injected = "# Parameters\nscale = 'small'\nseeds = 3\ndevice = 'cpu'\nfresh = True\n"
    in_notebook(monkeypatch, "", "!pip list", own, injected, "anything = 1", injected)  # a reader runs it once more
    assert start("paper/section", **GOOD).scale == "smoke"


def test_cells_of_the_reader_are_not_parameters(monkeypatch):
    in_notebook(monkeypatch, "", "anything = 1", "# a remark\nother = 2")
    start("paper/section", **GOOD)


@pytest.mark.parametrize(("seeds", "numbers"), [(None, [10, 11, 12]), (1, [10]), (2, [10, 11]), (9, [10, 11, 12])])
def test_a_page_makes_the_runs_of_the_first_seeds(seeds, numbers, monkeypatch, sweep):
    monkeypatch.setattr(page, "execute", lambda jobs, *rest: [jobs, rest])
    made = start("paper/section", **GOOD | {"seeds": seeds}).run(sweep)
    jobs, (store, *rest) = made.here
    assert [(job.arm, job.run.seed) for job in jobs] == [(arm, seed) for seed in numbers for arm in ("a", "b")]
    assert store.root == local().root != published().root and rest == ["cpu", False, 1]


def test_a_page_shows_published_runs_only_when_all_are_there(monkeypatch, tmp_path, sweep, record):
    monkeypatch.setattr("convscale.records.store.DATA", tmp_path / "data")
    monkeypatch.setattr(page, "execute", lambda *_: [])
    made = start("efficientnetv2/6-3-adaptive-regularization", **GOOD)
    jobs = sweep.experiment.at("small").jobs
    for number, job in enumerate(jobs, start=1):
        published().write(record() | {"key": job.run.key, "run": canonical(job.run)})
        results = made.run(sweep)
        said = f"Published so far: {number} of 6 runs at small, 0 of 6 runs at paper."
        assert results.progress().text == f"{said} This part appears when all runs of a scale are there."
        assert len(results.published) == (6 if number == 6 else 0)
    assert [r["arm"] for r in results.published] == ["a", "b"] * 3 and results.shown.scale == "small"
    table = results.table().frame
    assert table["ours, %"].tolist() == ["50.0", "50.0"] and "±\u00a00.0" in table.iloc[0].tolist()
    for job in sweep.experiment.at("paper").jobs:  # the larger scale is shown instead
        published().write(record() | {"key": job.run.key, "run": canonical(job.run)})
    assert made.run(sweep).shown.scale == "paper"


def test_an_experiment_may_be_named(monkeypatch):
    monkeypatch.setattr(page, "execute", lambda *_: [])
    results = start("efficientnetv2/6-3-adaptive-regularization", **GOOD).run("v2_table13")
    assert results.sweep.name == "v2_table13" and results.sweep.scale == "smoke" and len(results.sweep.seeds) == 2
    with pytest.raises(ValueError, match="unknown experiment 'v2_table31': did you mean"):
        start("efficientnetv2/6-3-adaptive-regularization", **GOOD).run("v2_table31")


def test_runs_here_are_one_line(record, sweep):
    results = Results("efficientnetv2/6-3-adaptive-regularization", sweep, [record()], None, [])
    assert results.ran_here().text == "Runs here: yes, 1 run at the smoke scale in 2.0 core-minutes."
    assert [duration(spent) for spent in (0.4, 1.4, 1.6)] == [
        "less than a core-second",
        "1 core-second",
        "2 core-seconds",
    ]


def test_a_claim_of_ours_that_something_is_no_worse_is_drawn_against_its_margin(record, tmp_path, monkeypatch):
    page_name, sweep, store = PAGE63, get("v2_section6_3", "small"), Store(tmp_path)
    for job in sweep.jobs:
        made = record(job.arm, job.run.seed, test_top1=40 + job.run.seed / 10 - 9 * (job.arm == "smallest-size"))
        store.write(made | {"key": job.run.key, "run": canonical(job.run)})
    monkeypatch.setattr(results_of_pages, "published", lambda: store)
    drawing = Results(page_name, sweep, [], None, []).forest("c", margin=1.0)
    assert drawing.title == "1 of 1 claimed difference is seen here beyond chance"
    assert drawing.name == "fig-v2-section6-3-forest"
    assert "no worse by 1" in drawing.wide and "the paper claims" not in drawing.wide


def test_nothing_is_drawn_of_runs_that_are_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr(results_of_pages, "published", lambda: Store(tmp_path))
    results = Results(PAGE63, get("v2_section6_3", "small"), [], None, [])
    said = "Published so far: 0 of 48 runs at small, 0 of 24 runs at medium, 0 of 15 runs at paper."
    command = "This makes them: convscale experiment run v2_section6_3 --scale small"  # said once, where costs are
    assert results.forest("c", margin=1.0).text == f"{said} This part appears when all runs of a scale are there."
    assert results.costs().text == f"{said} At small a run takes 2 to 3 minutes of a core. {command}"
    drawing = Results(PAGE63, get("v2_table13", "small"), [], None, []).forest("c")
    assert drawing.title == "None of the 5 claimed differences has been measured yet"  # the paper's numbers are there


def test_values_of_arms_are_rounded():
    arms = Results(PAGE63, get("v2_table5", "small"), [], None, []).arms().frame.set_index("arm")
    assert arms.loc["size-128-magnitude-15", "translate px"] == "10.67"
    assert arms.loc["size-128-magnitude-15-relative", "cutout px"] == "2.133"


def test_a_forest_may_have_some_claims_only():
    results = Results(PAGE63, get("v2_table13", "small"), [], None, [])
    ids = ["v2-table13-random", "v2-table13-progressive"]
    drawing = results.forest("c", only=ids, what="premise")
    assert drawing.name == "fig-v2-table13-premise"
    assert drawing.data["label"].tolist() == ["Adaptive beats vanilla"] * 2
    assert drawing.data["paper"].tolist() == [0.7, 0.8]
    with pytest.raises(ValueError, match="unknown claim of v2_table13 'v2-table5-128'"):
        results.forest("c", only=["v2-table5-128"])


@pytest.fixture
def sweep(tiny):
    """Two arms, three seeds, at three scales that differ in their epochs; the smoke scale."""
    arms = {"a": Arm("as it is", lambda run: run), "b": Arm("ours", lambda run: replace(run, curve_points=2), True)}
    scales = {
        name: Scale(base=tiny(epochs=epochs), seeds=3, cost="", shows="", cannot="")
        for name, epochs in (("smoke", 1), ("small", 2), ("paper", 3))
    }
    return Experiment("made", "Made for a test", "v2:13", arms, scales, {}).at("smoke")


def test_the_arms_of_an_experiment_are_shown_by_what_differs():
    page_name, sweep = "efficientnetv2/6-3-adaptive-regularization", get("v2_table13", "smoke")
    table = Results(page_name, sweep, [], None, []).arms().frame
    assert table.columns.tolist() == ["arm", "what it does", "sizes", "regularization"]
    assert table.iloc[-1].tolist() == [
        "random-minimum",
        "drawn sizes, the first regularization throughout (ours)",
        "shuffled",
        "minimum",
    ]


def test_the_source_of_an_experiment_is_its_file():
    text = source_of(known()["v2_table13"])
    assert text == (PACKAGE / "experiments/papers/v2_table13.py").read_text()
