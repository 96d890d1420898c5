"""Every experiment by its name. Pages, claims and the command line ask here which runs there are."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module

from ..errors import check_name
from ..recipes import Run
from ..records import Store
from .experiment import Experiment, Job, Sweep
from .several import made_by_one

# Files of `papers`, in the order in which `run --all` makes them: what tells most for a minute of a processor first.
MODULES = (
    "v2_search",
    "v2_table7",
    "v2_search_longer",
    "v2_section5_2",
    "v1_transfer",
    "v2_table5",
    "v2_table5_regimes",
    "rs_table4",
    "rs_factorial",
    "v2_table13",
    "v2_section6_3",
    "rs_table1l",
    "rs_section6",
    "rs_figure2",
    "v2_table12",
    "rs_table3",
    "rs_table1r",
    "v1_figure3",
    "v1_table3",
    "rs_figure5",
    "v1_table7",
    "v1_figure4",
    "v2_search_table",
    "v2_table13_first",
)


@cache
def experiments() -> dict[str, Experiment]:
    """All of them by name."""
    modules = (import_module(f".papers.{name}", __package__) for name in MODULES)
    return {module.EXPERIMENT.name: module.EXPERIMENT for module in modules}


def get(name: str, scale: str) -> Sweep:
    """The experiment of this name at `scale`. Raises ValueError for an unknown one, with the nearest names."""
    return experiments()[check_name("experiment", name, experiments())].at(scale)


def contrast_named(name: str, contrast: str) -> Mapping[str, float]:
    """A contrast of the experiment `name`, arm -> coefficient. Raises ValueError for an unknown one of either."""
    contrasts = experiments()[check_name("experiment", name, experiments())].contrasts
    return contrasts[check_name(f"contrast of {name}", contrast, contrasts)]


def current(scale: str) -> list[Sweep]:
    """All experiments that have this scale and whose runs count."""
    return [e.at(scale) for e in experiments().values() if scale in e.scales and not e.superseded]


def command_of(job: Job, device: str) -> str:
    """The command that makes this very run, of one that is no arm the command of the first that builds on it; "" if an
    arm was changed by hand and no command does."""
    known = experiments().get(job.experiment)
    if known is None or job.scale not in known.scales:
        return ""
    makers = [other for other in known.at(job.scale).jobs if job.run in other.run.chain]
    if not makers:
        return ""
    maker = next((other for other in makers if other.run == job.run), makers[0])
    return (
        f"convscale experiment run {maker.experiment} --scale {maker.scale} --arm {maker.arm} --seed {maker.run.seed}"
        f" --device {device}"
    )


def named(job: Job, record: dict) -> dict:
    """The record of a run with what it was asked for: experiment, scale and arm."""
    return record | {"experiment": job.experiment, "scale": job.scale, "arm": job.arm}


def key_of(job: Job) -> str | None:
    """The key of a job's run by one process, under which everybody knows it, whatever number makes it together; None
    where it is of a folder's images, which tell it, and they are not here."""
    run = made_by_one(job.run)
    if not any(each.dataset.startswith("folder:") for each in run.chain):
        return run.key
    from ..datasets import DataMissing, identified  # only now: it needs torch, and lists of runs do not

    try:
        return identified(run).key
    except DataMissing:
        return None


def stored(job: Job, store: Store) -> dict | None:
    """The record of a job, by one process or else by the fewest together; None if the store does not have it."""
    key = key_of(job)
    return store.run_by_any(key) if key else None


def missing(jobs: Iterable[Job], store: Store, fresh: bool = False) -> list[Job]:
    """Those whose runs a store does not have, with `fresh` all; of jobs that share a run the first."""
    first: dict[Run, Job] = {}
    for job in jobs:
        first.setdefault(job.run, job)
    return [job for job in first.values() if fresh or stored(job, store) is None]


def records_of(sweep: Sweep, store: Store) -> list[dict]:
    """What a store has of the runs of an experiment, in their order, each with experiment, scale and arm."""
    return [named(job, record) for job in sweep.jobs if (record := stored(job, store))]


def complete(sweep: Sweep, store: Store) -> bool:
    """Whether a store has every run of the experiment: nothing is computed from fewer."""
    return all(stored(job, store) for job in sweep.jobs)
