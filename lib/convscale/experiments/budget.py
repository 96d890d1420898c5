"""What fits into a time: runs in their order, by what such runs took before or would take here."""

from dataclasses import replace
from functools import cached_property

from ..devices import Device, pick
from ..recipes import Run, canonical
from ..records import Store
from .execute import one_thread, time_shown
from .experiment import Job
from .registry import stored
from .training_cost import CostOf


class Seconds:
    """`Seconds(device, store)(run)`: what a run takes here, by the store's records of its other seeds, else timed."""

    def __init__(self, device: Device, store: Store):
        self.device, self.store = device, store
        self.known: dict[Run, float] = {}

    @cached_property
    def cost_of(self) -> CostOf:
        return CostOf(self.device)

    @cached_property
    def recorded(self) -> dict[str, float]:
        """Run without its seed -> seconds of the last of its records from such a device."""
        found = {}
        for record in self.store.runs():
            if record["provenance"]["device"]["name"] == self.device.name and "seconds" in record["cost"]:
                found[repr(record["run"] | {"seed": 0})] = record["cost"]["seconds"]
        return found

    def __call__(self, run: Run) -> float:
        alike = replace(run, seed=0)
        if alike not in self.known:
            recorded = self.recorded.get(repr(canonical(alike)))
            with one_thread():
                self.known[alike] = recorded if recorded is not None else 3600 * self.cost_of(run).hours
        return self.known[alike]


def within(
    jobs: list[Job], minutes: float, device_kind: str, store: Store, side_by_side: int, fresh: bool = False
) -> list[Job]:
    """The jobs that fit into `minutes` here, in their order, with `side_by_side` of them at a time.

    What the store has takes no time, unless all is to be made `fresh`. Raises ValueError if not one of the others
    fits, with how long the shortest takes.
    """
    seconds_of = Seconds(pick(device_kind), store)
    missing = [job for job in jobs if fresh or stored(job, store) is None]
    left = {job: seconds_of(job.run) for job in missing}
    budget, chosen = 60 * minutes, []
    room = budget * side_by_side
    for job in missing:
        if left[job] <= min(budget, room):
            chosen.append(job)
            room -= left[job]
    if missing and not chosen:
        shortest = min(left.values())
        raise ValueError(f"{minutes:g} minutes: the shortest run takes about {time_shown(shortest)}")
    return chosen
