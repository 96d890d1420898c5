"""One run made: claimed, trained on the device that is asked for, and its record stored."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch

from ..datasets import identified
from ..devices import Device, cores, pick
from ..devices.hardware import torchrun_here
from ..files import replace_file
from ..learning import fit
from ..learning.trainer import Trainer
from ..recipes import canonical
from ..records import SCHEMA, Store
from ..records.provenance import code_version, is_committed, provenance
from .attempt import PLAIN, GivenUp, Patience, attempt
from .earlier import here, keep, told_of_earlier, weights_folder
from .experiment import Job
from .places import run_folder
from .registry import command_of
from .several import made_by_one

Watch = Callable[[dict], object] | None
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


def loaders(device: Device, processes: int = 1) -> int:
    """Processes that load the images of one of so many runs, or of one of torchrun's processes here: its share of the
    cores but the one that it trains on.

    None on a CPU, whose cores other runs use.
    """
    return 0 if device.kind == "cpu" else max(0, min(LOADERS, cores() // (processes * torchrun_here()) - 1))


def make_record(
    job: Job,
    device_kind: str,
    store: Store,
    fresh: bool,
    processes: int = 1,
    watch: Watch = None,
    patience: Patience = PLAIN,
) -> dict:
    """Train one run, from its checkpoint if there is one, and store its record.

    Unless `fresh`, looks once more into the store when it has the run to itself: another worker may have made the
    record since the sweep began. `processes` runs are under way here at the same time. `watch` is told of each point of
    the curve; what it raises ends the run. Raises Taken while another worker makes it, and GivenUp; see `attempt`.
    """
    device = pick(device_kind)
    code_version()  # of the code that is loaded now, not of what may lie there when the run is done
    key = identified(made_by_one(job.run)).key
    if device.world > 1:
        return make_together(job, key, device, store, fresh, watch, patience)
    with attempt(job, key, patience) as at_work:
        record = None if fresh else here(job, store, device)
        if record is None:
            record = trained(job, device, store, fresh, processes, at_work.watch, watch)
        shutil.rmtree(run_folder(key), ignore_errors=True)
    return record


def make_together(
    job: Job, key: str, device: Device, store: Store, fresh: bool, watch: Watch, patience: Patience
) -> dict:
    """`make_record` by all processes that torchrun started, of which the first alone claims, looks and writes. It waits
    for a run that another worker makes, and all raise GivenUp where it does."""
    if not device.is_main:
        found = device.from_main(None)
        if isinstance(found, GivenUp):
            raise found
        return found or trained(job, device, store, fresh, 1, lambda trainer: None, watch)
    try:
        with attempt(job, key, replace(patience, seconds=float("inf"))) as at_work:
            record = device.from_main(None if fresh else here(job, store, device))
            record = record or trained(job, device, store, fresh, 1, at_work.watch, watch)
            shutil.rmtree(run_folder(key), ignore_errors=True)
    except GivenUp as no:  # before the others were told of a record
        raise device.from_main(no) from None
    return record


def state_folder(job: Job) -> Path | None:
    """Where a run keeps its state on the way, one for each number of processes that makes it another run. None for one
    of the smoke scale, which takes seconds and is begun anew, unless others build on its weights."""
    if job.scale == "smoke" and not job.keeps:
        return None
    alone, run = identified(made_by_one(job.run)), identified(job.run)
    return run_folder(alone.key) if run == alone else run_folder(alone.key) / run.key


def leave_state_of_other_code(folder: Path) -> None:
    """Drop the state in `folder` that was not trained by the code that is loaded: a record names one code, and all its
    steps are to be by that."""
    file, code = folder / "code.txt", str(code_version()["code"])
    if (folder / "last.pt").exists() and (not file.is_file() or file.read_text(encoding="utf-8") != code):
        (folder / "last.pt").unlink()
        print(f"run {folder.name}: its state is of other code, so that it begins anew", file=sys.stderr)
    replace_file(file, lambda path: path.write_text(code, encoding="utf-8"))


def trained(
    job: Job,
    device: Device,
    store: Store,
    fresh: bool,
    processes: int,
    begins: Callable[[Trainer], None],
    watch: Watch = None,
) -> dict:
    """The new record of a run, in the store; of one that others build on the weights are kept."""
    command = command_of(job, device.kind) if is_committed("experiments") else ""  # there it may be another run
    identity = identified(job.run)
    folder = state_folder(job)
    if folder and device.is_main:
        if fresh:
            (folder / "last.pt").unlink(missing_ok=True)
        leave_state_of_other_code(folder)
    with one_thread():
        outcome = fit(
            job.run,
            device,
            folder,
            loaders(device, processes),
            progress=False,
            train_top1=True,
            earlier=weights_folder(device) if job.run.builds_on else None,
            watch=watch,
            begins=begins,
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
        if device.is_main:
            if job.keeps and folder:
                keep(job, device, folder / "final.safetensors")
            store.write(record)
    return record
