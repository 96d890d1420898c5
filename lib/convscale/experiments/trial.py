"""A trial of several trainings at a time on one device: what they do together, and what memory one of them takes."""

import threading
import time
import warnings
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier

from ..devices import free_memory, pick
from ..errors import Preempted
from ..learning.trainer import Trainer
from ..recipes import Run, Schedule
from ..signals import noticing_sigterm
from .execute import begin_as_worker, stop_children
from .making import loaders, one_thread

SECONDS = 3.0  # of steps that count; ours: hundreds of small steps
START_SECONDS = 120.0  # to wait for the others: importing torch on slow disks, compiling kernels
BATCHES = 2  # of different images; ours: every loading process has soon seen, and so decoded, all of them
WARMUP = 4  # steps that do not count, and as many for each loading process as make it see all images
STEPS = 10**6  # more than a trial takes
CONTEXT_BYTES = 3 * 2**28  # of a GPU for a process before its first tensor, 0.75 GiB; ours: above the usual 0.3 to 0.6

START: Barrier  # in each of the processes, where all wait for each other; it can only be handed over as they begin


class TrialFailed(RuntimeError):
    """So many processes do not train here at a time, or not even one does."""


@dataclass(frozen=True)
class Trial:
    """What the processes did together; bytes that one took of device and host, and those free before they began."""

    images_per_second: float
    device_bytes: int
    device_free: int
    host_bytes: int
    host_free: int

    def short_for(self, processes: int, share: float) -> str:
        """What is too small for so many: "device memory", "host memory", or "" where they fit `share` of both."""
        if processes * self.device_bytes > share * self.device_free:
            return "device memory"
        return "host memory" if processes * self.host_bytes > share * self.host_free else ""


@dataclass(frozen=True)
class Part:
    """What one process saw."""

    images_per_second: float
    device_bytes: int
    device_free: int
    host_free: int  # while it trained


def as_tried(run: Run) -> Run:
    """The run at its largest size only, without end, from random weights, on few images, which are soon decoded."""
    largest = max(run.schedule.stages, key=lambda stage: stage.image_size)
    images = BATCHES * run.recipe.batch_size
    images = min(images, run.train_images or images)
    few = replace(run.alone, train_images=images, subset="first")
    return replace(few, schedule=Schedule((largest,)), steps=STEPS, weights=None)


def trial(run: Run, kind: str, processes: int) -> Trial:
    """Let so many processes train `run`, each with its share of loading processes, for `SECONDS` after a common start.

    Raises TrialFailed where any of them fails, as it does where memory ends, and Preempted after SIGTERM.
    """
    context, host_free = get_context("spawn"), free_memory()
    start = context.Barrier(processes)
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=begin, initargs=(start,))
    try:
        with noticing_sigterm(stop_children) as told:
            futures = [pool.submit(train, as_tried(run), kind, processes) for _ in range(processes)]
            wait(futures)
            if told.is_set():
                raise Preempted("stopped by SIGTERM; the same command goes on")
        parts = parts_of(futures)
    except KeyboardInterrupt:
        stop_children()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    return Trial(
        sum(part.images_per_second for part in parts),
        max(part.device_bytes for part in parts),
        max(part.device_free for part in parts),
        max(0, host_free - min(part.host_free for part in parts)) // processes,
        host_free,
    )


def parts_of(futures: list[Future]) -> list[Part]:
    """Their results. Raises TrialFailed with what the first of them raised, and not that the others waited in vain."""
    errors = [error for future in futures if (error := future.exception())]
    if errors:
        first = next((error for error in errors if not isinstance(error, threading.BrokenBarrierError)), errors[0])
        raise TrialFailed(f"{type(first).__name__}: {first}".splitlines()[0]) from first
    return [future.result() for future in futures]


def begin(start: Barrier) -> None:
    """First thing in each process: Ctrl-C is for the parent, and what runs warn of they will say themselves."""
    global START
    START = start
    begin_as_worker()
    warnings.simplefilter("ignore")


def train(run: Run, kind: str, processes: int) -> Part:
    """One process's part, of which there are so many: all count their steps from the moment when all are warm."""
    device = pick(kind)
    free = device.free_memory()
    try:
        with one_thread():
            workers = loaders(device, processes)
            trainer = Trainer(run, device, workers)
            warmup, begun = WARMUP + BATCHES * workers, 0.0
            for batch in trainer.loader():
                trainer.advance(batch)
                if trainer.step == warmup:
                    device.wait()
                    START.wait(START_SECONDS)
                    begun = time.perf_counter()
                if trainer.step > warmup and time.perf_counter() - begun > SECONDS:
                    break
            device.wait()
            seconds = time.perf_counter() - begun
    except BaseException:
        START.abort()  # the others need not wait
        raise
    images = (trainer.step - warmup) * run.recipe.batch_size
    own = CONTEXT_BYTES if device.kind == "cuda" else 0
    return Part(images / seconds, own + free - device.free_memory(), own + free, free_memory())
