"""Claims of kind "trend": one arm against another over seeds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import check_name
from .statistics import LEVEL, Effect, holm, paired_effect, pairs_needed, welch_effect
from .verdict import INFINITE, Verdict, decide


def metric(records: list[dict], arm: str, name: str) -> pd.Series:
    """`name` of every record of `arm`, by seed. "test_top1@0.5" reads the training curve at half the steps.

    Raises ValueError for an unknown metric, and when two different runs claim one seed.
    """
    metric_name, _, share = name.partition("@")
    values: dict[int, float] = {}
    keys: dict[int, str] = {}
    for record in (r for r in records if r.get("arm") == arm):  # measurements of the page have none
        key = keys.setdefault(record["run"]["seed"], record["key"])
        if key != record["key"]:
            seed = record["run"]["seed"]
            raise ValueError(
                f"two runs of arm {arm!r}, seed {seed}: {key} and {record['key']}; keep the records of one"
            )
        if share:
            last = record["history"][-1]["step"]
            point = min(record["history"], key=lambda p: abs(p["step"] - float(share) * last))
            values[record["run"]["seed"]] = point[metric_name]
        else:
            values[record["run"]["seed"]] = record["metrics"][check_name("metric", metric_name, record["metrics"])]
    return pd.Series(values, dtype=float)


def paired(records: list[dict], first: tuple[str, str], second: tuple[str, str]) -> np.ndarray:
    """Differences first - second of (arm, metric) pairs, for the seeds that both have."""
    return (metric(records, *first) - metric(records, *second)).dropna().to_numpy()


def region(claim: dict) -> tuple[float, float]:
    """Where the true difference lies if the claim holds: above 0, above -`no_worse_by`, or within ±`equal_within`."""
    if "equal_within" in claim:
        return -claim["equal_within"], claim["equal_within"]
    return 0.0 - claim.get("no_worse_by", 0.0), INFINITE  # a -0 would be printed


def p_of(effect: Effect, low: float, high: float) -> float:
    """Two-sided p that decides for or against the region: of the farther end from within, of the nearer from without.

    Within ±m it is the larger of two, Schuirmann's two one-sided tests at 2.5 % each.
    """
    if effect.mean < low:
        return effect.p(low)
    if effect.mean > high:
        return effect.p(high)
    return max(effect.p(end) for end in (low, high) if np.isfinite(end))


def samples(claim: dict, records: list[dict]) -> tuple[np.ndarray, np.ndarray]:
    """Values of `better` and of `than`: of the seeds that both have if paired, else of all."""
    first, second = (metric(records, claim[arm], claim["metric"]) for arm in ("better", "than"))
    if claim.get("paired", True):
        both = first.index.intersection(second.index)
        first, second = first[both], second[both]
    return first.to_numpy(), second.to_numpy()


def effect_of(claim: dict, records: list[dict]) -> Effect | None:
    """The difference that the claim is about, or None if an arm has no records."""
    first, second = samples(claim, records)
    if not min(len(first), len(second)):
        return None
    return paired_effect(first - second) if claim.get("paired", True) else welch_effect(first, second)


def family_p(claim: dict, family: list[dict], records: list[dict]) -> float:
    """Holm's adjusted p of `claim` among its `family`; a comparison that was not run counts with 1."""
    effects = [effect_of(member, records) for member in family]
    values = [
        1.0 if effect is None else p_of(effect, *region(member)) for member, effect in zip(family, effects, strict=True)
    ]
    return holm(values)[[member["id"] for member in family].index(claim["id"])]


def failed_condition(claim: dict, records: list[dict]) -> str:
    """The first condition that does not hold, with what was found; "" if all do."""
    for condition in claim.get("conditions", []):
        arm1, metric1, arm2, metric2 = condition["difference"]
        values = paired(records, (arm1, metric1), (arm2, metric2))
        if not len(values) or values.mean() < condition["at_least"]:
            found = f"{values.mean():+.1f}" if len(values) else "not run"
            return f"condition fails: {condition['name']} ({found})"
    return ""


@dataclass(frozen=True)
class Decision:
    """A word and why."""

    word: str
    why: str


def judge_trend(claim: dict, records: list[dict], family: list[dict]) -> Verdict:
    """The statistics of a claim of kind "trend", as data/claims.yml describes them, within its `family` ([]: alone)."""
    effect = effect_of(claim, records)
    if effect is None:
        return Verdict("not run", "no records of both arms")
    alone = p_of(effect, *region(claim))
    adjusted = family_p(claim, family, records) if family else None
    by_holm = decision(claim, records, effect, adjusted).word if adjusted is not None else ""
    deciding = alone if adjusted is None or claim.get("decided_by", "holm") != "holm" else adjusted
    found = decision(claim, records, effect, deciding)
    used = [r for r in records if r.get("arm") in (claim["better"], claim["than"])]
    return Verdict(
        found.word,
        found.why,
        effect.mean,
        effect.mean - effect.half,
        effect.mean + effect.half,
        seeds=seeds_of(claim, records),
        scale=", ".join(sorted({r["scale"] for r in used})),
        device=", ".join(sorted({r["provenance"]["device"]["name"] for r in used})),
        p=alone,
        adjusted=adjusted,
        by_holm=by_holm,
    )


def seeds_of(claim: dict, records: list[dict]) -> int:
    """Seeds that the claim can be judged by: of the arm that has fewer."""
    return min(map(len, samples(claim, records)))


def decision(claim: dict, records: list[dict], effect: Effect, p: float) -> Decision:
    """What the claim's rule says of an effect whose p for or against the claimed region is `p`."""
    low, high = region(claim)
    seeds, inside = seeds_of(claim, records), low < effect.mean < high
    if seeds < claim["seeds"]:
        return Decision("inconclusive", f"{seeds} of at least {claim['seeds']} seeds")
    word = decide(inside, p < 1 - LEVEL)
    if word == "reproduced" and (failed := failed_condition(claim, records)):
        return Decision("inconclusive", failed)
    end = low if abs(effect.mean - low) <= abs(effect.mean - high) else high
    if word != "inconclusive":
        within = f"within ±{high:g}" if inside and np.isfinite(high) else None
        return Decision(
            word, f"the interval lies {within or ('above' if effect.mean > end else 'below') + f' {end:g}'}"
        )
    if p_of(effect, low, high) < 1 - LEVEL:
        why = f"the interval leaves {end:g} out, but not after Holm's correction (p = {p:.2g})"
        return Decision(word, why)
    return Decision(word, f"the interval contains {end:g}{seeds_it_takes(claim, records, end)}")


def seeds_it_takes(claim: dict, records: list[dict], end: float) -> str:
    """How many seeds would tell such a difference from `end`, where they are paired."""
    if not claim.get("paired", True):
        return ""
    first, second = samples(claim, records)
    return f"; such a difference takes {pairs_needed(first - second, end)} seeds"
