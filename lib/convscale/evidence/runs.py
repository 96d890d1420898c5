"""The runs that judge a claim: those of its registered seeds, at the largest scale that has them all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ..errors import check_name
from ..experiments import FIRST_SEED, JUDGED
from ..experiments.registry import contrast_named
from .search_reward import log_reward

Runs = dict[str, dict[int, dict]]  # records by arm and seed


def registered(seeds: int) -> range:
    """The seed numbers of a rule that asks for so many: 10, 11, ..."""
    return range(FIRST_SEED, FIRST_SEED + seeds)


def experiment_at(claim: dict, scale: str) -> str | None:
    """The experiment that makes the claim's runs at `scale`; None where none does yet."""
    return claim["scales"][scale].get("experiment", claim.get("experiment"))


def rule_at(claim: dict, scale: str) -> dict:
    """The claim with what its rule says at `scale`, with the conditions that have a threshold there."""
    rule = claim | claim["scales"][scale]
    conditions = []
    for condition in rule.get("conditions", []):
        bound = condition["at_least"]
        if not isinstance(bound, dict):
            conditions.append(condition)
        elif scale in bound:
            conditions.append(condition | {"at_least": bound[scale]})
    return rule | {"conditions": conditions}


def contrast_of(rule: dict) -> dict[str, float]:
    """The coefficient of every arm in the effect, which is positive if the claim is true.

    Raises ValueError for a named contrast that the rule's experiment does not have.
    """
    sign = -1.0 if rule.get("lower") else 1.0
    contrast = rule["contrast"] if "contrast" in rule else {rule["better"]: 1, rule["than"]: -1}
    if isinstance(contrast, str):
        contrast = contrast_named(rule["experiment"], contrast)
    return {arm: sign * coefficient for arm, coefficient in contrast.items()}


def arms_of(rule: dict) -> set[str]:
    """All arms that a rule names: of its effect, its conditions and its control."""
    conditions = (condition["difference"] for condition in rule["conditions"])
    others = {arm for first, _, second, _ in conditions for arm in (first, second)}
    return {*contrast_of(rule), *others, *filter(None, [rule.get("control")])}


def pool_of(claim: dict, scale: str, experiment: Iterable[dict]) -> list[str]:
    """Arms whose scatter gives the error: of all claims of the `experiment` at `scale`, or of this effect alone."""
    name = experiment_at(claim, scale)
    mates = [mate for mate in experiment if scale in mate["scales"] and experiment_at(mate, scale) == name]
    arms = {arm for mate in mates for arm in arms_of(rule_at(mate, scale))}
    return sorted(arms or contrast_of(rule_at(claim, scale)))


def runs_at(records: list[dict], scale: str, seeds: Iterable[int], experiment: str | None = None) -> Runs:
    """The runs of `scale` with one of `seeds`, of `experiment` where records say theirs.

    Raises ValueError if two different runs of an arm claim one seed.
    """
    wanted, runs = set(seeds), Runs()
    for record in records:
        if "run" not in record or record["scale"] != scale or (seed := record["run"]["seed"]) not in wanted:
            continue
        if experiment and record.get("experiment", experiment) != experiment:
            continue
        arm = runs.setdefault(record["arm"], {})
        if (other := arm.setdefault(seed, record))["key"] != record["key"]:
            keys = f"{other['key']} and {record['key']}"
            raise ValueError(f"two runs of arm {record['arm']!r}, seed {seed}: {keys}; keep the records of one")
    return runs


@dataclass(frozen=True)
class Evidence:
    """What judges a claim: its rule at one scale, the runs there of registered seeds, and the seeds all arms have."""

    scale: str
    rule: dict
    runs: Runs
    seeds: tuple[int, ...]

    @property
    def complete(self) -> bool:
        return len(self.seeds) == self.rule["seeds"]


def evidence_at(claim: dict, scale: str, records: list[dict], experiment: Iterable[dict]) -> Evidence:
    """The evidence of one scale: complete when all arms of the claim and of its experiment have all seeds."""
    rule = rule_at(claim, scale)
    seeds = registered(rule["seeds"])
    runs = runs_at(records, scale, seeds, experiment_at(claim, scale))
    arms = arms_of(rule) | set(pool_of(claim, scale, experiment))
    runs = {arm: of_seed for arm, of_seed in runs.items() if arm in arms}
    return Evidence(scale, rule, runs, tuple(s for s in seeds if all(s in runs.get(arm, {}) for arm in arms)))


def choose(claim: dict, records: list[dict], experiment: Iterable[dict]) -> Evidence:
    """That of the largest scale with all runs; else of the largest with any; else of the smallest that may judge."""
    scales = [scale for scale in JUDGED if scale in claim["scales"]]
    found = [evidence_at(claim, scale, records, experiment) for scale in scales]
    complete, begun = [e for e in found if e.complete], [e for e in found if e.runs]
    return (complete or begun or found[-1:])[0]


def top1_at_best_size(metrics: dict[str, float]) -> float:
    """The largest test top-1 in % of all sizes that the run is tested at: chosen after the fact, so never too small."""
    return max(value for name, value in metrics.items() if name == "test_top1" or name.startswith("test_top1@"))


def gap(metrics: dict[str, float]) -> float:
    """How much better a network is on its training images than on test images, in points of top-1."""
    return metrics["train_top1"] - metrics["test_top1"]


# Metrics that are computed, of all that a run's record tells
DERIVED: dict[str, Callable[[dict], float]] = {
    "test_top1@best": lambda record: top1_at_best_size(record["metrics"]),
    "train_test_gap": lambda record: gap(record["metrics"]),
    "log_reward": log_reward,
}


def metric(record: dict, name: str) -> float:
    """A metric of a run, as recorded or as one of `DERIVED`. Raises ValueError for an unknown one."""
    recorded = record["metrics"]
    check_name("metric", name, [*recorded, *DERIVED])
    return recorded[name] if name in recorded else DERIVED[name](record)


def values(evidence: Evidence, arms: Iterable[str], name: str) -> np.ndarray:
    """The metric `name` of `arms`, one row each, in the seeds that all arms have, one column each."""
    return np.array([[metric(evidence.runs[arm][seed], name) for seed in evidence.seeds] for arm in arms])
