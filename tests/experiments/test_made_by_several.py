"""A job that several processes made together is made: status, plans, pages and claims find its record alike."""

import os
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from convscale.devices import pick
from convscale.experiments import Job, making
from convscale.experiments.attempt import GivenUp, Patience
from convscale.experiments.earlier import here, kept
from convscale.experiments.making import make_together, state_folder
from convscale.experiments.places import run_folder
from convscale.experiments.registry import key_of, missing, stored
from convscale.experiments.several import made_by_one, made_by_several
from convscale.experiments.status import standings
from convscale.experiments.submission import Asked, planned
from convscale.recipes import canonical
from convscale.records import Store
from convscale.records.processes import key_by_one, processes_of


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def job(tiny):
    return Job("an_experiment", "small", "arm", tiny(seed=10))


@pytest.fixture
def made(store, record_of):
    """`made(run, processes)` stores a record of the run, and returns its key."""

    def make(run, processes: int) -> str:
        run = made_by_several(run, processes)
        store.write(record_of(run))
        return run.key

    return make


def test_everybody_finds_the_record_by_one_or_else_by_the_fewest(store, job, made):
    other = replace(job, run=job.run.seeded(11))
    keys = {}
    for processes in (8, 2, 4):
        assert [s.state for s in standings([job, other], store)] == ["done" if keys else "missing", "missing"]
        keys[processes] = made(job.run, processes)
        assert stored(job, store)["key"] == keys[min(keys)] != job.run.key
        assert store.place(job.run.key) == store.run_path(keys[min(keys)])
        assert missing([job, other], store) == [other]
        plan = planned([job, other], store, Asked(gpus=8), lambda run: 1.0, set())
        assert plan.jobs == [other] and plan.stored == 1
    assert made(job.run, 1) == job.run.key and stored(job, store)["key"] == job.run.key
    assert [s.state for s in standings([job, other], store)] == ["done", "missing"]
    with pytest.raises(ValueError, match="the store has them all"):
        planned([job], store, Asked(), lambda run: 1.0, set())


def test_a_job_has_one_key_while_it_waits_and_while_it_is_made(store, job):
    """So a batch under way with two processes is not submitted with one, nor made by one beside it."""
    by_two = replace(job, run=made_by_several(job.run, 2))
    assert key_of(by_two) == key_of(job) == job.run.key != by_two.run.key
    with pytest.raises(ValueError, match="a batch that waits or runs has the others"):
        planned([job], store, Asked(), lambda run: 1.0, {key_of(by_two)})
    assert state_folder(job) == run_folder(job.run.key)
    assert state_folder(by_two) == run_folder(job.run.key) / by_two.run.key


def test_what_a_run_builds_on_counts(tiny):
    for run in (tiny(after=tiny(epochs=3)), tiny(teacher=tiny(epochs=3), pseudo=8)):
        by_four = made_by_several(run, 4)
        said = canonical(by_four)
        assert processes_of(said) == 4 and processes_of(canonical(run)) == 1
        assert key_by_one(said) == run.key and made_by_one(by_four) == run


def test_weights_to_build_on_are_those_of_the_same_number_of_processes(store, job, made):
    made(job.run, 2)
    first = replace(job, keeps=True)
    file = kept(job.run, pick("cpu"))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    assert here(job, store, pick("cpu")) and here(first, store, pick("cpu")) is None
    made(job.run, 1)
    assert here(first, store, pick("cpu"))["key"] == job.run.key


def test_what_another_worker_stores_meanwhile_is_found(store, job, made, record_of):
    assert store.missing([job.run.key])
    seen_by = Store(store.root)
    for processes in (4, 2):
        before = store.run_by_any(job.run.key)
        theirs = made_by_several(job.run, processes)
        seen_by.write(record_of(theirs))
        os.utime(store.root / "runs", ns=(0, processes))  # also where the clock has not ticked
        assert store.missing([job.run.key]) == set() and store.run_by_any(job.run.key) != before


def test_a_broken_record_of_another_run_does_not_matter(store, job, made):
    made(job.run, 2)
    store.run_path("0" * 16).write_text("{}")
    assert store.missing([job.run.key]) == set()


def test_all_processes_give_up_together(job, store, monkeypatch):
    """The first alone counts attempts: the others, which wait for its word, must not begin."""
    said = []

    def give_up(*asked):
        raise GivenUp("failed 3 times")

    monkeypatch.setattr(making, "attempt", give_up)
    monkeypatch.setattr(making, "trained", lambda *asked: pytest.fail("was begun"))

    def device(is_main: bool) -> SimpleNamespace:
        def from_main(value):
            said.append(value)
            return said[0]

        return SimpleNamespace(is_main=is_main, from_main=from_main)

    for is_main in (True, False):
        with pytest.raises(GivenUp, match="failed 3 times"):
            make_together(job, job.run.key, device(is_main), store, False, None, Patience("a batch", attempts=3))
    assert len(said) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("does", "code"),
    [
        ("sys.exit(3)", 3),
        ("os.environ['RANK'] == '1' and os.kill(os.getpid(), 9); sys.exit(1)", 137),
    ],
)
def test_torchrun_ends_as_its_processes_did(tmp_path, does, code):
    """What waits for it tells runs that failed from a process that was killed."""
    (tmp_path / "script.py").write_text(f"import os, sys; {does}")
    program = [sys.executable, "-m", "convscale.experiments.torchrun", "--standalone", "--nproc-per-node", "2"]
    assert subprocess.run([*program, tmp_path / "script.py"], capture_output=True).returncode == code
