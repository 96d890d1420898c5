"""Search spaces as tables: a network is a choice for every decision, and back.

A stage-based space decides one row of a stage table after the other (factorized, Tan et al. 2019, MnasNet §4.1):
operator, kernel, expansion, squeeze-and-excitation, width and number of layers, the same for all layers of a stage.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any, Protocol

import numpy as np

from ..models.scaling import Coefficients, round_width
from ..models.stages import ConvNetTable, Stage, scale

Choice = str | int | float
Point = Mapping[str, Choice]  # a choice by the name of its decision


class OutsideSpace(ValueError):
    """A network or a choice that a space does not have."""


class Space(Protocol):
    """What a search needs to know of a space."""

    @property
    def name(self) -> str: ...

    @property
    def decisions(self) -> Mapping[str, tuple[Choice, ...]]:
        """The choices of every decision, those with only one left out."""

    @property
    def distinct(self) -> int:
        """How many different networks it has."""

    def table(self, point: Point) -> ConvNetTable:
        """The network of a point. Raises OutsideSpace."""

    def resolution(self, point: Point) -> float:
        """By how much the images of this network are larger than those of the others."""


def size(space: Space) -> int:
    """How many points a space has."""
    return prod(map(len, space.decisions.values()))


def sample(space: Space, rng: np.random.Generator) -> Point:
    """A point by chance, each with the same probability."""
    return {name: choices[rng.integers(len(choices))] for name, choices in space.decisions.items()}


def check_point(space: Space, point: Point) -> None:
    """Raise OutsideSpace unless `point` has a choice of the space for every decision and nothing else."""
    if (names := set(point)) != set(space.decisions):
        odd = ", ".join(sorted(names ^ set(space.decisions)))
        raise OutsideSpace(f"a point of {space.name} has the decisions {', '.join(space.decisions)}: see {odd}")
    for name, choices in space.decisions.items():
        if point[name] not in choices:
            allowed = ", ".join(map(str, choices))
            raise OutsideSpace(f"{name} = {point[name]!r} is outside {space.name}: allowed: {allowed}")


@dataclass(frozen=True)
class Operator:
    """A kind of block: a key of `blocks.BLOCKS`, its expansion if it has a fixed one, its squeeze-and-excitation."""

    op: str
    expand: int | None = None  # None: decided
    se: float | None = None  # None: decided


@dataclass(frozen=True)
class Stages:
    """A stage-based space around the stages of `backbone`, whose strides, stem and head all networks share.

    `layers` are the choices of each stage; 0 leaves a stage out. `widths` multiply the backbone's channels.
    """

    name: str
    backbone: ConvNetTable
    operators: Mapping[str, Operator]
    kernels: tuple[int, ...]
    layers: tuple[tuple[int, ...], ...]
    expansions: tuple[int, ...] = (1,)
    se: tuple[float, ...] = (0.0,)
    widths: tuple[float, ...] = (1.0,)

    @property
    def decisions(self) -> dict[str, tuple[Choice, ...]]:
        """By names such as "stage 3 kernel"; a decision with one choice is none."""
        found: dict[str, tuple[Choice, ...]] = {}
        for number, layers in enumerate(self.layers, start=1):
            of_stage: dict[str, tuple[Choice, ...]] = dict(
                operator=tuple(self.operators),
                kernel=self.kernels,
                expansion=self.expansions,
                se=self.se,
                width=self.widths,
                layers=layers,
            )
            found |= {f"stage {number} {what}": choices for what, choices in of_stage.items() if len(choices) > 1}
        return found

    @property
    def distinct(self) -> int:
        """Stages are chosen apart, so the numbers of different rows multiply. Rows without a layer are one."""
        return prod(len(set(self.rows(number))) for number in range(1, len(self.layers) + 1))

    def rows(self, number: int) -> Iterator[Stage | None]:
        """The row of every choice for a stage."""
        names = [name for name in self.decisions if name.startswith(f"stage {number} ")]
        for choices in product(*(self.decisions[name] for name in names)):
            yield self.row(number, dict(zip(names, choices, strict=True)))

    def row(self, number: int, point: Point) -> Stage | None:
        """A stage of the network of `point`; None where it has no layer."""

        def chosen(what: str, only: tuple) -> Choice:
            return point.get(f"stage {number} {what}", only[0])

        base = self.backbone.stages[number - 1]
        depth = int(chosen("layers", self.layers[number - 1]))
        if not depth:
            return None
        operator = self.operators[str(chosen("operator", tuple(self.operators)))]
        width = float(chosen("width", self.widths))
        return replace(
            base,
            op=operator.op,
            kernel=int(chosen("kernel", self.kernels)),
            expand=int(chosen("expansion", self.expansions)) if operator.expand is None else operator.expand,
            se=float(chosen("se", self.se)) if operator.se is None else operator.se,
            width=base.width if width == 1 else round_width(base.width * width, self.backbone.round_limit),
            depth=depth,
        )

    def table(self, point: Point) -> ConvNetTable:
        """The network of a point, named by its rows. Raises OutsideSpace."""
        check_point(self, point)
        rows = [self.row(number, point) for number in range(1, len(self.layers) + 1)]
        stages = tuple(row for row in rows if row)
        return replace(self.backbone, name=code(stages, self.backbone.stages), stages=stages)

    def resolution(self, point: Point) -> float:
        """All networks see images of one size."""
        return 1.0

    def point(self, network: ConvNetTable) -> dict[str, Choice]:
        """The choices that make `network`. Raises OutsideSpace with every stage that no choice makes, and why."""
        stages: list[Stage | None] = [*network.stages]
        stages += [None] * (len(self.layers) - len(stages))
        if len(stages) > len(self.layers):
            raise OutsideSpace(f"{network.name} has {len(stages)} stages, {self.name} at most {len(self.layers)}")
        found: dict[str, Choice] = {}
        faults = []
        for number, stage in enumerate(stages, start=1):
            names = [name for name in self.decisions if name.startswith(f"stage {number} ")]
            for choices in product(*(self.decisions[name] for name in names)):
                chosen = dict(zip(names, choices, strict=True))
                if self.row(number, chosen) == stage:
                    found |= chosen
                    break
            else:
                faults.append(self.nearest(number, stage))
        if faults:
            raise OutsideSpace(f"{network.name} is no point of {self.name}: {'; '.join(faults)}")
        return found

    def nearest(self, number: int, stage: Stage | None) -> str:
        """What keeps a stage out of the space, by the row of the space that shares most with it."""
        rows = [row for row in self.rows(number) if row]
        if stage is None:
            return f"it lacks stage {number}, which the space always has"
        fields = ("op", "kernel", "stride", "expand", "width", "se", "depth")
        differing = [[name for name in fields if getattr(row, name) != getattr(stage, name)] for row in rows]
        fewest = min(differing, key=len)
        near = [row for row, names in zip(rows, differing, strict=True) if names == fewest]
        shown = [
            f"{WORDS.get(name, name)} {getattr(stage, name)}, not {one_of(getattr(row, name) for row in near)}"
            for name in fewest
        ]
        return f"stage {number} has {', '.join(shown)}"


def one_of(values: Iterable[Any]) -> str:
    """ "72, 96 or 120"."""
    *others, last = map(str, sorted(set(values)))
    return f"{', '.join(others)} or {last}" if others else last


WORDS = {"op": "operator", "expand": "expansion", "width": "channels", "depth": "layers"}
LETTERS = {"fused": "f", "mbconv": "m"}


def code(stages: tuple[Stage, ...], backbone: tuple[Stage, ...]) -> str:
    """A network in short: "f3e1x2 m5e4x3" is two layers of Fused-MBConv1, k3x3, then three of MBConv4, k5x5.

    Channels are named ("w40") where they are not the backbone's, and "s" is squeeze-and-excitation, of MBConv only
    where it is missing ("n"), as all published ones have it.
    """
    said = []
    for stage, base in zip(stages, backbone, strict=False):
        gate = "n" * (stage.op == "mbconv" and not stage.se) + "s" * (stage.op == "fused" and stage.se > 0)
        width = f"w{stage.width}" * (stage.width != base.width)
        said.append(f"{LETTERS[stage.op]}{stage.kernel}e{stage.expand}{gate}{width}x{stage.depth}")
    return " ".join(said)


@dataclass(frozen=True)
class Growths:
    """Ways to scale `backbone` in depth, width and image size: the space of V1 §4, step 1."""

    name: str
    backbone: ConvNetTable
    growths: tuple[Coefficients, ...]

    @property
    def by_name(self) -> dict[str, Coefficients]:
        return {" ".join(f"{value:g}" for value in growth): growth for growth in self.growths}

    @property
    def decisions(self) -> dict[str, tuple[Choice, ...]]:
        """One: "depth width resolution", as "1.2 1.1 1.15"."""
        return {"growth": tuple(self.by_name)}

    @property
    def distinct(self) -> int:
        """Rounding makes some growths the same network at the same size."""
        return len({(replace(self.table(p), name=""), self.resolution(p)) for p in self.points()})

    def points(self) -> Iterator[Point]:
        yield from ({"growth": name} for name in self.by_name)

    def table(self, point: Point) -> ConvNetTable:
        """The backbone, grown. Raises OutsideSpace."""
        check_point(self, point)
        growth = self.by_name[str(point["growth"])]
        return scale(self.backbone, name=f"grown {point['growth']}", **growth._asdict())

    def resolution(self, point: Point) -> float:
        return self.by_name[str(point["growth"])].resolution

    def point(self, growth: Coefficients) -> dict[str, Choice]:
        """The point of depth, width and resolution. Raises OutsideSpace."""
        names = {value: name for name, value in self.by_name.items()}
        if growth not in names:
            raise OutsideSpace(f"{tuple(growth)} is no point of {self.name}, which has {len(names)} growths")
        return {"growth": names[growth]}
