"""Claims of the papers, and the verdict that records give on them by the rule fixed in data/claims.yml."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import yaml
from scipy import stats

from ..errors import check_name
from ..paths import DATA
from .exact import decide

LEVEL = 0.95  # of every interval
VERDICTS = ("reproduced", "not reproduced", "inconclusive", "not run")


@dataclass(frozen=True)
class Verdict:
    """One of `VERDICTS`, with the mean difference, half the width of its interval, the pairs and the reason."""

    verdict: str
    difference: float | None
    half_width: float | None
    seeds: int
    why: str


def claims(page: str | None = None) -> list[dict]:
    """The claims as written in data/claims.yml, of one page or all."""
    rows = yaml.safe_load((DATA / "claims.yml").read_text())
    return [row for row in rows if page in (None, row["page"])]


def load_claims() -> pd.DataFrame:
    """All claims, one row each."""
    return pd.DataFrame(claims())


def mean_interval(values: np.ndarray) -> tuple[float, float]:
    """Mean and half the width of its 95 % t interval (infinite for a single value)."""
    if len(values) < 2:
        return float(np.mean(values)), float("inf")
    half = stats.t.ppf((1 + LEVEL) / 2, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return float(np.mean(values)), float(half)


COUNTS = np.arange(2, 1001)
HALF_WIDTHS = stats.t.ppf((1 + LEVEL) / 2, COUNTS - 1) / np.sqrt(COUNTS)  # for a standard deviation of 1


def pairs_needed(differences: np.ndarray) -> str:
    """How many pairs of the same mean and standard deviation would put the 95 % interval off 0, in words."""
    enough = COUNTS[HALF_WIDTHS * np.std(differences, ddof=1) < abs(np.mean(differences))]
    return f"about {enough[0]}" if len(enough) else f"more than {COUNTS[-1]}"


def metric(records: list[dict], arm: str, name: str) -> pd.Series:
    """`name` of every record of `arm`, by seed. "test_top1@0.5" reads the training curve at half the steps.

    Raises ValueError for an unknown metric, and when two different runs claim one seed.
    """
    metric_name, _, share = name.partition("@")
    values, keys = {}, {}
    for record in (r for r in records if r["arm"] == arm):
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


def judge(claim: dict, records: list[dict]) -> Verdict:
    """The verdict on a claim: of the networks if it is exact, else of `records`, all of one page and scale."""
    return judge_exact(claim) if claim["kind"] == "exact" else judge_trend(claim, records)


def judge_exact(claim: dict) -> Verdict:
    """Reproduced if every row agrees."""
    rows = decide(claim)
    agree = (rows["verdict"] == "reproduced").sum()
    verdict = "reproduced" if agree == len(rows) else "not reproduced"
    return Verdict(verdict, None, None, 0, f"{agree} of {len(rows)} rows agree to the printed digits")


def judge_trend(claim: dict, records: list[dict]) -> Verdict:
    """The statistics of a claim of kind "trend", as data/claims.yml describes them."""
    name = claim["metric"]
    differences = paired(records, (claim["better"], name), (claim["than"], name))
    if not len(differences):
        return Verdict("not run", None, None, 0, "no records of both arms")
    mean, half = mean_interval(differences)

    def verdict(word: str, why: str) -> Verdict:
        return Verdict(word, mean, half, len(differences), why)

    if len(differences) < claim["seeds"]:
        return verdict("inconclusive", f"{len(differences)} of at least {claim['seeds']} seeds")
    if mean + half < 0:
        return verdict("not reproduced", "the interval lies below 0")
    if mean - half <= 0:
        return verdict(
            "inconclusive", f"the interval contains 0; such a difference takes {pairs_needed(differences)} seeds"
        )
    for condition in claim.get("conditions", []):
        arm1, metric1, arm2, metric2 = condition["difference"]
        values = paired(records, (arm1, metric1), (arm2, metric2))
        if not len(values) or values.mean() < condition["at_least"]:
            found = f"{values.mean():+.1f}" if len(values) else "not run"
            return verdict("inconclusive", f"condition fails: {condition['name']} ({found})")
    return verdict("reproduced", "the interval lies above 0")
