"""Where runs stand, as `experiment status` tells it."""

from dataclasses import replace

import pytest

from convscale.experiments import Job, heartbeat
from convscale.experiments.attempt import STOP
from convscale.experiments.leases import claim
from convscale.experiments.on_cluster import stop
from convscale.experiments.places import run_folder
from convscale.experiments.status import standings, status_lines
from convscale.records import Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def jobs(tiny):
    return [
        Job("an_experiment", "small", arm, tiny(seed=s, epochs=n)) for n, arm in enumerate("ab", 1) for s in (10, 11)
    ]


def beats(job: Job, **changes) -> None:
    beat = replace(heartbeat.of_job(job), host="n1", job="12_3", step=40, steps=100, seconds_left=720.0)
    replace(beat, **changes).write(job.run.key)


def test_each_run_stands_somewhere(jobs, store, record_of):
    done, running, failed, killed = jobs
    store.write(record_of(done.run))
    lease = claim(run_folder(running.run.key))
    beats(running, attempts=2, error="KeyError: gone")
    beats(failed, state="failed", attempts=3, error="FloatingPointError: loss is nan")
    beats(killed)
    found = standings([*jobs, done], store)
    assert [standing.state for standing in found] == ["done", "running", "failed", "missing"]
    assert [s.state for s in standings(jobs, store, {failed.run.key, killed.run.key})][2:] == ["failed", "queued"]
    lines = status_lines(found)
    assert [line.split() for line in lines[:4]] == [
        ["arm", "done", "running", "failed", "missing"],
        ["an_experiment", "a", "1", "1", "0", "0"],
        ["an_experiment", "b", "0", "0", "1", "1"],
        ["all", "1", "1", "1", "1"],
    ]
    assert lines[4:6] == [
        "running:",
        "  a seed 11: step 40 of 100, 12 min left; on n1, job 12_3, attempt 2 after: KeyError: gone",
    ]
    assert lines[7].startswith("  b seed 10: FloatingPointError: loss is nan (attempt 3, on n1, job 12_3; log: ")
    assert lines[9] == "  b seed 11: was killed at step 40 of 100 on n1, job 12_3; goes on from what was saved"
    beats(killed, processes=2)
    assert status_lines(standings(jobs[3:], store))[-1].endswith("; goes on by 2 processes from what was saved")
    lease.release()


def test_only_what_runs_is_asked_to_stop(jobs, store):
    leases = [claim(run_folder(job.run.key)) for job in jobs[:2]]
    assert stop({jobs[0].run.key}, {jobs[0].run.key}) == (0, 1)
    assert [(run_folder(job.run.key) / STOP).exists() for job in jobs[:2]] == [True, False]
    for lease in leases:
        lease.release()
