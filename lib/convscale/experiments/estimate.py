"""What a list of runs would cost here: known before any is made."""

import pandas as pd

from ..devices import pick
from ..records import local
from ..words import plural
from .beside import untried
from .earlier import earlier_jobs
from .experiment import Job
from .making import one_thread
from .registry import missing
from .training_cost import Cost, CostOf

RECORD_BYTES, POINT_BYTES = 4000, 200  # of the published records: about so much, and so much for each point


def estimate_jobs(jobs: list[Job], device_kind: str = "auto") -> str:
    """Hours of every arm and of all, memory, disk and where they were measured, as text for people.

    What the store has is counted and not estimated.
    """
    distinct = len({job.run for job in jobs})
    left = missing(jobs, local())
    lines = [f"{plural(distinct, 'different run')}, {distinct - len(left)} of them in {local().root}"]
    device = pick(device_kind)
    before = [job for level in earlier_jobs(left, local(), device) for job in level]
    left = list({job.run: job for job in (*before, *left)}.values())
    with one_thread():
        cost_of = CostOf(device)
        costs = {job: cost_of(job.run) for job in left}
        where = cost_of.protocol
    if before:
        lines.append(f"before them {plural(len(before), 'run')} that they build on")
    if costs:
        lines += [by_arm(costs).to_string(index=False), by_size(costs).to_string(index=False)]
        lines.append("\n".join([*totals(costs, device), f"measured: {where}"]))
    return "\n\n".join(lines)


def by_arm(costs: dict[Job, Cost]) -> pd.DataFrame:
    """One row an arm: hours of one run and of all its seeds."""
    rows = pd.DataFrame(
        {
            "arm": job.arm,
            "network": job.run.model_name,
            "data": job.run.dataset,
            "steps": cost.count,
            "h: steps": cost.steps,
            "images": cost.images,
            "evaluation": cost.evaluation,
            "a run": cost.hours,
        }
        for job, cost in costs.items()
    )
    groups = rows.groupby(["arm", "network", "data"], sort=False)
    averaged = groups.mean().assign(runs=groups.size(), all=groups["a run"].sum()).reset_index()
    hours = ["h: steps", "images", "evaluation", "a run", "all"]
    return averaged.assign(
        **{name: averaged[name].map(hours_shown) for name in hours}, steps=averaged["steps"].map("{:,.0f}".format)
    )


def by_size(costs: dict[Job, Cost]) -> pd.DataFrame:
    """One row for each network and image size: the batch that was timed, and seconds of a whole step."""
    rows = {
        (job.run.model_name, size, job.run.recipe.batch_size): {
            "network": job.run.model_name,
            "px": size,
            "batch": job.run.recipe.batch_size,
            "timed with": images,
            "s a step": f"{seconds:.3g}",
            "scaled up": "linearly" if images < job.run.recipe.batch_size else "no",
        }
        for job, cost in costs.items()
        for size, (_, images, seconds) in cost.sizes.items()
    }
    return pd.DataFrame([rows[key] for key in sorted(rows)])


def totals(costs: dict[Job, Cost], device) -> list[str]:
    hours, longest = sum(c.hours for c in costs.values()), max(c.hours for c in costs.values())
    beside = min(len(costs), untried(list(costs), device).processes)
    wall = max(hours / beside, longest)
    memory, disk = max(c.memory for c in costs.values()), max(c.disk for c in costs.values())
    records = sum(RECORD_BYTES + POINT_BYTES * job.run.curve_points for job in costs)
    return [
        f"all: {hours_shown(hours)} h one after the other, {hours_shown(wall)} h with {beside} at a time",
        f"memory: {gib(memory)} a run for activations, weights and optimizer, without libraries and workspace",
        f"disk: {gib(disk * beside)} of checkpoints while runs last; {records / 1e6:.2g} MB of records",
        *(["`convscale experiment run` tries whether several at a time pay"] if device.kind == "cuda" else []),
        "left out: reading files, compilation, writing checkpoints, talk between devices",
    ]


def hours_shown(hours: float) -> str:
    return f"{hours:,.0f}" if hours >= 100 else f"{hours:.2g}"


def gib(size: int) -> str:
    return f"{size / 2**30:,.2g} GiB" if size < 100 * 2**30 else f"{size / 2**30:,.0f} GiB"
