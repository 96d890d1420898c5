"""From a list of runs to their records: skips what the store has, survives being killed, uses all cores."""

import fcntl
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import chain
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import cast
from uuid import uuid4

import torch

from ..datasets import identified, load
from ..devices import Device, cores, pick
from ..errors import KILLED, Preempted
from ..learning import fit
from ..paths import CACHE
from ..recipes import canonical
from ..records import SCHEMA, Store
from ..records.provenance import code_version, is_committed, provenance
from ..signals import noticing_sigterm
from .earlier import earlier_jobs, here, keep, keeping, told_of_earlier, weights_folder
from .experiment import Job
from .registry import command_of, named, stored

LOADERS = 8  # loading processes of a run on a GPU or TPU, at most; ours: more than one accelerator's images take


@contextmanager
def one_thread() -> Iterator[None]:
    """A run on CPU uses one thread: then its result does not depend on how many cores the machine has."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def checkpoints(key: str) -> Iterator[Path]:
    """The folder of a run's checkpoints, CONVSCALE_CHECKPOINTS/<key>, removed when the run is done.

    A second process that works on the same run at the same time gets a folder of its own.
    """
    root = Path(os.environ.get("CONVSCALE_CHECKPOINTS", CACHE / "checkpoints")).expanduser()
    folder = root / key
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # somebody else has it
            folder = root / f"{key}-{uuid4().hex}"
        yield folder
        shutil.rmtree(folder, ignore_errors=True)


def state_folder(job: Job, key: str) -> AbstractContextManager[Path | None]:
    """Where a run keeps its state on the way. None for one of the smoke scale, which takes seconds and is begun anew,
    unless others build on its weights."""
    return nullcontext() if job.scale == "smoke" and not job.keeps else checkpoints(key)


def loaders(device: Device, processes: int = 1) -> int:
    """Processes that load the images of one of so many runs: its share of the cores but the one that it trains on.

    None on a CPU, whose cores other runs use.
    """
    return 0 if device.kind == "cpu" else max(0, min(LOADERS, cores() // processes - 1))


def make_record(
    job: Job,
    device_kind: str,
    store: Store,
    fresh: bool,
    processes: int = 1,
    watch: Callable[[dict], object] | None = None,
) -> dict:
    """Train one run, from its checkpoint if there is one, and store its record.

    Unless `fresh`, looks once more into the store: another machine may have made the record since the sweep began.
    `processes` runs are under way here at the same time. `watch` is told of each point of the curve; what it raises
    ends the run.
    """
    device = pick(device_kind)
    with keeping(job, device):
        if not fresh and (found := here(job, store, device)):
            return found
        return trained(job, device, store, fresh, processes, watch)


def trained(
    job: Job,
    device: Device,
    store: Store,
    fresh: bool,
    processes: int,
    watch: Callable[[dict], object] | None = None,
) -> dict:
    """The new record of a run, in the store; of one that others build on the weights are kept."""
    code_version()  # of the code that is loaded now, not of what may lie there when the run is done
    command = command_of(job, device.kind) if is_committed("experiments") else ""  # there it may be another run
    identity = identified(job.run)
    with state_folder(job, identity.key) as folder, one_thread():
        if fresh and folder:
            (folder / "last.pt").unlink(missing_ok=True)
        outcome = fit(
            job.run,
            device,
            folder,
            loaders(device, processes),
            progress=False,
            train_top1=True,
            earlier=weights_folder(device) if job.run.builds_on else None,
            watch=watch,
        )
        record = {
            "schema": SCHEMA,
            "key": identity.key,
            "run": canonical(identity),
            "metrics": outcome.metrics,
            "history": outcome.history,
            "cost": outcome.cost,
            "provenance": provenance(device, command, processes),
        }
        if job.run.builds_on:
            record["earlier"] = told_of_earlier(job.run, store)
        if job.keeps and folder:
            keep(job, device, folder / "final.safetensors")
        store.write(record)
    return record


STOPPED = threading.Event()  # set in a worker that was told to stop: jobs that wait for it are not begun


def make_unless_stopped(job: Job, device_kind: str, store: Store, fresh: bool, processes: int) -> dict:
    """`make_record` in a process that makes many: once told to stop it begins no other."""
    if STOPPED.is_set():
        raise Preempted("not begun")
    try:
        return make_record(job, device_kind, store, fresh, processes)
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
) -> list[dict]:
    """The records of `jobs`, in their order, each with experiment, scale and arm. A run that two of them share is made
    once. With `fresh` also what the store has is run again; `made` is told of every new record.

    What these runs build on is made before them, where its weights are not here, each run once: see `earlier`.

    `beside` > 1 trains that many runs at a time, each in a process of its own with one thread.
    A run that fails does not stop the others; the first failure is raised after the last of them. Raises before
    the first run: DataMissing if images are not here, ValueError for a device that is not, OSError for a store that
    cannot be written.
    """
    distinct = {job.run: job for job in jobs}
    records = {run: None if fresh else stored(job, store) for run, job in distinct.items()}
    missing = [job for run, job in distinct.items() if records[run] is None]
    if len(missing) < len(distinct):
        print(f"{len(distinct) - len(missing)} of {len(distinct)} runs are in the store", file=sys.stderr)
    levels = []
    if missing:
        levels = earlier_jobs(missing, store, pick(device), fresh)
        store.check_writable()
        check_data(missing)
    before = {job.run for level in levels for job in level}
    levels.append([job for job in missing if job.run not in before])
    failures, total, start = [], sum(map(len, levels)), time.perf_counter()
    made_one_by_one = chain.from_iterable(results(level, device, store, fresh, beside) for level in levels)
    for number, (job, result) in enumerate(made_one_by_one, start=1):
        if isinstance(result, Exception):
            failures.append(result)
            said = f"FAILED: {result}"
        else:
            records[job.run] = result
            said = f"top-1 {result['metrics']['test_top1']:.1f} %"
            made(job, result)
        seconds = time.perf_counter() - start
        left = f"{time_shown(seconds / number * (total - number))} left" if number < total else "done"
        print(f"{number}/{total} {job.arm}, seed {job.run.seed}: {said}; {left}", file=sys.stderr)
    if failures:
        raise failures[0]
    found = ((job, records[job.run]) for job in jobs)
    return [named(job, record) for job, record in found if record is not None]  # by now each is there


def time_shown(seconds: float) -> str:
    """ "40 s", "12 min" or "3.5 h"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def results(
    jobs: list[Job], device: str, store: Store, fresh: bool, beside: int
) -> Iterator[tuple[Job, dict | Exception]]:
    """(job, its record or what it raised) as they come in."""
    result: dict | Exception
    if beside == 1 or len(jobs) < 2:
        for job in jobs:
            try:
                result = make_record(job, device, store, fresh)
            except Preempted:
                raise  # the machine is about to go: no other run is begun
            except Exception as error:
                result = error
            yield job, result
        return
    processes = min(beside, len(jobs))
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=leave_interrupts)
    try:
        with noticing_sigterm(stop_children) as told:
            futures = {pool.submit(make_unless_stopped, job, device, store, fresh, processes): job for job in jobs}
            for future in as_completed(futures):
                result = cast(Exception | None, future.exception()) or future.result()  # what runs raise
                if isinstance(result, BrokenProcessPool):
                    result = RuntimeError(KILLED)
                if told.is_set() or isinstance(result, Preempted):
                    raise Preempted("stopped by SIGTERM; the same command goes on")
                yield futures[future], result
    except KeyboardInterrupt:
        stop_children()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def leave_interrupts() -> None:
    """In a process that trains: Ctrl-C reaches it, too, but the parent says when to stop, so that it saves."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def stop_children() -> None:
    """SIGTERM to the runs in other processes, which then save and stop."""
    for child in active_children():
        child.terminate()
