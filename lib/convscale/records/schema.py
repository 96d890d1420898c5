"""What makes a record sound: its fields and its key."""

import math
import re
from collections.abc import Callable
from statistics import median

from ..errors import check_name
from ..recipes.run import key_of

SCHEMA = 2  # version of the layout of records; older ones are read, see `before`
COMMON = {"schema": int, "key": str, "provenance": dict}
FIELDS = {
    "run": COMMON | {"run": dict, "metrics": dict, "history": list, "cost": dict},
    "measurement": COMMON
    | {
        "table": str,
        "row": str,
        "quantity": str,
        "session": str,
        "unit": str,
        "value": float,
        "rounds": list,
        "protocol": str,
    },
}
WORDS = {int: "a whole number", float: "a finite number", str: "a text", list: "a list", dict: "names with values"}
MEASURED = ("table", "row", "quantity", "session")  # what a measurement's key is a hash of
ORIGIN = ("commit", "date", "device")
TABLE = re.compile(r"[a-z0-9]+:[a-z0-9]+")  # "v2:13"; it names the folder of its measurements


class BrokenRecord(ValueError):
    """A file that is no valid record; the message names the file and the fault."""


class NewerRecord(BrokenRecord):
    """A record of a schema that is later than SCHEMA."""


def kind_of(record: dict) -> str:
    """ "run", which records are that do not say it, or "measurement"."""
    return record.get("kind", "run")


def has_fields(record: dict) -> bool:
    """Whether all fields of a record of SCHEMA are there, whatever is in them."""
    kind = kind_of(record)
    return isinstance(kind, str) and kind in FIELDS and record.keys() >= FIELDS[kind].keys()


def measurement_key(record: dict) -> str:
    """The key of a measurement: measuring the same again in another session makes another record."""
    return key_of({name: record[name] for name in MEASURED})


def validate(record: dict, where: str) -> dict:
    """Return `record` unchanged, or raise BrokenRecord saying what is wrong with it."""
    if not isinstance(record, dict):
        raise BrokenRecord(f"{where}: not a record but a {type(record).__name__}")
    try:
        fields = FIELDS[check_name("kind of record", kind_of(record), FIELDS)]
    except ValueError as error:
        raise BrokenRecord(f"{where}: {error}") from None
    for name, kind in fields.items():
        if not (is_number(record.get(name)) if kind is float else isinstance(record.get(name), kind)):
            raise BrokenRecord(f"{where}: field {name!r} is {record.get(name)!r}, not {WORDS[kind]}")
    if record["schema"] != SCHEMA:
        fault = f"{where}: schema {record['schema']}, this version reads {SCHEMA}"
        if record["schema"] > SCHEMA:
            raise NewerRecord(f"{fault}: update convscale, or keep the file elsewhere")
        raise BrokenRecord(fault)
    if missing := [name for name in ORIGIN if name not in record["provenance"]]:
        raise BrokenRecord(f"{where}: provenance lacks {', '.join(missing)}")
    device = record["provenance"]["device"]
    if not (isinstance(device, dict) and {"kind", "name"} <= device.keys()):
        raise BrokenRecord(f"{where}: provenance: device is {device!r}, without kind or name")
    CHECKS[kind_of(record)](record, where)
    return record


def check_run(record: dict, where: str) -> None:
    if (expected := key_of(record["run"])) != record["key"]:
        raise BrokenRecord(f"{where}: key {record['key']} does not belong to its run, which has {expected}")
    if "seed" not in record["run"]:
        raise BrokenRecord(f"{where}: run lacks seed")
    if not all(isinstance(point, dict) and "step" in point for point in record["history"]):
        raise BrokenRecord(f"{where}: history is not a list of points with a step")
    numbers = [("", record["metrics"]), ("", record["cost"]), *(("history: ", point) for point in record["history"])]
    for part, values in numbers:
        for name, value in values.items():
            if not is_number(value):
                raise BrokenRecord(f"{where}: {part}{name} is {value!r}, not a finite number")


def check_measurement(record: dict, where: str) -> None:
    if not TABLE.fullmatch(record["table"]):
        raise BrokenRecord(f"{where}: table {record['table']!r}, not one such as 'v2:13'")
    if (expected := measurement_key(record)) != record["key"]:
        raise BrokenRecord(
            f"{where}: key {record['key']} does not belong to its {', '.join(MEASURED)}, which have {expected}"
        )
    if not (record["rounds"] and all(map(is_number, record["rounds"]))):
        raise BrokenRecord(f"{where}: rounds are {record['rounds']!r}, not a list of finite numbers")
    if not math.isclose(record["value"], middle := median(record["rounds"])):
        raise BrokenRecord(f"{where}: value {record['value']} is not the median of its rounds, {middle}")


CHECKS: dict[str, Callable[[dict, str], None]] = {"run": check_run, "measurement": check_measurement}


def is_number(value) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
