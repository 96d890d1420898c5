"""Which experiments are made where the time does not suffice for all: those that decide the most claims for it.

Nothing is computed from fewer than all seeds of an experiment, so whole experiments come first. Order and number of
seeds are those of the experiments, fixed before any result.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..words import plural
from .beside import Beside
from .experiment import Job, Sweep
from .times import time_shown


@dataclass(frozen=True)
class Offer:
    """An experiment, the seconds that each of its missing runs takes alone, and the claims that all of them decide."""

    sweep: Sweep
    seconds: Mapping[Job, float]
    claims: tuple[str, ...] = ()

    def first(self, seed: int) -> dict[Job, float]:
        """Its missing runs of one seed."""
        return {job: seconds for job, seconds in self.seconds.items() if job.run.seed == seed}


@dataclass(frozen=True)
class Programme:
    """What is made, in this order: `whole` experiments, then seeds of one that is `begun`."""

    jobs: tuple[Job, ...]
    seconds: float  # until the last of them is done
    whole: tuple[Offer, ...]
    begun: Offer | None = None
    seeds: tuple[int, ...] = ()  # of the one that is begun


def programme(offers: Sequence[Offer], seconds: float, beside: Beside) -> Programme:
    """What is made of the offers in so many seconds, with `beside` at a time.

    Of the experiments whose missing runs all fit into what is left, the one that decides the most claims for its time,
    the first of equal ones, and so on. Then whole seeds, in their order, of the first experiment that has one that
    fits. A run that two of them share is made once. Raises ValueError if nothing fits.
    """
    left = [offer for offer in offers if offer.seconds]
    made: dict[Job, float] = {}
    whole: list[Offer] = []
    while fitting := [offer for offer in left if finish(made | new(offer.seconds, made), beside) <= seconds]:
        best = max(fitting, key=lambda offer: claims_a_second(offer, made))
        made |= new(best.seconds, made)
        whole.append(best)
        left.remove(best)
    for offer in left:
        seeds = []
        for seed in offer.sweep.seeds:
            more = made | new(offer.first(seed), made)
            if finish(more, beside) > seconds:
                break
            if len(more) > len(made):
                seeds.append(seed)
            made = more
        if seeds:
            return Programme(tuple(made), finish(made, beside), tuple(whole), offer, tuple(seeds))
    if left and not whole:
        shortest = min(finish(offer.first(seed), beside) for offer in left for seed in seeds_of(offer))
        raise ValueError(
            f"{seconds / 60:.3g} minutes: the shortest seed of an experiment takes about {time_shown(shortest)}; name "
            "an experiment to make some of its runs"
        )
    return Programme(tuple(made), finish(made, beside), tuple(whole))


def seeds_of(offer: Offer) -> list[int]:
    """Those with missing runs."""
    return list(dict.fromkeys(job.run.seed for job in offer.seconds))


def new(seconds: Mapping[Job, float], made: Mapping[Job, float]) -> dict[Job, float]:
    """Those whose runs are not among those that are made."""
    runs = {job.run for job in made}
    return {job: value for job, value in seconds.items() if job.run not in runs}


def claims_a_second(offer: Offer, made: Mapping[Job, float]) -> float:
    """Claims decided for a second of its runs alone; without end where others make them all."""
    seconds = sum(new(offer.seconds, made).values())
    return len(offer.claims) / seconds if seconds else float("inf")


def finish(seconds: Mapping[Job, float], beside: Beside) -> float:
    """Seconds until all are done if each begins, in this order, as soon as one of those before it ends."""
    ends = [0.0] * beside.processes
    for alone in seconds.values():
        heapq.heapreplace(ends, ends[0] + beside.seconds(alone))
    return max(ends)


def said(chosen: Programme, offers: Sequence[Offer], untimed: Iterable[Sweep], beside: Beside) -> str:
    """What will be made, what it decides and what is left out, a line each."""
    lines = [
        f"{plural(len(chosen.jobs), 'run')} to be made in about {time_shown(chosen.seconds)}, "
        f"{beside.processes} at a time"
    ]
    for offer in chosen.whole:
        decided = f"decides {', '.join(offer.claims)}" if offer.claims else "no claim waits for it"
        lines.append(f"  {offer.sweep.name}: all that is missing, {plural(len(offer.seconds), 'run')}; {decided}")
    if chosen.begun:
        seeds, sweep = ", ".join(map(str, chosen.seeds)), chosen.begun.sweep
        of = f"{len(chosen.seeds)} of {len(sweep.seeds)}"
        lines.append(f"  {sweep.name}: seeds {seeds} ({of}), which decide nothing yet")
    for offer in offers:
        if not offer.seconds:
            lines.append(f"  {offer.sweep.name}: all runs are in the store")
        elif offer not in chosen.whole and offer != chosen.begun:
            lines.append(f"  left out: {offer.sweep.name}, about {time_shown(finish(offer.seconds, beside))}")
    return "\n".join([*lines, *(f"  left out: {sweep.name}, not timed for want of time" for sweep in untimed)])
