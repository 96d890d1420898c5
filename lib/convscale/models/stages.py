"""The papers' architecture tables as typed rows. Nothing here builds a network; `convnet.py` does.

Sources: EfficientNetV2 Table 4 and google/automl efficientnetv2/effnetv2_configs.py (commit 6a54c87),
which agree with torchvision and timm on every row below.
"""

from dataclasses import dataclass, replace

from .scaling import round_depth, round_width


@dataclass(frozen=True)
class Stage:
    """One row of a stage table: `depth` blocks of one operator, the first of which carries the stride."""

    op: str  # "mbconv" or "fused"
    kernel: int
    stride: int
    expand: int
    width: int  # output channels
    depth: int  # number of blocks
    se: float = 0.0  # squeeze width / width of the block's *input*; 0 = no squeeze-and-excitation


@dataclass(frozen=True)
class ConvNetTable:
    """A whole EfficientNet: stem, stages, head, and the sizes and rates published with it."""

    name: str
    stem: int  # channels of the 3x3 stem convolution
    stages: tuple[Stage, ...]
    head: int  # channels of the last 1x1 convolution
    train_size: int  # px, the last training stage
    eval_size: int  # px
    dropout: float  # before the classifier, as released
    drop_path_rate: float = 0.2  # 1 - survival probability 0.8 of the last block (V2 §5.1)
    stem_stride: int = 2
    bn_eps: float = 1e-3  # automl hparams.py
    bn_momentum: float = 0.1  # torch convention; automl hparams.py says 0.9 in TF's, the paper 0.99

    @property
    def total_stride(self) -> int:
        stride = self.stem_stride
        for stage in self.stages:
            stride *= stage.stride
        return stride


SE = 0.25  # V2 Table 4, V1 §4
FUSED1 = Stage("fused", 3, 1, 1, 0, 0)
FUSED4 = Stage("fused", 3, 2, 4, 0, 0)
MB4 = Stage("mbconv", 3, 2, 4, 0, 0, SE)
MB6 = Stage("mbconv", 3, 1, 6, 0, 0, SE)
MB6_S2 = replace(MB6, stride=2)


def rows(*stages: tuple[Stage, int, int]) -> tuple[Stage, ...]:
    """(kind, width, depth) triples as stage rows."""
    return tuple(replace(kind, width=width, depth=depth) for kind, width, depth in stages)


EFFICIENTNETV2_S = ConvNetTable(
    name="efficientnetv2-s",
    stem=24,
    stages=rows((FUSED1, 24, 2), (FUSED4, 48, 4), (FUSED4, 64, 4), (MB4, 128, 6), (MB6, 160, 9), (MB6_S2, 256, 15)),
    head=1280,
    train_size=300,
    eval_size=384,
    dropout=0.2,
)

EFFICIENTNETV2_B0 = ConvNetTable(
    name="efficientnetv2-b0",
    stem=32,
    stages=rows((FUSED1, 16, 1), (FUSED4, 32, 2), (FUSED4, 48, 2), (MB4, 96, 3), (MB6, 112, 5), (MB6_S2, 192, 8)),
    head=1280,
    train_size=192,
    eval_size=224,
    dropout=0.2,
)


def scale(table: ConvNetTable, *, name: str, width: float = 1.0, depth: float = 1.0, **changes) -> ConvNetTable:
    """`table` with every width and depth multiplied and rounded by the V2 rule; `changes` replace other fields."""
    stages = tuple(
        replace(s, width=round_width(s.width * width), depth=round_depth(s.depth * depth)) for s in table.stages
    )
    stem, head = round_width(table.stem * width), round_width(table.head * width)
    return replace(table, name=name, stem=stem, stages=stages, head=head, **changes)


# The network of the smoke and small scales: B0 at half width and half depth, and no stride in the stem,
# because its images are 24 to 40 px instead of 192 to 224.
EFFICIENTNETV2_TINY = scale(
    EFFICIENTNETV2_B0, name="efficientnetv2-tiny", width=0.5, depth=0.5, stem_stride=1, train_size=32, eval_size=40
)

CONVNETS = {t.name: t for t in (EFFICIENTNETV2_S, EFFICIENTNETV2_B0, EFFICIENTNETV2_TINY)}
