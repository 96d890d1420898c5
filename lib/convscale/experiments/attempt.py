"""One attempt at a run: claimed, so that nobody else makes it, watched, logged and counted."""

import os
import signal
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ..errors import Preempted
from . import heartbeat
from .experiment import Job
from .heartbeat import Heartbeat
from .leases import RENEW, Lease, LeaseLost, claim
from .places import log_file, run_folder

if TYPE_CHECKING:  # it needs torch, which those who only ask do not
    from ..learning.trainer import Trainer

POLL = 0.5  # seconds between looks at a claim of somebody else
STOP = "stop"  # a file in a run's folder that asks its worker, wherever that is, to save and stop


class Taken(RuntimeError):
    """Another worker, which lives, makes this run."""


class GivenUp(RuntimeError):
    """The run has failed as often as it may."""


@dataclass(frozen=True)
class Patience:
    """How often a run may fail without progress in one `batch`, and how long to wait for one that another makes."""

    batch: str = ""
    attempts: int | None = None
    seconds: float = 0.0


PLAIN: Patience = Patience()  # of a person, who decides how often


class Attempt:
    """A claimed run: `watch` is told of its trainer, and a thread keeps claim, heartbeat and log up to date."""

    def __init__(self, key: str, lease: Lease, beat: Heartbeat, log: TextIO):
        self.key, self.lease, self.beat, self.log = key, lease, beat, log
        self.trainer: Trainer | None = None
        self.points, self.began, self.begun_at = 0, time.perf_counter(), 0
        self.over = threading.Event()

    def watch(self, trainer: "Trainer") -> None:
        """From now on the heartbeat says how far `trainer` is. Going on from a later step than before is progress."""
        self.trainer, self.began, self.begun_at = trainer, time.perf_counter(), trainer.step
        self.points = len(trainer.history)
        if trainer.step > self.beat.resumed:
            self.beat = replace(self.beat, attempts=1, resumed=trainer.step)
        self.say(f"training begins at step {trainer.step} of {trainer.steps}")
        self.note()

    def note(self, **changes) -> None:
        """Write the heartbeat, with these `changes`, and into the log what is new of the curve."""
        trainer = self.trainer
        if trainer:
            changes = {
                "step": trainer.step,
                "steps": trainer.steps,
                "seconds_left": self.seconds_left(trainer),
            } | changes
        self.log_curve()
        self.beat = replace(self.beat, **changes)
        self.beat.write(self.key)

    def log_curve(self) -> None:
        new = self.trainer.history[self.points :] if self.trainer else []
        for point in new:
            self.say(" ".join(f"{name} {value:.6g}" for name, value in point.items()))
        self.points += len(new)

    def seconds_left(self, trainer: "Trainer") -> float | None:
        done = trainer.step - self.begun_at
        return (time.perf_counter() - self.began) / done * (trainer.steps - trainer.step) if done else None

    def say(self, words: str) -> None:
        print(time.strftime("%Y-%m-%d %H:%M:%S"), words, file=self.log, flush=True)

    def keep_alive(self) -> None:
        """In a thread: every `RENEW` seconds renew the claim, and stop the run if the claim is lost or `STOP` there."""
        while not self.over.wait(RENEW):
            try:
                self.lease.renew()
                self.note()
            except LeaseLost as lost:
                return self.stop(str(lost))
            except OSError as error:  # a shared folder that does not answer now may do so the next time
                self.say(f"no heartbeat: {error}")
            if (self.lease.folder / STOP).exists():
                return self.stop("`experiment cancel` was asked for")

    def stop(self, why: str) -> None:
        self.say(f"stopping: {why}")
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def attempt(job: Job, key: str, patience: Patience) -> Iterator[Attempt]:
    """Work on the run of `key`, which nobody else makes meanwhile. Its folder is left for whoever removes it.

    Raises Taken where another worker has it, and GivenUp after `patience.attempts` without progress.
    """
    lease = claimed(run_folder(key), patience.seconds)
    try:
        beat = counted(job, key, patience)
        (lease.folder / STOP).unlink(missing_ok=True)
        log_file(key).parent.mkdir(parents=True, exist_ok=True)
        with log_file(key).open("a", encoding="utf-8") as log:
            at_work = Attempt(key, lease, beat, log)
            at_work.say(
                f"{job.experiment} {job.scale} {job.arm} seed {job.run.seed}: attempt {beat.attempts} on {beat.host}"
                + (f", job {beat.job}" if beat.job else "")
            )
            at_work.note()
            thread = threading.Thread(target=at_work.keep_alive, daemon=True)
            thread.start()
            try:
                yield at_work
                at_work.log_curve()
                at_work.say("done")
            except BaseException as error:
                told = isinstance(error, Preempted | KeyboardInterrupt)
                if not told:
                    at_work.say("".join(traceback.format_exception(error)))
                attempts = max(0, at_work.beat.attempts - 1) if told else at_work.beat.attempts
                with suppress(OSError):  # what it says is worth less than the error
                    at_work.note(
                        state="stopped" if told else "failed", error=brief(error), attempts=attempts, seconds_left=None
                    )
                at_work.say(f"ended: {brief(error)}")
                raise
            finally:
                at_work.over.set()
                thread.join()
    finally:
        lease.release()


def claimed(folder: Path, seconds: float) -> Lease:
    """A lease, as soon as there is one. Raises Taken after so many seconds."""
    until = time.monotonic() + seconds
    while (lease := claim(folder)) is None:
        if time.monotonic() >= until:
            raise Taken(f"{folder.name} is made by another worker")
        time.sleep(POLL)
    return lease


def counted(job: Job, key: str, patience: Patience) -> Heartbeat:
    """The heartbeat of a new attempt, which counts. Raises GivenUp if there may be no more."""
    before = heartbeat.read(key)
    attempts, resumed, error = 0, 0, ""
    if before and before.batch == patience.batch:
        attempts, resumed, error = before.attempts, before.resumed, before.error
    if before and before.state == "running":  # its worker died
        error = f"killed at step {before.step} on {before.host}"
    if patience.attempts is not None and attempts >= patience.attempts:
        if before:
            replace(before, state="failed", error=error).write(key)
        raise GivenUp(f"failed {attempts} times without progress, the last time: {error}; its log: {log_file(key)}")
    return heartbeat.of_job(job, batch=patience.batch, attempts=attempts + 1, resumed=resumed, error=error)


def brief(error: BaseException) -> str:
    """What it says, in a line."""
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]
