"""What tests of clusters wait for, and where they look."""

import time
from collections.abc import Callable
from pathlib import Path

from convscale.experiments import Job
from convscale.experiments.places import run_folder

PATIENCE = 180.0  # seconds until something has to have happened; ours: five times what it takes on two free cores


def wait_until(holds: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Raises AssertionError, with what was waited for, where it does not come."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.2)


def state_of(job: Job) -> Path:
    """The checkpoint of a run, there or not."""
    return run_folder(job.run.key) / "last.pt"
