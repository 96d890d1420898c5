"""Claims of kind "exact": printed parameter and operation counts against what the networks really have."""

from decimal import Decimal
from functools import cache

import pandas as pd
import torch

from ..measure import count_macs, count_params
from ..models import build
from .paper import PAPERS, printed

SCALE = {"params": 10**6, "FLOPs": 10**9}  # columns of the papers' tables are in millions and billions


@cache
def counts(model: str) -> tuple[int, int, int]:
    """(parameters, multiply-adds, image size) of "name" or "name@size"."""
    name, _, size = model.partition("@")
    with torch.device("meta"):
        network = build(name, image_size=int(size) if size else None)
    size = network.table.eval_size
    return count_params(network), count_macs(network, size), size


def agrees(printed: str, count: float) -> bool:
    """Whether `count`, in the printed number's unit, rounds to its printed digits ("9.2" holds 9.15 to 9.25)."""
    number = Decimal(printed)
    half_digit = Decimal(1).scaleb(number.as_tuple().exponent) / 2
    return abs(Decimal(count) - number) <= half_digit


def decide(claim: dict) -> pd.DataFrame:
    """One line a row of the claim: row, model, image_size, printed, ours, verdict, cause (its line of
    the discrepancies page, or empty)."""
    column = claim["column"]
    short = next(name for name, (paper, _) in PAPERS.items() if paper == claim["paper"])
    table = f"{short}:{claim['table']}"
    rows = []
    for row, model in claim["rows"].items():
        params, macs, size = counts(model)
        ours = (params if column == "params" else macs * claim["unit"]) / SCALE[column]
        paper = printed(table, row, column)
        equal = agrees(paper, ours)
        rows.append(
            {
                "row": row,
                "model": model.partition("@")[0],
                "image_size": size,
                "printed": paper,
                "ours": ours,
                "verdict": "reproduced" if equal else "not reproduced",
                "cause": "" if equal else claim["causes"][row],
            }
        )
    return pd.DataFrame(rows)
