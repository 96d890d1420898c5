"""ResNets as tables: those of the three papers, plain, -D and -RS at every published depth, and a tiny one.

Block counts: RS Appendix E and tpu resnet_rs/configs (50-420). 26, 300 and 400 occur only in the scaling study of
RS §6: 300 is in tensorflow/models modeling/backbones/resnet_3d.py, 400 in the appendix of the paper's first version,
26 follows from 3 * blocks + 2 and is in no source. 350 of the study is the released 350.
"""

from dataclasses import dataclass, replace

from ..checks import check_fields, each, number, of, whole
from .rows import Row
from .scaling import round_depth, round_width

WIDTHS = (64, 128, 256, 512)  # inner channels of the groups c2 to c5
EXPANSION = 4  # output channels of a bottleneck / its inner channels
# Names in print. "3x3" and "3x3 deep" are ours, for small images: of stride 1.
STEMS = {"7x7": "Conv7x7", "deep": "Conv3x3 x3", "3x3": "Conv3x3", "3x3 deep": "Conv3x3 x3"}
STEM_POOLS = {"max": " & max pool", "conv": " & Conv3x3 stride 2", "none": ""}


@dataclass(frozen=True)
class ResNetTable:
    """A bottleneck ResNet. The defaults are the plain network of RS Table 1's first row."""

    name: str
    depths: tuple[int, ...]  # blocks of the groups c2 to c5
    train_size: int = 224  # px
    eval_size: int = 224  # px
    width: float = 1.0  # multiplier of every channel count, the stem's included (RS §6)
    stem: str = "7x7"  # or "deep": three 3x3 convolutions (ResNet-D); "3x3" and "3x3 deep": one and three of stride 1
    stem_pool: str = "max"  # or "conv": a 3x3 convolution of stride 2, as the RS configs set it; or "none"
    shortcut: str = "conv"  # or "pool": a 2x2 average pool takes the stride (ResNet-D)
    se: float = 0.0  # squeeze width / width of the block's *output*; 0 = no squeeze-and-excitation
    dropout: float = 0.0
    drop_path_rate: float = 0.0
    bn_eps: float = 1e-5  # resnet_layers.py
    bn_momentum: float = 0.1  # torch convention; 0.9 in TensorFlow's
    padding: str = "symmetric"  # resnet_layers.py pads before a VALID convolution
    round_limit: float = 0.9  # of scaling.round_width; no source: V1's rule, as V1 Table 3 scales a ResNet-50
    pixels: str = "resnet"  # a key of preprocessing.RELEASED

    def __post_init__(self):
        check_fields(
            self,
            name=of(str),
            depths=each(whole(1), least=1),
            train_size=whole(1),
            eval_size=whole(1),
            width=number(above=0),
            se=number(0),
            dropout=number(0, below=1),
            drop_path_rate=number(0, below=1),
            bn_eps=number(above=0),
            bn_momentum=number(above=0, most=1),
            round_limit=number(0),
        )

    @property
    def stem_stride(self) -> int:
        """Pixels of the image per pixel at the first group's input."""
        return (1 if self.stem.startswith("3x3") else 2) * (1 if self.stem_pool == "none" else 2)

    @property
    def total_stride(self) -> int:
        """Pixels of the image per pixel of the last feature map; the smallest image the network takes."""
        return self.stem_stride * 2 ** (len(self.depths) - 1)

    def channels(self, width: int) -> int:
        """`width` channels of the base network at this table's width multiplier."""
        return round_width(width * self.width, self.round_limit)

    def rows(self) -> list[Row]:
        """Stem, groups, head, in the form of V2 Table 4."""
        stem = STEMS.get(self.stem, self.stem) + STEM_POOLS.get(self.stem_pool, self.stem_pool)
        groups = [
            Row("Bottleneck, k3x3" + (f", SE{self.se:g}" if self.se else ""), 1 if i == 0 else 2, EXPANSION * c, n)
            for i, (c, n) in enumerate(zip(map(self.channels, WIDTHS), self.depths, strict=True))
        ]
        stem_row = Row(stem, self.stem_stride, self.channels(WIDTHS[0]), 1)
        return [stem_row, *groups, Row("Pooling & FC", 1, groups[-1].channels, 1)]

    def scaled(self, width: float, depth: float) -> "ResNetTable":
        """Every layer `width` times as wide, every group `depth` times as deep, rounded up."""
        return replace(self, width=self.width * width, depths=tuple(round_depth(d * depth) for d in self.depths))


DEPTHS = {
    26: (2, 2, 2, 2),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
    200: (3, 24, 36, 3),
    270: (4, 29, 53, 4),
    300: (4, 36, 54, 4),
    350: (4, 36, 72, 4),
    400: (6, 48, 72, 6),
    420: (4, 44, 87, 4),
}

# Batch-norm momentum of ResNet-RS in torch's convention. The paper gives none; the release has 0 in TensorFlow's,
# so the running statistics are the last batch's and only the moving average of the weights smooths them.
RS_BN_MOMENTUM = {"usual": 0.1, "release": 1.0}


def resnet(depth: int) -> ResNetTable:
    """The plain network (He et al. 2015; stride in the 3x3 convolution, as in the tpu code)."""
    return ResNetTable(f"resnet-{depth}", DEPTHS[depth])


def resnet_d(depth: int) -> ResNetTable:
    """With the stem and shortcut of ResNet-D and the max pool kept (timm `resnet*d`)."""
    return replace(resnet(depth), name=f"resnet-d-{depth}", stem="deep", shortcut="pool")


def resnet_rs(depth: int, size: int) -> ResNetTable:
    """ResNet-RS (RS §4, Architecture): ResNet-D, its max pool a strided convolution, with squeeze-and-excite 0.25.

    `size` in px is that of training and evaluation. All files of tpu resnet_rs/configs have dropout 0.4 at 320 px and
    0.25 below, and stochastic depth 0.1 from depth 200.
    """
    return replace(
        resnet_d(depth),
        name=f"resnet-rs-{depth}",
        train_size=size,
        eval_size=size,
        stem_pool="conv",
        se=0.25,
        dropout=0.4 if size >= 320 else 0.25,
        drop_path_rate=0.1 if depth >= 200 else 0.0,
    )


# Depth, size in px, billion FLOPs (2 a multiply-add) of every row of RS Table 2, smallest first.
RS_TABLE2 = (
    (50, 160, 4.6),
    (101, 160, 8.4),
    (101, 192, 12.0),
    (152, 192, 18.0),
    (152, 224, 24.0),
    (152, 256, 31.0),
    (200, 256, 40.0),
    (270, 256, 54.0),
    (350, 256, 69.0),
    (350, 320, 107.0),
    (420, 320, 128.0),
)

# Ours, for experiments on small images: the plain network of 26 layers at an eighth of its width, and without the two
# strides of the stem, so that 16 to 32 px leave a map of 2 to 4 px. Sizes are best multiples of 8.
RESNET_TINY8 = replace(
    resnet(26), name="resnet-tiny8", train_size=32, eval_size=32, width=0.125, stem="3x3", stem_pool="none"
)

RESNETS = (
    *(resnet(depth) for depth in (50, 101, 152, 200)),
    *(resnet_d(depth) for depth in (50, 101, 152, 200)),
    # A depth that RS Table 2 has at several sizes stands here at its largest.
    *(resnet_rs(depth, size) for depth, size in {depth: size for depth, size, _ in RS_TABLE2}.items()),
    # Depths of the scaling study alone, at one of its sizes; it tunes their rates by size and regime (Appendix F).
    *(resnet_rs(depth, 224) for depth in (26, 300, 400)),
    RESNET_TINY8,
)
