"""An experiment: a table or a figure of a paper as a list of runs, at any scale.

What is asked is the same at every scale: arms, each a change of one base run. A scale is a value: the base run, the
number of seeds, and what it may show.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..errors import check_name
from ..recipes import Run
from .factorial import Factorial

# smoke   embedded data, a few steps: shows that a page runs, and nothing about the papers
# small   minutes of one CPU core a run: evidence for the direction of a claim
# medium  an hour or two of one GPU for the whole experiment, from Colab's T4 up: the same, nearer to the papers
# paper   the paper's own experiment
SCALES = ("smoke", "small", "medium", "paper")
JUDGED = ("paper", "medium", "small")  # scales whose runs judge claims, the largest first
FIRST_SEED = 10  # of the runs that count: seeds 0 to 9 are for pilots, whose results choose the settings


@dataclass(frozen=True)
class Arm:
    """One way of training that is compared: `change` makes it of the base run."""

    about: str
    change: Callable[[Run], Run]
    control: bool = False  # ours, to tell what a difference means; the paper has no such arm
    cell: tuple[str, str] | None = None  # row and column of the paper's table that print its number


@dataclass(frozen=True)
class Scale:
    """What an experiment is at one scale. `seeds` is fixed before the first run; the seed of `base` is not used."""

    base: Run
    seeds: int
    cost: str  # of one run, in words
    shows: str
    cannot: str  # what it does not show
    reasons: Mapping[str, str] = field(default_factory=dict)  # setting -> why it is what it is here
    only: tuple[str, ...] = ()  # arms that it has, where it does not have all


@dataclass(frozen=True)
class Experiment:
    """A question of a paper. `reasons` says why the settings are what they are, at every scale that it has."""

    name: str
    title: str
    table: str  # "v2:13", or "rs:figure 3"
    arms: Mapping[str, Arm]
    scales: Mapping[str, Scale]
    reasons: Mapping[str, str]
    claims: tuple[str, ...] = ()  # ids in data/claims.yml
    first_seed: int = FIRST_SEED
    superseded: str = ""  # why its runs count no more, where they do not
    contrasts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # by the name that claims give them
    design: Factorial | None = None  # of its arms, where one seed of them gives the error, too

    def at(self, scale: str) -> "Sweep":
        """Its runs at one scale. Raises ValueError for a scale that it does not have."""
        chosen = self.scales[check_name(f"scale of {self.name}", scale, self.scales)]
        arms = {name: self.arms[name].change(chosen.base) for name in chosen.only or self.arms}
        return Sweep(self, scale, arms, tuple(range(self.first_seed, self.first_seed + chosen.seeds)))


@dataclass(frozen=True)
class Job:
    """A run, and what it is made for. One that others build on (`keeps`) leaves its weights on this machine."""

    experiment: str
    scale: str
    arm: str
    run: Run
    keeps: bool = False


@dataclass(frozen=True)
class Sweep:
    """An experiment at one scale: every arm with every seed. `arms` have the seed of the base run."""

    experiment: Experiment
    scale: str
    arms: Mapping[str, Run]
    seeds: tuple[int, ...]

    @property
    def name(self) -> str:
        return self.experiment.name

    @property
    def about(self) -> Scale:
        """What this scale costs and may show."""
        return self.experiment.scales[self.scale]

    @cached_property
    def jobs(self) -> list[Job]:
        """All runs, seed after seed, so that what is half done has whole seeds. A seed is also that of all runs that
        its runs build on: each seed has a pretraining of its own, which its arms share."""
        return [
            Job(self.name, self.scale, arm, run.seeded(seed)) for seed in self.seeds for arm, run in self.arms.items()
        ]

    def first(self, seeds: int) -> "Sweep":
        """With its first seeds only, or as it is if it has no more. Such runs are shown, and judge nothing.

        Raises ValueError for anything but a whole number from 1 on.
        """
        if type(seeds) is not int or seeds < 1:
            raise ValueError(f"first {seeds!r} seeds: a whole number from 1 on is needed")
        return replace(self, seeds=self.seeds[:seeds])

    def changed(self, arm: str, **changes) -> "Sweep":
        """With fields of the run of one arm changed: an experiment of one's own, whose runs have keys of their own.

        Raises ValueError for an arm that it does not have, TypeError for a field that runs do not have.
        """
        changed = replace(self.arms[check_name(f"arm of {self.name}", arm, self.arms)], **changes)
        return replace(self, arms={**self.arms, arm: changed})


def share(jobs: list[Job], shard: str) -> list[Job]:
    """The jobs of shard "k/n": every n-th, from the k-th on. "job/n" is that of a pod of a Kubernetes Indexed Job.

    Raises ValueError for anything but 1 <= k <= n, and for "job/n" elsewhere.
    """
    asked = shard
    if shard.startswith("job/"):
        index = os.environ.get("JOB_COMPLETION_INDEX", "")  # from 0 on; set by Kubernetes
        if not index.isdecimal():
            raise ValueError(f"shard {shard!r} is for pods of an Indexed Job: there is no JOB_COMPLETION_INDEX here")
        shard = f"{int(index) + 1}/{shard.removeprefix('job/')}"
    found = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", shard)
    if not found or int(found[1]) > int(found[2]):
        raise ValueError(f"shard {asked!r}: write k/n with 1 <= k <= n, e.g. 3/8, the third of eight")
    return jobs[int(found[1]) - 1 :: int(found[2])]
