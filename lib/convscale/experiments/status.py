"""How far lists of runs are: done, running, failed and missing by arm, from the store and from heartbeats."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ..recipes import Run
from ..records import Store
from . import heartbeat
from .experiment import Job
from .heartbeat import Heartbeat
from .leases import is_alive, last
from .places import log_file, run_folder, work_folder
from .registry import key_of
from .times import time_shown

STATES = ("done", "running", "queued", "failed", "missing")
SHOWN = 20  # runs of a kind that are named; ours: a screen


@dataclass(frozen=True)
class Standing:
    """Where a run stands; `beat` is the last that was heard of its worker, None where none began or it is done."""

    job: Job
    key: str  # by one process, whatever number makes it; "": it is of a folder's images, which are not here
    state: str
    beat: Heartbeat | None = None


def standings(jobs: Iterable[Job], store: Store, queued: Collection[str] = ()) -> list[Standing]:
    """Where each run stands, of those that several jobs share the first; keys in `queued` wait in a cluster's queue.

    No heartbeat is read of a run that is done or was never begun, so that ten thousand take seconds.
    """
    first: dict[Run, Job] = {}
    for job in jobs:
        first.setdefault(job.run, job)
    keys = {job: key_of(job) or "" for job in first.values()}
    left, begun = store.missing(keys.values()), heartbeat.folders(work_folder())
    found = []
    for job, key in keys.items():
        if key not in left:
            found.append(Standing(job, key, "done"))
        elif key in begun:
            found.append(under_way(job, key, key in queued))
        else:
            found.append(Standing(job, key, "queued" if key in queued else "missing"))
    return found


def under_way(job: Job, key: str, queued: bool) -> Standing:
    beat, folder = heartbeat.read(key), run_folder(key)
    if is_alive(folder / f"claim-{last(folder)}"):
        return Standing(job, key, "running", beat)
    failed = beat is not None and beat.state == "failed"
    return Standing(job, key, "failed" if failed else "queued" if queued else "missing", beat)


def status_lines(found: list[Standing]) -> list[str]:
    """A table by experiment and arm, then the runs under way, those that failed, and those that were begun."""
    counts: dict[tuple[str, str], Counter] = {}
    for standing in found:
        counts.setdefault((standing.job.experiment, standing.job.arm), Counter())[standing.state] += 1
    return [
        *table(counts),
        *section("running", [s for s in found if s.state == "running"], running),
        *section("failed", [s for s in found if s.state == "failed"], failed),
        *section("begun, and not under way", [s for s in found if s.beat and s.state in ("queued", "missing")], begun),
    ]


def table(counts: Mapping[tuple[str, str], Counter]) -> list[str]:
    used = [state for state in STATES if state in ("done", "missing") or any(state in c for c in counts.values())]
    total = sum(counts.values(), Counter())
    rows: list[tuple[str, list]] = [("arm", used)]
    for (experiment, arm), states in counts.items():
        rows.append((f"{experiment} {arm}", [states[state] for state in used]))
    rows.append(("all", [total[state] for state in used]))
    width = max(len(name) for name, _ in rows)
    return [" ".join([name.ljust(width), *(f"{value!s:>8}" for value in values)]) for name, values in rows]


def section(title: str, found: list[Standing], words) -> list[str]:
    lines = [f"  {s.job.arm} seed {s.job.run.seed}: {words(s)}" for s in found[:SHOWN]]
    more = [f"  and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return [f"{title}:", *lines, *more] if found else []


def running(standing: Standing) -> str:
    """ "step 40 of 100, 12 min left; on n1, job 12_3, attempt 2 after ValueError: ..." """
    beat = standing.beat
    if beat is None:
        return "has just begun"
    step = f"step {beat.step} of {beat.steps}" if beat.steps else "begins"
    left = f", {time_shown(beat.seconds_left)} left" if beat.seconds_left is not None else ""
    again = f", attempt {beat.attempts} after: {beat.error}" if beat.error and beat.attempts > 1 else ""
    return f"{step}{left}; on {where(beat)}{again}"


def failed(standing: Standing) -> str:
    beat = standing.beat
    return f"{beat.error} (attempt {beat.attempts}, on {where(beat)}; log: {log_file(standing.key)})" if beat else ""


def begun(standing: Standing) -> str:
    if (beat := standing.beat) is None:
        return ""
    state = "was killed" if beat.state == "running" else beat.state
    by = f" by {beat.processes} processes" if beat.processes > 1 else ""
    return f"{state} at step {beat.step} of {beat.steps or '?'} on {where(beat)}; goes on{by} from what was saved"


def where(beat: Heartbeat) -> str:
    return f"{beat.host}, job {beat.job}" if beat.job else f"{beat.host}, process {beat.pid}"
