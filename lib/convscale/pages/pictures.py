"""Figures of schedules and of networks, drawn from the library's own tables."""

from collections.abc import Mapping
from dataclasses import asdict
from itertools import groupby

import pandas as pd

from ..drawing import Drawing, steps
from ..experiments import Sweep
from ..recipes import Run
from ..recipes.schedule import stage_at


def stretches(arm: str, run: Run) -> list[dict]:
    """What a run trains with over its epochs: a row for each stretch in which nothing changes.

    Sizes that are drawn come in another order for each seed; here it is that of the run's own seed.
    """
    stages = [stage_at(run.schedule, epoch, run.epochs, 1, run.seed) for epoch in range(run.epochs)]
    rows, start = [], 0
    for stage, group in groupby(stages):
        end = start + len(list(group))
        rows.append({"arm": arm, "start": start, "end": end, **asdict(stage)})
        start = end
    return rows


def ramps(sweep: Sweep, arms: Mapping[str, str], *, name: str, title: str, caption: str, family: str) -> Drawing:
    """Image size and regularization of `arms` (name -> label) over the epochs of an experiment."""
    rows = [row for arm in arms for row in stretches(arm, sweep.arms[arm])]
    subtitle = f"{sweep.experiment.title}, {sweep.scale} scale"
    return steps(
        pd.DataFrame(rows), name=name, title=title, subtitle=subtitle, caption=caption, arms=dict(arms), family=family
    )
