"""The store of what was run and measured here: one JSON file a record, written whole or not at all, checked when read.

Published records live in git (data/records), this machine's own in `runs/records`; both have the layout
<page>/<scale>/<key>.json. Any number of processes and machines may write to one store at once. There are two kinds:

run          one training. `kind` is left out.
             {schema, key, page, scale, arm, run, metrics, history, cost, provenance}
             key = `run.key`, the hash of `run`
measurement  one quantity of one row of a paper's table, such as the throughput of a network.
             {schema, kind: "measurement", key, page, scale, table, row, quantity, session, unit, value, rounds,
             protocol, provenance}
             table "v2:7", row as in data/paper, session the name of one interleaved measurement (round i of all its
             rows is the same turn), rounds the quantity in each round, value their median, protocol in words;
             key = `measurement_key(record)`, the hash of page, scale, table, row, quantity and session

`schema` is SCHEMA, provenance that of `provenance.provenance`. More fields may stand beside these. `Store.write` adds
a last one to the file, `digest`, which says that nobody has changed the file since; `Store.read` takes it off again.
"""

import os
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import uuid4

import pandas as pd

from ..paths import DATA, local_records
from .schema import SCALES, SCHEMA, BrokenRecord, kind_of, measurement_key, validate
from .seal import opened, sealed

__all__ = [
    "SCALES",
    "SCHEMA",
    "BrokenRecord",
    "Store",
    "frame",
    "history",
    "load_records",
    "local",
    "measurement_key",
    "measurements",
    "published",
    "seal",
]


class Store:
    """A folder of records."""

    def __init__(self, root: Path):
        self.root = root

    def path(self, page: str, scale: str, key: str) -> Path:
        return self.root / page / scale / f"{key}.json"

    def write(self, record: dict) -> Path:
        """Check, seal and write. A record of the same key is replaced."""
        path = self.path(record["page"], record["scale"], record["key"])
        validate(record, str(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, record)
        return path

    def read(self, path: Path) -> dict:
        """The record in `path`. Raises BrokenRecord for damage, a wrong schema or key, and changes by hand."""
        record, fault = read_file(path)
        validate(record, str(path))
        if fault:
            raise BrokenRecord(f"{path}: {fault}; if that is meant, seal it with `convscale records seal`")
        return record

    def get(self, path: Path) -> dict:
        """The record in `path` of this store. Raises BrokenRecord as `read`, and for a record of another place.

        What has its digest was checked when it was written, and is not checked again.
        """
        record, fault = read_file(path)
        if fault or record["schema"] != SCHEMA:
            record = self.read(path)
        place = os.path.join(self.root, record["page"], record["scale"], f"{record['key']}.json")
        if os.fspath(path) != place and path != Path(place):  # texts are compared first: making a Path takes longer
            raise BrokenRecord(f"{path}: belongs in {place}")
        return record

    def each(self, page: str = "**", scale: str = "*") -> Iterator[dict]:
        """Sound records of a page and scale, in a fixed order; a broken one is named in a warning and skipped."""
        for path in sorted(self.root.glob(f"{page}/{scale}/*.json"), key=os.fspath):
            try:
                yield self.get(path)
            except BrokenRecord as fault:
                warnings.warn(f"record skipped: {fault}", stacklevel=2)

    def all(self, page: str = "**", scale: str = "*") -> list[dict]:
        """Those of `each` at once; for tables of very many take `each`, which holds one at a time."""
        return list(self.each(page, scale))


def read_file(path: Path) -> tuple[dict, str]:
    """The record in `path`, unchecked, and what is wrong with its digest. Raises BrokenRecord where there is none."""
    try:
        return opened(path.read_text())
    except (OSError, ValueError) as error:
        raise BrokenRecord(f"{path}: {error}") from None


def write_whole(path: Path, record: dict) -> None:
    """Write the sealed record beside `path` and rename it: nobody reads half a file."""
    temporary = path.with_suffix(f".{uuid4().hex}.tmp")  # process numbers repeat on other machines
    try:
        temporary.write_text(sealed(record))
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def seal(path: Path) -> bool:
    """Give a record that was written elsewhere or changed by hand the digest of what it now says.

    Returns whether the digest is new. Raises BrokenRecord if anything but the digest is wrong.
    """
    record, fault = read_file(path)
    validate(record, str(path))
    if fault:
        write_whole(path, record)
    return bool(fault)


def published() -> Store:
    """The records in git, which the book shows to everybody."""
    return Store(DATA / "records")


def local() -> Store:
    """The records of this machine."""
    return Store(local_records())


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
