"""The store of what was run and measured here: one JSON file a record, written whole or not at all, checked when read.

Published records live in git (data/records), this machine's own in `runs/records`. A record belongs to no page and to
no table: experiments name the runs that they need by key, so tables that share a run share its record. Any number of
processes and machines may write to one store at once. There are two kinds:

run          one training, in runs/<key>.json. `kind` is left out.
             {schema, key, run, metrics, history, cost, provenance}
             key = `run.key`, the hash of `run`. Where the number of processes that made it together decides the
             result, it is part of `run`; `run_by_any` finds such a record by the key of one process, too
measurement  one quantity of one row of a paper's table, such as the throughput of a network, in
             measurements/<table>/<key>.json
             {schema, kind: "measurement", key, table, row, quantity, session, unit, value, rounds, protocol,
             provenance}
             table "v2:7", row as in data/paper, session the name of one interleaved measurement (round i of all its
             rows is the same turn), rounds the quantity in each round, value their median, protocol in words;
             key = `measurement_key(record)`, the hash of table, row, quantity and session

`schema` is SCHEMA, provenance that of `provenance.provenance`. More fields may stand beside these. `Store.write` adds
a last one to the file, `digest`, which says that nobody has changed the file since; `Store.read` takes it off again.
Records of schema 1, which lay in <page>/<scale>/<key>.json with pages such as "efficientnetv2/5-1", are read where they
lie (`before`).
"""

import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from itertools import chain, count
from pathlib import Path
from uuid import uuid4

from ..files import check_writable, remove_temporaries, replace_file
from ..paths import DATA, local_records
from .before import renewed
from .processes import Several
from .schema import SCHEMA, BrokenRecord, NewerRecord, has_fields, kind_of, validate
from .seal import opened, sealed

IDENTITY = ".store"
A_DAY = 24 * 3600.0  # seconds; no record takes that long to write


class Store:
    """A folder of records."""

    def __init__(self, root: Path):
        self.root = root
        self._several = Several()

    def path(self, record: dict) -> Path:
        """Where a record has its place."""
        if kind_of(record) == "run":
            return self.run_path(record["key"])
        return self.root / "measurements" / str(record["table"]).replace(":", "-") / f"{record['key']}.json"

    def run_path(self, key: str) -> Path:
        return self.root / "runs" / f"{key}.json"

    def write(self, record: dict) -> Path:
        """Check, seal and write. A record of the same key is replaced."""
        validate(record, f"record {record.get('key')}")
        path = self.path(record)
        set_aside(path)
        replace_file(path, lambda file: file.write_text(sealed(record), encoding="utf-8"))
        self._several.changed = None  # the clock of a file system ticks slowly
        return path

    def check_writable(self) -> None:
        """Raise OSError now where records could not be written later."""
        check_writable(self.root / "runs", variable="CONVSCALE_RECORDS")
        remove_temporaries(self.root / "runs", A_DAY)

    def identity(self) -> str | None:
        """What tells this folder from another of the same name on another machine; None where it was never asked for
        with `identify`."""
        try:
            return (self.root / IDENTITY).read_text(encoding="utf-8")
        except OSError:
            return None

    def identify(self) -> str:
        """`identity`, which it has from now on."""
        if self.identity() is None:
            replace_file(self.root / IDENTITY, lambda file: file.write_text(uuid4().hex, encoding="utf-8"))
        return self.identity() or ""

    def read(self, path: Path) -> dict:
        """The record in `path`. Raises BrokenRecord for damage, a wrong schema or key, and changes by hand."""
        record, fault = read_file(path)
        if fault:
            validate(renewed(record), str(path))
            raise BrokenRecord(f"{path}: {fault}; if that is meant, seal it with `convscale records check --seal`")
        return validate(renewed(record), str(path))

    def get(self, path: Path) -> dict:
        """The record in `path` of this store. Raises BrokenRecord as `read`, and for a record of another place.

        What has its digest was checked when it was written, and is not checked again.
        """
        record, fault = read_file(path)
        if fault or not has_fields(record) or record["schema"] != SCHEMA:
            return self.read(path)
        place = self.path(record)
        if os.fspath(path) != os.fspath(place) and path != place:
            raise BrokenRecord(f"{path}: belongs in {place}")
        return record

    def run(self, key: str) -> dict | None:
        """The record of the run of this key; None if there is none. A broken one is named in a warning and skipped.

        Raises NewerRecord for one that only a later version can read, which must not be made again over it.
        """
        for path in (self.run_path(key), self.of_schema_1.get(key)):
            try:
                if path and path.exists():
                    return self.get(path)
            except NewerRecord:
                raise
            except BrokenRecord as fault:
                warn_of(fault)
        return None

    def run_by_any(self, key: str) -> dict | None:
        """As `run`, for the key by one process; where that is not here, the record by the fewest together."""
        if record := self.run(key):
            return record
        return self.run(other) if (other := self.by_several().get(key)) else None

    def place(self, key: str) -> Path:
        """The file of what `run_by_any` finds, or else where the record by one process will be."""
        path = self.run_path(key)
        return path if path.exists() else self.run_path(self.by_several().get(key, key))

    def missing(self, keys: Iterable[str]) -> set[str]:
        """Those of these keys, by one process, for which `run_by_any` has nothing, or only what is broken."""
        left = {key for key in keys if not self.has(key)}
        return left - self.by_several().keys() if left else left

    def has(self, key: str) -> bool:
        """Whether the run of this key needs no making: there is a sound record, or one of a later version."""
        try:
            return self.run(key) is not None
        except NewerRecord:
            return True

    def by_several(self) -> dict[str, str]:
        """Of runs that several processes made, as their keys say: the key by one -> that by the fewest.

        A file is read once, when the folder has changed. A broken record is left out: `run` warns of it when it is
        asked for.
        """
        try:
            changed = (self.root / "runs").stat().st_mtime_ns
        except FileNotFoundError:
            return {}
        if changed != self._several.changed:
            for path in self.root.glob("runs/*.json"):
                if path.stem not in self._several.read:
                    with suppress(BrokenRecord):
                        self._several.add(self.get(path))
            self._several.changed = changed
        return self._several.fewest

    def runs(self) -> Iterator[dict]:
        """Sound records of runs, in a fixed order; a broken one is named in a warning and skipped."""
        return (record for record in self.sound("runs/*.json") if kind_of(record) == "run")

    def measurements(self, table: str = "*") -> Iterator[dict]:
        """Sound records of the measurements of a table ("v2:7") or of all, as `runs`."""
        for record in self.sound(f"measurements/{table.replace(':', '-')}/*.json"):
            if kind_of(record) == "measurement" and table in ("*", record["table"]):
                yield record

    def sound(self, pattern: str) -> Iterator[dict]:
        """The records in these files, and in those of schema 1 that have not been made again."""
        seen = set()
        for path in sorted(self.root.glob("*.json"), key=os.fspath):
            warn_of(f"{path}: records of runs belong in {self.root / 'runs'}, measurements in a folder by their table")
        for path in (*sorted(self.root.glob(pattern), key=os.fspath), *self.of_schema_1.values()):
            try:
                record = self.get(path)
            except BrokenRecord as fault:
                warn_of(fault)
                continue
            if record["key"] not in seen:
                seen.add(record["key"])
                yield record

    @cached_property
    def of_schema_1(self) -> dict[str, Path]:
        """Records that lie where schema 1 had them, in <page>/<scale>/<key>.json, by the name of their file."""
        return {path.stem: path for path in sorted(self.root.glob("*/*/*/*.json"), key=os.fspath)}


def set_aside(path: Path) -> None:
    """Keep a file that is no sound record, such as one changed by hand, beside the one that is to take its place."""
    try:
        if path.exists():
            Store(path.parent).read(path)
    except BrokenRecord:
        others = (path.with_name(f"{path.name}.aside{number}") for number in chain([""], count(2)))
        path.replace(next(other for other in others if not other.exists()))


def warn_of(fault: BrokenRecord | str) -> None:
    warnings.warn(f"record skipped: {fault}", stacklevel=3)


def read_file(path: Path) -> tuple[dict, str]:
    """The record in `path`, unchecked, and what is wrong with its digest. Raises BrokenRecord where there is none."""
    try:
        record, fault = opened(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BrokenRecord(f"{path}: {error}") from None
    if not isinstance(record, dict):
        raise BrokenRecord(f"{path}: not a record but a {type(record).__name__}")
    return record, fault


def seal(path: Path) -> bool:
    """Give a record that was written elsewhere or changed by hand the digest of what it now says.

    Returns whether the digest is new. Raises BrokenRecord if anything but the digest is wrong.
    """
    record, fault = read_file(path)
    validate(renewed(record), str(path))
    if fault:
        replace_file(path, lambda file: file.write_text(sealed(record), encoding="utf-8"))
    return bool(fault)


def published() -> Store:
    """The records in git, which the book shows to everybody."""
    return Store(DATA / "records")


def local() -> Store:
    """The records of this machine."""
    return Store(local_records())
