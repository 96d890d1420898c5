"""Records as tidy tables."""

from collections.abc import Iterable

import pandas as pd

from .schema import kind_of
from .store import published


def frame(records: Iterable[dict]) -> pd.DataFrame:
    """One row a run: page, scale, arm, seed, key, metrics, cost, device, commit and date."""
    rows = [
        {
            **{name: r[name] for name in ("page", "scale", "arm", "key")},
            "seed": r["run"]["seed"],
            **r["metrics"],
            **r["cost"],
            **origin(r),
        }
        for r in records
        if kind_of(r) == "run"
    ]
    columns = ["page", "scale", "arm", "key", "seed", "device", "commit", "date"]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)


def origin(record: dict) -> dict:
    made = record["provenance"]
    return {"device": made["device"]["name"], "commit": made["commit"], "date": made["date"]}


def history(records: Iterable[dict]) -> pd.DataFrame:
    """One row a point of a training curve, with the arm and seed it belongs to."""
    runs = (r for r in records if kind_of(r) == "run")
    rows = [{"arm": r["arm"], "seed": r["run"]["seed"], **point} for r in runs for point in r["history"]]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=["arm", "seed", "epoch", "test_top1"])


def measurements(records: Iterable[dict]) -> pd.DataFrame:
    """One row a measurement: page, scale, table, row, quantity, session, value, unit, rounds, device, commit, date."""
    names = ["page", "scale", "key", "table", "row", "quantity", "session", "value", "unit"]
    found = (r for r in records if kind_of(r) == "measurement")
    rows = [{**{name: r[name] for name in names}, "rounds": len(r["rounds"]), **origin(r)} for r in found]
    return pd.DataFrame(rows, columns=[*names, "rounds", "device", "commit", "date"])


def load_records(page: str = "**", scale: str = "*") -> pd.DataFrame:
    """The published runs as one tidy table (see `frame`)."""
    return frame(published().each(page, scale))
