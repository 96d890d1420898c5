"""Attempts at a run: counted without progress only, watched by a heartbeat, logged, and stopped from elsewhere."""

import signal
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from convscale.errors import Preempted
from convscale.experiments import Job, heartbeat
from convscale.experiments import attempt as module
from convscale.experiments.attempt import STOP, GivenUp, Patience, Taken, attempt
from convscale.experiments.leases import LeaseLost
from convscale.experiments.places import log_file, run_folder

THREE = Patience("a batch", attempts=3)


@pytest.fixture
def job(tiny):
    return Job("an_experiment", "small", "arm", tiny(seed=7))


def trainer(step: int, **more):
    return SimpleNamespace(step=step, steps=100, history=[], **more)


def fail(job, at: int, error: BaseException) -> None:
    """An attempt that begins at step `at` and ends so."""
    with pytest.raises(type(error)), attempt(job, "key", THREE) as work:
        work.watch(trainer(at))
        raise error


def test_only_attempts_without_progress_count(job):
    for at in (0, 40, 40, 60, 60):
        fail(job, at, FloatingPointError("loss is nan"))
    assert heartbeat.read("key").attempts == 2 and heartbeat.read("key").resumed == 60
    fail(job, 60, FloatingPointError("loss is nan"))
    with pytest.raises(GivenUp, match=r"failed 3 times .* FloatingPointError: loss is nan; its log: .*key.log"):
        attempt(job, "key", THREE).__enter__()
    assert heartbeat.read("key").state == "failed"


def test_being_told_to_stop_is_no_failure(job):
    for _ in range(5):
        fail(job, 10, Preempted("stopped at step 10"))
    assert heartbeat.read("key").state == "stopped" and heartbeat.read("key").attempts == 0


def test_another_batch_and_a_person_begin_to_count_anew(job):
    for _ in range(3):
        fail(job, 0, ValueError("no"))
    with attempt(job, "key", Patience("another", attempts=3)) as work:
        assert work.beat.attempts == 1
    with attempt(job, "key", Patience()) as work:
        assert work.beat.attempts == 1


def test_a_worker_that_was_killed_counts_and_is_named(job):
    heartbeat.of_job(job, batch="a batch", step=30, attempts=1).write("key")
    with attempt(job, "key", THREE) as work:
        assert work.beat.attempts == 2 and work.beat.error.startswith("killed at step 30 on ")


def test_a_run_under_way_is_left_to_its_worker(job):
    with attempt(job, "key", THREE):
        begun = time.monotonic()
        with pytest.raises(Taken, match="key is made by another worker"):
            attempt(job, "key", replace(THREE, seconds=0.6)).__enter__()
        assert time.monotonic() - begun >= 0.6


def test_the_log_has_the_curve_and_the_traceback(job):
    point = {"step": 50, "test_top1": 12.5}
    with pytest.raises(KeyError), attempt(job, "key", THREE) as work:
        going = trainer(0)
        work.watch(going)
        going.step, going.history = 50, [point]
        work.note()
        raise KeyError("gone")
    text = log_file("key").read_text()
    assert "an_experiment small arm seed 7: attempt 1 on " in text
    assert "step 50 test_top1 12.5" in text and 'raise KeyError("gone")' in text and text.count("step 50") == 1


def test_a_heartbeat_says_how_far_it_is_and_how_long_it_takes(job, monkeypatch):
    monkeypatch.setattr(module, "RENEW", 0.01)
    with attempt(job, "key", THREE) as work:
        going = trainer(20)
        work.watch(going)
        assert heartbeat.read("key").seconds_left is None
        going.step = 40
        deadline = time.monotonic() + 60
        while heartbeat.read("key").step < 40 and time.monotonic() < deadline:
            time.sleep(0.01)
        beat = heartbeat.read("key")
    assert (beat.step, beat.steps, beat.state) == (40, 100, "running")
    assert 0 < beat.seconds_left < 30  # three times what the twenty steps took


@pytest.mark.parametrize("why", ["cancel", "another worker"])
def test_a_run_is_stopped_from_elsewhere(job, monkeypatch, why):
    monkeypatch.setattr(module, "RENEW", 0.01)
    told = []
    before = signal.signal(signal.SIGTERM, lambda *_: told.append(1))
    try:
        with attempt(job, "key", THREE) as work:
            if why == "cancel":
                (run_folder("key") / STOP).touch()
            else:
                monkeypatch.setattr(work.lease, "renew", lambda: (_ for _ in ()).throw(LeaseLost("key was taken over")))
            deadline = time.monotonic() + 60
            while not told and time.monotonic() < deadline:
                time.sleep(0.01)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert told == [1] and "stopping: " in log_file("key").read_text()
