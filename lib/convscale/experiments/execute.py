"""From a list of runs to their records: skips what the store has, survives being killed, uses all cores."""

import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from itertools import chain
from multiprocessing import active_children, get_context
from typing import cast

from ..datasets import load
from ..devices import pick
from ..devices.hardware import torchrun_world
from ..errors import KILLED, Preempted, warn_plainly
from ..files import check_writable
from ..records import Store
from ..signals import at_hang_up, noticing_sigterm
from ..words import plural
from .attempt import PLAIN, GivenUp, Patience, Taken
from .earlier import earlier_jobs
from .experiment import Job
from .making import make_record
from .places import work_folder
from .registry import named, stored
from .several import made_by_several
from .times import time_shown

WAIT = 5.0  # seconds for a run that another worker makes, before the next is looked at; ours
RAISED_BY_ALL = (FloatingPointError, GivenUp)  # processes of torchrun alike: each then goes on to the next run

STOPPED = threading.Event()  # set in a worker that was told to stop: jobs that wait for it are not begun


def make_unless_stopped(
    job: Job, device_kind: str, store: Store, fresh: bool, processes: int, patience: Patience
) -> dict:
    """`make_record` in a process that makes many: once told to stop it begins no other."""
    if STOPPED.is_set():
        raise Preempted("not begun")
    try:
        return make_record(job, device_kind, store, fresh, processes, patience=patience)
    except Preempted:
        STOPPED.set()
        raise


def check_data(jobs: list[Job]) -> None:
    """Raise DataMissing now, once for all runs, where the images of any of them are not here.

    Folders of one's own need no test images; where a run asks for them it says so itself.
    """
    for name in dict.fromkeys(run.dataset for job in jobs for run in job.run.chain):
        for split in ("train",) if name.startswith("folder:") else ("train", "test"):
            load(name, split)


def execute(
    jobs: list[Job],
    store: Store,
    device: str = "auto",
    fresh: bool = False,
    beside: int = 1,
    made: Callable[[Job, dict], None] = lambda job, record: None,
    patience: Patience = PLAIN,
) -> list[dict]:
    """The records of `jobs`, in their order, each with experiment, scale and arm. A run that two of them share is made
    once. What the store has, by any number of processes, is made again with `fresh` only; `made` is told of every new
    record.

    What these runs build on is made before them, where its weights are not here, each run once: see `earlier`.
    A run that another worker makes is waited for, after all others, and taken over if that worker dies.

    `beside` > 1 trains that many runs at a time, each in a process of its own with one thread.
    A run that fails is tried `patience.attempts` times, if that says so, and does not stop the others; the first
    failure is raised after the last of them. Raises before the first run: DataMissing if images are not here,
    ValueError for a device that is not, OSError for a store that cannot be written.
    """
    together = torchrun_world() > 1  # then the first process decides: the stores of other machines may be others
    if together:
        chosen = pick(device).from_main(jobs)
        jobs = [replace(job, run=made_by_several(job.run, pick(device).world)) for job in chosen]
    distinct = {job.run: job for job in jobs}
    records = {run: None if fresh else stored(job, store) for run, job in distinct.items()}
    if together:
        records = dict(zip(records, pick(device).from_main(list(records.values())), strict=True))
    missing = [job for run, job in distinct.items() if records[run] is None]
    is_main = not together or pick(device).is_main
    say = partial(print, file=sys.stderr) if is_main else lambda words: None
    if len(missing) < len(distinct):
        say(f"{len(distinct) - len(missing)} of {plural(len(distinct), 'run')} in the store")
    levels = []
    if missing:
        levels = earlier_jobs(missing, store, pick(device), fresh)
        if together:
            levels = pick(device).from_main(levels)
        store.check_writable()
        check_writable(work_folder(), variable="CONVSCALE_CHECKPOINTS")
        check_data(missing)
    before = {job.run for level in levels for job in level}
    levels.append([job for job in missing if job.run not in before])
    failures, total, start = [], sum(map(len, levels)), time.perf_counter()
    made_one_by_one = chain.from_iterable(results(level, device, store, fresh, beside, patience) for level in levels)
    for number, (job, result) in enumerate(made_one_by_one, start=1):
        if isinstance(result, Exception):
            failures.append(result)
            if isinstance(result, OSError):
                store.check_writable()  # or the next run would be for nothing, too
            said = f"FAILED: {result}"
        else:
            records[job.run] = result
            said = f"top-1 {result['metrics']['test_top1']:.1f} %"
            if is_main:
                made(job, result)
        seconds = time.perf_counter() - start
        left = f"{time_shown(seconds / number * (total - number))} left" if number < total else "done"
        say(f"{number}/{total} {job.arm}, seed {job.run.seed}: {said}; {left}")
    if failures:
        raise failures[0]
    found = ((job, records[job.run]) for job in jobs)
    return [named(job, record) for job, record in found if record is not None]  # by now each is there


def results(
    jobs: list[Job], device: str, store: Store, fresh: bool, beside: int, patience: Patience
) -> Iterator[tuple[Job, dict | Exception]]:
    """(job, its record or what it raised) as they come in. What others make, or may be tried again, comes last."""
    result: dict | Exception
    if beside == 1 or len(jobs) < 2:
        left = deque((job, patience) for job in jobs)
        while left:
            job, wait = left.popleft()
            try:
                result = make_record(job, device, store, fresh, patience=wait)
            except Preempted:
                raise  # the machine is about to go: no other run is begun
            except Exception as error:
                if torchrun_world() > 1 and not isinstance(error, RAISED_BY_ALL):
                    raise  # the other processes may not have failed, and wait: torchrun ends them
                if again := once_more(error, wait):
                    left.append((job, again))
                    continue
                result = error
            yield job, result
        return
    processes = min(beside, len(jobs))
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=begin_as_worker)

    def begun(job: Job, wait: Patience) -> Future:
        return pool.submit(make_unless_stopped, job, device, store, fresh, processes, wait)

    try:
        with noticing_sigterm(stop_children) as told:
            under_way = {begun(job, patience): (job, patience) for job in jobs}
            while under_way:
                for future in as_completed(list(under_way)):
                    job, wait = under_way.pop(future)
                    result = cast(Exception | None, future.exception()) or future.result()  # what runs raise
                    if isinstance(result, BrokenProcessPool):
                        if wait.attempts:
                            raise result  # who counts attempts starts all processes again
                        result = RuntimeError(KILLED)
                    if told.is_set() or isinstance(result, Preempted):
                        raise Preempted("stopped by SIGTERM; the same command goes on")
                    if isinstance(result, Exception) and (again := once_more(result, wait)):
                        under_way[begun(job, again)] = (job, again)
                        continue
                    yield job, result
    except KeyboardInterrupt:
        stop_children()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def once_more(error: Exception, patience: Patience) -> Patience | None:
    """With what patience a run is tried again that ended so; None: it is not."""
    if isinstance(error, Taken):
        return replace(patience, seconds=WAIT)
    return patience if patience.attempts and not isinstance(error, GivenUp) else None


def begin_as_worker() -> None:
    """In a process that trains: Ctrl-C and a closed terminal are for the parent, which says when to save and stop."""
    warn_plainly()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    at_hang_up()


def stop_children() -> None:
    """SIGTERM to the runs in other processes, which then save and stop."""
    for child in active_children():
        child.terminate()
