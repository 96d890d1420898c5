"""What a notebook works with: its parameters, checked, and the records on both sides of its table."""

import os
import sys
from dataclasses import dataclass, replace

from ..devices import KINDS, cores, pick
from ..errors import check_name
from ..experiments.execute import Job, execute, planned, share, stored
from ..recipes import Run
from ..records import SCALES, local, published
from .sources import assignments

PARAMETERS = ("scale", "seeds", "device", "fresh")
EVIDENCE = ("paper", "small")  # scales whose published records a page shows, the first that has any


@dataclass(frozen=True)
class Page:
    """A page under way. `name` is its path below notebooks/ without ending."""

    name: str
    scale: str
    seeds: int
    device: str
    fresh: bool

    def execute(self, arms: dict[str, Run]) -> list[dict]:
        """Records of every arm at seeds 0 .. seeds-1 on this machine; see `execute.execute`.

        In a shard (CONVSCALE_SHARD) only its share is run, and the records are those that the store then has.
        """
        jobs = [
            Job(self.name, self.scale, arm, replace(run, seed=seed))
            for seed in range(self.seeds)
            for arm, run in arms.items()
        ]
        if planned(jobs):
            return []
        side_by_side = cores() if pick(self.device).kind == "cpu" and self.scale != "smoke" else 1
        if not (shard := os.environ.get("CONVSCALE_SHARD")):
            return execute(jobs, local(), self.device, self.fresh, side_by_side)
        execute(share(jobs, shard), local(), self.device, self.fresh, side_by_side)
        records = [record for job in jobs if (record := stored(job, local()))]
        print(f"{len(records)} of {len(jobs)} runs so far", file=sys.stderr)
        return records

    @property
    def published_scale(self) -> str:
        """The largest scale of which this page has published records; "small" where it has none."""
        return next((scale for scale in EVIDENCE if published().all(self.name, scale)), "small")

    def published(self) -> list[dict]:
        """The published records of that scale."""
        return published().all(self.name, self.published_scale)


def start(name: str, *, scale: str, seeds: int, device: str, fresh: bool) -> Page:
    """Check a notebook's parameters before any work. Raises ValueError that names the bad one and what is allowed."""
    for given in injected():
        check_name("page parameter", given, PARAMETERS)
    check_name("scale", scale, SCALES)
    check_name("device", device, KINDS)
    if type(seeds) is not int or seeds < 1:
        raise ValueError(f"seeds = {seeds!r}: a whole number from 1 on is needed (how many seeds, not which)")
    if type(fresh) is not bool:
        raise ValueError(f"fresh = {fresh!r}: True or False is needed")
    return Page(name, scale, seeds, device, fresh)


def injected() -> list[str]:
    """Names that papermill has set in this notebook. It accepts any; a misspelt one would silently do nothing."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    cells = shell.user_ns.get("In", []) if shell else []
    source = next((cell for cell in reversed(cells) if cell.startswith("# Parameters\n")), "")
    return list(assignments(source))
