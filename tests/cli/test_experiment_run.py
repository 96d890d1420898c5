"""`convscale experiment run` in a given time: which runs are handed on, and what is said of them."""

import sys
from types import SimpleNamespace

import pytest

from convscale.cli import experiments as module
from convscale.cli import main
from convscale.evidence import claims
from convscale.experiments import Arm, Experiment, Scale, execute, registry
from convscale.experiments.seconds import Seconds


@pytest.fixture
def convscale(tiny, monkeypatch, capsys):
    """`convscale(words)`: experiment, arm and seed of the jobs that are handed on, and the last words on stderr.

    There are two experiments of two runs of a minute: `one`, and `most`, which decides a claim. The command has taken
    `convscale.clock[0]` seconds when it has found that out.
    """
    scale = {"smoke": Scale(tiny(), seeds=1, cost="", shows="", cannot="")}
    both = {}
    for epochs, name in enumerate(("one", "most"), start=2):
        arms = {arm: Arm("", lambda run, n=2 * epochs + i: tiny(epochs=n)) for i, arm in enumerate(("first", "second"))}
        both[name] = Experiment(name, name, "v2:13", arms, scale, {})
    monkeypatch.setattr(registry, "experiments", lambda: both)
    monkeypatch.setattr(claims, "decided_by", lambda name, scale: ("a claim",) if name == "most" else ())
    monkeypatch.setattr(Seconds, "__call__", lambda self, run: 60.0)
    clock, handed_on, looks = [0.0], [], []

    def monotonic():
        looks.append(clock[0] if looks else 0.0)
        return looks[-1]

    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=monotonic))
    monkeypatch.setattr(execute, "execute", lambda jobs, *_, **__: handed_on.extend(jobs))

    def run(words):
        monkeypatch.setattr(sys, "argv", ["convscale", *f"experiment run {words} --device cpu".split()])
        main()
        return [(job.experiment, job.arm) for job in handed_on], capsys.readouterr().err.splitlines()

    run.clock = clock
    return run


ONE, MOST = ([(name, arm) for arm in ("first", "second")] for name in ("one", "most"))


def test_of_all_experiments_those_that_decide_most_are_made(convscale):
    jobs, said = convscale("--all --minutes 2")
    assert jobs == MOST
    assert said == [
        "2 runs to be made in about 2 min, 1 at a time",
        "  most: all that is missing, 2 runs; decides a claim",
        "  left out: one, about 2 min",
    ]


def test_the_time_counts_from_the_call(convscale):
    convscale.clock[0] = 61
    with pytest.raises(SystemExit) as stop:
        convscale("--all --minutes 3")
    assert "1.98 minutes: the shortest seed of an experiment takes about 2 min" in str(stop.value)


def test_of_named_experiments_and_of_parts_what_fits_is_made_in_order(convscale):
    assert convscale("one most --minutes 3")[0] == [*ONE, MOST[0]]


def test_shards_of_all_are_made_in_order(convscale):
    assert convscale("--all --shard 1/2 --minutes 1")[0] == ONE[:1]


def test_without_a_time_everything_is_made(convscale):
    jobs, said = convscale("--all")
    assert jobs == [*ONE, *MOST] and not said
