"""Random search against reinforcement learning, and the short training as a judge of the long one."""

import warnings
from functools import cache

import numpy as np
import optuna
import pandas as pd

from ..drawing import Drawing, lines, scatter
from ..evidence.search_reward import network_of
from ..evidence.statistics import mean_interval
from ..experiments import complete, get, records_of
from ..experiments.papers.v2_search_longer import TIMES
from ..experiments.papers.v2_search_table import ALL
from ..records import published
from ..search.block_times import params
from ..search.objective import training_aware
from ..search.samplers import sampler
from ..search.sessions import SMALL
from ..words import plural
from .block import Block
from .search_rank import summed

BUDGETS = (64, 128)  # trials
REPEATS = 5
NAMES = {"reinforce": "reinforcement learning", "random": "random search", "evolution": "evolution"}


def missing(experiment: str) -> str:
    """How many runs of an experiment are published, where not all are; "" where they are."""
    sweep = get(experiment, "small")
    if complete(sweep, published()):
        return ""
    have = len(records_of(sweep, published()))
    return f"Published so far: {have} of {plural(len(sweep.jobs), 'run')}. The figure appears when all are there."


def note(words: str) -> Block:
    return Block(f'<p class="sf sf-note">{words}</p>', words)


@cache
def rewards() -> dict[tuple[int, ...], float]:
    """The reward of each of the 512 networks by its levels; its step time is summed by blocks."""
    found = {}
    for record in records_of(get("v2_search_table", "small"), published()):
        network = network_of(record)
        reward = training_aware(record["metrics"]["unseen_top1"], summed(network, SMALL), params(network))
        found[tuple(ALL.runs[record["arm"]].values())] = reward
    return found


def replayed(name: str, seed: int, trials: int) -> np.ndarray:
    """The best reward so far of a search over the table, after each trial."""
    table = rewards()
    decisions = {factor: (-1, 1) for factor in ALL.factors}

    def looked_up(trial: optuna.Trial) -> float:
        return table[tuple(trial.suggest_categorical(factor, levels) for factor, levels in decisions.items())]

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", sampler=sampler(name, decisions, seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study.optimize(looked_up, n_trials=trials)
    best = np.maximum.accumulate([trial.value or 0.0 for trial in study.get_trials(deepcopy=False)])
    return 100 * best / max(table.values())


@cache
def curves() -> dict[str, np.ndarray]:
    """For every sampler the best-so-far in % of the best there is: a row a repeat, a column a trial."""
    return {name: np.array([replayed(name, seed, max(BUDGETS)) for seed in range(REPEATS)]) for name in NAMES}


def samplers_figure(*, name: str, caption: str) -> Drawing | Block:
    """The best reward so far, averaged over repeats, by sampler."""
    if said := missing("v2_search_table"):
        return note(said)
    shown = [1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128]
    rows = [
        {"line": label, "x": trial, "y": float(curves()[key][:, trial - 1].mean())}
        for key, label in NAMES.items()
        for trial in shown
    ]
    gap = curves()["reinforce"][:, BUDGETS[-1] - 1] - curves()["random"][:, BUDGETS[-1] - 1]
    mean, half = mean_interval(gap)
    return lines(
        pd.DataFrame(rows),
        name=name,
        title=f"After {BUDGETS[-1]} trials, learning is {mean:+.2f} ± {half:.2f} % from random search",
        subtitle=f"Best reward so far, in % of the best of all {len(rewards())} networks; mean of {REPEATS} repeats",
        caption=caption,
        x="trials",
        y="best so far, %",
        log="x",
        family="v2",
    )


@cache
def both_trainings() -> pd.DataFrame:
    """Top-1 on unseen images after the search's training (x) and after one five times as long (y), by network."""
    long = {r["arm"]: r["metrics"]["unseen_top1"] for r in records_of(get("v2_search_longer", "small"), published())}
    short = {r["arm"]: r["metrics"]["unseen_top1"] for r in records_of(get("v2_search", "small"), published())}
    return pd.DataFrame([(short[arm], value) for arm, value in long.items()], columns=["x", "y"])


def proxy_figure(*, name: str, caption: str) -> Drawing | Block:
    """Does the short training rank networks as the long one does?"""
    if said := missing("v2_search_longer"):
        return note(said)
    points = both_trainings()
    return scatter(
        points.assign(label="", family=""),
        name=name,
        title=f"Ranks after 10 and {10 * TIMES} epochs correlate at {points['x'].corr(points['y'], 'spearman'):.2f}",
        subtitle=f"{len(points)} networks of the array, by Spearman",
        caption=caption,
        x="top-1 after 10 epochs, %",
        y=f"top-1 after {10 * TIMES} epochs, %",
    )
