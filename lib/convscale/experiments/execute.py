"""From a list of runs to their records: skips what the store has, survives being killed, uses all cores."""

import fcntl
import os
import re
import shutil
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import cast
from uuid import uuid4

import torch

from ..devices import Device, cores, pick
from ..errors import Preempted
from ..learning import fit
from ..paths import CACHE
from ..recipes import Run, canonical
from ..records import SCHEMA, BrokenRecord, Store
from ..records.provenance import provenance
from ..signals import noticing_sigterm

LOADERS = 8  # loading processes of a run on a GPU or TPU, at most; ours: more than one accelerator's images take


@dataclass(frozen=True)
class Job:
    """A run with the place of its record."""

    page: str
    scale: str
    arm: str
    run: Run


PLAN: ContextVar[list[Job] | None] = ContextVar("plan", default=None)


@contextmanager
def planning() -> Iterator[list[Job]]:
    """While this lasts pages make no runs: the jobs that they would execute are gathered in the list."""
    jobs: list[Job] = []
    token = PLAN.set(jobs)
    try:
        yield jobs
    finally:
        PLAN.reset(token)


def planned(jobs: list[Job]) -> bool:
    """Whether a plan is being made; then `jobs` are part of it."""
    if (plan := PLAN.get()) is None:
        return False
    plan.extend(jobs)
    return True


def share(jobs: list[Job], shard: str) -> list[Job]:
    """The jobs of shard "k/n": every n-th, from the k-th on. Raises ValueError for anything but 1 <= k <= n."""
    found = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", shard)
    if not found or int(found[1]) > int(found[2]):
        raise ValueError(f"shard {shard!r}: write k/n with 1 <= k <= n, e.g. 3/8, the third of eight")
    return jobs[int(found[1]) - 1 :: int(found[2])]


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


def loaders(device: Device) -> int:
    """Processes that load the images of one run: none on a CPU, whose cores other runs use."""
    return 0 if device.kind == "cpu" else min(LOADERS, cores() - 1)


def make_record(job: Job, device_kind: str, store: Store, fresh: bool) -> dict:
    """Train one run, from its checkpoint if there is one, and store its record.

    Unless `fresh`, looks once more into the store: another machine may have made the record since the sweep began.
    """
    if not fresh and (found := stored(job, store)):
        return found
    device = pick(device_kind)
    with checkpoints(job.run.key) as folder, one_thread():
        if fresh:
            (folder / "last.pt").unlink(missing_ok=True)
        outcome = fit(job.run, device, folder, loaders(device), progress=False, train_top1=True)
        record = {
            "schema": SCHEMA,
            "key": job.run.key,
            "page": job.page,
            "scale": job.scale,
            "arm": job.arm,
            "run": canonical(job.run),
            "metrics": outcome.metrics,
            "history": outcome.history,
            "cost": outcome.cost,
            "provenance": provenance(device, f"convscale page run {job.page} -p scale={job.scale}"),
        }
        store.write(record)
    return record


STOPPED = threading.Event()  # set in a worker that was told to stop: jobs that wait for it are not begun


def make_unless_stopped(job: Job, device_kind: str, store: Store, fresh: bool) -> dict:
    """`make_record` in a process that makes many: once told to stop it begins no other."""
    if STOPPED.is_set():
        raise Preempted("not begun")
    try:
        return make_record(job, device_kind, store, fresh)
    except Preempted:
        STOPPED.set()
        raise


def stored(job: Job, store: Store) -> dict | None:
    """The job's record if the store has a sound one; a broken one is named in a warning and made anew."""
    path = store.path(job.page, job.scale, job.run.key)
    if not path.exists():
        return None
    try:
        return store.get(path)
    except BrokenRecord as fault:
        warnings.warn(f"record skipped: {fault}", stacklevel=2)
        return None


def execute(
    jobs: list[Job], store: Store, device: str = "auto", fresh: bool = False, side_by_side: int = 1
) -> list[dict]:
    """The records of `jobs`, in their order. With `fresh` also what the store has is run again.

    `side_by_side` > 1 trains that many runs at a time on a CPU, each in a process of one thread.
    A run that fails does not stop the others; the first failure is raised after the last of them.
    """
    records = {job: None if fresh else stored(job, store) for job in jobs}
    missing = [job for job, record in records.items() if record is None]
    if len(missing) < len(jobs):
        print(f"{len(jobs) - len(missing)} of {len(jobs)} runs are in the store", file=sys.stderr)
    failures = []
    for job, result, seconds in results(missing, device, store, fresh, side_by_side):
        if isinstance(result, Exception):
            failures.append(result)
            print(f"{job.arm}, seed {job.run.seed}: FAILED: {result}", file=sys.stderr)
        else:
            records[job] = result
            top1 = result["metrics"]["test_top1"]
            print(f"{job.arm}, seed {job.run.seed}: top-1 {top1:.1f} %, after {seconds:.0f} s", file=sys.stderr)
    if failures:
        raise failures[0]
    return [record for record in records.values() if record is not None]  # by now each is there


def results(
    jobs: list[Job], device: str, store: Store, fresh: bool, side_by_side: int
) -> Iterator[tuple[Job, dict | Exception, float]]:
    """(job, its record or what it raised, seconds since the start) as they come in."""
    start = time.perf_counter()
    result: dict | Exception
    if side_by_side == 1 or len(jobs) < 2:
        for job in jobs:
            try:
                result = make_record(job, device, store, fresh)
            except Preempted:
                raise  # the machine is about to go: no other run is begun
            except Exception as error:
                result = error
            yield job, result, time.perf_counter() - start
        return
    pool = ProcessPoolExecutor(min(side_by_side, len(jobs)), mp_context=get_context("spawn"))
    try:
        with noticing_sigterm(stop_children) as told:
            futures = {pool.submit(make_unless_stopped, job, device, store, fresh): job for job in jobs}
            for future in as_completed(futures):
                result = cast(Exception | None, future.exception()) or future.result()  # what runs raise
                if told.is_set() or isinstance(result, Preempted):
                    raise Preempted("stopped by SIGTERM; the same command goes on")
                yield futures[future], result, time.perf_counter() - start
    finally:
        pool.shutdown(cancel_futures=True)


def stop_children() -> None:
    """SIGTERM to the runs in other processes, which then save and stop."""
    for child in active_children():
        child.terminate()
