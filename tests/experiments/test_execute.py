"""Lists of runs: what is stored is skipped, a failure stops nothing else, and a stopped sweep goes on."""

import errno
import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from convscale.datasets import DataMissing
from convscale.errors import Preempted
from convscale.experiments import Job, making
from convscale.experiments import execute as module
from convscale.experiments.attempt import GivenUp, Patience
from convscale.experiments.execute import execute
from convscale.experiments.leases import claim
from convscale.experiments.places import run_folder
from convscale.experiments.several import made_by_several
from convscale.learning import Outcome
from convscale.recipes import Schedule, progressive
from convscale.records.store import Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def jobs(tiny):
    return [
        Job("an_experiment", "smoke", f"arm{arm}", tiny(epochs=arm + 1, seed=seed)) for seed in (0, 1) for arm in (0, 1)
    ]


@pytest.fixture
def trained(monkeypatch):
    """Replaces training; holds (epochs, seed) of every run that was trained. `fails` holds what each run raises."""
    seen = []

    def fit(run, device, folder, workers, progress, train_top1, earlier, watch, begins):
        assert workers == 0 and train_top1 and earlier is None
        seen.append((run.epochs, run.seed))
        if (run.epochs, run.seed) in fit.fails:
            raise fit.fails[run.epochs, run.seed]
        history = [{"step": 1, "epoch": 1.0, "test_top1": 10.0}]
        return Outcome({"test_top1": 10.0 * run.epochs + run.seed}, history, {"seconds": 1.0}, torch.nn.Identity(), [])

    fit.fails = {}
    monkeypatch.setattr(making, "fit", fit)
    seen_with_fails = type("Seen", (list,), {})(seen)
    seen_with_fails.fails, seen_with_fails.now = fit.fails, lambda: list(seen)
    return seen_with_fails


ALL = [(1, 0), (2, 0), (1, 1), (2, 1)]


def test_records_come_in_the_order_of_the_jobs(store, jobs, trained):
    records = execute(jobs, store, "cpu")
    assert trained.now() == ALL
    assert [(r["arm"], r["run"]["seed"]) for r in records] == [("arm0", 0), ("arm1", 0), ("arm0", 1), ("arm1", 1)]
    assert [r["metrics"]["test_top1"] for r in records] == [10, 20, 11, 21]
    assert [r["key"] for r in records] == [j.run.key for j in jobs]
    for job, record in zip(jobs, records, strict=True):
        assert record == store.run(job.run.key) | {"experiment": "an_experiment", "scale": "smoke", "arm": job.arm}


def test_stored_runs_are_skipped(store, jobs, trained, capsys):
    first = execute(jobs, store, "cpu")
    assert execute(jobs, store, "cpu") == first
    assert trained.now() == ALL
    assert "4 of 4 runs in the store" in capsys.readouterr().err


def test_a_run_that_two_tables_share_is_made_once(store, jobs, trained):
    shared = Job("another_experiment", "smoke", "its name there", jobs[0].run)
    records = execute([*jobs, shared], store, "cpu")
    assert trained.now() == ALL
    assert (records[-1]["experiment"], records[-1]["arm"]) == ("another_experiment", "its name there")
    assert records[-1]["key"] == records[0]["key"] and len(list(store.runs())) == 4


def test_missing_images_are_said_once_before_any_run(store, jobs, trained, tiny):
    absent = [Job("an_experiment", "smoke", "arm", tiny(dataset="imagenet", seed=seed)) for seed in range(3)]
    with pytest.raises(DataMissing, match="no imagenet images"):
        execute([*jobs, *absent], store, "cpu")
    assert trained.now() == []


def test_what_can_be_known_is_said_before_any_run(store, jobs, trained):
    with pytest.raises(ValueError, match="unknown device 'gpu'"):
        execute(jobs, store, "gpu")
    store.root.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="store"):
        execute(jobs, store, "cpu")
    assert trained.now() == []


def test_a_store_that_is_full_stops_the_sweep_at_once(store, jobs, trained, monkeypatch):
    """The runs after it would be trained for nothing."""

    def full(record):
        monkeypatch.setattr(store, "check_writable", lambda: pytest.fail("the store is full"))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "write", full)
    with pytest.raises(pytest.fail.Exception, match="the store is full"):
        execute(jobs, store, "cpu")
    assert len(trained.now()) == 1


def test_checkpoints_are_asked_for_before_any_run(store, jobs, trained, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("CONVSCALE_CHECKPOINTS", str(tmp_path / "file"))
    with pytest.raises(OSError, match=r"file .*choose another folder by CONVSCALE_CHECKPOINTS"):
        execute(jobs, store, "cpu")
    assert trained.now() == []


def test_a_state_of_other_code_is_not_gone_on_from(store, jobs, trained, monkeypatch, capsys):
    """A record says one code for all of its steps."""
    job = replace(jobs[0], scale="small")
    folder = run_folder(job.run.key)
    seen = []

    def stopped(*_, **__):
        seen.append((folder / "last.pt").exists())
        (folder / "last.pt").touch()
        raise Preempted("stopped")

    monkeypatch.setattr(making, "fit", stopped)
    for code in ("one", "one", "another", "another"):
        monkeypatch.setattr(making, "code_version", lambda code=code: {"code": code})
        with pytest.raises(Preempted):
            execute([job], store, "cpu")
    (folder / "code.txt").unlink()  # as it was kept before code was
    with pytest.raises(Preempted):
        execute([job], store, "cpu")
    assert seen == [False, True, False, True, False]
    assert capsys.readouterr().err.count("is of other code, so that it begins anew") == 2


def test_a_run_of_changed_experiments_names_no_command(store, jobs, trained, monkeypatch):
    """At the commit of such a record the same command makes another run."""
    monkeypatch.setattr(making, "command_of", lambda *_: "the command")
    for committed, command in ((True, "the command"), (False, "")):
        monkeypatch.setattr(making, "is_committed", lambda _, committed=committed: committed)
        assert execute(jobs[:1], store, "cpu", fresh=True)[0]["provenance"]["command"] == command


def test_ctrl_c_stops_runs_side_by_side_as_sigterm_does(store, jobs, monkeypatch):
    """A worker that is only left alone would first make the next run, which may take hours."""
    told = []

    class Pool:
        def __init__(self, *_, **__): ...

        def submit(self, *_):
            return Future()

        def shutdown(self, cancel_futures):
            told.append("shut down")

    def interrupted(futures):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(module, "as_completed", interrupted)
    monkeypatch.setattr(module, "stop_children", lambda: told.append("children told"))
    with pytest.raises(KeyboardInterrupt):
        execute(jobs, store, "cpu", beside=2)
    assert told == ["children told", "shut down"]


def test_progress_says_how_much_is_left(store, jobs, trained, capsys):
    told = []
    execute(jobs, store, "cpu", made=lambda job, record: told.append((job, record["key"])))
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(" ")[0] for line in said] == ["1/4", "2/4", "3/4", "4/4"]
    assert said[0].startswith("1/4 arm0, seed 0: top-1 10.0 %; ") and said[-1].endswith("; done")
    assert told == [(job, job.run.key) for job in jobs]


def test_fresh_runs_everything_again(store, jobs, trained):
    execute(jobs, store, "cpu")
    execute(jobs, store, "cpu", fresh=True)
    assert trained.now() == ALL * 2


def test_failed_run_does_not_stop_the_others(store, jobs, trained, capsys):
    trained.fails[2, 0] = FloatingPointError("loss is nan between steps 3 and 6")
    with pytest.raises(FloatingPointError, match="between steps 3 and 6"):
        execute(jobs, store, "cpu")
    assert trained.now() == ALL and len(list(store.runs())) == 3
    assert "arm1, seed 0: FAILED: loss is nan" in capsys.readouterr().err
    trained.fails.clear()
    execute(jobs, store, "cpu")
    assert trained.now() == [*ALL, (2, 0)]


def test_a_run_is_tried_as_often_as_asked_after_the_others(store, jobs, trained):
    trained.fails[2, 0] = FloatingPointError("loss is nan")
    with pytest.raises(GivenUp, match=r"failed 3 times .*, the last time: FloatingPointError: loss is nan"):
        execute(jobs, store, "cpu", patience=Patience("a batch", attempts=3))
    assert trained.now() == [*ALL, (2, 0), (2, 0)] and len(list(store.runs())) == 3


def test_what_another_worker_makes_is_waited_for_after_the_others(store, jobs, trained, monkeypatch):
    monkeypatch.setattr(module, "WAIT", 0.01)
    lease, made = claim(run_folder(jobs[0].run.key)), []

    def seen(job, record):
        made.append(job)
        if len(made) == 3:
            lease.release()

    execute(jobs, store, "cpu", made=seen)
    assert trained.now() == [*ALL[1:], ALL[0]] and made == [*jobs[1:], jobs[0]]


def test_the_number_of_processes_is_in_the_key_where_it_decides_the_result(tiny):
    dropped = tiny()
    recipe = replace(dropped.recipe, drop_path_rate=0.0)
    calm = replace(dropped, recipe=recipe, schedule=Schedule(progressive(4, (16, 24), dropout=(0, 0))))
    assert made_by_several(dropped, 2).key != dropped.key == made_by_several(dropped, 1).key
    assert made_by_several(calm, 2).key == calm.key
    after = made_by_several(replace(calm, after=dropped), 2)
    assert (after.processes, after.after.processes) == (1, 2)


def test_interrupted_sweep_goes_on_where_it_stopped(store, jobs, trained):
    trained.fails[1, 1] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        execute(jobs, store, "cpu")
    assert trained.now() == ALL[:3] and len(list(store.runs())) == 2
    trained.fails.clear()
    execute(jobs, store, "cpu")
    assert trained.now() == [*ALL[:3], (1, 1), (2, 1)]


def test_broken_record_is_named_and_made_anew(store, jobs, trained):
    execute(jobs, store, "cpu")
    path = store.run_path(jobs[1].run.key)
    path.write_text(path.read_text()[:100])
    with pytest.warns(UserWarning, match=f"record skipped: .*{path.name}"):
        execute(jobs, store, "cpu")
    assert trained.now() == [*ALL, (2, 0)] and store.read(path)["metrics"]["test_top1"] == 20


def test_record_of_another_run_under_this_name_is_not_used(store, jobs, trained):
    execute(jobs, store, "cpu")
    first, second = (store.run_path(job.run.key) for job in jobs[:2])
    second.write_text(first.read_text())
    with pytest.warns(UserWarning, match="belongs in"):
        assert execute(jobs, store, "cpu")[1]["metrics"]["test_top1"] == 20


TRAIN = """
import pickle, sys
from pathlib import Path
from convscale.records import Store
from convscale.experiments.execute import execute

if __name__ == "__main__":
    jobs = pickle.loads(Path(sys.argv[1]).read_bytes())
    execute(jobs, Store(Path(sys.argv[2])), "cpu", beside=int(sys.argv[3]))
"""


def start(folder: Path, jobs: list[Job], workers: int = 1) -> subprocess.Popen:
    """A process that executes `jobs`, with its store and checkpoints in `folder`."""
    (folder / "train.py").write_text(TRAIN)
    (folder / "jobs").write_bytes(pickle.dumps(jobs))
    command = [sys.executable, folder / "train.py", folder / "jobs", folder / "store", str(workers)]
    environment = os.environ | {"CONVSCALE_CHECKPOINTS": str(folder / "checkpoints")}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)


@pytest.mark.slow
def test_of_two_processes_that_want_the_same_run_one_makes_it_and_both_have_it(store, tiny, tmp_path):
    jobs = [Job("an_experiment", "small", "arm", tiny(epochs=8))]
    both = [start(tmp_path, jobs), start(tmp_path, jobs)]
    errors = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    assert [r["key"] for r in store.runs()] == [jobs[0].run.key]
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["logs"]
    assert (tmp_path / f"checkpoints/logs/{jobs[0].run.key}.log").read_text().count("training begins") == 1


@pytest.fixture(scope="module")
def swept(tiny, tmp_path_factory):
    """Two short runs side by side, then two of three long ones, until SIGTERM: jobs, their folder, and last words."""
    folder = tmp_path_factory.mktemp("swept")
    runs = [tiny(epochs=1, seed=seed) for seed in (0, 1)]
    runs += [tiny(epochs=5000, curve_points=5000, seed=seed) for seed in range(3)]
    jobs = [Job("an_experiment", "small", "arm", run) for run in runs]
    process = start(folder, jobs, workers=2)
    begun = [folder / "checkpoints" / job.run.key / "history.csv" for job in jobs[2:4]]
    deadline = time.monotonic() + 60
    while not all(path.exists() for path in begun) and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    try:
        return jobs, folder, process.communicate(timeout=60)[1]
    finally:
        if process.poll() is None:  # with its workers, which would train for an hour
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.slow
def test_real_runs_side_by_side_equal_runs_in_turn(swept, tmp_path):
    jobs, folder, _ = swept
    beside = Store(folder / "store")
    assert len(list(beside.runs())) == 2
    for found in execute(jobs[:2], Store(tmp_path / "other"), "cpu"):
        other = beside.run(found["key"])
        assert (found["key"], found["metrics"], found["history"]) == (other["key"], other["metrics"], other["history"])
        made = other["provenance"]
        assert made["device"]["kind"] == "cpu" and made["device"]["threads"] == 1 and made["versions"]["torch"]
    assert not list((tmp_path / "cache").rglob("*.pt"))  # checkpoints of finished runs are gone


@pytest.mark.slow
def test_sigterm_reaches_runs_side_by_side_and_they_are_saved(swept):
    jobs, folder, words = swept
    assert "Preempted: stopped by SIGTERM" in words
    # Those of the finished runs are gone, and the last was not begun.
    saved = {file.parent.name for file in (folder / "checkpoints").glob("*/last.pt")}
    assert saved == {job.run.key for job in jobs[2:4]}


def test_a_run_uses_one_thread_and_the_next_work_as_many_as_before():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with pytest.raises(KeyboardInterrupt), making.one_thread():
            assert torch.get_num_threads() == 1
            raise KeyboardInterrupt
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_images_of_every_split_are_looked_for_before_the_first_run(store, tiny, monkeypatch):
    def load(name, split):
        if split == "test":
            raise DataMissing(f"no {name} test images")

    monkeypatch.setattr(module, "load", load)
    jobs = [Job("an_experiment", "smoke", "arm", tiny(seed=seed)) for seed in (0, 1)]
    with pytest.raises(DataMissing, match="no digits test images"):
        execute(jobs, store, "cpu")
    module.check_data([Job("an_experiment", "smoke", "arm", tiny(dataset="folder:somewhere"))])
    assert list(store.runs()) == []
