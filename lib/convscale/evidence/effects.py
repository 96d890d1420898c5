"""The effects of a factorial experiment as a table: how much every choice, and every pair of choices, matters."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from ..experiments.factorial import Factorial
from .statistics import Effect


def effects(design: Factorial, runs: pd.DataFrame, metric: str, order: int = 2) -> pd.DataFrame:
    """Effects of up to `order` factors, in the unit of `metric`, by `Factorial.effect`, the largest first.

    `runs` has the columns arm (a run of the design), seed and `metric`, every arm with every seed; seeds are blocks.
    Effects that the design cannot tell apart are one row, "a x b = c x d". What is left of the runs after all rows and
    the seeds is the error, which presumes that more than `order` factors hardly interact.

    Columns: effect, factors (how many), estimate, error (standard), low, high (95 % t interval), p, freedom. Without
    degrees of freedom the interval is infinite. Raises ValueError if an arm lacks a seed.
    """
    values_RS = runs.pivot(index="arm", columns="seed", values=metric).reindex(index=list(design.runs)).to_numpy(float)
    if np.isnan(values_RS).any():
        raise ValueError(f"{int(np.isnan(values_RS).sum())} of {values_RS.size} runs of the design have no {metric}")
    rows: dict[frozenset, dict] = {}
    squares = float(((values_RS - values_RS.mean(axis=0)) ** 2).sum())
    for count in range(1, order + 1):
        for chosen in combinations(design.factors, count):
            name, alias = " x ".join(chosen), design.same(frozenset(chosen))
            if alias in rows:
                rows[alias]["effect"] += f" = {name}"
                continue
            contrast_R = np.array(list(design.effect(*chosen).values()))
            length = float(contrast_R @ contrast_R) / values_RS.shape[1]  # variance of the estimate / of one run
            estimate = float(contrast_R @ values_RS.mean(axis=1))
            squares -= estimate**2 / length
            rows[alias] = {"effect": name, "factors": count, "estimate": estimate, "length": length}
    freedom = values_RS.size - values_RS.shape[1] - len(rows)
    table = []
    for row in rows.values():
        deviation = np.sqrt(max(squares, 0.0) / freedom * row.pop("length")) if freedom > 0 else 0.0
        found = Effect(row["estimate"], float(deviation), freedom)
        interval = {"low": found.mean - found.half, "high": found.mean + found.half, "p": found.p(), "freedom": freedom}
        table.append(row | {"error": found.error if freedom > 0 else np.nan} | interval)
    return pd.DataFrame(table).sort_values("estimate", key=abs, ascending=False, ignore_index=True)


def array_effect(design: Factorial, values: np.ndarray, contrast: Mapping[str, float]) -> Effect:
    """The effect of a contrast of a design's runs, `values` in their order, one seed each.

    Its error is that of `effects`: what all effects of one and two factors leave of the runs' scatter.
    """
    runs = pd.DataFrame({"arm": list(design.runs), "seed": 0, "value": values})
    table = effects(design, runs, "value")
    main = table[table["factors"] == 1].iloc[0]
    deviation = main["error"] * np.sqrt(len(values)) / 2  # of one run: a main effect is a difference of two halves
    coefficients = np.array([contrast.get(run, 0.0) for run in design.runs])
    return Effect(float(coefficients @ values), float(deviation * np.linalg.norm(coefficients)), int(main["freedom"]))
