"""What is handed to a cluster at a time: runs in tasks, each of a length that a scheduler likes, and who has which."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from ..files import replace_file
from ..recipes import Run
from .experiment import Job
from .places import work_folder

# Of a task. Ours: in 10 min or less starts of Python and passes of the scheduler begin to count, and more than 30 wait
# for longer gaps in a cluster's plan and are further from their end when they are preempted.
MINUTES = 20.0
MOST_TASKS = 1000  # of an array; Slurm's own MaxArraySize, less one (slurm.conf(5))


@dataclass(frozen=True)
class Batch:
    """Keys of the runs of each task by one process, in their order."""

    name: str
    tasks: tuple[tuple[str, ...], ...]

    @property
    def folder(self) -> Path:
        """Where it is described, and where its tasks have their logs."""
        return work_folder() / "batches" / self.name

    def write(self) -> None:
        replace_file(
            self.folder / "batch.json", lambda file: file.write_text(json.dumps(asdict(self)), encoding="utf-8")
        )


def new_name() -> str:
    return f"convscale-{uuid4().hex[:8]}"


def batches() -> list[Batch]:
    """All that were handed over and have not been removed (`on_cluster.remove_old`), the oldest first."""
    files = sorted(work_folder().glob("batches/*/batch.json"), key=lambda file: file.stat().st_mtime)
    return [batch_in(file) for file in files]


def batch_in(file: Path) -> Batch:
    said = json.loads(file.read_text(encoding="utf-8"))
    return Batch(said["name"], tuple(map(tuple, said["tasks"])))


def tasks_of(
    jobs: Sequence[Job], seconds_of: Callable[[Run], float], tasks: int | None = None
) -> list[tuple[list[Job], float]]:
    """The jobs in tasks of about `MINUTES`, or in so many, each with the seconds that it takes.

    They are in their order, and of equal length as far as whole runs allow.
    """
    seconds = [seconds_of(job.run) for job in jobs]
    whole = sum(seconds)
    count = tasks or min(max(1, round(whole / (60 * MINUTES))), MOST_TASKS)
    found: dict[int, list[tuple[Job, float]]] = {}
    before = 0.0
    for job, takes in zip(jobs, seconds, strict=True):
        found.setdefault(int(count * (before + takes / 2) / whole), []).append((job, takes))
        before += takes
    return [([job for job, _ in task], sum(takes for _, takes in task)) for task in found.values()]
