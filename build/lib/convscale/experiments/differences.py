"""How the arms of an experiment differ: the values that are not the same in all of them."""

import dataclasses

import pandas as pd

from ..models.tables import NetworkTable
from .experiment import Sweep


def values_of(value: object, name: str = "") -> dict[str, object]:
    """Every value of a run by its name, such as "schedule.sizes"; stages count from 1."""
    if isinstance(value, NetworkTable):
        return {name: value.name}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    elif isinstance(value, tuple) and any(map(dataclasses.is_dataclass, value)):
        parts = {str(i): part for i, part in enumerate(value, start=1)}
    else:
        return {name: value}
    found: dict[str, object] = {}
    for key, part in parts.items():
        found |= values_of(part, f"{name}.{key}" if name else key)
    return found


def differences(sweep: Sweep) -> pd.DataFrame:
    """One row an arm: its name, then only the values that differ between arms; "-" where an arm has no such value."""
    rows = {arm: values_of(run) for arm, run in sweep.arms.items()}
    names = dict.fromkeys(name for values in rows.values() for name in values)
    differing = [name for name in names if len({repr(values.get(name, "-")) for values in rows.values()}) > 1]
    return pd.DataFrame(
        [{"arm": arm} | {name: values.get(name, "-") for name in differing} for arm, values in rows.items()]
    )


def shared(sweep: Sweep) -> dict[str, object]:
    """The values that all arms have in common, by name."""
    rows = [values_of(run) for run in sweep.arms.values()]
    first = rows[0]
    return {name: v for name, v in first.items() if all(repr(v) == repr(values.get(name)) for values in rows)}
