"""What clusters know of runs: which wait in a queue, which tasks ended without theirs, an end to all of them, and what
is kept of batches."""

import shutil
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from ..records import Store
from ..words import plural
from .attempt import STOP
from .batches import Batch, batches
from .places import run_folder
from .slurm import Queued, cancel, ended, queue

KEPT_DAYS = 30  # after its last word; ours: as long as `ended` asks accounting for its tasks
OVER_WELL = ("COMPLETED", "PENDING", "RUNNING", "REQUEUED", "COMPLETING")


def batches_of(keys: Collection[str]) -> list[Batch]:
    """Those with any of these runs."""
    return [batch for batch in batches() if any(key in keys for task in batch.tasks for key in task)]


def waiting(found: Sequence[Batch]) -> list[tuple[Queued, tuple[str, ...]]]:
    """Tasks of these batches that wait or run, with the keys of their runs. Raises RuntimeError without Slurm."""
    if not found:
        return []
    tasks = {batch.name: batch.tasks for batch in found}
    return [(task, tasks[task.batch][task.index]) for task in queue() if task.batch in tasks]


def lost_tasks(found: Sequence[Batch], left: Collection[str]) -> list[str]:
    """A sentence for each task that is over and did not end well, of which runs are `left`. Raises RuntimeError
    without Slurm."""
    lines = []
    states = ended([batch.name for batch in found])
    for batch in found:
        for index, keys in enumerate(batch.tasks):
            state, node = states.get((batch.name, index), ("COMPLETED", ""))
            runs = sum(key in left for key in keys)
            if not runs or state in OVER_WELL:
                continue
            logs = sorted(
                batch.folder.glob(f"*_{index}_0_log.out") if len(batch.tasks) > 1 else batch.folder.glob("*.out")
            )
            log = f"its log: {logs[-1]}" if logs else f"it left no log: does {node} see {batch.folder}?"
            lines.append(f"  task {index} of {batch.name}: {state} on {node}, {plural(runs, 'run')} left; {log}")
    return lines


def remove_old(found: Sequence[Batch], store: Store, queued: Collection[str]) -> list[Batch]:
    """Remove the folders of those batches of which nothing is left to know, and return these: not in `queued`, all runs
    in the store, nothing written for `KEPT_DAYS`. What runs said, and their states, lie elsewhere and are kept."""
    over = [batch for batch in found if batch.name not in queued]
    left = store.missing(key for batch in over for task in batch.tasks for key in task)
    made = [batch for batch in over if left.isdisjoint(key for task in batch.tasks for key in task)]
    old = [batch for batch in made if is_silent(batch.folder, time.time() - KEPT_DAYS * 24 * 3600)]
    for batch in old:
        shutil.rmtree(batch.folder, ignore_errors=True)
    return old


def is_silent(folder: Path, since: float) -> bool:
    """Whether nothing was written there since that time."""
    try:
        return all(file.stat().st_mtime < since for file in folder.iterdir())
    except FileNotFoundError:  # who submits at the same time has removed it
        return False


def stop(keys: Collection[str], running: Collection[str]) -> tuple[int, int]:
    """Cancel the tasks of all runs in `keys`, and ask the workers of those that are `running` outside of them to save
    and stop. How many of each. Raises RuntimeError where a batch needs Slurm and it is not here."""
    tasks = [(task, runs) for task, runs in waiting(batches_of(keys)) if any(key in keys for key in runs)]
    cancel([task for task, _ in tasks])
    others = set(running) - {key for _, runs in tasks for key in runs}
    for key in others:
        (run_folder(key) / STOP).touch()
    return len(tasks), len(others)
