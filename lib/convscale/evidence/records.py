"""The store of our runs: one JSON file a run, written whole or not at all, checked whenever it is read.

Published records live in git (data/records), this machine's own in `runs/records`; both have the layout
<page>/<scale>/<key>.json. Any number of processes and machines may write to one store at once.
"""

import json
import math
import os
import warnings
from pathlib import Path
from uuid import uuid4

import pandas as pd

from ..learning.run import key_of
from ..paths import DATA, local_records

SCHEMA = 1
SCALES = ("smoke", "small", "paper")
FIELDS = {
    "schema": int,
    "key": str,
    "page": str,
    "scale": str,
    "arm": str,
    "run": dict,
    "metrics": dict,
    "history": list,
    "cost": dict,
    "provenance": dict,
}
NEEDED = {"run": ("seed",), "provenance": ("commit", "date", "device")}


class BrokenRecord(ValueError):
    """A file that is no valid record; the message names the file and the fault."""


def validate(record: dict, where: str) -> dict:
    """Return `record` unchanged, or raise BrokenRecord saying what is wrong with it."""
    if not isinstance(record, dict):
        raise BrokenRecord(f"{where}: not a record but a {type(record).__name__}")
    for name, kind in FIELDS.items():
        if not isinstance(record.get(name), kind):
            raise BrokenRecord(f"{where}: field {name!r} is {record.get(name)!r}, not a {kind.__name__}")
    if record["schema"] != SCHEMA:
        raise BrokenRecord(f"{where}: schema {record['schema']}, this version reads {SCHEMA}")
    if record["scale"] not in SCALES:
        raise BrokenRecord(f"{where}: scale {record['scale']!r}, allowed: {', '.join(SCALES)}")
    if (expected := key_of(record["run"])) != record["key"]:
        raise BrokenRecord(f"{where}: key {record['key']} does not belong to its run, which has {expected}")
    for part, needed in NEEDED.items():
        if missing := [name for name in needed if name not in record[part]]:
            raise BrokenRecord(f"{where}: {part} lacks {', '.join(missing)}")
    if not all(isinstance(point, dict) and "step" in point for point in record["history"]):
        raise BrokenRecord(f"{where}: history is not a list of points with a step")
    numbers = [("", record["metrics"]), ("", record["cost"]), *(("history: ", point) for point in record["history"])]
    for part, values in numbers:
        for name, value in values.items():
            if type(value) not in (int, float) or not math.isfinite(value):
                raise BrokenRecord(f"{where}: {part}{name} is {value!r}, not a finite number")
    return record


class Store:
    """A folder of records."""

    def __init__(self, root: Path):
        self.root = root

    def path(self, page: str, scale: str, key: str) -> Path:
        return self.root / page / scale / f"{key}.json"

    def write(self, record: dict) -> Path:
        """Check, write beside and rename. A record of the same run is replaced; nobody reads half a file."""
        path = self.path(record["page"], record["scale"], record["key"])
        validate(record, str(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{uuid4().hex}.tmp")  # process numbers repeat on other machines
        try:
            temporary.write_text(json.dumps(record, indent=1) + "\n")
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        return path

    def read(self, path: Path) -> dict:
        """The record in `path`. Raises BrokenRecord for damage, a wrong schema or a key that is not its run's."""
        try:
            record = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise BrokenRecord(f"{path}: {error}") from None
        return validate(record, str(path))

    def get(self, path: Path) -> dict:
        """The record in `path` of this store. Raises BrokenRecord as `read`, and for a record of another place."""
        record = self.read(path)
        place = self.path(record["page"], record["scale"], record["key"])
        if path != place:
            raise BrokenRecord(f"{path}: belongs in {place}")
        return record

    def all(self, page: str = "**", scale: str = "*") -> list[dict]:
        """All sound records of a page and scale, in a fixed order; a broken one is named in a warning and skipped."""
        records = []
        for path in sorted(self.root.glob(f"{page}/{scale}/*.json")):
            try:
                records.append(self.get(path))
            except BrokenRecord as fault:
                warnings.warn(f"record skipped: {fault}", stacklevel=2)
        return records


def published() -> Store:
    """The records in git, which the book shows to everybody."""
    return Store(DATA / "records")


def local() -> Store:
    """The records of this machine."""
    return Store(local_records())


def frame(records: list[dict]) -> pd.DataFrame:
    """One row a record: page, scale, arm, seed, key, metrics, cost, device and date."""
    rows = [
        {
            **{name: r[name] for name in ("page", "scale", "arm", "key")},
            "seed": r["run"]["seed"],
            **r["metrics"],
            **r["cost"],
            "device": r["provenance"]["device"]["name"],
            "commit": r["provenance"]["commit"],
            "date": r["provenance"]["date"],
        }
        for r in records
    ]
    columns = ["page", "scale", "arm", "key", "seed", "device", "commit", "date"]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)


def history(records: list[dict]) -> pd.DataFrame:
    """One row a point of a training curve, with the arm and seed it belongs to."""
    rows = [{"arm": r["arm"], "seed": r["run"]["seed"], **point} for r in records for point in r["history"]]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=["arm", "seed", "epoch", "test_top1"])


def load_records(page: str = "**", scale: str = "*") -> pd.DataFrame:
    """The published records as one tidy table (see `frame`)."""
    return frame(published().all(page, scale))
