"""The 3-D ResNet-50 of RS Table 5 as tables, baseline and revised.

Source: tensorflow/models official/vision configs/backbones_3d.py, modeling/backbones/resnet_3d.py and
modeling/layers/nn_blocks_3d.py with k400_3d-resnet50_tpu.yaml and k400_resnet3drs_50_tpu.yaml. Whether the paper's
73.4 % row has exactly the layers of the baseline file is not documented. Unlike the 2-D networks of the paper the
released revised one has no average pool in its shortcuts.
"""

from dataclasses import dataclass, replace

from ..checks import check_fields, each, number, of, whole
from .resnet_tables import EXPANSION, WIDTHS
from .rows import Row


@dataclass(frozen=True)
class VideoTable:
    """A 3-D bottleneck ResNet; kernels are temporal x spatial. The defaults are the baseline."""

    name: str
    # First kernel of each block in time: one tuple a group, as long as the group is deep.
    temporal_kernels: tuple[tuple[int, ...], ...]
    frames: int = 32  # RS Table 5's clips: 32 frames, every second one
    train_size: int = 224  # px
    eval_size: int = 256  # px
    stem: str = "7x7"  # or "deep": the stem of ResNet-D, 5 frames long in its first convolution
    stem_pool_frames: int = 3  # temporal kernel of the max pool; its temporal stride is 2, or 1 for a kernel of 1
    gating: bool = True  # self-gating in the last block of each group
    se: float = 0.0  # squeeze width / width of the block's *output*; 0 = no squeeze-and-excitation
    dropout: float = 0.5
    drop_path_rate: float = 0.0
    bn_eps: float = 1e-5
    bn_momentum: float = 0.1  # torch convention; the baseline's 0.9 in TensorFlow's. The revised file has 0.0
    stem_frames: int = 5  # temporal kernel of the first convolution

    def __post_init__(self):
        check_fields(
            self,
            name=of(str),
            temporal_kernels=each(each(whole(1), least=1), least=1),
            frames=whole(1),
            train_size=whole(1),
            eval_size=whole(1),
            stem_pool_frames=whole(1),
            gating=of(bool),
            se=number(0),
            dropout=number(0, below=1),
            drop_path_rate=number(0, below=1),
            bn_eps=number(above=0),
            bn_momentum=number(above=0, most=1),
            stem_frames=whole(1),
        )

    total_stride = 32  # in height and width

    def rows(self) -> list[Row]:
        """Stem, groups, head, in the form of V2 Table 4."""
        conv = "7x7" if self.stem == "7x7" else "3x3, 2 x Conv1x3x3"
        rows = [Row(f"Conv{self.stem_frames}x{conv} & max pool", 4, WIDTHS[0], 1)]
        extras = (f", SE{self.se:g}" if self.se else "") + (", last gated" if self.gating else "")
        for i, (width, kernels) in enumerate(zip(WIDTHS, self.temporal_kernels, strict=True)):
            operator = f"Bottleneck 3-D, k{'/'.join(map(str, kernels))}x3x3{extras}"
            rows.append(Row(operator, 1 if i == 0 else 2, EXPANSION * width, len(kernels)))
        return [*rows, Row("Pooling & FC", 1, rows[-1].channels, 1)]


RESNET3D_50 = VideoTable("resnet3d-50", ((3, 3, 3), (3, 1, 3, 1), (3, 1, 3, 1, 3, 1), (1, 3, 1)))

# The last two rows of RS Table 5 are `se` and `stem`; one of them alone is `replace(RESNET3D_50, se=0.25)`.
RESNET3D_RS_50 = replace(
    RESNET3D_50,
    name="resnet3d-rs-50",
    temporal_kernels=((1,) * 3, (1,) * 4, (3,) * 6, (3,) * 3),
    stem="deep",
    stem_pool_frames=1,
    se=0.25,
    drop_path_rate=0.1,
)

VIDEOS = (RESNET3D_50, RESNET3D_RS_50)
