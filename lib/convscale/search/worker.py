"""A worker: takes points from the study, trains and rewards them, one after the other, until there are enough."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
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
from ..signals import raising_at_sigterm
from .block_times import predicted
from .candidates import ACCURACY, Costs, Proxy, largest
from .samplers import sampler
from .step_time import Kept, step_time
from .storage import let_go_of_dead
from .study import open_study
from .trials import given_up

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
    """One of so many `processes` that work on this machine."""

    def __init__(self, orders: Orders, processes: int = 1, say: Callable[[str], object] = print):
        self.device = pick(orders.device)
        timed = f"{self.device.name}, {'summed over blocks' if orders.predict else 'whole networks'}"
        orders = replace(orders, proxy=replace(orders.proxy, timed=timed))
        self.orders, self.processes, self.say = orders, processes, say
        chosen = sampler(orders.sampler, orders.proxy.space.decisions, orders.seed)
        pruner = optuna.pruners.MedianPruner() if orders.prune else None
        self.study = open_study(orders.place, orders.study, orders.proxy, chosen, pruner)
        self.failures: list[str] = []
        self.number = -1  # of the trial at hand

    @cached_property
    def kept(self) -> Kept:
        return Kept(self.device)

    @property
    def backbone(self) -> Costs:
        """What the backbone costs, to which rewards are relative: measured once for a study, and written in it."""
        if "backbone" not in self.study.user_attrs:
            proxy = self.orders.proxy
            self.study.set_user_attr("backbone", asdict(self.costs(replace(proxy.base, model=proxy.backbone))))
        return Costs(**self.study.user_attrs["backbone"])

    def work(self) -> None:
        """Until the study has its trials. Raises RuntimeError after `IN_A_ROW` failures, Preempted after SIGTERM."""
        while self.wanted():
            self.number = -1
            try:
                with raising_at_sigterm(Preempted("stopped by SIGTERM; the same command goes on")):
                    self.study.optimize(self.tried, n_trials=1, catch=(Failed,))
            except (Preempted, KeyboardInterrupt):
                self.put_back()
                raise
            except Exception:
                if not self.taken_for_dead():
                    raise
                self.say(f"{self.number}: this worker gave no sign of life, so the trial was made another one")
            if len(self.failures) >= IN_A_ROW:
                raise RuntimeError(f"{IN_A_ROW} candidates in a row failed, the last one so: {self.failures[-1]}")

    def put_back(self) -> None:
        """The point of a trial that was stopped into the queue: whoever takes it goes on where its training stopped.

        Nobody died, so this counts as no try.
        """
        if self.number >= 0 and given_up(trial := self.study.get_trials(deepcopy=False)[self.number]):
            self.study.enqueue_trial(trial.params)

    def taken_for_dead(self) -> bool:
        """Whether the trial at hand is in the queue once more, as after this machine slept: its reward is then refused.

        What was trained is a record, so the new trial takes no time.
        """
        trials = self.study.get_trials(deepcopy=False)
        return any(self.number in trial.system_attrs.get("retry_history", ()) for trial in trials)

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
    trial.report(point["test_top1"], int(point["step"]))  # of images held out of training: `Proxy.watched`
    if trial.should_prune():
        raise optuna.TrialPruned
