"""Progressive learning as figures and tables: schedules of the presets, and what growing images save."""

from collections.abc import Mapping
from dataclasses import asdict
from itertools import groupby

import numpy as np
import pandas as pd

from ..drawing import Drawing, steps
from ..evidence.claims import claim_of
from ..evidence.judge_ratio import longest_session
from ..experiments import Sweep, get, records_of
from ..measure.savings import Saving, multiply_adds, saving, saving_of_sizes
from ..recipes import Run, lr_share, preset, stage_at
from ..records import published
from .papers import ABSENT

EPOCH = 10  # steps that stand for an epoch: enough for the staircase of 2.4 epochs
REGULARIZERS = {"randaugment": "RandAugment, magnitude", "mixup": "Mixup, alpha", "dropout": "Dropout, rate"}
LEARNING = {"image_size": "Image size, px", **REGULARIZERS, "learning_rate": "Learning rate"}
RUNS = (  # experiments with growing images and, as an arm, their last size throughout
    ("v2_table13_first", "progressive-adaptive", "fixed-size"),
    ("v2_table13", "progressive-adaptive", "fixed-size"),
    ("v2_table12", "resnet50-380-progressive", "resnet50-380-baseline"),
    ("v2_table12", "efficientnet-b4-progressive", "efficientnet-b4-baseline"),
)
COSTING = {"image_size": "Image size, px", **REGULARIZERS, "cost": "Multiply-adds of a step, share of the last"}


def stretches(arm: str, run: Run, epochs: int, extra: str) -> list[dict]:
    """What a preset's run does, a row for each stretch in which nothing changes.

    `extra` is "learning_rate", or "cost": multiply-adds of a step over those of the last stage's.
    """
    count = epochs * EPOCH
    rows = []
    for step in range(count):
        stage = stage_at(run.schedule, step, count, EPOCH)
        now = {name: value for name, value in asdict(stage).items() if name in ("image_size", *REGULARIZERS)}
        if extra == "learning_rate":
            now[extra] = round(run.recipe.learning_rate * lr_share(run.recipe, step, count, EPOCH), 6)
        else:
            last = multiply_adds(run.model, run.schedule.stages[-1].image_size)
            now[extra] = round(multiply_adds(run.model, stage.image_size) / last, 4)
        rows.append(now)
    found, start = [], 0
    for now, group in groupby(rows):
        end = start + len(list(group))
        found.append({"arm": arm, "start": start / EPOCH, "end": end / EPOCH, **now})
        start = end
    return found


def schedules(presets: Mapping[str, str], *, cost: bool, name: str, title: str, caption: str) -> Drawing:
    """Presets, name -> label, over their epochs: size, regularization, and the learning rate or what a step costs."""
    panels = COSTING if cost else LEARNING
    extra = list(panels)[-1]
    rows = [row for arm in presets for row in stretches(arm, preset(arm).run(), preset(arm).epochs, extra)]
    return steps(
        pd.DataFrame(rows),
        name=name,
        title=title,
        subtitle="Four stages of 350 epochs, by the library's own schedules",
        caption=caption,
        arms=dict(presets),
        panels=panels,
    )


def saved(name: str) -> float:
    """How many times fewer multiply-adds a preset takes than its last size would throughout."""
    chosen = preset(name)
    return saving(chosen.model, chosen.schedule.stages).multiply_adds


def saving_rows() -> pd.DataFrame:
    """Of S, M and L with both ramps: sizes, and what their last size costs over them in pixels and multiply-adds."""
    rows = []
    for network in "sml":
        for variant in ("paper", "release"):
            chosen = preset(f"v2-{network}:{variant}")
            found = saving(chosen.model, chosen.schedule.stages)
            sizes = ", ".join(str(stage.image_size) for stage in chosen.schedule.stages)
            rows.append([network.upper(), variant, sizes, f"{found.pixels:.2f}x", f"{found.multiply_adds:.2f}x"])
    return pd.DataFrame(rows, columns=["network", "ramp", "sizes, px", "pixels", "multiply-adds"])


def stage_rows() -> pd.DataFrame:
    """What each stage of S, M and L has, by the paper and by the release."""
    rows = []
    for network in "sml":
        for variant in ("paper", "release"):
            stages = preset(f"v2-{network}:{variant}").schedule.stages
            values = [[getattr(stage, name) for stage in stages] for name in ("image_size", *REGULARIZERS)]
            rows.append([network.upper(), variant, *(", ".join(f"{v:.3g}" for v in of_stage) for of_stage in values)])
    return pd.DataFrame(rows, columns=["network", "ramp", "sizes, px", "RandAugment", "mixup alpha", "dropout rate"])


def measured_in_runs(sweep: Sweep, growing: str, fixed: str) -> tuple[str, str]:
    """Processor time of `fixed` over that of `growing` in published runs, the median over seeds, and of how many pairs.

    Before all seeds of both are published it is "not run".
    """
    cost: dict[str, dict[int, float]] = {growing: {}, fixed: {}}
    for record in records_of(sweep, published()):
        if record["arm"] in cost:
            cost[record["arm"]][record["run"]["seed"]] = record["cost"]["cpu_seconds"]
    ratios = [cost[fixed][seed] / cost[growing][seed] for seed in sorted(cost[growing].keys() & cost[fixed].keys())]
    if len(ratios) < len(sweep.seeds):
        return ABSENT, f"{len(ratios)} of {len(sweep.seeds)} pairs of runs"
    return f"{np.median(ratios):.2f}x", f"whole runs, {len(ratios)} pairs"


def row_of(network: str, sizes: tuple[int, ...], predicted: Saving, measured: tuple[str, str]) -> list[str]:
    shown = f"{', '.join(map(str, sizes))}"
    return [network, shown, f"{predicted.pixels:.2f}x", f"{predicted.multiply_adds:.2f}x", *measured]


def measured_rows() -> pd.DataFrame:
    """Trainings of which this project has records of cost: what counting predicts, and what was measured."""
    claim = claim_of("v2-table12-time-resnet50")
    session = longest_session(claim, list(published().measurements("v2:12")), ["cpu"])
    rows = []
    if session:
        sizes = max((tuple(record["image_sizes"]) for record in session.records), key=len)
        found = f"{np.median(session.ratios):.2f}x", f"steps alone, {len(session.ratios)} rounds"
        rows.append(row_of("resnet-50", sizes, saving_of_sizes("resnet-50", sizes), found))
    for experiment, growing, fixed in RUNS:
        sweep = get(experiment, "small")
        run = sweep.arms[growing]
        sizes = tuple(stage.image_size for stage in run.schedule.stages)
        measured = measured_in_runs(sweep, growing, fixed)
        rows.append(row_of(run.model_name, sizes, saving(run.model, run.schedule.stages), measured))
    heads = ["network", "sizes, px", "pixels", "multiply-adds", "processor time", "measured on"]
    return pd.DataFrame(rows, columns=heads)
