"""What EfficientNetV2 changed, counted: how much of the image it sees, which stages grow, what the last one weighs."""

from dataclasses import replace

import pandas as pd

from ..drawing import Drawing, stages_bars
from ..measure.layers import by_stage, layers, receptive_field
from ..models.stages import ConvNetTable
from ..models.tables import table
from .networks import family_of, short_name
from .tables import BookTable
from .words import TIMES

SIZES = ("s", "m", "l", "xl")
LAST = 7  # the last stage of stride 1 of EfficientNet, and of V2-M, L and XL
WITH_LAST = [*(f"efficientnet-b{i}" for i in (0, 4, 7)), *(f"efficientnetv2-{size}" for size in SIZES[1:])]


def convnet(name: str) -> ConvNetTable:
    found = table(name)
    assert isinstance(found, ConvNetTable)
    return found


def small_kernels(network: ConvNetTable) -> ConvNetTable:
    """The network with 3x3 kernels only."""
    return replace(network, stages=tuple(replace(stage, kernel=3) for stage in network.stages))


def px_by_stage(network: ConvNetTable) -> list[int]:
    """By how many px each stage widens the receptive field, from the stem on; the head has 1x1 kernels."""
    added, step = [0] * (len(network.stages) + 2), 1
    for layer in layers(network):
        if not layer.gate:
            added[layer.stage] += (layer.kernel - 1) * step
            step *= layer.stride
    return added


def made_up() -> float:
    """The share of the receptive field lost to 3x3 kernels that the layers of V2-S win back, of B4's first six stages,
    which are those of S."""
    six = replace(convnet("efficientnet-b4"), stages=convnet("efficientnet-b4").stages[: LAST - 1])
    lost = receptive_field(six) - receptive_field(small_kernels(six))
    return (receptive_field(convnet("efficientnetv2-s")) - receptive_field(small_kernels(six))) / lost


def expansion_of(network: ConvNetTable) -> float:
    """Mean expansion over all blocks."""
    return sum(stage.expand * stage.depth for stage in network.stages) / depth_of(network)


def depth_of(network: ConvNetTable) -> int:
    return sum(stage.depth for stage in network.stages)


def finding() -> str:
    """The answer of §3.3: what the search changed from EfficientNet-B4 to V2-S, counted."""
    b4, s = convnet("efficientnet-b4"), convnet("efficientnetv2-s")
    fused = sum(stage.op == "fused" for stage in s.stages)
    return (
        f"EfficientNetV2-S has {fused} of {len(s.stages)} stages fused, 3x3 kernels only, no seventh stage, "
        f"{depth_of(s)} layers and a mean expansion of {expansion_of(s):.1f}. EfficientNet-B4, of its size, has "
        f"{depth_of(b4)} layers and {expansion_of(b4):.1f}. "
        f"The new layers win back {100 * made_up():.0f} % of the view that small kernels lose."
    )


def fields_of_view(label: str, caption: str) -> Drawing:
    """How much of the image one number of the last map is computed from, and which stages widen it."""
    b4, s = convnet("efficientnet-b4"), convnet("efficientnetv2-s")
    shown = {"B4": b4, "B4 with 3x3 kernels": small_kernels(b4), "V2-S": s}
    rows = []
    for name, network in shown.items():
        stem, *added = px_by_stage(network)
        words = f"{name}: {receptive_field(network) / network.eval_size:.1f} images"
        about = {"network": words, "family": family_of(network.name)}
        rows.append(about | {"operator": "stem", "channels": network.stem, "layers": 1, "width": stem + 1})
        for stage, px in zip(network.stages, added, strict=False):  # the head adds none
            block = ("Fused-MBConv" if stage.op == "fused" else "MBConv") + f", {stage.kernel}x{stage.kernel}"
            rows.append(about | {"operator": block, "channels": stage.width, "layers": stage.depth, "width": px})
    return stages_bars(
        pd.DataFrame(rows),
        name=f"fig-{label}-view",
        title=f"More layers make up for {100 * made_up():.0f} % of what small kernels lose of the view",
        subtitle="Px by which the stages widen the receptive field; squeeze-and-excitation sees the whole image in all",
        unit="px",
        caption=caption,
    )


def layers_by_stage(label: str, caption: str) -> BookTable:
    """Layers of every stage from S to XL, what L adds to S, and by which factor."""
    depths = {size: [stage.depth for stage in convnet(f"efficientnetv2-{size}").stages] for size in SIZES}
    rows = []
    for i in range(LAST):
        of_stage = [depths[size][i] if i < len(depths[size]) else 0 for size in SIZES]
        small, large = of_stage[0], of_stage[SIZES.index("l")]
        factor = f"{large / small:.2f}{TIMES}" if small else "-"
        rows.append([str(i + 1), *(str(n) if n else "-" for n in of_stage), f"+{large - small}", factor])
    heads = ["stage", *(size.upper() for size in SIZES), "S to L", "L / S"]
    return BookTable(pd.DataFrame(rows, columns=heads), f"tbl-{label}-growth", caption)


def last_stages(label: str, caption: str) -> BookTable:
    """What the last stage of stride 1 has of its network's parameters and multiply-adds."""
    rows = []
    for name in WITH_LAST:
        params, macs = (by_stage(convnet(name), what) for what in ("params", "multiply_adds"))
        shares = [f"{100 * values[LAST] / sum(values):.0f} %" for values in (params, macs)]
        rows.append([short_name(name), f"{params[LAST] / 1e6:.1f}", *shares])
    heads = ["network", "params, M", "of all", "of all multiply-adds"]
    return BookTable(pd.DataFrame(rows, columns=heads), f"tbl-{label}-last", caption)
