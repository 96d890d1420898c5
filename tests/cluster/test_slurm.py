"""What a batch survives on a real Slurm, and what it says: `make test-cluster`."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from waiting import state_of, wait_until

from convscale.experiments import get
from convscale.experiments.execute import execute
from convscale.experiments.on_cluster import batches_of, lost_tasks, stop, waiting
from convscale.experiments.slurm import queue
from convscale.experiments.status import standings, status_lines
from convscale.records import Store

BATCH = "v2_table13"


def convscale(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "convscale", *words], capture_output=True, text=True)


def submit(*words: str) -> subprocess.CompletedProcess:
    return convscale("experiment", "run", BATCH, "--on", "slurm", "--yes", *words)


def table() -> str:
    return convscale("experiment", "status", BATCH).stdout


def test_a_batch_makes_the_records_that_this_machine_makes(cluster, tmp_path, monkeypatch):
    monkeypatch.setenv("CONVSCALE_RECORDS", str(cluster.store.root))
    done = submit("--tasks", "2")
    assert done.returncode == 0, done.stderr
    assert "14 runs in 2 tasks" in done.stderr
    job = done.stdout.strip()
    assert "queued" in table()
    again = submit()
    assert again.returncode == 1 and "a batch that waits or runs has the others" in again.stderr
    cluster.wait_for_end(job)
    mine = execute(get(BATCH, "smoke").jobs, Store(tmp_path / "mine"), "cpu")
    for record in mine:
        theirs = cluster.store.run(record["key"])
        assert all(theirs[name] == record[name] for name in ("run", "metrics", "history"))
        assert theirs["provenance"]["host"]["job"].startswith(f"{job}_")
        assert theirs["provenance"]["device"]["processes"] == 1
    assert table().splitlines()[-1].split() == ["all", "14", "0"]
    again = submit()
    assert again.returncode == 1 and "the store has them all" in again.stderr


def test_scancel_loses_no_step(cluster, long, equal):
    job = cluster.submit([long])
    cluster.wait_for_step(long, 5)
    cluster.ask("scancel", job)
    cluster.wait_for_end(job)
    beat = cluster.beat(long)
    assert beat.state == "stopped" and beat.attempts == 0 and beat.step > 0 and state_of(long).exists()
    assert equal(cluster.made(cluster.submit([long]), long), long) and cluster.begun_at(long) == [0, beat.step]


def test_the_time_limit_loses_no_step(cluster, longer, equal):
    """The limit is lowered while the run is under way, so that the warning comes soon."""
    job = cluster.submit([longer], minutes=10)
    cluster.wait_for_step(longer, 5)
    cluster.ask("scontrol", "update", f"JobId={job}", "TimeLimit=1")
    wait_until(lambda: cluster.beat(longer).state == "stopped", "the state at the limit")
    cluster.ask("scontrol", "update", f"JobId={job}", "TimeLimit=10")
    step = cluster.beat(longer).step
    assert equal(cluster.made(job, longer), longer) and cluster.begun_at(longer) == [0, step]


def test_preemption_loses_no_step(cluster, long, equal):
    job = cluster.submit([long])
    cluster.wait_for_step(long, 5)
    cluster.ask("sbatch", "-p", "high", "-N", "2", "--exclusive", "-o", "/dev/null", "--wrap", "sleep 2")
    wait_until(lambda: cluster.beat(long).state == "stopped", "the state of the preempted run")
    step = cluster.beat(long).step
    assert equal(cluster.made(job, long), long) and cluster.begun_at(long) == [0, step]


def test_the_task_of_a_machine_that_is_lost_is_made_again(cluster, long, equal):
    job = cluster.submit([long])
    cluster.wait_for_step(long, 5)
    node = cluster.ask("squeue", "-h", "-j", job, "-o", "%N")
    cluster.ask("scontrol", "update", f"NodeName={node}", "State=down", "Reason=test")
    # Both nodes are this machine: the other one refuses the job while the first still ends it.
    wait_until(lambda: not alive(cluster.beat(long).pid), "the end of the process on the lost machine")
    assert equal(cluster.made(job, long), long) and len(cluster.begun_at(long)) == 2


def alive(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


@pytest.mark.skipif(
    not Path("/sys/fs/cgroup/memory").is_dir(), reason="no control groups of version 1: no memory limit"
)
def test_memory_grows_after_a_run_that_needs_more(cluster, long, equal):
    job = cluster.submit([long], memory=0.25)
    assert equal(cluster.made(job, long), long)
    memory = cluster.ask("sacct", "-X", "-n", "-P", "-j", job, "-o", "ReqMem")
    assert int(memory.removesuffix("M")) >= 1.5 * 256


def test_a_worker_that_is_killed_is_followed_by_another(cluster, long, equal):
    cluster.submit([long])
    cluster.wait_for_step(long, 5)
    job = queue()[0].job
    os.kill(cluster.beat(long).pid, 9)
    assert equal(cluster.made(job, long), long) and "attempt 2" in cluster.log(long)


def test_a_run_that_always_fails_is_tried_three_times_and_listed(cluster, long, tiny):
    recipe = replace(long.run.recipe, learning_rate=1e30)
    bad = replace(long, arm="bad", run=tiny(recipe=recipe, seed=5))
    good = replace(long, run=tiny(epochs=1))
    cluster.wait_for_end(cluster.submit([bad, good], tasks=1))
    assert cluster.store.run(good.run.key) and not cluster.store.run(bad.run.key)
    assert cluster.log(bad).count("training begins") == 3
    said = "\n".join(status_lines(standings([bad, good], cluster.store)))
    assert "failed:\n  bad seed 5: FloatingPointError: " in said and f"{bad.run.key}.log" in said


def test_a_store_that_the_nodes_do_not_see_is_found_before_the_first_run(cluster, long):
    cluster.ask("scontrol", "update", "NodeName=n1,n2", "State=drain", "Reason=test")
    try:
        job = cluster.submit([long])
        shutil.move(cluster.store.root, cluster.store.root.with_name("elsewhere"))
        cluster.store.root.mkdir()
    finally:
        cluster.ask("scontrol", "update", "NodeName=n1,n2", "State=resume")
    cluster.wait_for_end(job)
    batches = batches_of({long.run.key})
    wait_until(lambda: lost_tasks(batches, {long.run.key}), "accounting, which is behind the queue")
    assert cluster.log(long) == "" and "FAILED on n" in lost_tasks(batches, {long.run.key})[0]
    log = next(batches[0].folder.glob("*.out")).read_text()
    assert f"{cluster.store.root} is not the folder here" in log and "CONVSCALE_RECORDS" in log


def test_cancel_ends_what_runs_and_what_waits(cluster, long, tiny):
    jobs = [long, *(replace(long, run=tiny(epochs=200, curve_points=10, seed=seed)) for seed in (1, 2, 3))]
    cluster.submit(jobs, tasks=4)
    cluster.wait_for_step(long, 5)
    keys = {job.run.key for job in jobs}
    assert len(waiting(batches_of(keys))) == 4
    assert stop(keys, {long.run.key}) == (4, 0)
    wait_until(lambda: not queue(), "an empty queue")
    assert cluster.beat(long).state == "stopped" and not list(cluster.store.runs())


@pytest.mark.parametrize("words", [("--partition", "no-such"), ("--account", "no-such")])
def test_what_slurm_refuses_is_said_in_its_words_once(cluster, monkeypatch, words):
    monkeypatch.setenv("CONVSCALE_RECORDS", str(cluster.store.root))
    done = submit(*words)
    assert done.returncode == 1 and done.stderr.count("sbatch: error: ") >= 1
    refusals = [line for line in done.stderr.splitlines() if "error" in line]
    assert len(refusals) == 1 and refusals[0].startswith("convscale: Slurm refuses: ")
    assert not list(cluster.store.root.parent.glob("work/batches/*"))


def test_the_program_that_submits_may_be_killed(cluster, monkeypatch):
    monkeypatch.setenv("CONVSCALE_RECORDS", str(cluster.store.root))
    command = [sys.executable, "-m", "convscale", "experiment", "run", BATCH, "--on", "slurm", "--yes", "--tasks", "2"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    wait_until(queue, "a job")
    process.kill()
    again = submit()
    assert "a batch that waits or runs has the others" in again.stderr
    cluster.wait_for_end(queue()[0].job.partition("_")[0])
    if left := 14 - len(list(cluster.store.runs())):  # it was killed before its tasks were written
        assert left == 14 and submit().returncode == 0
        cluster.wait_for_end(queue()[0].job.partition("_")[0])
    assert len(list(cluster.store.runs())) == 14
    for job in get(BATCH, "smoke").jobs:
        assert cluster.begun_at(job) == [0]
