"""Batches for a cluster: how runs are cut into tasks, what is left out, what is refused, what the scheduler is told."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
import yaml

from convscale.cli import parser
from convscale.cli.chosen_runs import chosen
from convscale.experiments import Job, slurm, submission
from convscale.experiments.batches import MINUTES, MOST_TASKS, Batch, batches, tasks_of
from convscale.experiments.experiment import share
from convscale.experiments.on_cluster import KEPT_DAYS, lost_tasks, remove_old, waiting
from convscale.experiments.places import log_file, run_folder
from convscale.experiments.submission import Asked, engine, environment, planned
from convscale.experiments.task import Relay, Task, check_seen
from convscale.paths import CHECKOUT
from convscale.records import Store


@pytest.fixture
def jobs(tiny):
    return [Job("an_experiment", "small", "arm", tiny(seed=seed)) for seed in range(12)]


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def lengths(tasks) -> list[int]:
    return [len(jobs) for jobs, _ in tasks]


def test_tasks_are_neither_short_nor_long(jobs):
    for minutes, count in ((0.1, 1), (2, 1), (5, 3), (10, 6), (20, 12), (90, 12)):
        tasks = tasks_of(jobs, lambda run, m=minutes: 60.0 * m)
        assert len(tasks) == count and [job for part, _ in tasks for job in part] == jobs
        assert sum(seconds for _, seconds in tasks) == pytest.approx(12 * 60 * minutes)
        if 1 < count < 12:
            assert all(10 <= seconds / 60 <= 30 for _, seconds in tasks)


def test_as_many_tasks_as_asked_for_and_never_more_than_an_array_takes(jobs):
    assert lengths(tasks_of(jobs, lambda run: 1.0, tasks=2)) == [6, 6]
    assert lengths(tasks_of(jobs, lambda run: 1.0, tasks=100)) == [1] * 12
    many = jobs * 200
    assert len(tasks_of(many, lambda run: 60 * MINUTES)) == MOST_TASKS


def test_a_plan_leaves_out_what_is_there_and_what_waits(jobs, store, record_of):
    store.write(record_of(jobs[0].run))
    plan = planned([*jobs, jobs[3]], store, Asked(gpus=2), lambda run: 3600.0, {jobs[1].run.key})
    assert plan.jobs == jobs[2:] and (plan.stored, plan.elsewhere) == (1, 1)
    assert plan.minutes == 10 + 2 * 60 + 1
    assert "10 runs in 10 tasks, the longest about 60 min\n10.0 h in all, 20 GPU hours" in str(plan)
    with pytest.raises(ValueError, match="nothing to submit: a batch that waits or runs has the others"):
        planned(jobs[:2], store, Asked(), lambda run: 1.0, {jobs[1].run.key})
    with pytest.raises(ValueError, match="nothing to submit: the store has them all"):
        planned(jobs[:1], store, Asked(), lambda run: 1.0, set())


def test_a_limit_shorter_than_a_run_is_refused_with_the_least_that_is_not(jobs, store):
    with pytest.raises(ValueError, match=r"--minutes 5: one run takes about 8 min, .*give at least 10"):
        planned(jobs, store, Asked(minutes=5), lambda run: 480.0, set())
    assert planned(jobs, store, Asked(minutes=10), lambda run: 480.0, set()).minutes == 10


def test_without_sbatch_or_submitit_it_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "submitit", None)
    with pytest.raises(RuntimeError, match=r"pip install 'convscale\[slurm\]'"):
        engine()
    fake = SimpleNamespace(SlurmExecutor=None, core=None)
    errors = SimpleNamespace(FailedJobError=ValueError, FailedSubmissionError=KeyError)
    for name, module in (("submitit", fake), ("submitit.core", fake), ("submitit.core.utils", errors)):
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(submission.shutil, "which", lambda name: None)
    with pytest.raises(RuntimeError, match="there is no sbatch on this machine"):
        engine()


def test_folders_are_handed_on_whatever_the_shell_makes_of_them(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVSCALE_DATA", "/a folder/with 'quotes'")
    script = "\n".join([*environment(tmp_path), 'printf %s "$CONVSCALE_DATA"'])
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True).stdout == "/a folder/with 'quotes'"


def test_the_queue_is_read_with_and_without_an_array(monkeypatch):
    batch = Batch("convscale-1", (("a", "b"), ("c",)))
    answer = "7|1|PENDING|convscale-1\n8|N/A|RUNNING|another job\n9|N/A|RUNNING|convscale-2\n"
    monkeypatch.setattr(slurm, "asked", lambda *command: answer)
    ((task, keys),) = waiting([batch])
    assert (task.job, task.state, keys) == ("7_1", "PENDING", ("c",))
    assert [task.job for task in slurm.queue()] == ["7_1", "9"]


def test_tasks_that_ended_without_their_runs_are_named(monkeypatch):
    batch = Batch("convscale-1", (("a", "b"), ("c",), ("d",)))
    batch.write()
    (batch.folder / "7_0_0_log.out").touch()
    assert batches() == [batch]
    lines = "convscale-1|7_0|FAILED|n1\nconvscale-1|7_1|CANCELLED by 0|n2\nconvscale-1|7_2|COMPLETED|n2\n"
    monkeypatch.setattr(slurm, "asked", lambda *command: lines)
    first, second = lost_tasks([batch], {"a", "b", "c", "d"})
    assert first.endswith(f"task 0 of convscale-1: FAILED on n1, 2 runs left; its log: {batch.folder}/7_0_0_log.out")
    assert "CANCELLED on n2" in second and f"it left no log: does n2 see {batch.folder}?" in second
    assert lost_tasks([batch], {"d"}) == []


def test_batches_of_which_nothing_is_left_to_know_are_removed_after_a_month(jobs, store, record_of):
    keys = [job.run.key for job in jobs]
    for job in jobs[:2]:
        store.write(record_of(job.run))
    known = [Batch(name, ((keys[0],), (keys[1],))) for name in ("young", "queued", "speaking", "old")]
    known.append(Batch("failed", ((keys[0],), (keys[2],))))
    month = time.time() - KEPT_DAYS * 24 * 3600
    for batch in known:
        batch.write()
        (batch.folder / "7_0_log.out").touch()
        for file in batch.folder.iterdir():
            is_new = batch.name == "young" or (batch.name == "speaking" and file.suffix == ".out")
            os.utime(file, (month + (3600 if is_new else -3600),) * 2)
    kept = [log_file(keys[0]), run_folder(keys[0]) / "last.pt"]
    for file in kept:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (old,) = remove_old(batches(), store, {"queued"})
    assert old.name == "old" and not old.folder.exists()
    assert {batch.name for batch in batches()} == {"young", "queued", "speaking", "failed"}
    assert all(file.exists() for file in kept)
    assert remove_old([old], store, set()) == []


def test_a_store_of_the_same_name_on_another_machine_is_found(jobs, store):
    batch = Batch("convscale-1", ((jobs[0].run.key,),))
    task = Task(batch, tuple(jobs[:1]), "cpu", store.root, store.identify())
    with pytest.raises(RuntimeError, match="let CONVSCALE_CHECKPOINTS name one that all machines see"):
        check_seen(task)
    batch.write()
    check_seen(task)
    with pytest.raises(RuntimeError, match="let CONVSCALE_RECORDS name one that all machines see"):
        check_seen(replace(task, seen="another"))


def test_what_waits_for_a_run_takes_little_memory():
    """A run that takes all memory must not end what asks for more: it has no torch."""
    script = "import sys, convscale.experiments.task; sys.exit('torch' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_signals_are_handed_on_also_before_there_is_a_process():
    relay = Relay()
    relay(15, None)
    assert relay.wait([sys.executable, "-c", "import time; time.sleep(60)"]) == -15 and relay.told == 15
    assert Relay().wait([sys.executable, "-c", "raise SystemExit(3)"]) == 3


def test_a_pod_of_the_documented_kubernetes_job_makes_its_shard(monkeypatch):
    """Its first process is convscale, without a shell that would keep signals for itself."""
    job = yaml.safe_load((CHECKOUT / "book/howto/kubernetes-job.yml").read_text())
    spec = job["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    program, *words = container["command"]
    args = parser().parse_args(words)
    everything = chosen(parser().parse_args([word for word in words if word not in ("--shard", "job/8")]))
    assert program == "convscale" and spec["completionMode"] == "Indexed"
    assert args.shard == f"job/{spec['completions']}"
    made = []
    for index in range(spec["completions"]):
        monkeypatch.setenv("JOB_COMPLETION_INDEX", str(index))
        assert share(everything, args.shard) == share(everything, f"{index + 1}/8")
        made += share(everything, args.shard)
    assert sorted(map(everything.index, made)) == list(range(len(everything)))
    monkeypatch.delenv("JOB_COMPLETION_INDEX")
    with pytest.raises(ValueError, match="there is no JOB_COMPLETION_INDEX here"):
        share(everything, "job/8")
