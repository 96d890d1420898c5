"""What is made of all experiments in a given time, from made-up seconds."""

import pytest

from convscale.experiments import Arm, Experiment, Scale
from convscale.experiments.beside import Beside
from convscale.experiments.budget import offers
from convscale.experiments.programme import Offer, finish, programme, said
from convscale.records import Store

ALONE = Beside()


@pytest.fixture
def offer(tiny):
    """`offer(name, seconds, claims)`: an experiment of two arms and two seeds, each of whose runs takes so long.

    Runs of different `epochs` are different ones.
    """

    def make(name: str, seconds: float, claims: int = 1, epochs: int | None = None, present: int = 0) -> Offer:
        base = tiny(epochs=epochs or 2 + sum(name.encode()))
        arms = {"plain": Arm("", lambda run: run), "raw": Arm("", lambda run: tiny(epochs=run.epochs, raw=True))}
        scale = Scale(base, seeds=2, cost="", shows="", cannot="")
        sweep = Experiment(name, name, "v2:13", arms, {"small": scale}, {}).at("small")
        return Offer(sweep, dict.fromkeys(sweep.jobs[present:], seconds), tuple(f"{name}-{i}" for i in range(claims)))

    return make


def made(offered: list[Offer], seconds: float, beside: Beside = ALONE) -> tuple:
    """Names of the whole experiments, then name and seeds of the one that is begun."""
    chosen = programme(offered, seconds, beside)
    assert chosen.seconds <= seconds
    begun = (chosen.begun.sweep.name, chosen.seeds) if chosen.begun else None
    return [found.sweep.name for found in chosen.whole], begun


def test_whole_experiments_come_by_the_claims_that_they_decide_for_their_time(offer):
    offered = [offer("a", 10, claims=1), offer("b", 10, claims=3), offer("c", 5, claims=1)]
    assert made(offered, 80) == (["b", "c"], ("a", (10,)))
    assert made(offered, 100) == (["b", "c", "a"], None)
    assert made(offered, 60) == (["b", "c"], None)  # 40 and 20 s: nothing is left for a seed of a


def test_of_equal_ones_the_first_is_made_first(offer):
    assert made([offer(name, 10) for name in "abc"], 85) == (["a", "b"], None)
    assert made([offer(name, 10, claims=0) for name in "abc"], 125) == (["a", "b", "c"], None)


def test_one_that_does_not_fit_leaves_its_time_to_others(offer):
    assert made([offer("a", 100, claims=50), offer("b", 10)], 60) == (["b"], None)


def test_what_is_left_goes_to_whole_seeds_of_the_first_that_has_one_that_fits(offer):
    """Not to runs of some arms, and not to seeds of many experiments."""
    assert made([offer("a", 10, present=1), offer("b", 12)], 20) == ([], ("a", (10,)))
    assert made([offer("a", 50), offer("b", 12), offer("c", 11)], 24) == ([], ("b", (10,)))
    chosen = programme([offer("a", 10), offer("b", 10)], 35, ALONE)
    assert [job.run.seed for job in chosen.jobs] == [10, 10] and {job.experiment for job in chosen.jobs} == {"a"}


def test_a_time_for_nothing_says_what_the_shortest_seed_takes(offer):
    with pytest.raises(ValueError, match=r"0\.25 minutes: the shortest seed of an experiment takes about 20 s"):
        programme([offer("a", 30), offer("b", 10)], 15, ALONE)


def test_what_the_store_has_takes_no_time(offer):
    assert made([offer("a", 10, present=4)], 1) == ([], None)
    assert made([offer("a", 10, present=3), offer("b", 10, present=4)], 10) == (["a"], None)


def test_a_run_that_two_experiments_share_is_made_once(offer):
    shared = [offer("a", 10, epochs=2), offer("b", 10, epochs=2), offer("c", 10, claims=2)]
    assert made(shared, 80) == (["c", "a", "b"], None)
    assert len(programme(shared, 80, ALONE).jobs) == 8


def test_runs_at_a_time_share_the_time_and_the_last_must_end_in_it(offer):
    assert made([offer("a", 10)], 20, Beside(2, 2.0)) == (["a"], None)
    assert made([offer("a", 10)], 40, Beside(4, 1.0)) == (["a"], None)
    assert finish(dict.fromkeys("abc", 10.0), Beside(2, 2.0)) == 20  # and not 15
    assert finish(dict.fromkeys("abcd", 10.0), Beside(4, 2.0)) == 20


def test_people_are_told_what_is_made_what_it_decides_and_what_is_not_made(offer):
    offered = [offer("a", 40), offer("b", 10, claims=2), offer("c", 10, present=4), offer("d", 90, claims=0)]
    untimed = [offer("e", 1).sweep]
    assert said(programme(offered, 130, ALONE), offered, untimed, ALONE).splitlines() == [
        "6 runs to be made in about 2 min, 1 at a time",
        "  b: all that is missing, 4 runs; decides b-0, b-1",
        "  a: seeds 10 (1 of 2), which decide nothing yet",
        "  c: all runs are in the store",
        "  left out: d, about 6 min",
        "  left out: e, not timed for want of time",
    ]


def test_timing_takes_a_tenth_of_the_time_and_the_first_is_always_timed(offer, tmp_path):
    sweeps = [offer(name, 1).sweep for name in "abcd"]
    clock = [0.0]

    def seconds_of(run):
        clock[0] += 1
        return 5.0

    def looked_at(minutes):
        clock[0] = 0.0
        found, untimed = offers(sweeps, {"b": ("x",)}, seconds_of, Store(tmp_path), minutes, now=lambda: clock[0])
        return [(one.sweep.name, one.claims, sum(one.seconds.values())) for one in found], [one.name for one in untimed]

    assert looked_at(minutes=1) == ([("a", (), 20.0), ("b", ("x",), 20.0)], ["c", "d"])  # four runs, 4 s, each
    assert looked_at(minutes=0.1) == ([("a", (), 20.0)], ["b", "c", "d"])
    assert looked_at(minutes=60)[1] == []
