"""What a study has: its trials as a tidy table, how they stand, the best, and how much each decision matters."""

import warnings

import optuna
import pandas as pd
import yaml
from optuna.trial import TrialState

from ..models.table_files import table_values
from .candidates import Proxy
from .study import check_space, plain

KEPT = ("network", "accuracy", "step_time", "params", "multiply_adds", "key")
LEAST = 8  # finished trials, below which an importance would be chance; ours


def table(study: optuna.Study) -> pd.DataFrame:
    """One row a trial: trial, state, reward, those of KEPT, failed (why), and a column for every decision.

    Units: accuracy %, step_time seconds. The state is Optuna's in small letters, but "lost" where the worker died or
    was stopped: the point is then another trial.
    """
    rows = [
        {"trial": trial.number, "state": "lost" if given_up(trial) else trial.state.name.lower(), "reward": trial.value}
        | {name: trial.user_attrs.get(name) for name in (*KEPT, "failed")}
        | trial.params
        for trial in study.get_trials(deepcopy=False)
    ]
    found = pd.DataFrame(rows, columns=None if rows else ["trial", "state", "reward", *KEPT, "failed"])
    return found.astype({"params": "Int64", "multiply_adds": "Int64"})


def given_up(trial: optuna.trial.FrozenTrial) -> bool:
    """Whether a trial's worker died or was stopped: its point is another trial now, or was tried too often."""
    return trial.state == TrialState.FAIL and "failed" not in trial.user_attrs


def importance(study: optuna.Study) -> pd.Series:
    """The share of the reward's variance that each decision explains alone (functional ANOVA), the largest first.

    Empty with fewer than `LEAST` finished trials, or if all have one reward.
    """
    done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len(done) < LEAST or len({trial.value for trial in done}) == 1:
        return pd.Series(dtype=float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # decisions that are still experimental in Optuna
        found = optuna.importance.get_param_importances(
            study, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0)
        )
    return pd.Series(found)


def exported(study: optuna.Study, proxy: Proxy, trial: str) -> str:
    """The network of a trial, "best" or a number, as YAML that `models.table_files` reads.

    Raises ValueError for a trial that is not there or has not finished, and for a study of another space.
    """
    check_space(study, proxy)
    done = {t.number: t for t in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))}
    if not done:
        raise ValueError("no trial has finished yet")
    number = study.best_trial.number if trial == "best" else int(trial) if trial.isdecimal() else -1
    if number not in done:
        raise ValueError(f"trial {trial!r} is none that has finished: give best, or one of 0 to {max(done)}")
    network = proxy.space.table(done[number].params)
    return yaml.safe_dump(plain(table_values(network)), sort_keys=False)
