"""EfficientNet §2: the networks that B0 descends from, counted."""

from dataclasses import replace

import pandas as pd

from ..drawing import Drawing, stages_bars
from ..evidence.counts import counts_of
from ..evidence.entries import entry_of
from ..measure.layers import layers
from ..models.efficientnet import EFFICIENTNET_B0
from ..models.stages import ConvNetTable
from ..models.tables import table
from .tables import BookTable

PARENTS = {
    "MobileNetV2": ("mobilenetv2", "inverted bottlenecks, by hand"),
    "MnasNet-B1": ("timm:mnasnet_100@224", "searched: kernels, expansions and layers for each stage"),
    "MnasNet-A1": ("timm:semnasnet_100@224", "the same with squeeze-and-excitation in some stages"),
}


def gates() -> tuple[int, int]:
    """Parameters and multiply-adds of B0's squeeze-and-excitation."""
    found = [layer for layer in layers(EFFICIENTNET_B0) if layer.gate]
    return sum(layer.params for layer in found), sum(layer.multiply_adds for layer in found)


def bars(*, name: str, caption: str) -> Drawing:
    """Stages of MobileNetV2 and of B0, with their kernels."""
    rows = []
    for label, family, network in (
        ("MobileNetV2", "", table("mobilenetv2")),
        ("EfficientNet-B0", "v1", EFFICIENTNET_B0),
    ):
        assert isinstance(network, ConvNetTable)
        rows += [
            {
                "network": label,
                "operator": f"MBConv{stage.expand} k{stage.kernel}",
                "channels": stage.width,
                "layers": stage.depth,
                "width": stage.depth,
                "family": family,
            }
            for stage in network.stages
        ]
    return stages_bars(
        pd.DataFrame(rows),
        name=name,
        title="B0 is MobileNetV2 with larger kernels, more channels late, and gates",
        unit="layers",
        caption=caption,
    )


def descent(*, name: str, caption: str) -> BookTable:
    """From MobileNetV2 to B0: what each has, and its parameters and multiply-adds."""
    rows: list[tuple[str, str, int, int]] = []
    for network, (entry, about) in PARENTS.items():
        counts = counts_of(entry_of(entry))
        rows.append((network, about, counts.params, counts.multiply_adds))
    plain = replace(EFFICIENTNET_B0, stages=tuple(replace(stage, se=0.0) for stage in EFFICIENTNET_B0.stages))
    for network, about, chosen in (
        ("B0 without it", "searched again for 400 million multiply-adds", plain),
        ("EfficientNet-B0", "squeeze-and-excitation in every block", EFFICIENTNET_B0),
    ):
        found = layers(chosen)
        macs = sum(layer.multiply_adds for layer in found)
        rows.append((network, about, sum(layer.params for layer in found), macs))
    out = [[network, about, f"{params / 1e6:.2f}", f"{macs / 1e6:.0f}"] for network, about, params, macs in rows]
    heads = ["network", "what it has", "parameters, M", "multiply-adds, M"]
    return BookTable(pd.DataFrame(out, columns=heads), name, caption)


def answer() -> str:
    """What the page finds, in sentences."""
    ours, parent = (counts_of(entry_of(name)) for name in ("efficientnet-b0", PARENTS["MobileNetV2"][0]))
    params, _ = gates()
    more = ours.multiply_adds / parent.multiply_adds
    return (
        f"B0 has MobileNetV2's seven stages and strides, with larger kernels and squeeze-and-excitation, which holds "
        f"{100 * params / ours.params:.0f} % of its parameters. It takes {more:.2f} times the multiply-adds."
    )
