"""Lists of runs: what is stored is skipped, a failure stops nothing else, and a stopped sweep goes on."""

import json
import os
import pickle
import signal
import subprocess
import sys
import time

import pytest
import torch

from convscale.experiments import execute as module
from convscale.experiments.execute import Job, execute
from convscale.learning import Outcome
from convscale.records.store import Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def jobs(tiny):
    return [
        Job("paper/section", "smoke", f"arm{arm}", tiny(epochs=arm + 1, seed=seed)) for seed in (0, 1) for arm in (0, 1)
    ]


@pytest.fixture
def trained(monkeypatch):
    """Replaces training; holds (epochs, seed) of every run that was trained. `fails` holds what each run raises."""
    seen = []

    def fit(run, device, folder, workers, progress, train_top1):
        assert workers == 0 and train_top1
        seen.append((run.epochs, run.seed))
        if (run.epochs, run.seed) in fit.fails:
            raise fit.fails[run.epochs, run.seed]
        history = [{"step": 1, "epoch": 1.0, "test_top1": 10.0}]
        return Outcome({"test_top1": 10.0 * run.epochs + run.seed}, history, {"seconds": 1.0}, torch.nn.Identity(), [])

    fit.fails = {}
    monkeypatch.setattr(module, "fit", fit)
    seen_with_fails = type("Seen", (list,), {})(seen)
    seen_with_fails.fails, seen_with_fails.now = fit.fails, lambda: list(seen)
    return seen_with_fails


ALL = [(1, 0), (2, 0), (1, 1), (2, 1)]


def test_records_come_in_the_order_of_the_jobs(store, jobs, trained):
    records = execute(jobs, store, "cpu")
    assert trained.now() == ALL
    assert [(r["arm"], r["run"]["seed"]) for r in records] == [("arm0", 0), ("arm1", 0), ("arm0", 1), ("arm1", 1)]
    assert [r["metrics"]["test_top1"] for r in records] == [10, 20, 11, 21]
    assert records == [store.read(store.path(j.page, j.scale, j.run.key)) for j in jobs]


def test_stored_runs_are_skipped(store, jobs, trained, capsys):
    first = execute(jobs, store, "cpu")
    assert execute(jobs, store, "cpu") == first
    assert trained.now() == ALL
    assert "4 of 4 runs are in the store" in capsys.readouterr().err


def test_fresh_runs_everything_again(store, jobs, trained):
    execute(jobs, store, "cpu")
    execute(jobs, store, "cpu", fresh=True)
    assert trained.now() == ALL * 2


def test_failed_run_does_not_stop_the_others(store, jobs, trained, capsys):
    trained.fails[2, 0] = FloatingPointError("loss is nan between steps 3 and 6")
    with pytest.raises(FloatingPointError, match="between steps 3 and 6"):
        execute(jobs, store, "cpu")
    assert trained.now() == ALL and len(store.all()) == 3
    assert "arm1, seed 0: FAILED: loss is nan" in capsys.readouterr().err
    trained.fails.clear()
    execute(jobs, store, "cpu")
    assert trained.now() == [*ALL, (2, 0)]


def test_interrupted_sweep_goes_on_where_it_stopped(store, jobs, trained):
    trained.fails[1, 1] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        execute(jobs, store, "cpu")
    assert trained.now() == ALL[:3] and len(store.all()) == 2
    trained.fails.clear()
    execute(jobs, store, "cpu")
    assert trained.now() == [*ALL[:3], (1, 1), (2, 1)]


def test_broken_record_is_named_and_made_anew(store, jobs, trained):
    execute(jobs, store, "cpu")
    path = store.path("paper/section", "smoke", jobs[1].run.key)
    path.write_text(path.read_text()[:100])
    with pytest.warns(UserWarning, match=f"record skipped: .*{path.name}"):
        execute(jobs, store, "cpu")
    assert trained.now() == [*ALL, (2, 0)] and store.read(path)["metrics"]["test_top1"] == 20


def test_record_of_another_run_under_this_name_is_not_used(store, jobs, trained):
    execute(jobs, store, "cpu")
    first, second = (store.path("paper/section", "smoke", job.run.key) for job in jobs[:2])
    second.write_text(first.read_text())
    with pytest.warns(UserWarning, match="belongs in"):
        assert execute(jobs, store, "cpu")[1]["metrics"]["test_top1"] == 20


@pytest.mark.slow
def test_real_runs_side_by_side_equal_runs_in_turn(store, tiny, tmp_path):
    jobs = [Job("paper/section", "smoke", "arm", tiny(epochs=1, seed=seed)) for seed in (0, 1)]
    beside = execute(jobs, store, "cpu", side_by_side=2)
    in_turn = execute(jobs, Store(tmp_path / "other"), "cpu")
    for a, b in zip(beside, in_turn, strict=True):
        assert (a["key"], a["metrics"], a["history"]) == (b["key"], b["metrics"], b["history"])
    made = json.loads(next(store.root.rglob("*.json")).read_text())["provenance"]
    assert made["device"]["kind"] == "cpu" and made["device"]["threads"] == 1 and made["versions"]["torch"]
    assert not list((tmp_path / "cache").rglob("*.pt"))  # checkpoints of finished runs are gone


TRAIN = """
import pickle, sys
from pathlib import Path
from convscale.records import Store
from convscale.experiments.execute import execute

if __name__ == "__main__":
    jobs = pickle.loads(Path(sys.argv[1]).read_bytes())
    execute(jobs, Store(Path(sys.argv[2])), "cpu", side_by_side=int(sys.argv[3]))
"""


@pytest.fixture
def trainer(tmp_path, store):
    """`trainer(jobs, workers)` starts a process that executes them on the store."""
    script = tmp_path / "train.py"
    script.write_text(TRAIN)

    def start(jobs, workers=1):
        (tmp_path / "jobs").write_bytes(pickle.dumps(jobs))
        command = [sys.executable, script, tmp_path / "jobs", store.root, str(workers)]
        environment = os.environ | {"CONVSCALE_CHECKPOINTS": str(tmp_path / "cache/checkpoints")}
        return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)

    return start


@pytest.mark.slow
def test_two_processes_that_make_the_same_run_both_win(trainer, store, tiny, tmp_path):
    jobs = [Job("paper/section", "smoke", "arm", tiny(epochs=8))]
    both = [trainer(jobs), trainer(jobs)]
    errors = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    assert [r["key"] for r in store.all()] == [jobs[0].run.key]
    assert list((tmp_path / "cache/checkpoints").iterdir()) == []


@pytest.mark.slow
def test_sigterm_reaches_runs_side_by_side_and_they_are_saved(trainer, store, tiny, tmp_path):
    jobs = [Job("paper/section", "smoke", "arm", tiny(epochs=5000, curve_points=5000, seed=seed)) for seed in range(3)]
    process = trainer(jobs, workers=2)
    folder = tmp_path / "cache/checkpoints"
    deadline = time.monotonic() + 60
    while len(list(folder.glob("*/history.csv")) if folder.exists() else []) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert "Preempted: stopped by SIGTERM" in process.communicate(timeout=60)[1]
    assert {file.parent.name for file in folder.glob("*/last.pt")} == {job.run.key for job in jobs[:2]}


def test_a_run_uses_one_thread_and_the_next_work_as_many_as_before():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with pytest.raises(KeyboardInterrupt), module.one_thread():
            assert torch.get_num_threads() == 1
            raise KeyboardInterrupt
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_checkpoints_of_a_run_have_one_owner(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVSCALE_CHECKPOINTS", str(tmp_path))
    with module.checkpoints("key") as first, module.checkpoints("key") as second:
        assert first == tmp_path / "key" and second != first
    with pytest.raises(KeyboardInterrupt), module.checkpoints("key") as stopped:
        (stopped / "last.pt").touch()
        raise KeyboardInterrupt
    with module.checkpoints("key") as again:
        assert (again / "last.pt").exists()
    assert list(tmp_path.iterdir()) == []
