"""What a notebook works with: its parameters, checked, and the results of its experiments."""

import sys
from dataclasses import dataclass

from ..devices import KINDS, pick
from ..errors import check_name
from ..experiments import SCALES, Sweep, records_of
from ..experiments.beside import side_by_side
from ..experiments.execute import execute
from ..experiments.seconds import Seconds
from ..records import local, published
from .results import Results, largest_published
from .sources import assignments

PARAMETERS = ("scale", "seeds", "device", "fresh")


@dataclass(frozen=True)
class Page:
    """A page under way. `name` is its path below notebooks/ without ending; `seeds` None: as the experiment says."""

    name: str
    scale: str
    seeds: int | None
    device: str
    fresh: bool

    def run(self, sweep: Sweep) -> Results:
        """Make the runs of an experiment that this machine does not have yet; what is published stands beside them."""
        asked = sweep if self.seeds is None else sweep.first(self.seeds)
        beside = side_by_side(asked.jobs, Seconds(pick(self.device), local()), self.fresh)
        here = execute(asked.jobs, local(), self.device, self.fresh, beside.processes)
        shown = largest_published(sweep.experiment)
        return Results(asked, here, shown, records_of(shown, published()) if shown else [])


def start(name: str, *, scale: str, seeds: int | None, device: str, fresh: bool) -> Page:
    """Check a notebook's parameters before any work. Raises ValueError that names the bad one and what is allowed."""
    for given in injected():
        check_name("page parameter", given, PARAMETERS)
    check_name("scale", scale, SCALES)
    check_name("device", device, KINDS)
    if seeds is not None and (type(seeds) is not int or seeds < 1):
        raise ValueError(
            f"seeds = {seeds!r}: a whole number from 1 on is needed (how many seeds, not which), or None, as many as "
            "the experiment has"
        )
    if type(fresh) is not bool:
        raise ValueError(f"fresh = {fresh!r}: True or False is needed")
    return Page(name, scale, seeds, device, fresh)


def injected() -> list[str]:
    """Names that papermill has set in this notebook. It accepts any; a misspelt one would silently do nothing."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    cells = shell.user_ns.get("In", []) if shell else []
    source = next((cell for cell in reversed(cells) if cell.startswith("# Parameters\n")), "")
    return list(assignments(source))
