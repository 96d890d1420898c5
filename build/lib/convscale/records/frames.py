"""Records as tidy tables."""

from collections.abc import Iterable

import pandas as pd

from .store import published


def frame(records: Iterable[dict]) -> pd.DataFrame:
    """One row a run: seed, network, data set, key, metrics, cost, device, commit and date.

    Runs that an experiment has named begin with its name, the scale and their arm.
    """
    rows = [
        {
            **place(r),
            "seed": r["run"]["seed"],
            "model": model_name(r["run"]["model"]),
            "dataset": r["run"]["dataset"],
            "key": r["key"],
            **r["metrics"],
            **r["cost"],
            **origin(r),
        }
        for r in records
    ]
    columns = ["experiment", "scale", "arm", "seed", "model", "dataset", "key", "device", "commit", "date"]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)


def place(record: dict) -> dict:
    """Of which experiment, scale and arm a run is, where that was asked."""
    return {name: record[name] for name in ("experiment", "scale", "arm") if name in record}


def model_name(model: str | dict) -> str:
    """A network's name, where it is a table, too."""
    return model if isinstance(model, str) else model["name"]


def origin(record: dict) -> dict:
    made = record["provenance"]
    return {"device": made["device"]["name"], "commit": made["commit"], "date": made["date"]}


def history(records: Iterable[dict]) -> pd.DataFrame:
    """One row a point of a training curve, with the arm and seed it belongs to."""
    rows = [place(r) | {"seed": r["run"]["seed"], **point} for r in records for point in r["history"]]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=["arm", "seed", "epoch", "test_top1"])


def measurements(records: Iterable[dict]) -> pd.DataFrame:
    """One row a measurement: table, row, quantity, session, value, unit, rounds, device, commit, date."""
    names = ["key", "table", "row", "quantity", "session", "value", "unit"]
    rows = [{**{name: r[name] for name in names}, "rounds": len(r["rounds"]), **origin(r)} for r in records]
    return pd.DataFrame(rows, columns=[*names, "rounds", "device", "commit", "date"])


def load_records() -> pd.DataFrame:
    """The published runs as one tidy table (see `frame`)."""
    return frame(published().runs())
