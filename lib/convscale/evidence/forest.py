"""Effects of an experiment as rows of a forest plot: what the paper claims, and controls of ours."""

from collections.abc import Mapping

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


def claimed_rows(sweep: Sweep, metric: str, store: Store) -> list[dict]:
    """One row a claim that the experiment decides by `metric`, in the order of the ledger."""
    rows = []
    for id in decided_by(sweep.name, sweep.scale):
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


def control_rows(sweep: Sweep, controls: Mapping[str, tuple[str, str]], name: str, store: Store) -> list[dict]:
    """One row a difference of two arms that no claim is about: label -> (arm, arm that it is compared with).

    Raises ValueError for an arm that the experiment does not have.
    """
    found: dict[str, dict[int, dict]] = {}
    for record in records_of(sweep, store):
        found.setdefault(record["arm"], {})[record["run"]["seed"]] = record
    rows = []
    for title, arms in controls.items():
        for arm in arms:
            check_name(f"arm of {sweep.name}", arm, sweep.arms)
        label, _, detail = title.partition("; ")
        row: dict = {"label": label, "detail": detail, "group": CONTROLS, "paper": None, "verdict": ""}
        if all(seed in found.get(arm, {}) for arm in arms for seed in sweep.seeds):
            first, second = ([metric(found[arm][seed], name) for seed in sweep.seeds] for arm in arms)
            differences = np.subtract(first, second)
            effect = paired_effect(differences)
            row |= {"mean": effect.mean, "low": effect.mean - effect.half, "high": effect.mean + effect.half}
            row |= {"seeds": differences.tolist()}
        else:
            row |= {"mean": None, "low": None, "high": None, "seeds": []}
        rows.append(row)
    return rows


def forest_rows(
    sweep: Sweep, store: Store, controls: Mapping[str, tuple[str, str]] | None = None, metric: str = "test_top1"
) -> pd.DataFrame:
    """Columns: label, detail, group, mean, low, high (95 %), seeds (differences by seed), paper, verdict.

    Rows whose runs are not all there have no mean (NaN). `controls` are as in `control_rows`.
    """
    rows = claimed_rows(sweep, metric, store) + control_rows(sweep, controls or {}, metric, store)
    columns = ["label", "detail", "group", "mean", "low", "high", "seeds", "paper", "verdict"]
    numbers = dict.fromkeys(("mean", "low", "high", "paper"), float)  # where there is none: NaN
    return pd.DataFrame(rows, columns=columns).astype(numbers)
