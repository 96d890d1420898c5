"""What fits into a time: runs of experiments that were named, in their order, or of all, those that decide most."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..records import Store
from .beside import Beside
from .execute import time_shown
from .experiment import Job, Sweep
from .programme import Offer
from .registry import missing
from .seconds import Seconds

TIMING = 0.1  # of the time, at most, goes into timing what there is to choose from; ours


def within(jobs: list[Job], minutes: float, seconds_of: Seconds, beside: Beside, fresh: bool = False) -> list[Job]:
    """The jobs that fit into `minutes` here, in their order.

    What the store has takes no time, unless all is to be made `fresh`. Raises ValueError if not one of the others
    fits, with how long the shortest takes.
    """
    left = {job: seconds_of(job.run) for job in missing(jobs, seconds_of.store, fresh)}
    budget, chosen = 60 * minutes, []
    room = budget * beside.gain  # seconds of a run alone
    for job, seconds in left.items():
        if beside.seconds(seconds) <= budget and seconds <= room:
            chosen.append(job)
            room -= seconds
    if left and not chosen:
        shortest = beside.seconds(min(left.values()))
        raise ValueError(f"{minutes:.3g} minutes: the shortest run takes about {time_shown(shortest)}")
    return chosen


def offers(
    sweeps: Iterable[Sweep],
    claims: Mapping[str, Sequence[str]],
    seconds_of: Callable,
    store: Store,
    minutes: float,
    fresh: bool = False,
    now: Callable[[], float] = time.monotonic,
) -> tuple[list[Offer], list[Sweep]]:
    """What there is to choose from for `minutes`, and the experiments that were not looked at.

    These are the last ones where timing has taken `TIMING` of the time before their turn; the first is always timed.
    `claims` maps an experiment to the claims that its runs decide.
    """
    found: list[Offer] = []
    left, start = list(sweeps), now()
    while left and (not found or now() - start < TIMING * 60 * minutes):
        sweep = left.pop(0)
        seconds = {job: seconds_of(job.run) for job in missing(sweep.jobs, store, fresh)}
        found.append(Offer(sweep, seconds, tuple(claims.get(sweep.name, ()))))
    return found, left
