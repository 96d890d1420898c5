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
from collections.abc import Iterator
from pathlib import Path

from ..files import replace_file
from ..paths import DATA, local_records
from .schema import SCHEMA, BrokenRecord, validate
from .seal import opened, sealed


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
        replace_file(path, lambda file: file.write_text(sealed(record)))
        return path

    def read(self, path: Path) -> dict:
        """The record in `path`. Raises BrokenRecord for damage, a wrong schema or key, and changes by hand."""
        record, fault = read_file(path)
        validate(record, str(path))
        if fault:
            raise BrokenRecord(f"{path}: {fault}; if that is meant, seal it with `convscale records check --seal`")
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


def seal(path: Path) -> bool:
    """Give a record that was written elsewhere or changed by hand the digest of what it now says.

    Returns whether the digest is new. Raises BrokenRecord if anything but the digest is wrong.
    """
    record, fault = read_file(path)
    validate(record, str(path))
    if fault:
        replace_file(path, lambda file: file.write_text(sealed(record)))
    return bool(fault)


def published() -> Store:
    """The records in git, which the book shows to everybody."""
    return Store(DATA / "records")


def local() -> Store:
    """The records of this machine."""
    return Store(local_records())
