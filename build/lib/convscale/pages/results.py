"""The results of an experiment on a page: the published runs, and those of this machine."""

import inspect
from dataclasses import dataclass
from importlib import import_module

import pandas as pd

from ..experiments import JUDGED, Experiment, Sweep, complete, records_of
from ..experiments.differences import differences
from ..records import frame, published
from .tables import BookTable, compare


def largest_published(experiment: Experiment) -> Sweep | None:
    """The experiment at the largest scale of which every run is published; None where there is none."""
    sweeps = (experiment.at(scale) for scale in JUDGED if scale in experiment.scales)
    return next((sweep for sweep in sweeps if complete(sweep, published())), None)


def progress(experiment: Experiment) -> pd.DataFrame:
    """How far the published evidence has come: one row a scale that may judge, with digests of the code."""
    rows = []
    for scale in JUDGED:
        if scale in experiment.scales:
            sweep = experiment.at(scale)
            have = records_of(sweep, published())
            rows.append(
                {
                    "scale": scale,
                    "arms": len(sweep.arms),
                    "seeds": f"{sweep.seeds[0]} to {sweep.seeds[-1]}",
                    "published": f"{len(have)} of {len(sweep.jobs)} runs",
                    "of code": ", ".join(sorted({r["provenance"].get("code") or "unknown" for r in have})) or "-",
                    "shows": sweep.about.shows,
                    "does not show": sweep.about.cannot or "-",
                }
            )
    return pd.DataFrame(rows)


def source_of(experiment: Experiment) -> str:
    """The text of the file that says what an experiment is."""
    return inspect.getsource(import_module(f"convscale.experiments.papers.{experiment.name}"))


def arms_table(sweep: Sweep, *, name: str) -> BookTable:
    """How the arms of an experiment differ: only what differs."""
    table = differences(sweep)
    about = [
        sweep.experiment.arms[arm].about + (" (ours)" if sweep.experiment.arms[arm].control else "")
        for arm in table["arm"]
    ]
    table.insert(1, "what it is", about)
    return BookTable(table, name=name, caption=f"The arms of {sweep.experiment.title} at the {sweep.scale} scale")


@dataclass(frozen=True)
class Results:
    """`here` are this machine's records of `sweep`, `published` those of `shown`, an experiment with all its runs."""

    sweep: Sweep
    here: list[dict]
    shown: Sweep | None
    published: list[dict]

    def table(
        self, table: str, cells: dict[str, tuple[str, str] | None], *, name: str, metric: str = "test_top1"
    ) -> BookTable:
        """One row an arm: the paper's value, the published records' and this machine's.

        `cells` maps an arm to its (row, column) in the paper's `table` ("v2:13"), or to None for a control of ours.
        Ours read: mean ± half of the 95 % interval (seeds).
        """
        ours = {
            f"published, {self.shown.scale if self.shown else 'not complete'}": frame(self.published),
            f"this machine, {self.sweep.scale}": frame(self.here),
        }
        caption = f"Test top-1 (%): the paper's table {table}, our published runs, and this machine's"
        return BookTable(compare(table, cells, ours, metric), name=name, caption=caption)
