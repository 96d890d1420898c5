"""Published runs made again, to see whether they come out the same.

On one kind of processor, with the same version of torch, a run is the same to the last digit. What differs there is the
work of a change of our code between the two.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ..devices import pick
from ..files import check_writable
from ..paths import CACHE
from ..recipes.run import key_of
from ..records import Store
from ..records.provenance import provenance
from .beside import untried
from .execute import execute
from .experiment import Job
from .registry import stored


@dataclass(frozen=True)
class Repeated:
    """A run with its record as it was, and as it was made here."""

    job: Job
    before: dict
    now: dict

    @property
    def changes(self) -> list[str]:
        """What differs, in words; [] if nothing does. What only the newer record has is no difference."""
        ours = self.now["metrics"]
        found = [
            f"{name} {value} -> {ours.get(name)}"
            for name, value in self.before["metrics"].items()
            if ours.get(name) != value
        ]
        points = zip(self.before["history"], self.now["history"], strict=False)
        is_same = len(self.before["history"]) == len(self.now["history"]) and all(
            old.items() <= new.items() for old, new in points
        )
        return found + ([] if is_same else ["the curve"])

    @property
    def conditions(self) -> list[str]:
        """What may be the reason: our code, packages and processors that are not the same, in words."""
        old, new = (flat(record["provenance"]) for record in (self.before, self.now))
        return [f"{name} {old.get(name)} -> {value}" for name, value in new.items() if old.get(name) != value]

    def __str__(self) -> str:
        what = f"{self.job.experiment} {self.job.arm}, seed {self.job.run.seed}"
        return f"{what}: {'differs: ' + '; '.join(self.changes) if self.changes else 'the same to the last digit'}"


def flat(made: dict) -> dict:
    device = f"{made['device']['kind']} ({made['device']['name']})"
    return {"code": made.get("code"), **made.get("versions", {}), "device": device}


def repeat(jobs: Iterable[Job], theirs: Store, device: str = "auto", fresh: bool = False) -> list[Repeated]:
    """Make those runs again of which a store has records. What the same code, packages and device have made again
    before is not repeated, unless `fresh`.

    Raises ValueError where the store has none of them, and otherwise as `execute`.
    """
    found = {job.run: (job, record) for job in jobs if (record := stored(job, theirs))}
    if not found:
        raise ValueError(
            f"{theirs.root} has none of these runs at this scale; `convscale experiment list` counts what it has"
        )
    chosen = pick(device)
    conditions = key_of(flat(provenance(chosen, "")))
    folder = CACHE / "repeated" / f"{chosen.kind}-{conditions}"
    check_writable(folder, remedy="make it writable, as repetitions are kept there")
    wanted = [job for job, _ in found.values()]
    again = execute(wanted, Store(folder), device, fresh, untried(wanted, chosen).processes)
    return [Repeated(job, before, now) for (job, before), now in zip(found.values(), again, strict=True)]
