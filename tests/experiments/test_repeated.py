"""Runs made again are compared with their records, value by value."""

import sys

import pytest

from convscale.cli import main
from convscale.experiments import get, repeated
from convscale.experiments.repeated import Repeated, repeat
from convscale.records import Store, local


@pytest.fixture
def job():
    return get("v2_table13", "smoke").jobs[0]


@pytest.fixture
def again(job, record_of):
    """`again(metric=...)`: the run once more, with these metrics."""

    def make(history=None, versions=None, **metrics) -> Repeated:
        before = record_of(job.run)
        now = before | {"metrics": before["metrics"] | {"test_top5": 80.0} | metrics}
        now |= {"history": history or before["history"]}
        now["provenance"] = before["provenance"] | {"versions": versions or {"torch": "2.9.0"}}
        return Repeated(job, before, now)

    return make


def test_what_is_the_same_is_said(again, job):
    assert again().changes == again().conditions == []
    assert str(again()) == f"v2_table13 {job.arm}, seed {job.run.seed}: the same to the last digit"


def test_each_difference_is_named(again):
    found = again(history=[{"step": 3}], versions={"torch": "2.13.0"}, test_top1=50.1)
    assert found.changes == ["test_top1 50.0 -> 50.1", "the curve"]
    assert found.conditions == ["torch 2.9.0 -> 2.13.0"]
    del found.before["provenance"]["versions"]  # a record need not have them
    assert found.conditions == ["torch None -> 2.13.0"]


def test_other_packages_make_runs_again(job, record_of, monkeypatch, tmp_path):
    local().write(record_of(job.run))
    folders = []
    monkeypatch.setattr(repeated, "CACHE", tmp_path)
    monkeypatch.setattr(
        repeated, "execute", lambda jobs, store, *more: folders.append(store.root) or [record_of(job.run)]
    )
    for version in ("2.9.0", "2.13.0", "2.9.0"):
        made = {"code": "c" * 16, "versions": {"torch": version}, "device": {"kind": "cpu", "name": "a processor"}}
        monkeypatch.setattr(repeated, "provenance", lambda *_, made=made: made)
        repeat([job], local(), "cpu")
    assert folders[0] == folders[2] != folders[1]


@pytest.mark.slow
def test_a_run_of_this_machine_comes_out_the_same_and_a_changed_record_is_found(job, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(repeated, "CACHE", tmp_path)
    words = ["convscale", "experiment", "repeat", "v2_table13", "--arm", job.arm, "--seed", str(job.run.seed)]
    monkeypatch.setattr(sys, "argv", [*words, "--device", "cpu", "--here"])
    with pytest.raises(SystemExit, match="has none of these runs"):
        main()
    record = repeated.execute([job], local(), "cpu")[0]
    main()
    assert capsys.readouterr().out.endswith("the same to the last digit\n1 of 1 came out the same\n")
    changed = {name: record[name] for name in record if name not in ("experiment", "scale", "arm")}
    changed["metrics"] = record["metrics"] | {"test_top1": 99.0}
    local().write(changed)
    assert [one.changes[0] for one in repeat([job], local(), "cpu")] == [
        f"test_top1 99.0 -> {record['metrics']['test_top1']}"
    ]
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1 and "0 of 1 came out the same" in capsys.readouterr().out
    assert len(list(Store(next((tmp_path / "repeated").iterdir())).runs())) == 1  # made once
