"""Typed rows of an EfficientNet or MobileNet stage table, and the scaling of a whole table.

Nothing here builds a network; `convnet.py` does. The papers' own tables are in `efficientnet.py`,
`efficientnetv2.py` and `mobilenet.py`.
"""

import math
from dataclasses import dataclass, replace
from typing import TypeVar

from ..checks import Rule, check_fields, each, number, of, whole
from .rows import Row
from .scaling import round_depth, round_width

OPERATORS = {  # names in print; {e} is the expansion
    "mbconv": "MBConv{e}",
    "fused": "Fused-MBConv{e}",
    "fused+1x1": "Fused-MBConv{e} & Conv1x1",
    "separable": "Separable conv",
}


@dataclass(frozen=True)
class Stage:
    """One row of a stage table: `depth` blocks of one operator, the first of which carries the stride."""

    op: str  # a key of blocks.BLOCKS
    kernel: int
    stride: int
    expand: int
    width: int  # output channels
    depth: int  # number of blocks
    se: float = 0.0  # squeeze width / width of the block's *input*; 0 = no squeeze-and-excitation

    def __post_init__(self):
        # Rows that tables share may leave width and depth to them, as 0.
        sizes = dict(kernel=whole(1), stride=whole(1), expand=whole(1), width=whole(0), depth=whole(0))
        check_fields(self, op=of(str), **sizes, se=number(0))


FULL = Rule(lambda row: isinstance(row, Stage) and min(row.width, row.depth) > 0, "Stage of width and depth from 1 on")


@dataclass(frozen=True)
class ConvNetTable:
    """A whole EfficientNet or MobileNet: stem, stages, head, and the sizes and rates published with it."""

    name: str
    stem: int  # channels of the 3x3 stem convolution
    stages: tuple[Stage, ...]
    head: int  # channels of the last 1x1 convolution; 0 = none
    train_size: int  # px, the last training stage
    eval_size: int  # px
    dropout: float  # before the classifier, as released
    drop_path_rate: float = 0.2  # 1 - survival probability 0.8 of the last block (V2 §5.1)
    stem_stride: int = 2
    bn_eps: float = 1e-3  # automl hparams.py, tpu efficientnet_builder.py
    bn_momentum: float = 0.1  # torch convention, = 1 - TensorFlow's
    act: str = "silu"  # a key of blocks.ACTIVATIONS
    padding: str = "same"  # TensorFlow's, which the released weights need; "symmetric" in most PyTorch ports
    round_limit: float = 0.0  # of scaling.round_width
    pixels: str = "v1"  # a key of preprocessing.RELEASED: what the released weights expect of an image

    def __post_init__(self):
        check_fields(
            self,
            name=of(str),
            stem=whole(1),
            stages=each(FULL, least=1),
            head=whole(0),
            train_size=whole(1),
            eval_size=whole(1),
            dropout=number(0, below=1),
            drop_path_rate=number(0, below=1),
            stem_stride=whole(1),
            bn_eps=number(above=0),
            bn_momentum=number(above=0, most=1),
            round_limit=number(0),
        )

    @property
    def total_stride(self) -> int:
        """Pixels of the image per pixel of the last feature map; the smallest image the network takes."""
        return self.stem_stride * math.prod(s.stride for s in self.stages)

    def rows(self) -> list[Row]:
        """Stem, stages, head, as V2 Table 4 prints them."""
        rows = [Row("Conv3x3", self.stem_stride, self.stem, 1)]
        for s in self.stages:
            operator = OPERATORS.get(s.op, s.op).format(e=s.expand) + f", k{s.kernel}x{s.kernel}"
            operator += f", SE{s.se:g}" if s.se else ""
            rows.append(Row(operator, s.stride, s.width, s.depth))
        if self.head:
            return [*rows, Row("Conv1x1 & Pooling & FC", 1, self.head, 1)]
        return [*rows, Row("Pooling & FC", 1, self.stages[-1].width, 1)]

    def scaled(self, width: float, depth: float) -> "ConvNetTable":
        """Every stage, the stem and the head `width` times as wide, every stage `depth` times as deep, rounded."""

        def wide(channels: int) -> int:
            return round_width(channels * width, self.round_limit) if channels else 0

        stages = tuple(replace(s, width=wide(s.width), depth=round_depth(s.depth * depth)) for s in self.stages)
        return replace(self, stem=wide(self.stem), stages=stages, head=wide(self.head))


def strided(stages: tuple[Stage, ...], strides: tuple[int, ...]) -> tuple[Stage, ...]:
    """`stages` with these strides, one each. Raises ValueError for another number of them."""
    return tuple(replace(stage, stride=stride) for stage, stride in zip(stages, strides, strict=True))


AnyTable = TypeVar("AnyTable")  # with name, train_size, eval_size and scaled(width, depth)


def scale(
    table: AnyTable, *, name: str, width: float = 1.0, depth: float = 1.0, resolution: float = 1.0, **changes
) -> AnyTable:
    """`table` with every width and depth multiplied and rounded by its rule, and its sizes (px) rounded to whole px.

    `changes` replace other fields. One factor alone is the single-dimension scaling of V1 Tables 3 and 7, three
    are compound scaling (V1 Eq. 3): `scale(table, name="b1-like", **compound(1)._asdict())`.
    """
    sizes = {field: round(getattr(table, field) * resolution) for field in ("train_size", "eval_size")}
    return replace(table.scaled(width, depth), name=name, **{**sizes, **changes})
