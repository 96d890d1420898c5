"""EfficientNet-B0 beside MnasNet, in whose search space it was found (V1 §4): stage by stage, as built."""

from typing import Any, NamedTuple

import pandas as pd

from ..drawing import Drawing, stages_bars
from ..evidence.claims import claim_of
from ..evidence.counts import counts_of
from ..evidence.entries import entry_of
from ..evidence.judge_exact import decide, stages
from ..models import build, table
from .tables import BookTable

OURS = "efficientnet-b0"
MNASNETS = {"MnasNet-A1": "timm:semnasnet_100@224", "MnasNet-B1": "timm:mnasnet_100@224"}
NETWORKS = {"EfficientNet-B0": OURS, **MNASNETS}


TABLE_1 = tuple(f"v1-table1-{what}" for what in ("channels", "layers", "resolution", "expansions", "kernels"))


class Layers(NamedTuple):
    """A stage: expansion, kernel in px, channels, number of blocks, and whether they have squeeze-and-excitation."""

    expand: int
    kernel: int
    channels: int
    depth: int
    gated: bool

    @property
    def operator(self) -> str:
        """MnasNet calls MBConv1 a separable convolution; it is the same."""
        return f"MBConv{self.expand}, k{self.kernel}x{self.kernel}"

    @property
    def words(self) -> str:
        return f"{self.operator}, {self.channels} x {self.depth}{', SE' if self.gated else ''}"


def stages_of(network: str) -> list[Layers]:
    """The stages between stem and head, of ours from its table, of timm's from the network as built."""
    if not network.startswith("timm:"):
        return [Layers(s.expand, s.kernel, s.width, s.depth, s.se > 0) for s in stages(table(network))]
    import torch

    with torch.device("meta"):
        net: Any = build(network.partition("@")[0])
    found = []
    for stage in net.blocks:
        last = stage[-1]  # the first block of a stage has the channels of the one before
        inner, outer = last.conv_dw, getattr(last, "conv_pwl", last.conv_pw)
        expand = inner.in_channels // outer.out_channels if outer is not last.conv_pw else 1
        gated = not isinstance(last.se, torch.nn.Identity)
        found.append(Layers(expand, inner.kernel_size[0], outer.out_channels, len(stage), gated))
    return found


def answer() -> str:
    """The answer of §4: how much of Table 1 is what is built, and what B0 takes of the target of its search."""
    found = {id: decide(claim_of(id)) for id in TABLE_1}
    numbers = pd.concat(found.values())
    wrong = found["v1-table1-resolution"].query("verdict != 'reproduced'")
    sizes = [
        f"stage {row.row.split()[0]} takes maps of {row.ours:g} px, not {row.printed}" for row in wrong.itertuples()
    ]
    agree = int((numbers["verdict"] == "reproduced").sum())
    return (
        f"B0 is built as Table 1 prints it in {agree} of {len(numbers)} numbers: {'; '.join(sizes)}. It takes "
        f"{macs_millions(OURS):.0f} million multiply-adds, for a target of {aim()}."
    )


def same(first: list[Layers], second: list[Layers], field: str) -> int:
    """In how many stages a field of `Layers` is the same."""
    return sum(getattr(a, field) == getattr(b, field) for a, b in zip(first, second, strict=True))


def figure(*, name: str, caption: str) -> Drawing:
    """The three networks as bars, stage by stage."""
    found = {network: stages_of(source) for network, source in NETWORKS.items()}
    rows = [
        {
            "network": network,
            "operator": row.operator,
            "channels": row.channels,
            "layers": row.depth,
            "width": row.depth,
            "family": "v1" if network == "EfficientNet-B0" else "",
        }
        for network, found_stages in found.items()
        for row in found_stages
    ]
    b0, a1 = found["EfficientNet-B0"], found["MnasNet-A1"]
    title = f"B0 and MnasNet-A1 share kernels in {same(b0, a1, 'kernel')} and channels in {same(b0, a1, 'channels')}"
    return stages_bars(
        pd.DataFrame(rows),
        name=name,
        title=f"{title} of {len(b0)} stages",
        subtitle="Stages between stem and head; A1 is MnasNet with squeeze-and-excitation, B1 without",
        unit="layers",
        caption=caption,
    )


def beside(*, name: str, caption: str, fold: str = "") -> BookTable:
    """The three networks stage by stage, and what they count in all."""
    columns: dict[str, list[str]] = {}
    for network, source in NETWORKS.items():
        counts = counts_of(entry_of(source))
        totals = [f"{counts.params / 1e6:.2f}", f"{counts.multiply_adds / 1e6:.0f}"]
        columns[network] = [row.words for row in stages_of(source)] + totals
    rows = len(columns["EfficientNet-B0"]) - 2
    names = [str(number) for number in range(2, rows + 2)] + ["parameters, M", "multiply-adds, M"]
    return BookTable(pd.DataFrame({"stage": names} | columns), name, caption, fold=fold)


def target() -> str:
    """What B0 takes of the target of its search, in a sentence."""
    share = 100 * (macs_millions(OURS) / float(aim()) - 1)
    return (
        f"B0 takes {macs_millions(OURS):.0f} million multiply-adds, {abs(share):.1f} % "
        f"{'below' if share < 0 else 'above'} the target of {aim()}; MnasNet-A1 takes "
        f"{macs_millions(MNASNETS['MnasNet-A1']):.0f}."
    )


def aim() -> str:
    """The target of B0's search in millions of multiply-adds, as printed."""
    (printed,) = claim_of("v1-section4-target")["printed"].values()
    return printed


def macs_millions(network: str) -> float:
    return counts_of(entry_of(network)).multiply_adds / 1e6
