"""Runs handed to Slurm as one array, through submitit: what is asked for, what it will cost, and the array itself."""

import contextlib
import io
import math
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..files import check_writable
from ..recipes import Run
from ..records import Store
from ..words import plural
from .batches import Batch, new_name, tasks_of
from .experiment import Job
from .places import work_folder
from .registry import key_of
from .slurm import LIMIT_SIGNAL
from .task import Task
from .times import time_shown

WARNING_SECONDS = 60  # before a task's time is over it is told to save; ours: a state is written in seconds
EARLY_SECONDS = 60  # that Slurm may tell it before (sbatch(1), --signal)
SPARE = 2.0  # times the estimate, and `START_MINUTES`, is a task's time: others use disks and cores, too; ours
START_MINUTES = 10  # to import torch and to read images from a slow disk; ours
# Folders of one's own and where the library lies, which the tasks must know whatever a cluster does to an environment.
HANDED_ON = ("CONVSCALE_DATA", "CONVSCALE_WEIGHTS", "PYTHONPATH", "OMP_NUM_THREADS")


@dataclass(frozen=True)
class Asked:
    """What a person asks of Slurm for each task; None is Slurm's own default."""

    partition: str | None = None
    account: str | None = None
    gpus: int = 0  # of one run: more than one train it together
    cores: int = 1
    memory: float | None = None  # GB
    minutes: int | None = None  # of a task; None: by the estimate
    tasks: int | None = None  # None: of about `batches.MINUTES` each


@dataclass(frozen=True)
class Plan:
    """A batch before it is submitted: its tasks with the seconds of each, and how many minutes each gets."""

    tasks: list[tuple[list[Job], float]]
    minutes: int
    stored: int
    elsewhere: int  # runs that an earlier batch has, which waits or runs
    asked: Asked

    @property
    def jobs(self) -> list[Job]:
        return [job for task, _ in self.tasks for job in task]

    def __str__(self) -> str:
        seconds = sum(takes for _, takes in self.tasks)
        longest = max(takes for _, takes in self.tasks)
        lines = [f"in the store: {plural(self.stored, 'run')}"] if self.stored else []
        lines += [f"in a batch that waits or runs: {plural(self.elsewhere, 'run')}"] if self.elsewhere else []
        gpus = f", {seconds / 3600 * self.asked.gpus:.2g} GPU hours" if self.asked.gpus else ""
        runs, tasks = plural(len(self.jobs), "run"), plural(len(self.tasks), "task")
        lines.append(f"{runs} in {tasks}, the longest about {time_shown(longest)}")
        lines.append(f"{time_shown(seconds)} in all{gpus}; limit of a task: {self.minutes} min")
        return "\n".join(lines)


def planned(
    jobs: Sequence[Job], store: Store, asked: Asked, seconds_of: Callable[[Run], float], waiting: set[str]
) -> Plan:
    """What would be submitted: the runs that neither the store has nor, by their keys, a batch that is `waiting`.

    Raises ValueError where nothing is left, or a task's time is shorter than one of its runs.
    """
    first: dict[Run, Job] = {}
    for job in jobs:
        first.setdefault(job.run, job)
    keys = {job: key_of(job) for job in first.values()}
    unmade = store.missing(key for key in keys.values() if key)
    missing = [job for job, key in keys.items() if key is None or key in unmade]
    left = [job for job in missing if keys[job] not in waiting]
    if not left:
        where = "a batch that waits or runs has the others" if missing else "the store has them all"
        raise ValueError(f"nothing to submit: {where}; see `convscale experiment status`")
    tasks = tasks_of(left, seconds_of, asked.tasks)
    longest = max(seconds_of(job.run) for job in left)
    least = longest + WARNING_SECONDS + EARLY_SECONDS
    if asked.minutes and 60 * asked.minutes < least:
        raise ValueError(
            f"--minutes {asked.minutes}: one run takes about {time_shown(longest)}, and Slurm may tell a task to save "
            f"{WARNING_SECONDS + EARLY_SECONDS} s before its end: give at least {math.ceil(least / 60)}"
        )
    by_estimate = START_MINUTES + int(SPARE * max(takes for _, takes in tasks) / 60) + 1
    return Plan(tasks, asked.minutes or by_estimate, len(first) - len(missing), len(missing) - len(left), asked)


def submit(plan: Plan, store: Store, device: str) -> tuple[Batch, str]:
    """The batch, and the number of its job. Raises RuntimeError with Slurm's words where it refuses, before it has any
    of it, and OSError for folders that cannot be written."""
    executor_of, refusals = engine()
    store.check_writable()
    check_writable(work_folder(), variable="CONVSCALE_CHECKPOINTS")
    keys = tuple(tuple(key_of(job) or "" for job in jobs) for jobs, _ in plan.tasks)
    batch = Batch(new_name(), keys)
    where, seen, asked = store.root.resolve(), store.identify(), plan.asked
    batch.write()
    tasks = [Task(batch, tuple(jobs), device, where, seen, max(1, asked.gpus)) for jobs, _ in plan.tasks]
    executor = executor_of(batch.folder, python=f"exec {shlex.quote(sys.executable)}", max_num_timeout=10**6)
    executor.update_parameters(
        job_name=batch.name,
        partition=asked.partition,
        account=asked.account,
        gpus_per_node=asked.gpus or None,
        cpus_per_task=asked.cores,
        mem=f"{round(1024 * asked.memory)}MB" if asked.memory else None,
        time=plan.minutes,
        array_parallelism=len(tasks),
        stderr_to_stdout=True,
        use_srun=False,
        wckey=None,
        setup=environment(where),
        # To the script itself, which becomes the program: `exec`.
        additional_parameters={"signal": f"B:{LIMIT_SIGNAL.name[3:]}@{WARNING_SECONDS}", "requeue": True},
    )
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # where submitit repeats what it raises
            jobs = executor.submit_array(tasks)
    except refusals as error:
        shutil.rmtree(batch.folder, ignore_errors=True)
        raise RuntimeError(f"Slurm refuses: {' '.join(str(error).split())}") from None
    return batch, jobs[0].job_id.partition("_")[0]


def environment(store: Path) -> list[str]:
    """Lines of shell that hand on where everything is."""
    places = {"CONVSCALE_RECORDS": str(store), "CONVSCALE_CHECKPOINTS": str(work_folder().resolve())}
    places |= {name: os.environ[name] for name in HANDED_ON if name in os.environ}
    places |= {"SUBMITIT_PREEMPT_SIGNAL": LIMIT_SIGNAL.name[3:]}
    return [f"export {name}={shlex.quote(value)}" for name, value in places.items()]


def engine():
    """submitit's executor for Slurm, and what it raises where sbatch refuses. Raises RuntimeError, with the remedy,
    without submitit or without Slurm."""
    try:
        from submitit import SlurmExecutor
        from submitit.core.utils import FailedJobError, FailedSubmissionError
    except ImportError:
        raise RuntimeError("--on slurm needs submitit: pip install 'convscale[slurm]'") from None
    if shutil.which("sbatch") is None:
        raise RuntimeError("--on slurm: there is no sbatch on this machine: log in where Slurm's commands are")
    return SlurmExecutor, (FailedJobError, FailedSubmissionError)
