"""How far a run is: a small file beside its checkpoint, which its worker writes while it lives and leaves when dead."""

import json
import os
import platform
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ..devices.hardware import torchrun_world
from ..files import replace_file
from ..records.scheduler import scheduler_job
from .experiment import Job
from .places import run_folder

FILE = "heartbeat.json"


@dataclass(frozen=True)
class Heartbeat:
    """`state` is "running", "stopped" (told to, its state saved), "killed" or "failed"; `error` is the last one.

    `attempts` count those since the last progress, all in one `batch`; `resumed` is the step where the last one began.
    """

    experiment: str
    scale: str
    arm: str
    seed: int
    state: str = "running"
    step: int = 0
    steps: int = 0  # 0: not known yet
    seconds_left: float | None = None
    host: str = ""
    job: str | None = None  # as its scheduler names it
    pid: int = 0
    processes: int = 1  # that make it together
    batch: str = ""
    attempts: int = 0
    resumed: int = 0
    error: str = ""

    def write(self, key: str) -> None:
        text = json.dumps(asdict(self), indent=1)
        replace_file(run_folder(key) / FILE, lambda file: file.write_text(text, encoding="utf-8"))


def of_job(job: Job, **more) -> Heartbeat:
    """The first of a worker that begins with `job` here."""
    beat = Heartbeat(job.experiment, job.scale, job.arm, job.run.seed, processes=torchrun_world())
    return replace(beat, host=platform.node(), job=scheduler_job(), pid=os.getpid(), **more)


def read(key: str) -> Heartbeat | None:
    """What was written last of a run; None where nothing was, or by a version that says other things."""
    with suppress(OSError, ValueError, TypeError):
        return Heartbeat(**json.loads((run_folder(key) / FILE).read_text(encoding="utf-8")))
    return None


def folders(root: Path) -> set[str]:
    """Keys of the runs that have a folder: those under way, and those that stopped on the way."""
    with suppress(FileNotFoundError):
        return {entry.name for entry in os.scandir(root) if entry.is_dir()}
    return set()
