"""What fits into a time: runs of experiments that were named, in their order, or of all, those that decide most."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..recipes import Run
from ..records import Store
from .beside import Beside
from .experiment import Job, Sweep
from .programme import Offer
from .registry import missing
from .seconds import Seconds
from .times import time_shown

TIMING = 0.1  # of the time, at most, goes into timing what there is to choose from; ours


def within(jobs: list[Job], minutes: float, seconds_of: Seconds, beside: Beside, fresh: bool = False) -> list[Job]:
    """The jobs that fit into `minutes` here, in their order.

    What the store has takes no time, unless all is to be made `fresh`. What a job builds on is counted with the first
    that needs it, where its weights are not here. Raises ValueError if not one of the others fits, with how long the
    shortest takes.
    """
    left = missing(jobs, seconds_of.store, fresh)
    alone: list[float] = []
    begun: set[Run] = set()
    budget, chosen = 60 * minutes, []
    room = budget * beside.gain  # seconds of a run alone
    for job in left:
        new = {run: seconds_of(run) for run in seconds_of.needed(job, fresh) if run not in begun}
        seconds = sum(new.values())
        alone.append(seconds)
        if beside.seconds(seconds) <= budget and seconds <= room:
            chosen.append(job)
            begun |= new.keys()
            room -= seconds
    if left and not chosen:
        shortest = beside.seconds(min(alone))
        raise ValueError(f"{minutes:.3g} minutes: the shortest run takes about {time_shown(shortest)}")
    return chosen


def offers(
    sweeps: Iterable[Sweep],
    claims: Mapping[str, Sequence[str]],
    seconds_of: Callable,
    store: Store,
    minutes: float,
    fresh: bool = False,
    needed: Callable[[Job], list[Run]] = lambda job: [job.run],
    now: Callable[[], float] = time.monotonic,
) -> tuple[list[Offer], list[Sweep]]:
    """What there is to choose from for `minutes`, and the experiments that were not looked at.

    These are the last ones where timing has taken `TIMING` of the time before their turn; the first is always timed.
    `claims` maps an experiment to the claims that its runs decide; `needed` are the runs that a job takes, of which the
    first job that needs one has the seconds.
    """
    found: list[Offer] = []
    left, start = list(sweeps), now()
    while left and (not found or now() - start < TIMING * 60 * minutes):
        sweep = left.pop(0)
        begun: set[Run] = set()
        seconds = {}
        for job in missing(sweep.jobs, store, fresh):
            new = {run: seconds_of(run) for run in needed(job) if run not in begun}
            begun |= new.keys()
            seconds[job] = sum(new.values())
        found.append(Offer(sweep, seconds, tuple(claims.get(sweep.name, ()))))
    return found, left
