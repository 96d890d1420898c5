"""Figures and tables of networks as they are built, beside what the papers print of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from ..drawing import Drawing, scatter, stages_bars
from ..drawing import blocks as draw_blocks
from ..evidence import show_paper_table
from ..evidence.claims import claim_of
from ..evidence.judge_exact import decide
from ..measure import count_macs, count_params
from ..models import build, show, table
from .sections import SHORT

FAMILIES = {"efficientnetv2": "v2", "efficientnet": "v1", "resnet": "rs"}  # by the beginning of a network's name


def family_of(network: str) -> str:
    """ "v1", "v2", "rs", or "" for a network of none of the papers."""
    return next((family for start, family in FAMILIES.items() if network.startswith(start)), "")


def short_name(network: str) -> str:
    """ "EfficientNet-B2" -> "B2", "efficientnetv2-s" -> "V2-S": for labels in a figure of a family's own page."""
    name = network.replace("EfficientNetV2", "V2").replace("efficientnetv2", "V2").replace(" (21k)", "")
    family, _, rest = name.partition("-")
    return f"V2-{rest.upper()}" if family == "V2" else (rest or family).upper() if family_of(name.lower()) else name


def layouts(networks: Iterable[str], *, name: str, title: str, caption: str) -> Drawing:
    """Networks as bars, stage by stage, from their tables: operators, channels and layers."""
    rows = [
        {
            "network": short_name(network),
            "operator": row.operator,
            "channels": row.channels,
            "layers": row.layers,
            "width": row.layers,
            "family": family_of(network),
        }
        for network in networks
        for row in table(network).rows()[1:-1]  # without stem and head, which every network has once
    ]
    return stages_bars(pd.DataFrame(rows), name=name, title=title, unit="layers", caption=caption)


def counts(params: str, macs: str, others: Sequence[str], *, name: str, caption: str) -> Drawing:
    """Parameters against multiply-adds of the networks of two counted claims, as printed and as counted; then `others`
    of ours, which the paper does not print."""
    first, second = decide(claim_of(params)), decide(claim_of(macs))
    both = first.merge(second, on="row", suffixes=("", "_macs"))
    agree = (both[["verdict", "verdict_macs"]] == "reproduced").all(axis=1)
    unit, own = claim_of(macs).get("unit", 1), SHORT[claim_of(params)["paper"]]
    ours = both["row"].str.lower().map(family_of) == own
    points = pd.DataFrame(
        {
            "label": both["row"].map(short_name).where(ours, both["row"]),
            "x": both["ours"],
            "y": both["ours_macs"] / unit,
            "printed_x": both["printed"].astype(float),
            "printed_y": both["printed_macs"].astype(float) / unit,
            "family": ours.map({True: own, False: ""}),
        }
    )
    points.loc[agree, ["printed_x", "printed_y"]] = float("nan")  # one mark where both are the same
    added = [
        {
            "label": short_name(network),
            "x": count_params(net) / 1e6,
            "y": count_macs(net, table(network).eval_size) / 1e9,
        }
        for network, net in ((network, build(network)) for network in others)
    ]
    points = pd.concat([points, pd.DataFrame(added).assign(family=family_of(others[0]))]) if added else points
    return scatter(
        points.reset_index(drop=True),
        name=name,
        title=f"{int(agree.sum())} of {len(both)} networks have both numbers as printed",
        subtitle="Parameters and multiply-adds, logarithmic axes",
        x="parameters, millions",
        y="multiply-adds, billions",
        caption=caption,
        log="xy",
    )


def block_rows(network: str, chosen: Mapping[str, int]) -> pd.DataFrame:
    """The layers of blocks of a built network, name -> number of the block, as `drawing.blocks` takes them."""
    from torch import nn

    from ..models.blocks import SqueezeExcite

    net: Any = build(network)
    rows = []
    for name, number in chosen.items():
        block = net.blocks[number]
        about = {"block": name, "shortcut": block.drop is not None, "family": family_of(network)}
        for child in block.children():
            convolutions = [module for module in child.modules() if isinstance(module, nn.Conv2d)]
            if isinstance(child, SqueezeExcite):
                inner, outer = convolutions
                label = f"SE, {inner.out_channels} of {outer.out_channels}"
                rows.append(about | {"label": label, "channels": outer.out_channels, "kind": "gate"})
            elif convolutions:
                conv = convolutions[0]
                kind = "depthwise" if conv.groups > 1 else "conv"
                label = f"{kind} {conv.kernel_size[0]}x{conv.kernel_size[1]}"
                rows.append(about | {"label": label, "channels": conv.out_channels, "kind": kind})
    return pd.DataFrame(rows)


def blocks(network: str, chosen: Mapping[str, int], *, name: str, title: str, caption: str) -> Drawing:
    """What the blocks of a network are made of, read from the network as built."""
    return draw_blocks(block_rows(network, chosen), name=name, title=title, caption=caption)


def stage_table(network: str, paper: str) -> pd.DataFrame:
    """The stages of a network as built, and in a last column what the paper's table prints of each."""
    built, printed = show(network).frame, show_paper_table(paper)
    heads = ", ".join(head.split(" (")[0] for head in printed.columns)
    built["Parameters"] = built["Parameters"].map("{:,}".format)
    built[f"paper: {heads}"] = [", ".join(filter(None, row)) for row in printed.to_numpy()]
    names = {"Stage": "stage", "Operator": "operator", "Stride": "stride", "#Channels": "channels", "#Layers": "layers"}
    return built.rename(columns=names | {"Input": "input, px", "Parameters": "parameters"})
