"""The registry: what runs an experiment has, how its arms differ, and that its commands make them."""

from dataclasses import replace
from functools import partial
from itertools import chain

import pytest

from convscale import experiments
from convscale.cli import parser
from convscale.cli.chosen_runs import chosen
from convscale.datasets.sizes import SIZES
from convscale.devices import pick
from convscale.experiments import SCALES, Arm, Experiment, Scale
from convscale.experiments.beside import Beside
from convscale.experiments.budget import within
from convscale.experiments.differences import differences, shared
from convscale.experiments.experiment import share
from convscale.experiments.registry import command_of, complete, records_of
from convscale.experiments.registry import experiments as known
from convscale.experiments.seconds import Seconds
from convscale.measure.paper_tables import comparisons_on
from convscale.recipes import canonical
from convscale.records import Store, published
from convscale.search import sessions


@pytest.fixture
def made(tiny):
    """Two arms that differ in their stages and epochs, three seeds at the smoke scale."""

    def longer(run):
        return replace(run, epochs=2 * run.epochs)

    def fixed(run):
        return replace(run, schedule=replace(run.schedule, sizes="fixed"))

    scale = Scale(base=tiny(), seeds=3, cost="seconds", shows="that it runs", cannot="anything else")
    arms = {"longer": Arm("twice as long", longer), "fixed": Arm("one size", fixed, control=True)}
    return Experiment("made", "Made for a test", "v2:13", arms, {"smoke": scale}, {})


def test_every_seed_has_every_arm_and_counts_from_ten(made):
    jobs = made.at("smoke").jobs
    assert [(job.run.seed, job.arm) for job in jobs] == [(s, a) for s in (10, 11, 12) for a in ("longer", "fixed")]
    assert {job.run.epochs for job in jobs} == {4, 8} and {(job.experiment, job.scale) for job in jobs} == {
        ("made", "smoke")
    }


def test_first_seeds_are_the_same_runs(made):
    sweep = made.at("smoke")
    assert sweep.first(2).jobs == sweep.jobs[:4] and sweep.first(9).jobs == sweep.jobs


@pytest.mark.parametrize("seeds", [0, -1, 1.5, None])
def test_first_seeds_are_a_whole_number_of_them(made, seeds):
    with pytest.raises(ValueError, match="a whole number from 1 on is needed"):
        made.at("smoke").first(seeds)


def test_a_changed_arm_has_runs_of_its_own(made):
    sweep = made.at("smoke")
    mine = sweep.changed("fixed", epochs=5)
    keys, others = ({job.run.key for job in s.jobs} for s in (sweep, mine))
    assert len(keys & others) == 3 and len(others) == 6
    with pytest.raises(ValueError, match="unknown arm of made 'fixd': did you mean fixed"):
        sweep.changed("fixd", epochs=5)


def test_only_what_differs_is_in_the_table_of_arms(made):
    table = differences(made.at("smoke"))
    assert table.to_dict("list") == {
        "arm": ["longer", "fixed"],
        "schedule.sizes": ["progressive", "fixed"],
        "epochs": [8, 4],
    }
    common = shared(made.at("smoke"))
    assert common["recipe.batch_size"] == 32 and common["schedule.stages.4.image_size"] == 24
    assert not {"epochs", "schedule.sizes"} & common.keys()


def test_records_are_found_by_key_whatever_they_were_made_for(made, tmp_path, record):
    store, sweep = Store(tmp_path), made.at("smoke")
    job = sweep.jobs[3]
    base = record()
    store.write(base | {"key": job.run.key, "run": canonical(job.run)})
    (found,) = records_of(sweep, store)
    assert (found["experiment"], found["scale"], found["arm"], found["run"]["seed"]) == ("made", "smoke", "fixed", 11)
    assert not complete(sweep, store)
    for job in sweep.jobs:
        store.write(base | {"key": job.run.key, "run": canonical(job.run)})
    assert complete(sweep, store)


def test_unknown_names_get_the_nearest():
    with pytest.raises(ValueError, match="unknown experiment 'v2_tabel13': did you mean v2_table13"):
        experiments.get("v2_tabel13", "smoke")
    with pytest.raises(ValueError, match="unknown scale of v2_table13 'smal'"):
        experiments.get("v2_table13", "smal")


@pytest.mark.parametrize("name", known())
def test_every_experiment_says_what_it_may_show(name):
    experiment = known()[name]
    assert experiment.name == name and set(experiment.scales) <= set(SCALES)
    for scale, value in experiment.scales.items():
        sweep = experiment.at(scale)
        assert value.shows and value.cost and value.seeds > 0
        assert value.base.dataset in SIZES  # a set that people can get
        assert len({job.run.key for job in sweep.jobs}) == len(sweep.jobs), "two arms are the same run"


def test_the_command_of_a_run_makes_that_run_and_no_other(made):
    for name in known():
        for scale in known()[name].scales:
            for job in experiments.get(name, scale).jobs[:9]:
                _, *words = command_of(job, "cpu").split()
                assert chosen(parser().parse_args(words)) == [job]
    sweep = experiments.get("v2_table13", "smoke").changed("fixed-size", epochs=7)
    assert [bool(command_of(job, "cpu")) for job in sweep.first(1).jobs] == [a != "fixed-size" for a in sweep.arms]
    assert command_of(made.at("smoke").jobs[0], "cpu") == ""


def test_the_command_of_every_published_record_makes_that_record():
    for record in published().runs():
        _, *words = record["provenance"]["command"].split()
        (job,) = chosen(parser().parse_args(words))
        assert record["key"] in [run.key for run in job.run.chain]
    for record in published().measurements():
        _, *words = record["provenance"]["command"].split()
        args = parser().parse_args(words)
        if record["table"] == sessions.TABLE:  # whose command has no choice of tables
            assert words[:2] == ["search", "time"] and len(record["rounds"]) == sessions.ROUNDS
            continue
        if words[0] == "sizes":  # a network tested at sizes that the command names
            assert record["image_sizes"][0] in args.sizes and record["network"] == args.model
            continue
        made = [plan for plan in comparisons_on(args.device) if not args.tables or plan.table in args.tables]
        found = [plan for plan in made if (plan.table, plan.quantity) == (record["table"], record["quantity"])]
        assert sum(record["row"] in plan.rows for plan in found) == 1 and args.rounds == len(record["rounds"])


def test_shards_share_out_all_runs(made):
    jobs = made.at("smoke").jobs
    parts = [share(jobs, f"{k}/4") for k in (1, 2, 3, 4)]
    assert sorted(chain(*parts), key=jobs.index) == jobs and [len(part) for part in parts] == [2, 2, 1, 1]
    for wrong in ("0/4", "5/4", "4", "1/x"):
        with pytest.raises(ValueError, match="write k/n"):
            share(jobs, wrong)


def test_a_budget_takes_runs_in_order_by_what_they_took_before(made, tmp_path, record):
    store, sweep = Store(tmp_path), made.at("smoke")
    base = record()
    device = base["provenance"] | {"device": {"kind": "cpu", "name": pick("cpu").name}}
    for job, seconds in zip(sweep.jobs[:2], (100, 50), strict=True):
        done = {"key": job.run.key, "run": canonical(job.run), "cost": {"seconds": seconds}, "provenance": device}
        store.write(base | done)
    fits = partial(within, sweep.jobs, seconds_of=Seconds(pick("cpu"), store))
    assert fits(minutes=3, beside=Beside()) == sweep.jobs[2:4]  # 100 and 50 s of 180
    assert fits(minutes=2, beside=Beside(2, 2.0)) == [*sweep.jobs[2:4], sweep.jobs[5]]  # 100, 50 and 50 of 240
    assert fits(minutes=2, beside=Beside(4, 2.0)) == [sweep.jobs[3], sweep.jobs[5]]  # 100 s alone are 200 of 120
    assert fits(minutes=1, beside=Beside()) == [sweep.jobs[3]]
    assert fits(minutes=3, beside=Beside(), fresh=True) == sweep.jobs[:2]
    with pytest.raises(ValueError, match=r"0\.5 minutes: the shortest run takes about 50 s"):
        fits(minutes=0.5, beside=Beside())


def test_what_a_run_took_on_a_gpu_that_it_shared_does_not_count(made, tmp_path, record):
    """How long it takes alone, and so among any others, is not known from that."""
    store, job = Store(tmp_path), made.at("smoke").jobs[0]
    gpu = type("Gpu", (), {"kind": "cuda", "name": "a GPU"})()
    for processes, counted in ((4, []), (1, [100])):
        where = {"device": {"kind": "cuda", "name": "a GPU"}, "host": {"processes": processes}}
        done = {"key": job.run.key, "run": canonical(job.run), "cost": {"seconds": 100}}
        store.write(record() | done | {"provenance": record()["provenance"] | where})
        assert list(Seconds(gpu, store).recorded.values()) == counted
