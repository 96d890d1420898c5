"""The results of an experiment on a page: the published runs, and those of this machine."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import import_module

import pandas as pd

from ..drawing import Drawing, curves, forest
from ..evidence.forest import forest_rows
from ..experiments import JUDGED, Experiment, Sweep, complete, records_of
from ..experiments.differences import differences
from ..records import frame, history, origin, published
from ..words import plural
from .block import Block
from .papers import arm_rows, cost_rows
from .pictures import ramps
from .sections import section_of
from .tables import BookTable
from .words import duration

OF_METRIC = {
    "test_top1": "test top-1, points",
    "test_top1@best": "test top-1 at the best size, points",
    "train_test_gap": "training minus test top-1, points",
    "log_reward": "the search's reward, %",
}
HEADS = {"test_top1": "ours, %", "train_top1": "on training images, %"}


def largest_published(experiment: Experiment) -> Sweep | None:
    """The experiment at the largest scale of which every run is published; None where there is none."""
    sweeps = (experiment.at(scale) for scale in JUDGED if scale in experiment.scales)
    return next((sweep for sweep in sweeps if complete(sweep, published())), None)


def judged(experiment: Experiment) -> Sweep:
    """The experiment at the scale that is shown: the largest complete one, else the smallest that may judge."""
    found = largest_published(experiment)
    return found or experiment.at(next(scale for scale in reversed(JUDGED) if scale in experiment.scales))


def source_of(experiment: Experiment) -> str:
    """The text of the file that says what an experiment is."""
    return inspect.getsource(import_module(f"convscale.experiments.papers.{experiment.name}"))


def ending(points: pd.DataFrame, arms: Mapping[str, str], against: str) -> str:
    """Where the curves end, each at its own last epoch, in a sentence."""
    ends = points["epoch"] == points.groupby("arm")["epoch"].transform("max")
    last = points[ends].groupby("arm")["test_top1"].mean()
    first = next(iter(arms))
    if not against:
        said = f"{arms[first]} ends at {last[first]:.1f} %"
        return said[0].upper() + said[1:]
    ahead = last[first] - last[against]
    return (
        f"{arms[first]} ends {abs(ahead):.1f} points {'above' if ahead > 0 else 'below'} {arms[against]}".capitalize()
    )


def heading(value: str) -> str:
    """The name of a run's value as a head: "schedule.stages.3.image_size" -> "image size, stage 3"; what is of the run
    that it builds on is said to be "before"."""
    *path, name = value.split(".")
    stage = next((f", stage {part}" for part in path if part.isdigit()), "")
    return name.replace("_", " ") + stage + (", before" if path[:1] == ["after"] else "")


def printed_in(experiment: Experiment) -> str:
    """ "v2:13" -> "The paper's Table 13", "rs:figure 3" -> "The paper's Figure 3"."""
    where = experiment.table.partition(":")[2].replace("1l", "1 (left)").replace("1r", "1 (right)")
    return f"The paper's {where.capitalize() if where[0].isalpha() else f'Table {where}'}"


def found_in(rows: pd.DataFrame) -> str:
    """The finding of a forest plot in a sentence: how many of the claimed differences were seen."""
    claimed = rows[rows["verdict"] != ""]
    words = claimed["verdict"].value_counts()
    if words.get("not run", 0) == len(claimed) == 1:
        return "Not measured yet"
    if words.get("not run", 0) == len(claimed):
        return f"None of the {plural(len(claimed), 'claimed difference')} has been measured yet"
    seen = words.get("same direction", 0) + words.get("reproduced", 0)
    return (
        f"{seen} of {plural(len(claimed), 'claimed difference')} {'is' if seen == 1 else 'are'} seen here beyond chance"
    )


@dataclass(frozen=True)
class Results:
    """`here` are this machine's records of `sweep`, `published` those of `shown`, an experiment with all its runs."""

    page: str
    sweep: Sweep
    here: list[dict]
    shown: Sweep | None
    published: list[dict]

    def named(self, kind: str, what: str = "") -> str:
        """The label of a figure ("fig") or table ("tbl"), by the experiment's name: "fig-v2-table13-forest"."""
        return "-".join(filter(None, [kind, self.sweep.name.replace("_", "-"), what]))

    def arms(self) -> BookTable:
        """How the arms differ at the scale that is shown: only what differs."""
        sweep = judged(self.sweep.experiment)
        table = differences(sweep)
        about = [sweep.experiment.arms[arm] for arm in table["arm"]]
        table.insert(1, "what it does", [arm.about + (" (ours)" if arm.control else "") for arm in about])
        table.columns = [heading(column) for column in table]
        table = table.map(lambda value: f"{value:.4g}" if isinstance(value, float) else value)
        caption = f"The arms of {sweep.experiment.title} at the `{sweep.scale}` scale."
        return BookTable(table, self.named("tbl", "arms"), caption, fold="How the arms differ")

    def forest(
        self,
        caption: str,
        controls: Mapping[str, tuple[str, str]] | None = None,
        metric: str = "test_top1",
        only: Sequence[str] = (),
        what: str = "forest",
        margin: float = 0.0,
    ) -> Drawing | Block:
        """Differences with their intervals: what the paper claims, then controls of ours, "label; detail" -> arms.

        Its title is what was found, by the claims' verdicts. `only` are the ids of the claims to draw, if not all, and
        `what` names the figure where a page has another of the same experiment. With a `margin` the claims are ours,
        that something is no worse by more than that, in the metric's unit. With nothing to draw, neither a run nor a
        number of the paper, it is `progress`.
        """
        sweep = judged(self.sweep.experiment)
        rows = forest_rows(sweep, published(), controls, metric, only).assign(family=section_of(self.page).family)
        if rows[["mean", "paper"]].isna().all(axis=None):
            return self.progress()
        rows = rows.assign(group="") if margin else rows
        return forest(
            rows,
            name=self.named("fig", what),
            title=found_in(rows),
            subtitle=f"{sweep.experiment.title}, {sweep.scale} scale",
            caption=caption,
            unit=f"difference in {OF_METRIC.get(metric, metric)}",
            digits=3 if "loss" in metric else 1,
            reference=-margin,
            sides=(f"no worse by {margin:g}", "worse") if margin else ("the side the paper claims", "against it"),
        )

    def ramps(self, arms: Mapping[str, str], title: str, caption: str) -> Drawing:
        """What image size and regularization do over the epochs of `arms`, name -> label."""
        sweep, family = judged(self.sweep.experiment), section_of(self.page).family
        return ramps(sweep, arms, name=self.named("fig", "ramps"), title=title, caption=caption, family=family)

    def curves(self, arms: Mapping[str, str], caption: str, against: str = "") -> Drawing | Block:
        """Training curves of `arms` (name -> label), the first in the family's colour; below, how far it is ahead of
        `against`. Before all runs are published, how many are."""
        if self.shown is None:
            return self.progress()
        points = history(self.published)
        return curves(
            points,
            name=self.named("fig", "curves"),
            title=ending(points, arms, against),
            subtitle=f"{self.shown.experiment.title}, {self.shown.scale} scale",
            arms=dict(arms),
            caption=caption,
            family=section_of(self.page).family,
            against=against,
        )

    def table(self, fold: str = "") -> BookTable:
        """One row an arm: the paper's number, the published runs' and what they cost."""
        sweep = judged(self.sweep.experiment)
        rows = arm_rows(sweep, frame(self.published), HEADS)
        where = f"{sweep.scale} scale" if self.shown else "not all runs are there yet"
        caption = f"{printed_in(sweep.experiment)} beside our runs ({where}): test top-1, with 95 % intervals."
        return BookTable(rows, self.named("tbl"), caption, fold=fold)

    def costs(self) -> BookTable | Block:
        """What the published runs took; before all of them are there, how many are, and what one will cost."""
        if not self.published:
            return self.progress(judged(self.sweep.experiment))
        rows = cost_rows(frame(self.published), list(self.sweep.arms))
        caption = f"Cost of a run: medians, one thread each. All runs were {origin(self.published)}."
        return BookTable(rows, self.named("tbl", "costs"), caption, fold="What it cost")

    def progress(self, wanted: Sweep | None = None) -> Block:
        """How many of the runs that decide are published, at each scale that may judge; of those that are `wanted`
        also what one costs and the command that makes them."""
        said, rest, command = [], " This part appears when all runs of a scale are there.", ""
        for scale in reversed(JUDGED):
            if scale in self.sweep.experiment.scales:
                sweep = self.sweep.experiment.at(scale)
                have = len(records_of(sweep, published()))
                said.append(f"{have} of {plural(len(sweep.jobs), 'run')} at {scale}")
        if wanted is not None:
            rest = f" At {wanted.scale} a run takes {wanted.about.cost}. This makes them: "
            command = f"convscale experiment run {wanted.name} --scale {wanted.scale}"
        text = f"Published so far: {', '.join(said)}.{rest}"
        shown = escape(text) + (f"<code>{command}</code>" if command else "")
        return Block(f'<p class="sf sf-note">{shown}</p>', text + command)

    def ran_here(self) -> Block:
        """One line on this machine's runs, which show that the page works and nothing else."""
        spent = duration(sum(record["cost"]["cpu_seconds"] for record in self.here))
        said = f"Runs here: yes, {plural(len(self.here), 'run')} at the {self.sweep.scale} scale in {spent}."
        return Block(f'<p class="sf sf-note">{said}</p>', said)
