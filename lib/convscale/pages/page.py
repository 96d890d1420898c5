"""What a notebook works with: its parameters, checked, and the results of its experiments."""

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..devices import pick
from ..drawing import Drawing
from ..errors import check_name
from ..experiments import JUDGED, Sweep, get, records_of
from ..experiments.beside import side_by_side
from ..experiments.execute import execute
from ..experiments.registry import experiments
from ..experiments.seconds import Seconds
from ..records import local, published
from .answer import answer
from .block import Block
from .networks import blocks, counts, layouts, stage_table
from .papers import exact_rows, verdict_rows
from .parameters import PARAMETERS, check_values
from .results import Results, largest_published
from .sections import label_of
from .sources import assignments
from .tables import BookTable

INJECTED = "# Parameters\n"  # how the cell begins that papermill adds


@dataclass(frozen=True)
class Page:
    """A page under way. `name` is its path below notebooks/ without ending; `seeds` None: as the experiment says."""

    name: str
    scale: str
    seeds: int | None
    device: str
    fresh: bool

    @property
    def label(self) -> str:
        """What figures and tables of this page are named by, e.g. "v2-6-3"."""
        return label_of(self.name)

    def answer(self, subject: str = "", claim: str | None = None, finding: str = "", on: str = "ImageNet") -> Block:
        """What the page found, from the published records: see `answer.answer`."""
        return answer(self.name, subject, claim, finding=finding, on=on)

    def run(self, experiment: str | Sweep) -> Results:
        """Make the runs of an experiment that this machine does not have yet; what is published stands beside them.

        An experiment is named, and made at the page's scale; one that was changed is given itself.
        """
        sweep = get(experiment, self.scale) if isinstance(experiment, str) else experiment
        asked = sweep if self.seeds is None else sweep.first(self.seeds)
        beside = side_by_side(asked.jobs, Seconds(pick(self.device), local()), self.fresh)
        here = execute(asked.jobs, local(), self.device, self.fresh, beside.processes)
        shown = largest_published(sweep.experiment)
        return Results(self.name, asked, here, shown, records_of(shown, published()) if shown else [])

    def shown(self, experiment: str) -> Results:
        """The published runs of an experiment, without making any here: for what is kept and not repeated."""
        scale = next(scale for scale in JUDGED if scale in experiments()[experiment].scales)
        sweep, shown = get(experiment, scale), largest_published(experiments()[experiment])
        return Results(self.name, sweep, [], shown, records_of(shown, published()) if shown else [])

    def layouts(self, networks: Sequence[str], title: str, caption: str) -> Drawing:
        """Networks as bars, stage by stage."""
        return layouts(networks, name=f"fig-{self.label}-layouts", title=title, caption=caption)

    def counts(self, params: str, macs: str, caption: str, others: Sequence[str] = ()) -> Drawing:
        """Parameters against multiply-adds, as printed and as counted, of the networks of two claims."""
        return counts(params, macs, others, name=f"fig-{self.label}-counts", caption=caption)

    def blocks(self, network: str, chosen: Mapping[str, int], title: str, caption: str) -> Drawing:
        """What blocks of a network are made of: name -> number of the block."""
        return blocks(network, chosen, name=f"fig-{self.label}-blocks", title=title, caption=caption)

    def stages(self, network: str, paper: str, caption: str, fold: str = "Stage by stage") -> BookTable:
        """The stages of a network as built, beside the paper's table of them ("v2:4")."""
        return BookTable(stage_table(network, paper), f"tbl-{self.label}-stages", caption, fold=fold)

    def exact(self, *claims: str, caption: str, fold: str = "") -> BookTable:
        """The rows of counted claims: the paper's numbers, ours, and the causes where they differ."""
        return BookTable(exact_rows(list(claims)), f"tbl-{self.label}-{claims[0]}", caption, fold=fold)

    def verdicts(self) -> BookTable:
        """Every claim of the page with its verdict."""
        caption = "Every claim of this page; a claim leads to its row of the ledger, with rule and evidence."
        return BookTable(verdict_rows(self.name), f"tbl-{self.label}-verdicts", caption)


def start(
    name: str, *, scale: str = "smoke", seeds: int | None = None, device: str = "auto", fresh: bool = False
) -> Page:
    """Check a notebook's parameters before any work. Raises ValueError that names the bad one and what is allowed.

    A page that only counts has none.
    """
    check_injected()
    fresh = {"true": True, "false": False}.get(str(fresh).lower(), fresh)  # which papermill's -p hands on as words
    check_values(scale=scale, seeds=seeds, device=device, fresh=fresh)
    return Page(name, scale, seeds, device, fresh)


def check_injected() -> None:
    """Raise ValueError for a name that papermill has set in this notebook, and that no cell had set before.

    papermill accepts any; one that is misspelt, or of other pages, would silently do nothing.
    """
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    cells = list(shell.user_ns.get("In", [])) if shell else []
    injected = next((i for i in reversed(range(len(cells))) if cells[i].startswith(INJECTED)), None)
    if injected is not None:
        own = "\n".join(cell for cell in cells[:injected] if not cell.startswith(INJECTED))
        has = [name for name in PARAMETERS if re.search(rf"^{name} *(:.*)?=", own, re.MULTILINE)]
        for name in assignments(cells[injected]):
            check_name("page parameter", name, has)
