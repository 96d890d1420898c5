"""The spaces of the papers: V2 §3.3, that of MnasNet, in which B0 was found (V1 §4), and V1's step 1."""

from dataclasses import replace

from ..models.efficientnet import EFFICIENTNET_B0
from ..models.mobilenet import MOBILENETV2
from ..models.scaling import compound_grid
from ..models.stages import ConvNetTable
from .space import Growths, Operator, Stages

SE = 0.25  # V2 Table 4; MnasNet §4.1


def v2_space(backbone: ConvNetTable, *, name: str = "") -> Stages:
    """V2 §3.3: {MBConv, Fused-MBConv}, layers, kernel {3, 5}, expansion {1, 4, 6}; channels of the `backbone`.

    Squeeze-and-excitation follows the operator as in Table 4: MBConv has it, Fused-MBConv has not. The paper gives no
    range of layers. Ours: from one to twice the backbone's, because V2-S has 1.9 times B4's in its largest stage; of
    the last stage, if it has stride 1, also none, because V2-S has none. There is no decision about skips: "never used
    in the original EfficientNets".
    """
    last = backbone.stages[-1].stride == 1
    layers = [tuple(range(1, 2 * stage.depth + 1)) for stage in backbone.stages]
    if last:
        layers[-1] = (0, *layers[-1])
    return Stages(
        name=name or f"v2 around {backbone.name}",
        backbone=backbone,
        operators={"mbconv": Operator("mbconv", se=SE), "fused": Operator("fused", se=0.0)},
        kernels=(3, 5),
        expansions=(1, 4, 6),
        layers=tuple(layers),
    )


def mnasnet_space(backbone: ConvNetTable = EFFICIENTNET_B0, reference: ConvNetTable = MOBILENETV2) -> Stages:
    """MnasNet's (Tan et al. 2019, §4.1), which V1 §4 searched: everything relative to MobileNetV2, the `reference`.

    Operators: convolution, depthwise separable convolution (an MBConv of expansion 1) and MBConv, of expansion 3 or 6
    as MnasNet-A1 has; kernel {3, 5}; squeeze-and-excitation {0, 0.25}; channels {0.75, 1, 1.25} times and layers one
    fewer, as many or one more than MobileNetV2's. Stem, head, activation and strides are the `backbone`'s. Pooling
    skips are left out: no published network has one (V2 §3.3).
    """
    stages = tuple(
        replace(stage, width=row.width) for stage, row in zip(backbone.stages, reference.stages, strict=True)
    )
    layers = (tuple(n for n in (row.depth - 1, row.depth, row.depth + 1) if n > 0) for row in reference.stages)
    return Stages(
        name=f"mnasnet around {reference.name}",
        backbone=replace(backbone, stages=stages),
        operators={
            "conv": Operator("fused", expand=1),
            "separable": Operator("mbconv", expand=1),
            "mbconv3": Operator("mbconv", expand=3),
            "mbconv6": Operator("mbconv", expand=6),
        },
        kernels=(3, 5),
        se=(0.0, SE),
        widths=(0.75, 1.0, 1.25),
        layers=tuple(layers),
    )


def compound_space(backbone: ConvNetTable = EFFICIENTNET_B0) -> Growths:
    """Depth, width and resolution that double the cost by the rule: the grid search of V1 §4, step 1."""
    return Growths(f"compound around {backbone.name}", backbone, tuple(compound_grid()))
