"""Two processes that make a run together in one task of a real Slurm (`--gpus 2`): `make test-cluster`."""

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from waiting import wait_until

from convscale.experiments.on_cluster import batches_of, waiting
from convscale.experiments.places import run_folder
from convscale.experiments.several import made_by_several
from convscale.experiments.status import standings, status_lines
from convscale.records import Store

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
HERE = Path(__file__).with_name("make_here.py")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """`undisturbed(job)`: the record that two processes of torchrun make of it here, once."""
    made = {}

    def of(job) -> dict:
        if job not in made:
            folder = tmp_path_factory.mktemp("undisturbed")
            (folder / "job.pickle").write_bytes(pickle.dumps(job))
            environment = os.environ | {"CONVSCALE_CHECKPOINTS": str(folder / "work")}
            subprocess.run([*TORCHRUN, HERE, folder / "job.pickle", folder / "records"], check=True, env=environment)
            (made[job],) = Store(folder / "records").runs()
        return made[job]

    return of


@pytest.fixture
def same(undisturbed):
    """`same(record, job)`: whether two processes made it, and as they do undisturbed."""

    def is_same(record: dict, job) -> bool:
        assert record["run"]["processes"] == record["provenance"]["device"]["processes"] == 2
        parts = ("key", "run", "metrics", "history")
        return all(record[name] == undisturbed(job)[name] for name in parts)

    return is_same


def other_worker(cluster, job) -> int:
    """Of the two processes at a run the one that is not the first."""
    first = cluster.beat(job).pid
    named = {int(entry.name): entry / "environ" for entry in Path("/proc").iterdir() if entry.name.isdecimal()}
    said = {pid: words(file) for pid, file in named.items()}
    ranks = {pid: here for pid, here in said.items() if b"RANK=1" in here}
    (found,) = (pid for pid, here in ranks.items() if port(here) == port(said[first]))
    return found


def words(file: Path) -> list[bytes]:
    try:
        return file.read_bytes().split(b"\0")
    except OSError:
        return []


def port(environment: list[bytes]) -> bytes:
    return next(word for word in environment if word.startswith(b"MASTER_PORT="))


def test_scancel_loses_no_step(cluster, long, same):
    job = cluster.submit([long], gpus=2)
    cluster.wait_for_step(long, 5)
    assert "running:\n  arm seed 0: step " in "\n".join(status_lines(standings([long], cluster.store)))
    assert [keys for _, keys in waiting(batches_of({long.run.key}))] == [(long.run.key,)]
    cluster.ask("scancel", job)
    cluster.wait_for_end(job)
    beat = cluster.beat(long)
    state = run_folder(long.run.key) / made_by_several(long.run, 2).key / "last.pt"
    assert beat.state == "stopped" and beat.attempts == 0 and beat.step > 0 and state.exists()
    # 143, of which Slurm's accounting shows what is above 128.
    wait_until(lambda: "FAILED|15:0" in cluster.ask("sacct", "-n", "-P", "-j", job, "-o", "State,ExitCode"), "its code")
    assert same(cluster.made(cluster.submit([long], gpus=2), long), long) and cluster.begun_at(long) == [0, beat.step]
    assert [standing.state for standing in standings([long], cluster.store)] == ["done"]


def test_the_warning_before_the_time_limit_loses_no_step(cluster, long, same):
    job = cluster.submit([long], gpus=2)
    cluster.wait_for_step(long, 5)
    cluster.ask("scancel", "--batch", "--signal=USR2", job)
    wait_until(lambda: cluster.beat(long).state == "stopped", "the state at the warning")
    step = cluster.beat(long).step
    assert same(cluster.made(job, long), long) and cluster.begun_at(long) == [0, step]


@pytest.mark.parametrize("rank", [0, 1])
def test_a_worker_that_is_killed_costs_one_attempt(cluster, long, same, rank):
    job = cluster.submit([long], gpus=2)
    cluster.wait_for_step(long, 5)
    os.kill(other_worker(cluster, long) if rank else cluster.beat(long).pid, 9)
    assert same(cluster.made(job, long), long)
    assert "attempt 2" in cluster.log(long) and "attempt 3" not in cluster.log(long)


def test_a_run_that_always_fails_is_tried_three_times(cluster, long, tiny):
    recipe = replace(long.run.recipe, learning_rate=1e30)
    bad = replace(long, arm="bad", run=tiny(recipe=recipe, seed=5))
    good = replace(long, run=tiny(epochs=1))
    cluster.wait_for_end(cluster.submit([bad, good], tasks=1, gpus=2))
    assert not cluster.store.missing([good.run.key]) and cluster.store.missing([bad.run.key])
    assert cluster.log(bad).count("training begins") == 3
    said = "\n".join(status_lines(standings([bad, good], cluster.store)))
    assert "failed:\n  bad seed 5: FloatingPointError: " in said


@pytest.mark.skipif(
    not Path("/sys/fs/cgroup/memory").is_dir(), reason="no control groups of version 1: no memory limit"
)
def test_memory_grows_after_a_run_that_needs_more(cluster, long, tiny, same):
    short = replace(long, run=tiny(epochs=10))
    job = cluster.submit([short], gpus=2, memory=0.5)
    assert same(cluster.made(job, short), short)
    memory = cluster.ask("sacct", "-X", "-n", "-P", "-j", job, "-o", "ReqMem")
    assert int(memory.removesuffix("M")) >= 1.5 * 512
