"""How the arms of an experiment differ: the values that are not the same in all of them."""

import dataclasses

import pandas as pd

from ..models.tables import NetworkTable, table
from ..recipes import Run
from ..words import plural
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
        found[name] = f"{value.model_name} on {value.dataset}, {plural(value.epochs, 'epoch')}"
    for key, part in parts.items():
        found |= values_of(part, f"{name}.{key}" if name else key)
    return found


def replacements(before: object, after: object, name: str = "run") -> list[str]:
    """What makes one run of another, as calls: "replace(recipe, label_smoothing=0.1)". Names of networks are no change.

    Stages that change alike are one call. Raises TypeError for two of different types.
    """
    if type(before) is not type(after) or not dataclasses.is_dataclass(before):
        raise TypeError(f"{name}: {type(before).__name__} and {type(after).__name__} have no fields in common")
    changed: dict[str, object] = {}
    inner: list[str] = []
    for field in dataclasses.fields(before):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old == new or field.name == "name":
            continue
        if field.name == "stages":
            pairs = zip(old, new, strict=True)
            inner += dict.fromkeys(call for pair in pairs for call in replacements(*pair, "stage"))
        elif field.name == "model":
            networks = [table(model) if isinstance(model, str) else model for model in (old, new)]
            inner += replacements(networks[0], networks[1], "network")
        elif dataclasses.is_dataclass(old):
            inner += replacements(old, new, field.name)
        else:
            changed[field.name] = new
    values = ", ".join(f"{key}={value!r}" for key, value in changed.items()).replace("e-0", "e-")
    return [*([f"replace({name}, {values})"] if changed else []), *inner]


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
