"""What clusters know of runs: which wait in a queue, which tasks ended without theirs, and an end to all of them."""

from collections.abc import Collection, Sequence

from .attempt import STOP
from .batches import Batch, batches
from .places import run_folder
from .slurm import Queued, cancel, ended, queue

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
            lines.append(f"  task {index} of {batch.name}: {state} on {node}, {runs} runs are left; {log}")
    return lines


def stop(keys: Collection[str], running: Collection[str]) -> tuple[int, int]:
    """Cancel the tasks of all runs in `keys`, and ask the workers of those that are `running` outside of them to save
    and stop. How many of each. Raises RuntimeError where a batch needs Slurm and it is not here."""
    tasks = [(task, runs) for task, runs in waiting(batches_of(keys)) if any(key in keys for key in runs)]
    cancel([task for task, _ in tasks])
    others = set(running) - {key for _, runs in tasks for key in runs}
    for key in others:
        (run_folder(key) / STOP).touch()
    return len(tasks), len(others)
