"""Fields of a run by dotted names, as people write them: `recipe.label_smoothing`, `stages.mixup`, `curve_points`."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from ..checks import is_number
from ..errors import check_name
from .recipe import Recipe
from .run import Run
from .schedule import Schedule, Stage, ramp_at

WHOLE = ("recipe", "schedule", "after", "teacher")  # fields of a run that are not one value
PARTS = {"recipe": Recipe, "schedule": Schedule, "stages": Stage}


def setting_names() -> list[str]:
    """All names that `with_settings` takes."""
    of_run = [field.name for field in fields(Run) if field.name not in WHOLE]
    of_parts = [f"{part}.{field.name}" for part, kind in PARTS.items() for field in fields(kind)]
    return [*of_run, *(name for name in of_parts if name != "schedule.stages")]


def with_settings(run: Run, settings: Mapping[str, Any]) -> Run:
    """`run` with these fields: its own, of its `recipe`, of its `schedule`, and of the `stages` of that.

    Lists count as tuples. A value of `stages.<field>` is that of every stage; of two, (first, last), stages between go
    evenly from one to the other. Raises ValueError for an unknown name, with the nearest ones, for a pair where there
    is one stage, and what `Run` and its parts raise for the values.

    >>> from convscale.recipes import preset
    >>> run = with_settings(preset("v2-s:paper").run(), {"recipe.optimizer": "adamw", "stages.mixup": (0, 0.3)})
    >>> run.recipe.optimizer, [round(stage.mixup, 1) for stage in run.schedule.stages]
    ('adamw', [0.0, 0.1, 0.2, 0.3])
    """
    names = setting_names()
    changes: dict[str, dict[str, Any]] = {part: {} for part in ("run", *PARTS)}
    for name, value in settings.items():
        part, _, field = check_name("setting", name, names).rpartition(".")
        changes[part or "run"][field] = as_tuples(value)
    stages = staged(run.schedule.stages, changes["stages"])
    schedule = replace(run.schedule, stages=stages, **changes["schedule"])
    return replace(run, recipe=replace(run.recipe, **changes["recipe"]), schedule=schedule, **changes["run"])


def as_tuples(value: object) -> object:
    return tuple(map(as_tuples, value)) if isinstance(value, list | tuple) else value


def staged(stages: tuple[Stage, ...], changes: Mapping[str, Any]) -> tuple[Stage, ...]:
    """The stages with these values, each one for all or a pair of the first's and the last's."""
    for field, value in changes.items():
        if isinstance(value, tuple) and not (len(value) == 2 <= len(stages) and all(map(is_number, value))):
            raise ValueError(f"stages.{field} = {value}: give one value, or the first and the last of several stages")
    return tuple(
        replace(stage, **{field: of_stage(field, value, i, len(stages)) for field, value in changes.items()})
        for i, stage in enumerate(stages)
    )


def of_stage(field: str, value: Any, i: int, stages: int) -> Any:
    if not isinstance(value, tuple):
        return value
    between = ramp_at(i, stages, *value)
    return int(between) if field == "image_size" else between  # whole pixels, as `progressive` has them
