"""The runs that other runs build on: which there are, where their weights are kept here, and who makes them.

Weights are no part of a record. They are kept in CONVSCALE_WEIGHTS, a folder for each version of the code that trains
and each kind of device, so that a run builds on what its own code makes; where they are missing, the run that they are
of is made again.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from ..datasets import identified
from ..devices import Device
from ..files import replace_file
from ..paths import CACHE
from ..recipes import Run
from ..records import Store
from ..records.provenance import code_version
from .experiment import Job
from .registry import stored


def weights_folder(device: Device) -> Path:
    """Where `fit` finds the weights of runs that others build on, <key>.safetensors each."""
    root = Path(os.environ.get("CONVSCALE_WEIGHTS", CACHE / "weights")).expanduser()
    return root / f"{code_version()['code']}-{device.kind}"


def kept(run: Run, device: Device) -> Path:
    """The file of the averaged weights of `run`, there or not."""
    return weights_folder(device) / f"{identified(run).key}.safetensors"


def here(job: Job, store: Store, device: Device) -> dict | None:
    """The record of a job that need not be made; of one that others build on only if it is of the very weights that
    are here, and not by another number of processes."""
    if not job.keeps:
        return stored(job, store)
    return store.run(identified(job.run).key) if kept(job.run, device).is_file() else None


def earlier_jobs(jobs: Iterable[Job], store: Store, device: Device, fresh: bool = False) -> list[list[Job]]:
    """What has to be made before `jobs`, each run once: lists in their order, of which each builds on those before.

    That is what they build on, directly or not, and is not here; with `fresh` all of it.
    """
    levels: list[list[Job]] = []
    later = list(jobs)
    while later:
        needed: dict[Run, Job] = {}
        for job in later:
            for run in job.run.builds_on:
                arm = f"before {job.arm.removeprefix('before ')}"
                needed.setdefault(run, Job(job.experiment, job.scale, arm, run, keeps=True))
        later = [job for job in needed.values() if fresh or here(job, store, device) is None]
        runs = {job.run for job in later}
        levels = [later, *([job for job in level if job.run not in runs] for level in levels)]
    return [level for level in levels if level]


def keep(job: Job, device: Device, weights: Path) -> None:
    """Keep a copy of the file `weights` as those of the job's run."""
    replace_file(kept(job.run, device), lambda file: shutil.copyfile(weights, file))


def told_of_earlier(run: Run, store: Store) -> list[dict]:
    """Key, metrics and cost of all runs that `run` builds on, as the store has them: what their records say of them."""
    keys = dict.fromkeys(identified(first).key for first in run.chain if first != run)
    records = (store.run(key) for key in keys)
    return [{name: record[name] for name in ("key", "metrics", "cost")} for record in records if record]
