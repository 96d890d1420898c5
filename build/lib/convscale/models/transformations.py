"""Changes of a whole table that the papers study; plain and compound scaling is `stages.scale`."""

import math
from collections.abc import Mapping
from dataclasses import replace

from .resnet_tables import RS_TABLE2, ResNetTable, resnet_rs
from .stages import AnyTable, ConvNetTable, scale

V2_LARGEST_SIZE = 480  # px at inference (V2 §3.3); the released XL has 512

# V2 Table 3 does not say what becomes of B4's 5x5 kernels. With `KERNELS["first 3x3"]` the multiply-adds of its rows
# come out, with `KERNELS["kept"]` the parameters of the last two.
KERNELS: dict[str, dict[int, int]] = {"kept": {}, "first 3x3": {3: 3}}
TABLE3_ROWS = {"no fused": 0, "stage1-3": 3, "stage1-5": 5, "stage1-7": 7}


def fuse(table: ConvNetTable, upto: int, *, kernels: Mapping[int, int] | None = None, se: float = 0.0) -> ConvNetTable:
    """Replace MBConv by Fused-MBConv in the stages 1 to `upto`, counted without the stem (V2 Table 3).

    `kernels` gives single stages another kernel, e.g. `KERNELS["first 3x3"]`; `se` is the fused stages' ratio, 0 in
    every released model. Raises ValueError if the table has no such stage.
    """
    if not 0 <= upto <= len(table.stages):
        raise ValueError(f"upto = {upto}: {table.name} has stages 1 to {len(table.stages)}")
    kernels = kernels or {}
    fused = tuple(
        replace(stage, op="fused", kernel=kernels.get(i, stage.kernel), se=se) if i <= upto else stage
        for i, stage in enumerate(table.stages, start=1)
    )
    return replace(table, name=f"{table.name}-fused{upto}", stages=fused)


def scale_v2(
    table: ConvNetTable,
    *,
    name: str,
    width: float = 1.0,
    depth: float = 1.0,
    resolution: float = 1.0,
    extra: Mapping[int, int] | None = None,
) -> ConvNetTable:
    """Compound scaling as V2 §3.3 modifies it: image size capped at 480 px, `extra` layers for later stages.

    `extra` maps stages, counted from 1, to layers added after scaling. The paper gives no coefficients. Comments in
    automl effnetv2_configs.py call S, M and L roughly B0 at (width, depth) (1.4, 1.8), (1.6, 2.2), (2.0, 3.1); with
    `extra={5: 3}` these give the exact depths of M's and L's first six stages, but not all widths nor the seventh.
    """
    scaled = scale(table, name=name, width=width, depth=depth, resolution=resolution)
    stages = tuple(
        replace(stage, depth=stage.depth + (extra or {}).get(i, 0)) for i, stage in enumerate(scaled.stages, start=1)
    )
    return replace(scaled, stages=stages, eval_size=min(scaled.eval_size, V2_LARGEST_SIZE))


def strategy1(table: AnyTable, factor: float, *, overfitting: bool, name: str) -> AnyTable:
    """ResNet-RS strategy 1 (RS §6.1): spend `factor` times the multiply-adds on depth if the training regime lets
    the model overfit, on width otherwise.

    In the paper 350 epochs of ImageNet overfit and 10 do not. Multiply-adds grow with depth and with width squared,
    so the two answers cost the same, up to rounding and the unscaled stem.
    """
    return scale(table, name=name, **({"depth": factor} if overfitting else {"width": math.sqrt(factor)}))


def resnet_rs_within(gflops: float) -> ResNetTable:
    """The largest ResNet-RS of RS Table 2 within a budget of billion FLOPs, 2 a multiply-add.

    Both strategies at once: depth grows, width never does, and the image grows slowly, from 160 to 320 px over 28
    times the cost (strategy 2, RS §6.2). The paper gives the sizes and no formula.
    Raises ValueError for a budget below the smallest row.
    """
    affordable = [(depth, size) for depth, size, cost in RS_TABLE2 if cost <= gflops]
    if not affordable:
        raise ValueError(f"budget of {gflops} GFLOPs: the smallest row of RS Table 2 takes {RS_TABLE2[0][2]}")
    return resnet_rs(*affordable[-1])
