"""Runs that build on others: what they need is made before them, once, and again only where it is gone."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from convscale.devices import pick
from convscale.experiments import Experiment, Job, Scale, training_cost
from convscale.experiments import making as module
from convscale.experiments.attempt import Patience
from convscale.experiments.beside import Beside
from convscale.experiments.budget import offers, within
from convscale.experiments.differences import differences
from convscale.experiments.earlier import earlier_jobs, kept, weights_folder
from convscale.experiments.execute import execute
from convscale.experiments.experiment import Arm
from convscale.experiments.making import make_record
from convscale.experiments.registry import command_of
from convscale.experiments.seconds import Seconds
from convscale.experiments.training_cost import CostOf, size_of_run
from convscale.learning import Outcome
from convscale.recipes import canonical
from convscale.records import Store

CPU = pick("cpu")
FIRST, TASK = (0, 1, 2, 3, 4, 5), (6, 7, 8, 9)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def fits(monkeypatch):
    """Replaces training; holds the runs that were trained, and what was there for them. Runs in `fails` fail."""
    seen = []

    def fit(run, device, folder, workers, progress, train_top1, earlier, watch, begins):
        time.sleep(0.05)
        seen.append(run)
        assert (earlier is not None) == bool(run.builds_on)
        assert all(kept(first, device).parent == earlier and kept(first, device).exists() for first in run.builds_on)
        if run in fit.fails:
            raise FloatingPointError("loss is nan")
        (folder / "final.safetensors").write_text(f"weights of {run.key}")
        history = [{"step": 1, "epoch": 1.0, "test_top1": 10.0}]
        return Outcome({"test_top1": 10.0 + run.seed}, history, {"seconds": 1.0}, torch.nn.Identity(), [])

    fit.fails, fit.seen = set(), seen
    monkeypatch.setattr(module, "fit", fit)
    return fit


def on_top(run, **changes):
    return replace(run, after=run, classes=TASK, **changes)


@pytest.fixture
def jobs(tiny):
    """Two arms that share a pretraining, and a third that adds a training between: two seeds."""
    first = tiny(classes=FIRST)
    arms = {
        "a": on_top(first),
        "b": on_top(first, epochs=2),
        "c": replace(on_top(first), after=on_top(first, epochs=9)),
    }
    return [Job("an_experiment", "small", arm, run.seeded(seed)) for seed in (0, 1) for arm, run in arms.items()]


def test_what_runs_build_on_is_made_before_them_and_once(store, jobs, fits, capsys):
    records = execute(jobs, store, "cpu")
    first, between = jobs[0].run.after, jobs[2].run.after
    assert first == between.after and len(fits.seen) == len(set(fits.seen)) == 2 + 2 + 6
    assert fits.seen[:4] == [first, first.seeded(1), between, between.seeded(1)]
    assert [record["key"] for record in records] == [job.run.key for job in jobs]
    said = [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert said[:5] == [
        *(f"{n}/10 before c, seed {seed}" for n, seed in ((1, 0), (2, 1), (3, 0), (4, 1))),
        "5/10 a, seed 0",
    ]
    told = records[2]["earlier"]
    assert [one["key"] for one in told] == [between.key, first.key]
    assert told[0]["metrics"] == {"test_top1": 10.0} and told[0]["cost"] == {"seconds": 1.0}
    assert store.run(first.key)["run"]["classes"] == list(FIRST) and "earlier" not in store.run(first.key)
    assert records[0]["run"]["after"]["classes"] == list(FIRST)


def test_weights_that_are_here_are_used_and_others_made_again(store, jobs, fits, monkeypatch):
    execute(jobs[:1], store, "cpu")
    first = jobs[0].run.after
    execute(jobs[1:2], store, "cpu")
    assert fits.seen.count(first) == 1
    assert kept(first, CPU).read_text() == f"weights of {first.key}"
    kept(first, CPU).unlink()
    execute(jobs[:2], store, "cpu")
    assert len(fits.seen) == 3  # nothing needs them now
    execute(jobs[:1], store, "cpu", fresh=True)
    assert fits.seen[3:] == [first, jobs[0].run]
    execute(jobs[:2], store, "cpu", fresh=True)
    assert fits.seen[5:] == [first, jobs[0].run, jobs[1].run]
    monkeypatch.setattr("convscale.experiments.earlier.code_version", lambda: {"code": "changed"})
    assert [[job.run for job in level] for level in earlier_jobs(jobs[:1], store, CPU)] == [[first]]


def test_a_run_that_is_an_arm_and_has_others_built_on_it_is_made_once(store, jobs, fits):
    arm = Job("an_experiment", "small", "the first itself", jobs[0].run.after)
    records = execute([jobs[0], arm], store, "cpu")
    assert fits.seen == [arm.run, jobs[0].run] and records[1]["arm"] == "the first itself"


def test_what_cannot_be_built_on_fails_alone_and_is_what_is_raised(store, jobs, fits, capsys):
    fits.fails = {jobs[0].run.after}
    with pytest.raises(FloatingPointError, match="loss is nan"):
        execute([jobs[0], jobs[3]], store, "cpu")
    assert store.run(jobs[3].run.key) and not store.run(jobs[0].run.key)
    assert not list((weights_folder(CPU)).glob(f"{jobs[0].run.after.key}.safetensors"))


def test_two_that_need_the_same_weights_make_them_once(store, jobs, fits):
    (job,) = earlier_jobs(jobs[:1], store, CPU)[0]
    patience = Patience(seconds=10)
    with ThreadPoolExecutor(2) as threads:
        records = list(threads.map(lambda _: make_record(job, "cpu", store, False, patience=patience), range(2)))
    assert fits.seen == [job.run] and records[0]["key"] == records[1]["key"] == job.run.key


def test_real_runs_build_on_each_other(tiny, store):
    """Labels of the task are learned on a network that knows the others'; a student learns from its teacher."""
    first = tiny(classes=FIRST, epochs=1)
    short = dict(epochs=1, curve_points=1)
    student = tiny(teacher=tiny(**short), pseudo=64, **short)
    jobs = [Job("an_experiment", "small", "arm", run) for run in (on_top(first, **short), student)]
    one, other = execute(jobs, store, "cpu")
    assert one["earlier"][0]["key"] == first.key and other["earlier"][0]["key"] == tiny(**short).key
    assert 0 <= other["metrics"]["teacher_top1"] <= 100
    again = execute(jobs[:1], Store(store.root / "other"), "cpu", fresh=True)
    assert again[0]["metrics"] == one["metrics"]  # whatever is made again is the same


def test_a_budget_counts_what_a_run_builds_on_with_the_first_that_needs_it(store, jobs, record):
    base = record()
    device = base["provenance"] | {"device": {"kind": "cpu", "name": CPU.name}}
    a, b, first = jobs[3].run, jobs[4].run, jobs[3].run.after
    for run, seconds in ((a, 20), (b, 10), (first, 100)):
        other = run.seeded(5)  # of another seed: the seconds are known
        made = {"key": other.key, "run": canonical(other), "cost": {"seconds": seconds}, "provenance": device}
        store.write(base | made)
    seconds_of = Seconds(CPU, store)
    chosen = [within(jobs[3:5], minutes, seconds_of, Beside()) for minutes in (2, 3)]
    assert chosen == [[jobs[3]], jobs[3:5]]  # 100 + 20 of 120 s, and 10 more of 180 s
    with pytest.raises(ValueError, match=r"1 minutes: the shortest run takes about 2 min"):
        within(jobs[3:5], 1, seconds_of, Beside())
    assert seconds_of.needed(jobs[3]) == [first, a]
    two = SimpleNamespace(name="two", jobs=jobs[3:5])
    ((offer,), _) = offers([two], {}, seconds_of, store, 60, needed=seconds_of.needed)
    assert list(offer.seconds.values()) == [120, 10]


def test_costs_are_those_of_the_run_alone_with_all_images_that_it_sees(tiny, monkeypatch):
    monkeypatch.setattr(training_cost, "seconds_by_round", made_up_seconds)
    cost_of, run = CostOf(CPU), tiny()
    plain, begun = cost_of(run), cost_of(replace(run, after=run))
    assert begun == plain
    student = cost_of(replace(run, teacher=run, pseudo=160))
    assert student.count == 4 * (96 + 160) // 32  # epochs of all of them
    assert student.evaluation - plain.evaluation == pytest.approx(160 * (10 / 256 + 10 / 8) / 3600)  # by the teacher
    assert size_of_run(tiny(classes=TASK))[:3] == (round(1438 * 0.4), round(359 * 0.4), 4)


def made_up_seconds(work, *_):
    from pandas import DataFrame

    return DataFrame([{name: 2.0 if name == "update" else 10.0 for name in work}])


def test_arms_show_how_the_runs_that_they_build_on_differ(tiny):
    first = tiny(classes=FIRST)
    base = on_top(first)
    scale = Scale(base=base, seeds=2, cost="seconds", shows="that it runs", cannot="anything else")
    arms = {
        "short": Arm("", lambda run: run),
        "long": Arm("", lambda run: replace(run, after=replace(run.after, epochs=9))),
        "none": Arm("", lambda run: replace(run, after=None)),
    }
    sweep = Experiment("made", "Made for a test", "v2:7", arms, {"smoke": scale}, {}).at("smoke")
    table = differences(sweep)
    assert table.columns.tolist() == ["arm", "after", "after.epochs"]
    assert table["after"][1] == "efficientnetv2-tiny on digits, 9 epochs"
    assert table["after.epochs"].tolist() == [4, 9, "-"]
    assert [job.run.after and job.run.after.seed for job in sweep.jobs] == [10, 10, None, 11, 11, None]


def test_the_command_of_what_others_build_on_is_theirs(jobs):
    from convscale.experiments import get

    sweep = get("rs_table3", "smoke")
    teacher = Job("rs_table3", "smoke", "before resnet-pseudo", sweep.jobs[0].run.teacher, keeps=True)
    assert command_of(teacher, "cpu").endswith("--arm teacher --seed 10 --device cpu")
    first = get("rs_table4", "smoke").jobs[0].run.after
    before = Job("rs_table4", "smoke", "before rs", first, keeps=True)
    assert command_of(before, "cpu").endswith("run rs_table4 --scale smoke --arm rs --seed 10 --device cpu")
    assert command_of(replace(before, run=jobs[0].run), "cpu") == ""
