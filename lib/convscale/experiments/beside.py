"""How many runs one machine trains at a time: one on each core of a CPU, on a GPU as many as a short trial pays for.

A small network leaves a GPU waiting for its next kernel most of the time. How much several processes gain depends on
the network, the batch, the GPU and the cores that load images, so it is tried and not computed.
"""

import gc
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from ..devices import Device, cores
from ..recipes import Run
from .execute import check_data
from .experiment import Job
from .registry import missing
from .seconds import Seconds
from .times import time_shown
from .training_cost import as_timed, size_of_run
from .training_memory import memory_of
from .trial import Trial, TrialFailed, trial

TRIED = (2, 4, 8)  # processes, after one alone; ours: doubling, as far as cores for loading reach on usual machines
PAYS = 1.1  # times the images a second of half as many: less is not worth their memory, and is near a trial's noise
SHARE = 0.8  # of the free memory; ours: evaluation, and networks on larger maps, take more than the steps of a trial
WORTH_SECONDS = 300  # of training, below which nothing is tried: a trial takes about 10 s for each number of processes


@dataclass(frozen=True)
class Beside:
    """`processes` runs train at a time, and together do `gain` times what one does alone; `why` so many, in words."""

    processes: int = 1
    gain: float = 1.0
    why: str = ""

    def seconds(self, alone: float) -> float:
        """Seconds of a run among the others, which takes so many `alone`."""
        return alone * self.processes / self.gain


def untried(jobs: Sequence[Job], device: Device) -> Beside:
    """What is known without a trial: as many as there are cores on a CPU, one after the other elsewhere.

    Those of the smoke scale take less time than starting processes.
    """
    if device.kind == "cpu" and device.world == 1 and any(job.scale != "smoke" for job in jobs):
        return Beside(cores(), float(cores()))
    return Beside()


def side_by_side(jobs: Sequence[Job], seconds_of: Seconds, fresh: bool = False) -> Beside:
    """How many of the jobs that the store does not have (with `fresh`: of all) train here at a time.

    On a GPU it is tried with the run that needs the most memory, and what was chosen and why goes to stderr. Raises
    DataMissing where images of any of them are not here.
    """
    device, left = seconds_of.device, missing(jobs, seconds_of.store, fresh)
    known = untried(left, device)
    if device.kind != "cuda" or device.world > 1 or len(left) < 2:
        return known
    check_data(left)
    distinct = {(as_timed(job.run), largest_size(job.run)): job.run for job in left}
    largest = max(distinct.values(), key=bytes_of)
    if (whole := len(left) * seconds_of(largest)) < WORTH_SECONDS:
        print(f"1 run at a time: {len(left)} take about {time_shown(whole)}, too short for a trial", file=sys.stderr)
        return known
    gc.collect()  # what was timed in this process must not count as memory that others use
    torch.cuda.empty_cache()
    found = choose(lambda processes: trial(largest, device.kind, processes), min(cores(), len(left)))
    print(f"{found.processes} at a time: {found.why}", file=sys.stderr)
    return found


def largest_size(run: Run) -> int:
    """px."""
    return max(stage.image_size for stage in run.schedule.stages)


def bytes_of(run: Run) -> int:
    """What its largest batch needs of the device, from shapes."""
    classes = size_of_run(run).classes
    return memory_of(run, classes, largest_size(run))[0]


def choose(tried: Callable[[int], Trial], most: int) -> Beside:
    """The number of processes, `most` at most, from what `tried(n)` says of n of them.

    More are tried as long as the memory that one was seen to use allows it, and each time does `PAYS` times as much. A
    trial that fails, as it does where memory ends, means: not so many.
    """
    try:
        alone = best = tried(1)
    except TrialFailed as error:
        return Beside(why=f"one alone could not be tried ({error})")
    chosen, said = 1, [f"1 does {alone.images_per_second:,.0f} images/s"]
    for processes in TRIED:
        if processes > most:
            said.append(f"no more than {most} cores and runs")
            break
        if short := alone.short_for(processes, SHARE):
            said.append(f"{processes} would need more {short} than is free")
            break
        try:
            together = tried(processes)
        except TrialFailed as error:
            said.append(f"{processes} fail ({error})")
            break
        said.append(f"{processes} do {together.images_per_second:,.0f}")
        if together.images_per_second < PAYS * best.images_per_second:
            break
        chosen, best = processes, together
    return Beside(chosen, best.images_per_second / alone.images_per_second, ", ".join(said))
