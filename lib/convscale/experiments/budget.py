"""What fits into a time: runs in their order, by what such runs took before or would take here."""

from functools import cached_property

from ..devices import Device, pick
from ..recipes import Run, canonical
from ..records import Store
from .earlier import earlier_jobs
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
                found[repr(without_seed(record["run"]))] = record["cost"]["seconds"]
        return found

    def __call__(self, run: Run) -> float:
        alike = run.seeded(0)
        if alike not in self.known:
            recorded = self.recorded.get(repr(without_seed(canonical(alike))))
            with one_thread():
                self.known[alike] = recorded if recorded is not None else 3600 * self.cost_of(run).hours
        return self.known[alike]


def without_seed(run: dict) -> dict:
    """A run in canonical form, and those that it builds on, with seed 0."""
    nested = {name: without_seed(run[name]) for name in ("after", "teacher") if name in run}
    return run | {"seed": 0} | nested


def within(
    jobs: list[Job], minutes: float, device_kind: str, store: Store, side_by_side: int, fresh: bool = False
) -> list[Job]:
    """The jobs that fit into `minutes` here, in their order, with `side_by_side` of them at a time.

    What the store has takes no time, unless all is to be made `fresh`. What a job builds on is counted with the first
    that needs it, where its weights are not here. Raises ValueError if not one of the others fits, with how long the
    shortest takes.
    """
    device = pick(device_kind)
    seconds_of = Seconds(device, store)
    missing = [job for job in jobs if fresh or stored(job, store) is None]
    alone: list[float] = []  # of each job, if it were the only one
    budget, chosen, begun = 60 * minutes, [], set[Run]()
    room = budget * side_by_side
    for job in missing:
        earlier = {j.run: seconds_of(j.run) for level in earlier_jobs([job], store, device, fresh) for j in level}
        needed = sum(s for run, s in earlier.items() if run not in begun)
        seconds = needed + (0 if job.run in begun else seconds_of(job.run))
        alone.append(seconds)
        if seconds <= min(budget, room):
            chosen.append(job)
            begun |= {job.run, *earlier}
            room -= seconds
    if missing and not chosen:
        shortest = min(alone)
        raise ValueError(f"{minutes:g} minutes: the shortest run takes about {time_shown(shortest)}")
    return chosen
