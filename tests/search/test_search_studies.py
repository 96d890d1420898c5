"""Studies: what a sampler draws, what a storage keeps, and what happens to trials whose worker died."""

import os
import signal
import sqlite3
import warnings
from dataclasses import replace

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from convscale.errors import Preempted
from convscale.models import build
from convscale.models.table_files import read_network
from convscale.records import Store
from convscale.search import storage as places
from convscale.search.candidates import Costs, proxy
from convscale.search.reinforce import policy
from convscale.search.samplers import SAMPLERS, sampler
from convscale.search.study import open_study
from convscale.search.trials import exported, importance, table
from convscale.search.worker import Orders, Worker

DECISIONS = {"a": (0, 1, 2), "b": ("x", "y")}


def replayed(name, seed, trials=60):
    study = optuna.create_study(direction="maximize", sampler=sampler(name, DECISIONS, seed))

    def reward(trial):
        a = trial.suggest_categorical("a", DECISIONS["a"])
        return a + (trial.suggest_categorical("b", DECISIONS["b"]) == "y")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study.optimize(reward, n_trials=trials)
    return study


@pytest.mark.parametrize("name", SAMPLERS)
def test_samplers_repeat_themselves_and_differ_by_seed(name):
    points = [[t.params for t in replayed(name, seed).trials] for seed in (0, 0, 1)]
    assert points[0] == points[1] != points[2]


def test_random_search_draws_evenly_and_learning_does_not():
    drawn = [[t.params["a"] for t in replayed(name, 0, 150).trials[-75:]] for name in ("random", "reinforce")]
    assert 10 < drawn[0].count(2) < 45 and drawn[1].count(2) > 60


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_second_machine_draws_other_points(name):
    """Each begins a sampler of its own with the seed of the study, as after a stop."""
    decisions = {f"d{number}": tuple(range(4)) for number in range(8)}
    where = optuna.storages.InMemoryStorage()
    for _ in range(2):
        study = optuna.create_study(
            storage=where, study_name="s", load_if_exists=True, sampler=sampler(name, decisions, 0)
        )
        study.optimize(lambda trial: sum(trial.suggest_categorical(*d) for d in decisions.items()), n_trials=4)
    assert len({tuple(trial.params.values()) for trial in study.trials}) == 8


FIRST = [({"a": 0, "b": "x"}, reward) for reward in (1.0, 3.0) * 4]  # a mean of 2 with a deviation of 1


def test_a_policy_is_a_function_of_the_trials():
    """By hand: equal rewards teach nothing; one that is better by two deviations moves its choice's logit up."""
    even = policy(DECISIONS, [({"a": 0, "b": "x"}, 1.0)] * 8 + [({"a": 2, "b": "y"}, 5.0)])
    assert np.allclose(even["a"], 1 / 3)
    moved = policy(DECISIONS, [*FIRST, ({"a": 2, "b": "y"}, 4.0)], 0.5)
    logits = 0.5 * 2.0 * (np.array([0, 1]) - 0.5)  # advantage (4 - 2) / 1
    assert np.allclose(moved["b"], np.exp(logits) / np.exp(logits).sum())


def test_two_rewards_that_are_nearly_equal_do_not_decide_the_search():
    shares = policy(DECISIONS, [({"a": 0, "b": "x"}, 1.0), ({"a": 1, "b": "x"}, 1.001), ({"a": 2, "b": "y"}, 5.0)])
    assert shares["b"].max() < 0.9


def orders(tmp_path, **changes) -> Orders:
    place = os.fspath(tmp_path / "search.journal")
    fields = dict(sampler="random", trials=2, seed=0, device="cpu", store=Store(tmp_path / "records"))
    fields |= dict(place=place, study="tried", proxy=proxy("mnasnet", "smoke"))
    return Orders(**fields | changes)


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    folder = tmp_path_factory.mktemp("search")
    Worker(orders(folder)).work()
    return folder


def test_a_worker_makes_the_trials_and_no_more(searched):
    Worker(orders(searched)).work()  # all are there
    found = table(open_study(orders(searched).place, "tried"))
    assert list(found["state"]) == ["complete", "complete"] and found["accuracy"].between(0, 100).all()
    assert {path.stem for path in (searched / "records/runs").glob("*.json")} == set(found["key"])
    first = found.iloc[0]
    target = proxy("mnasnet", "smoke").target
    assert first["reward"] == pytest.approx(first["accuracy"] * (first["multiply_adds"] / target) ** -0.07)
    assert importance(open_study(orders(searched).place, "tried")).empty  # two trials tell nothing


def test_an_exported_network_is_the_found_one(searched, tmp_path):
    study, chosen = open_study(orders(searched).place, "tried"), proxy("mnasnet", "smoke")
    file = tmp_path / "net.yaml"
    file.write_text(exported(study, chosen, "best"))
    again = read_network(f"table:{file}")
    assert again == chosen.space.table(study.best_trial.params) and build(again, num_classes=10)
    assert table(study)["params"].dtype == "Int64"
    with pytest.raises(ValueError, match="trial '7' is none that has finished: give best, or one of 0 to 1"):
        exported(study, chosen, "7")


def test_no_network_of_another_space_is_exported(searched):
    """The same choices are other channels around another backbone."""
    study = open_study(orders(searched).place, "tried")
    with pytest.raises(
        ValueError, match=r"searches another space: space: mnasnet around mobilenetv2-tiny8 there, .*--scale"
    ):
        exported(study, proxy("mnasnet", "medium"), "best")


@pytest.mark.parametrize("place", ["{}/typo.journal", "sqlite:///{}/typo.db"])
def test_who_only_reads_makes_no_storage(tmp_path, place):
    with pytest.raises(ValueError, match=r"no study 's' in .*: there is no such file"):
        open_study(place.format(tmp_path), "s")
    assert not list(tmp_path.iterdir())


def test_step_times_of_two_devices_or_kinds_are_two_searches(tmp_path):
    first = orders(tmp_path, proxy=proxy("v2", "smoke"))
    Worker(first)
    with pytest.raises(ValueError, match=r"objective: V2, step times of .*, whole networks there, .* blocks here"):
        Worker(replace(first, predict=True))


def test_a_changed_space_is_refused(searched):
    with pytest.raises(ValueError, match=r"searches something else: .*here"):
        Worker(replace(orders(searched), proxy=proxy("v2", "smoke")))


def test_a_study_that_is_not_there_is_named(searched):
    with pytest.raises(ValueError, match=r"no study 'other' in .*: it has tried; `convscale search run`"):
        open_study(orders(searched).place, "other")


@pytest.mark.parametrize("place", ["/proc/nobody/search.journal", "sqlite:////proc/nobody/search.db", "nodb://here"])
def test_a_storage_that_cannot_be_reached_is_named(place):
    with pytest.raises(ValueError, match=r"cannot be reached: .*; give a path"):
        places.storage(place)


@pytest.mark.parametrize("kind", ["journal", "sqlite"])
def test_the_trial_of_a_dead_worker_is_made_again(tmp_path, kind):
    place = f"sqlite:///{tmp_path}/s.db" if kind == "sqlite" else os.fspath(tmp_path / "s.journal")
    study = open_study(place, "s", proxy("mnasnet", "smoke"), sampler("random", DECISIONS, 0))
    dead = study.ask(fixed_distributions={"a": optuna.distributions.CategoricalDistribution(DECISIONS["a"])})
    study._storage.record_heartbeat(dead._trial_id)
    places.let_go_of_dead(study)
    assert [t.state for t in study.trials] == [TrialState.RUNNING]  # it has just given a sign of life
    if kind == "sqlite":
        with sqlite3.connect(tmp_path / "s.db") as database:
            database.execute("UPDATE trial_heartbeats SET heartbeat = datetime('now', '-1 hour')")
    else:
        os.utime(study._storage.alive / str(dead._trial_id), (0, 0))
    places.let_go_of_dead(study)
    assert [t.state for t in study.trials] == [TrialState.FAIL, TrialState.WAITING]
    assert study.trials[1].params == study.trials[0].params


def test_a_candidate_that_fails_is_recorded_and_the_search_goes_on(tmp_path, monkeypatch):
    from convscale.search import worker

    made, real = [], worker.make_record

    def sometimes(job, *more):
        made.append(job)
        if len(made) == 1:
            raise FloatingPointError("loss is nan at step 3")
        return real(job, *more)

    monkeypatch.setattr(worker, "make_record", sometimes)
    Worker(orders(tmp_path)).work()
    found = table(open_study(orders(tmp_path).place, "tried"))
    assert list(found["state"]) == ["fail", "complete"]
    assert found["failed"][0] == "FloatingPointError: loss is nan at step 3"


def test_a_fault_of_the_machine_ends_the_search(tmp_path, monkeypatch):
    from convscale.search import worker

    def never(*_):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(worker, "make_record", never)
    with pytest.raises(RuntimeError, match="5 candidates in a row failed, the last one so: RuntimeError"):
        Worker(orders(tmp_path, trials=9)).work()


def test_pruning_looks_at_no_test_image():
    watched = proxy("v2", "small").watched
    assert watched.base.validate == "tenth" and watched.base.curve_points == watched.base.epochs


def test_a_stopped_trial_goes_back_into_the_queue(tmp_path, monkeypatch):
    from convscale.search import worker

    def stopped(*_):
        raise Preempted("stopped at step 1 of 4")

    monkeypatch.setattr(worker, "make_record", stopped)
    with pytest.raises(Preempted):
        Worker(orders(tmp_path)).work()
    study = open_study(orders(tmp_path).place, "tried")
    assert [t.state for t in study.trials] == [TrialState.FAIL, TrialState.WAITING]
    first, second = study.get_trials()
    assert second.system_attrs["fixed_params"] == first.params and "retry_history" not in second.system_attrs
    assert list(table(study)["state"]) == ["lost", "waiting"]


def test_ctrl_c_between_trials_repeats_none(searched, monkeypatch):
    worker = Worker(orders(searched, trials=3))
    worker.number = 1  # the last one that it made

    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(worker.study, "optimize", stopped)
    with pytest.raises(KeyboardInterrupt):
        worker.work()
    assert len(worker.study.trials) == 2


def test_sigterm_while_a_step_is_timed_puts_the_trial_back(tmp_path, monkeypatch):
    worker = Worker(orders(tmp_path))

    def told(run):
        os.kill(os.getpid(), signal.SIGTERM)
        return Costs(1, 1)

    monkeypatch.setattr(worker, "costs", told)
    with pytest.raises(Preempted, match="the same command goes on"):
        worker.work()
    assert [t.state for t in worker.study.trials] == [TrialState.FAIL, TrialState.WAITING]


def test_a_worker_that_was_taken_for_dead_goes_on(tmp_path, monkeypatch):
    """As after a machine slept: others put its trial into the queue, and it wakes and finishes it."""
    from convscale.search import worker as module

    real, worker = module.make_record, Worker(orders(tmp_path))

    def slept(*told):
        if len(worker.study.trials) == 1:
            with monkeypatch.context() as patched:
                patched.setattr(places, "GRACE", -1)
                places.let_go_of_dead(worker.study)
        return real(*told)

    monkeypatch.setattr(module, "make_record", slept)
    worker.work()
    assert sorted(table(worker.study)["state"]) == ["complete", "complete", "lost"]
    assert worker.study.trials[1].params == worker.study.trials[0].params
