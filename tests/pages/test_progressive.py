"""Progressive learning as figures and tables."""

import pytest

from convscale.experiments import get
from convscale.pages import progressive as shown
from convscale.pages.papers import ABSENT
from convscale.recipes import canonical, preset
from convscale.records import Store


def test_stretches_hold_every_stage_and_the_whole_training():
    run = preset("v2-m:paper").run()
    rows = shown.stretches("M", run, 350, "cost")
    assert [(row["start"], row["end"]) for row in rows] == [(0, 87.5), (87.5, 175), (175, 262.5), (262.5, 350)]
    assert [row["image_size"] for row in rows] == [128, 212, 296, 380]
    assert rows[-1]["cost"] == 1 and rows[0]["cost"] == pytest.approx((128 / 380) ** 2, rel=0.05)


def test_the_learning_rate_does_not_restart_with_a_stage():
    rows = shown.stretches("M", preset("v2-m:paper").run(), 350, "learning_rate")
    rates = [row["learning_rate"] for row in rows]
    peak = rates.index(max(rates))
    assert max(rates) == pytest.approx(0.256) and rows[peak]["start"] == pytest.approx(4.9)
    assert rates[peak:] == sorted(rates[peak:], reverse=True) and rates[-1] < 0.02 * max(rates)
    assert {row["image_size"] for row in rows} == {128, 212, 296, 380}


def test_the_release_saves_less_than_the_paper():
    table = shown.saving_rows().set_index(["network", "ramp"])
    assert table.loc[("S", "release"), "sizes, px"] == "171, 214, 257, 300"
    for network in "SML":
        paper, release = (float(table.loc[(network, r), "multiply-adds"][:-1]) for r in ("paper", "release"))
        assert 1.4 < release < paper < 2
    assert f"{shown.saved('v2-s:paper'):.2f}x" == table.loc[("S", "paper"), "multiply-adds"]


def test_every_stage_is_told():
    table = shown.stage_rows().set_index(["network", "ramp"])
    assert table.loc[("L", "paper"), "RandAugment"] == "5, 11.7, 18.3, 25"
    assert table.loc[("L", "release"), "dropout rate"] == "0.4, 0.4, 0.4, 0.4"


def test_time_is_told_once_all_pairs_of_runs_are_there(record, tmp_path, monkeypatch):
    sweep, store = get("v2_table13", "small"), Store(tmp_path)
    monkeypatch.setattr(shown, "published", lambda: store)
    arms = {"progressive-adaptive": 60.0, "fixed-size": 90.0}
    jobs = [job for job in sweep.jobs if job.arm in arms]
    for job in jobs:
        made = record(job.arm, job.run.seed)
        cost = made["cost"] | {"cpu_seconds": arms[job.arm] * job.run.seed}
        store.write(made | {"key": job.run.key, "run": canonical(job.run), "cost": cost})
    assert shown.measured_in_runs(sweep, *arms) == ("1.50x", "whole runs, 16 pairs")
    store.run_path(jobs[-1].run.key).unlink()
    assert shown.measured_in_runs(sweep, *arms) == (ABSENT, "15 of 16 pairs of runs")
