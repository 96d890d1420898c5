"""A worker: takes points from the study, trains and rewards them, one after the other, until there are enough."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import optuna
from optuna.trial import TrialState

from ..devices import pick
from ..errors import Preempted
from ..experiments.attempt import Patience
from ..experiments.experiment import FIRST_SEED, Job
from ..experiments.making import make_record, one_thread
from ..records import Store
from .block_times import predicted
from .candidates import ACCURACY, Costs, Proxy, largest
from .samplers import sampler
from .step_time import Kept, step_time
from .storage import again, let_go_of_dead
from .study import open_study

# What a candidate may end with: it diverged, does not fit the memory, or is too deep for the image's size.
FAILURES = (ArithmeticError, MemoryError, RuntimeError, ValueError)
ALIKE = Patience(seconds=float("inf"))  # another worker that tries the same network is waited for
IN_A_ROW = 5  # failures of one worker, after which the fault is hardly the candidates'; ours
WAIT = 1.0  # seconds between looks at the trials of others, at the end


class Failed(Exception):
    """A candidate has failed, and the search goes on."""


@dataclass(frozen=True)
class Orders:
    """What all workers of one command are told. `predict`: step times from blocks instead of whole networks."""

    place: str
    study: str
    proxy: Proxy
    sampler: str
    trials: int
    seed: int
    device: str
    store: Store
    predict: bool = False
    prune: bool = False


class Worker:
    """One of so many `processes` that work on this machine, the `number`-th."""

    def __init__(self, orders: Orders, number: int = 0, processes: int = 1, say: Callable[[str], object] = print):
        self.orders, self.processes, self.say = orders, processes, say
        self.device = pick(orders.device)
        chosen = sampler(orders.sampler, orders.proxy.space.decisions, orders.seed, number)
        pruner = optuna.pruners.MedianPruner() if orders.prune else None
        self.study = open_study(orders.place, orders.study, orders.proxy, chosen, pruner)
        self.failures: list[str] = []

    @cached_property
    def kept(self) -> Kept:
        return Kept(self.device)

    @cached_property
    def backbone(self) -> Costs:
        """What the backbone costs: rewards are relative to it."""
        proxy = self.orders.proxy
        return self.costs(replace(proxy.base, model=proxy.backbone))

    def work(self) -> None:
        """Until the study has its trials. Raises RuntimeError after `IN_A_ROW` failures, Preempted after SIGTERM."""
        while self.wanted():
            try:
                self.study.optimize(self.tried, n_trials=1, catch=(Failed,))
            except (Preempted, KeyboardInterrupt):
                again()(self.study, self.study.get_trials()[self.number])  # whoever trains it goes on where it stopped
                raise
            if len(self.failures) >= IN_A_ROW:
                raise RuntimeError(f"{IN_A_ROW} candidates in a row failed, the last one so: {self.failures[-1]}")

    def wanted(self) -> bool:
        """Whether another trial is to be made; waits while the last ones are with other workers, who may die."""
        while True:
            let_go_of_dead(self.study)
            states = [trial.state for trial in self.study.get_trials(deepcopy=False) if not given_up(trial)]
            if TrialState.WAITING in states or len(states) < self.orders.trials:
                return True
            if TrialState.RUNNING not in states:
                return False
            time.sleep(WAIT)

    def tried(self, trial: optuna.Trial) -> float:
        """The reward of the point of a trial."""
        proxy = self.orders.proxy
        point: dict[str, Any] = {
            name: trial.suggest_categorical(name, choices) for name, choices in proxy.space.decisions.items()
        }
        self.number = trial.number
        try:
            run = proxy.run(point, FIRST_SEED)
            costs = self.costs(run)
            job = Job("search", proxy.scale, run.model_name, run)
            told = partial(prune_or_go_on, trial) if self.orders.prune else None
            record = make_record(job, self.device.kind, self.orders.store, False, self.processes, told, ALIKE)
        except Preempted:
            raise
        except FAILURES as error:
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            trial.set_user_attr("failed", reason)
            self.failures.append(reason)
            self.say(f"{trial.number}: failed: {reason}")
            raise Failed(reason) from error
        self.failures.clear()
        accuracy = record["metrics"][ACCURACY]
        reward = proxy.reward(accuracy, costs, self.backbone)
        kept = {"network": run.model_name, "accuracy": accuracy, "params": costs.params}
        kept |= {"multiply_adds": costs.multiply_adds, "step_time": costs.step_time, "key": record["key"]}
        for name, value in kept.items():
            trial.set_user_attr(name, value)
        self.say(f"{trial.number}: {run.model_name}: top-1 {accuracy:.1f} %, reward {reward:.2f}")
        return reward

    def costs(self, run) -> Costs:
        """Counted, and for V2's reward measured."""
        proxy = self.orders.proxy
        if proxy.target:
            return proxy.costs(run)
        how = predicted if self.orders.predict else step_time
        with one_thread() if self.device.kind == "cpu" else nullcontext():
            seconds = how(
                run.model, self.kept, image_size=largest(run), batch=run.recipe.batch_size, precision=run.precision
            )
        return proxy.costs(run, seconds)


def prune_or_go_on(trial: optuna.Trial, point: dict[str, float]) -> None:
    """Tell the pruner of the newest point of the curve. Raises TrialPruned where the trial is worse than most were."""
    trial.report(point["test_top1"], int(point["step"]))  # of images held out of training: `Proxy.pruned`
    if trial.should_prune():
        raise optuna.TrialPruned


def given_up(trial: optuna.trial.FrozenTrial) -> bool:
    """Whether a trial's worker died or was stopped: its point is another trial now, or was tried too often."""
    return trial.state == TrialState.FAIL and "failed" not in trial.user_attrs
