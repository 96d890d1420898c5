"""A run as a YAML file, `run.yaml`: every field that decides its result, so that anybody can repeat it."""

from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path

import yaml

from ..errors import check_name
from ..files import people_yaml
from ..models.table_files import table_from, table_values
from ..models.tables import NetworkTable
from .recipe import Recipe
from .run import Run
from .schedule import Schedule, Stage
from .settings import as_tuples

KINDS = {"recipe": Recipe, "schedule": Schedule, "stages": Stage, "after": Run, "teacher": Run}


def run_values(run: Run) -> dict:
    """All fields of a run, at their defaults too, as plain values; `run_from` reads them back."""

    def plain(value: object) -> object:
        if isinstance(value, NetworkTable):
            return plain(table_values(value))
        if is_dataclass(value):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        if isinstance(value, dict):
            return {name: plain(inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [plain(inner) for inner in value]
        return value.item() if hasattr(value, "item") else value  # a number of numpy's

    return {field.name: plain(getattr(run, field.name)) for field in fields(run)}


def run_from(values: object) -> Run:
    """The run of plain values; fields that are left out have their defaults.

    Raises ValueError for an unknown field, with the nearest ones, for one that is missing, and for its value.
    """
    return made(Run, values)


def made(kind: type, values: object):
    if not isinstance(values, dict):
        raise ValueError(f"a {kind.__name__} is a mapping of its fields, this is {values!r:.80}")
    names = [field.name for field in fields(kind)]
    for name in values:
        check_name(f"field of a {kind.__name__}", name, names)
    missing = [field.name for field in fields(kind) if field.default is MISSING and field.name not in values]
    if missing:
        raise ValueError(f"a {kind.__name__} lacks {', '.join(missing)}")
    return kind(**{name: of_field(name, value) for name, value in values.items()})


def of_field(name: str, value: object) -> object:
    if name == "model" and isinstance(value, dict):
        return table_from(value)
    if name == "stages" and isinstance(value, list):
        return tuple(made(Stage, stage) for stage in value)
    if name in KINDS and value is not None:
        return made(KINDS[name], value)
    return as_tuples(value)


def run_text(run: Run) -> str:
    """The file's content."""
    return yaml.safe_dump(run_values(run), sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)


def read_run(path: Path | str) -> Run:
    """The run in a file of `run_text`. Raises ValueError, naming it, for one that cannot be read or holds no run."""
    try:
        return run_from(people_yaml(Path(path).expanduser().read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError) as error:
        raise ValueError(f"{path}: no run, as `train --print-config` prints one: {error}") from None
