"""How long a run takes here: by the store's records of such runs, else by timing its network."""

from functools import cached_property

from ..devices import Device
from ..recipes import Run, canonical
from ..records import Store
from .earlier import earlier_jobs
from .experiment import Job
from .making import one_thread
from .training_cost import CostOf

# What a run takes over what `CostOf` counts. Ours: published runs of V2 Table 13's first design took 300 to 332 s of a
# core for 218 to 238 s counted on such a processor. A budget must not promise too much.
OVER_COUNTED = 1.4


class Seconds:
    """`Seconds(device, store)(run)`: what a run takes here, by the store's records of its other seeds, else timed.

    On an accelerator it is what a run takes that has it for itself.
    """

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
            same_device = record["provenance"]["device"]["name"] == self.device.name
            if same_device and "seconds" in record["cost"] and (self.device.kind == "cpu" or made_alone(record)):
                found[repr(without_seed(record["run"]))] = record["cost"]["seconds"]
        return found

    def __call__(self, run: Run) -> float:
        alike = run.seeded(0)
        if alike not in self.known:
            recorded = self.recorded.get(repr(without_seed(canonical(alike))))
            with one_thread():
                timed = OVER_COUNTED * 3600 * self.cost_of(run).hours if recorded is None else recorded
            self.known[alike] = timed
        return self.known[alike]

    def needed(self, job: Job, fresh: bool = False) -> list[Run]:
        """The runs to be made for a job: its own, and those that it builds on whose weights are not here."""
        earlier = earlier_jobs([job], self.store, self.device, fresh)
        return [*(first.run for level in earlier for first in level), job.run]


def without_seed(run: dict) -> dict:
    """A run in canonical form, and those that it builds on, with seed 0."""
    nested = {name: without_seed(run[name]) for name in ("after", "teacher") if name in run}
    return run | {"seed": 0} | nested


def made_alone(record: dict) -> bool:
    """Whether its host made no other run at the same time."""
    return record["provenance"].get("host", {}).get("processes", 1) == 1
