"""A notebook's parameters are checked, by name, before any work."""

import sys
from types import SimpleNamespace

import pytest

from convscale.pages import Page, page, start
from convscale.records import Store, local, published

GOOD = dict(scale="smoke", seeds=2, device="cpu", fresh=False)


def test_good_parameters_make_a_page():
    assert start("paper/section", **GOOD) == Page("paper/section", "smoke", 2, "cpu", False)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (dict(scale="smal"), r"unknown scale 'smal': did you mean small.*smoke, small, paper"),
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
    in_notebook(monkeypatch, "", "scale = 'smoke'", "# Parameters\nscael = 'small'\nseeds = 3\n")
    with pytest.raises(
        ValueError, match=r"unknown page parameter 'scael': did you mean scale\? allowed: scale, seeds, device, fresh"
    ):
        start("paper/section", **GOOD)


def test_known_parameters_that_papermill_injected_are_fine(monkeypatch):
    in_notebook(monkeypatch, "", "# Parameters\nscale = 'small'\nseeds = 3\ndevice = 'cpu'\nfresh = True\n")
    assert start("paper/section", **GOOD).scale == "smoke"


def test_cells_of_the_reader_are_not_parameters(monkeypatch):
    in_notebook(monkeypatch, "", "anything = 1", "# a remark\nother = 2")
    start("paper/section", **GOOD)


def test_execute_makes_a_job_for_every_arm_and_seed(monkeypatch, tiny):
    monkeypatch.setattr(page, "execute", lambda jobs, store, *rest, **more: (jobs, store, rest, more))
    arms = {"a": tiny(), "b": tiny(epochs=2)}
    jobs, store, rest, more = start("paper/section", **GOOD).execute(arms)
    assert [(j.arm, j.run.seed) for j in jobs] == [("a", 0), ("b", 0), ("a", 1), ("b", 1)]
    assert {(j.page, j.scale) for j in jobs} == {("paper/section", "smoke")}
    assert store.root == local().root != published().root
    assert rest == ("cpu", False, 1) and more == {}


def test_a_page_shows_published_records_of_the_largest_scale(monkeypatch, tmp_path, record):
    store = Store(tmp_path / "published")
    monkeypatch.setattr(page, "published", lambda: store)
    made = start("paper/section", **GOOD)
    assert made.published_scale == "small" and made.published() == []
    for scale in ("smoke", "small", "paper"):
        kept = record(scale=scale)
        store.write(kept)
        expected = "small" if scale == "smoke" else scale
        assert made.published_scale == expected
        assert made.published() == ([] if scale == "smoke" else [kept])
