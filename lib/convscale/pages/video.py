"""ResNet-RS §7.4: Table 5 as steps, the 3-D networks counted, and a small one on clips of moving digits."""

from dataclasses import replace
from functools import cache

import pandas as pd

from ..drawing import Drawing, lanes
from ..evidence import paper_table
from ..evidence.judge_printed import cell
from ..models.video_tables import RESNET3D_50, RESNET3D_RS_50, VideoTable
from .block import Block
from .tables import BookTable
from .words import signed

TABLE = "rs:5"
ARCHITECTURE = ("+ Squeeze-and-Excitation", "+ ResNet-D")
VARIANTS: dict[str, VideoTable] = {  # what Table 5 adds to the network, one after the other; then the release
    "3-D ResNet-50": RESNET3D_50,
    "+ Squeeze-and-Excitation": replace(RESNET3D_50, name="resnet3d-50-se", se=0.25),
    "+ ResNet-D": replace(RESNET3D_50, name="resnet3d-50-se-d", se=0.25, stem="deep"),
    "as released": RESNET3D_RS_50,
}
# As few blocks as the four groups can have, for clips of a few small frames.
TINY = replace(RESNET3D_50, name="resnet3d-14", temporal_kernels=((3,), (3,), (3,), (1,)), dropout=0.0, stem_frames=3)


@cache
def steps_of() -> pd.DataFrame:
    """A row a step of Table 5, as `drawing.lanes` takes it: from the top-1 before it to that with it."""
    rows = list(dict.fromkeys(paper_table(TABLE)["row"]))
    top1 = [float(cell(TABLE, row, "top-1")) for row in rows]
    found = [{"row": rows[0], "label": cell(TABLE, rows[0], "top-1"), "value": top1[0], "start": float("nan")}]
    for row, before, after in zip(rows[1:], top1, top1[1:], strict=False):
        found.append({"row": row, "label": signed(after - before), "value": after, "start": before})
    return pd.DataFrame(found).assign(family=["" if row in ARCHITECTURE else "rs" for row in rows])


def gained(architecture: bool) -> float:
    """Points by the steps of architecture, or by all others."""
    steps = steps_of()
    chosen = steps[(steps["family"] == "") == architecture]
    return float((chosen["value"] - chosen["start"]).sum())


def additive(*, name: str, caption: str) -> Drawing:
    """Table 5, each step from where the one before it ends."""
    return lanes(
        steps_of(),
        name=name,
        title=f"Training gains {gained(False):.1f} points on video, the network {gained(True):.1f}",
        subtitle="Kinetics-400 top-1 of a 3-D ResNet-50 as printed; grey: changes of the network",
        unit="top-1, %",
        caption=caption,
        height=36,
    )


@cache
def counted() -> pd.DataFrame:
    """Parameters (M) and multiply-adds (B) of each of VARIANTS, for one clip of its frames at its test size."""
    import torch

    from ..measure import count_macs, count_params
    from ..models import build

    found = {}
    for variant, table in VARIANTS.items():
        with torch.device("meta"):
            net = build(table, num_classes=400)
        macs = count_macs(net, (table.frames, table.eval_size, table.eval_size))
        found[variant] = {"params": count_params(net) / 1e6, "multiply_adds": macs / 1e9}
    return pd.DataFrame(found).T


def answer() -> str:
    """The answer of §7.4: what the printed steps add up to, and what they cost."""
    base, both = (counted().loc[variant] for variant in ("3-D ResNet-50", "+ ResNet-D"))
    training, network = gained(False), gained(True)
    more = signed(100 * (both["multiply_adds"] / base["multiply_adds"] - 1), 0)
    return (
        f"By the paper's table training gains {training:.1f} of {training + network:.1f} points on Kinetics-400. The "
        f"two changes of the network add {both['params'] - base['params']:.1f} million parameters to "
        f"{base['params']:.1f}, and change the multiply-adds by {more} %."
    )


def variants(*, name: str, caption: str) -> BookTable:
    """The 3-D networks as counted, beside a clip's top-1 in the paper's table."""
    frame = pd.DataFrame(
        {
            "network": counted().index,
            "parameters, M": counted()["params"].map("{:.1f}".format).to_list(),
            "multiply-adds, B": counted()["multiply_adds"].map("{:.1f}".format).to_list(),
        }
    )
    return BookTable(frame, name, caption)


def trained_here(clips: int = 8, frames: int = 8, px: int = 32, steps: int = 6) -> Block:
    """A small 3-D ResNet for a few steps on moving digits: one line with the first loss and the last."""
    import torch
    from torch.nn.functional import cross_entropy

    from ..datasets.moving import DIRECTIONS, moving_digits
    from ..models import build

    torch.manual_seed(0)
    net = build(TINY, num_classes=len(DIRECTIONS)).train()
    shown, labels = moving_digits(clips, frames, px, seed=0)
    x_BCTHW = torch.from_numpy(shown)[:, None].expand(-1, 3, -1, -1, -1) / 255 - 0.5
    optimizer, losses = torch.optim.SGD(net.parameters(), 0.02, momentum=0.9), []
    for _ in range(steps):
        loss = cross_entropy(net(x_BCTHW), torch.from_numpy(labels))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    text = (
        f"{steps} steps on {clips} clips of {frames} frames: loss {losses[0]:.2f} to {losses[-1]:.2f}. "
        "That shows that the code runs."
    )
    return Block(f'<p class="sf sf-note">{text}</p>', text)
