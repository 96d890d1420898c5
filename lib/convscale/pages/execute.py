"""From a list of runs to their records: skips what the store has, survives being killed, uses all cores."""

import os
import shutil
import sys
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

import torch

from ..devices import pick
from ..errors import Preempted
from ..evidence.provenance import provenance
from ..evidence.records import SCHEMA, BrokenRecord, Store
from ..learning import Run, fit
from ..learning.run import canonical
from ..paths import CACHE


@dataclass(frozen=True)
class Job:
    """A run with the place of its record."""

    page: str
    scale: str
    arm: str
    run: Run


@contextmanager
def one_thread() -> Iterator[None]:
    """A run on CPU uses one thread: then its result does not depend on how many cores the machine has."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def carry_out(job: Job, device_kind: str, store: Store, fresh: bool) -> dict:
    """Train one run, from its checkpoint if there is one, and store its record.

    Unless `fresh`, looks once more into the store: another machine may have made the record since the sweep began.
    """
    if not fresh and (found := stored(job, store)):
        return found
    device = pick(device_kind)
    folder = CACHE / "checkpoints" / job.run.key
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    with one_thread():
        outcome = fit(job.run, device, folder, progress=False)
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
    shutil.rmtree(folder, ignore_errors=True)
    return record


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


def execute(jobs: list[Job], store: Store, device: str = "auto", fresh: bool = False, workers: int = 1) -> list[dict]:
    """The records of `jobs`, in their order. With `fresh` also what the store has is run again.

    `workers` > 1 trains that many runs side by side on a CPU, each in a process of one thread.
    A run that fails does not stop the others; the first failure is raised after the last of them.
    """
    records = {job: None if fresh else stored(job, store) for job in jobs}
    missing = [job for job, record in records.items() if record is None]
    if len(missing) < len(jobs):
        print(f"{len(jobs) - len(missing)} of {len(jobs)} runs are in the store", file=sys.stderr)
    failures = []
    for job, result, seconds in results(missing, device, store, fresh, workers):
        if isinstance(result, Exception):
            failures.append(result)
            print(f"{job.arm}, seed {job.run.seed}: FAILED: {result}", file=sys.stderr)
        else:
            records[job] = result
            top1 = result["metrics"]["test_top1"]
            print(f"{job.arm}, seed {job.run.seed}: top-1 {top1:.1f} %, after {seconds:.0f} s", file=sys.stderr)
    if failures:
        raise failures[0]
    return list(records.values())


def results(
    jobs: list[Job], device: str, store: Store, fresh: bool, workers: int
) -> Iterator[tuple[Job, dict | Exception, float]]:
    """(job, its record or what it raised, seconds since the start) as they come in."""
    start = time.perf_counter()
    if workers == 1 or len(jobs) < 2:
        for job in jobs:
            try:
                result = carry_out(job, device, store, fresh)
            except Preempted:
                raise  # the machine is about to go: no other run is begun
            except Exception as error:
                result = error
            yield job, result, time.perf_counter() - start
        return
    pool = ProcessPoolExecutor(min(workers, len(jobs)), mp_context=get_context("spawn"))
    try:
        futures = {pool.submit(carry_out, job, device, store, fresh): job for job in jobs}
        for future in as_completed(futures):
            yield futures[future], future.exception() or future.result(), time.perf_counter() - start
    finally:
        pool.shutdown(cancel_futures=True)


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
