"""How the arms of an experiment differ: the values that are not the same in all of them."""

import dataclasses

import pandas as pd

from ..models.tables import NetworkTable
from ..recipes import Run
from .experiment import Sweep


def values_of(value: object, name: str = "") -> dict[str, object]:
    """Every value of a run by its name, such as "schedule.sizes"; stages count from 1.

    A run that it builds on has a value in words, "after", and those of its own, "after.schedule.sizes".
    """
    if isinstance(value, NetworkTable):
        return {name: value.name}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    elif isinstance(value, tuple) and any(map(dataclasses.is_dataclass, value)):
        parts = {str(i): part for i, part in enumerate(value, start=1)}
    else:
        return {name: value}
    found: dict[str, object] = {}
    if isinstance(value, Run) and name:
        found[name] = f"{value.model_name} on {value.dataset}, {value.epochs} epochs"
    for key, part in parts.items():
        found |= values_of(part, f"{name}.{key}" if name else key)
    return found


def differences(sweep: Sweep) -> pd.DataFrame:
    """One row an arm: its name, then only the values that differ between arms; "-" where an arm has no such value.

    Values of runs that arms build on are compared among the arms that build on one.
    """
    rows = {arm: values_of(run) for arm, run in sweep.arms.items()}
    names = dict.fromkeys(name for values in rows.values() for name in values)

    def differs(name: str) -> bool:
        inner = name.startswith(("after.", "teacher."))
        return len({repr(values.get(name, "-")) for values in rows.values() if name in values or not inner}) > 1

    differing = [name for name in names if differs(name)]
    return pd.DataFrame(
        [{"arm": arm} | {name: said(values.get(name)) for name in differing} for arm, values in rows.items()]
    )


def said(value: object) -> object:
    return "-" if value is None else value


def shared(sweep: Sweep) -> dict[str, object]:
    """The values that all arms have in common, by name."""
    rows = [values_of(run) for run in sweep.arms.values()]
    first = rows[0]
    return {name: v for name, v in first.items() if all(repr(v) == repr(values.get(name)) for values in rows)}
