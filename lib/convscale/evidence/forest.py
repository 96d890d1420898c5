"""Effects of an experiment as rows of a forest plot: what the paper claims, and controls of ours."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..errors import check_name
from ..experiments import Sweep, records_of
from ..records import Store
from .claims import claim_of, decided_by, experiment
from .judging import evidence_for, judge
from .runs import choose, contrast_of, metric, values
from .statistics import paired_effect

CLAIMED, CONTROLS = "What the paper claims", "Our controls, without a verdict"


def by_seed(claim: dict, store: Store) -> np.ndarray:
    """The effect that a claim of trained networks is about, in every seed; empty before all its runs are there."""
    evidence = choose(claim, evidence_for(claim, store), experiment(claim))
    if not evidence.complete:
        return np.array([])
    contrast = contrast_of(evidence.rule)
    return np.array(list(contrast.values())) @ values(evidence, contrast, evidence.rule["metric"])


def claimed_rows(sweep: Sweep, metric: str, store: Store, only: Sequence[str] = ()) -> list[dict]:
    """One row a claim that the experiment decides by `metric`: all in the ledger's order, or `only` some in their own.

    Raises ValueError for a claim that the experiment does not decide.
    """
    rows, decided = [], decided_by(sweep.name, sweep.scale)
    for id in (check_name(f"claim of {sweep.name}", id, decided) for id in only or decided):
        claim = claim_of(id)
        if claim["metric"] != metric:
            continue
        found = judge(claim, evidence_for(claim, store))
        label, _, detail = claim.get("label", claim["statement"].rstrip(".")).partition("; ")
        known = found.estimate is not None
        rows.append(
            {
                "label": label,
                "detail": detail,
                "group": CLAIMED,
                "mean": found.estimate,
                "low": found.low if known else None,
                "high": found.high if known else None,
                "seeds": by_seed(claim, store).tolist(),
                "paper": claim.get("published"),
                "verdict": found.shown_word,
            }
        )
    return rows


def contrast_row(
    title: str, contrast: Mapping[str, float], sweep: Sweep, name: str, store: Store, group: str = CONTROLS
) -> dict:
    """A row of arms that no claim is about, arm -> coefficient, by the metric `name`; `title` is "label; detail".

    Raises ValueError for an arm that the experiment does not have.
    """
    for arm in contrast:
        check_name(f"arm of {sweep.name}", arm, sweep.arms)
    found: dict[str, dict[int, dict]] = {}
    for record in records_of(sweep, store):
        found.setdefault(record["arm"], {})[record["run"]["seed"]] = record
    label, _, detail = title.partition("; ")
    row: dict = {"label": label, "detail": detail, "group": group, "paper": None, "verdict": ""}
    if not all(seed in found.get(arm, {}) for arm in contrast for seed in sweep.seeds):
        return row | {"mean": None, "low": None, "high": None, "seeds": []}
    of_arms = np.array([[metric(found[arm][seed], name) for seed in sweep.seeds] for arm in contrast])
    by_seed = np.array(list(contrast.values())) @ of_arms
    effect = paired_effect(by_seed)
    row |= {"mean": effect.mean, "low": effect.mean - effect.half, "high": effect.mean + effect.half}
    return row | {"seeds": by_seed.tolist()}


def control_rows(sweep: Sweep, controls: Mapping[str, tuple[str, str]], name: str, store: Store) -> list[dict]:
    """One row a difference of two arms that no claim is about: label -> (arm, arm that it is compared with).

    Raises ValueError for an arm that the experiment does not have.
    """
    return [contrast_row(title, {arm: 1, than: -1}, sweep, name, store) for title, (arm, than) in controls.items()]


def forest_rows(
    sweep: Sweep,
    store: Store,
    controls: Mapping[str, tuple[str, str]] | None = None,
    metric: str = "test_top1",
    only: Sequence[str] = (),
) -> pd.DataFrame:
    """Columns: label, detail, group, mean, low, high (95 %), seeds (differences by seed), paper, verdict.

    Rows whose runs are not all there have no mean (NaN). `only` and `controls` are as in `claimed_rows` and
    `control_rows`.
    """
    return as_rows(claimed_rows(sweep, metric, store, only) + control_rows(sweep, controls or {}, metric, store))


def as_rows(rows: Sequence[dict]) -> pd.DataFrame:
    """Rows as a forest plot takes them."""
    columns = ["label", "detail", "group", "mean", "low", "high", "seeds", "paper", "verdict"]
    numbers = dict.fromkeys(("mean", "low", "high", "paper"), float)  # where there is none: NaN
    return pd.DataFrame(rows, columns=columns).astype(numbers)
