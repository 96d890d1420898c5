"""ResNet-RS §7.3: the paper's Table 4 as a picture, and its three dense tasks on scenes of textures."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..drawing import Drawing, lanes
from ..evidence import paper_table
from .block import Block
from .words import signed

if TYPE_CHECKING:
    from torch import Tensor

TABLE, BASE, OURS = "rs:4", "ResNet-152 Supervised", "ResNet-152 RS"
SHAPES = {"ResNet-152 SimCLR": "disc", "ResNet-152 SimCLRv2": "triangle"}
TASKS = ("segmentation", "depth", "detection")


def against_supervised() -> pd.DataFrame:
    """Points by which each way of training is ahead of the usual one on each of the five tasks, for `drawing.lanes`."""
    printed = paper_table(TABLE).pivot(index="row", columns="column", values="value").drop(columns="epochs")
    order = [column for column in dict.fromkeys(paper_table(TABLE)["column"]) if column in printed]
    return pd.DataFrame(
        [
            {
                "row": task.removesuffix(" accuracy"),
                "label": way.removeprefix("ResNet-152 "),
                "value": round(printed.loc[way, task] - printed.loc[BASE, task], 1),
                "family": "rs" if way == OURS else "",
                "shape": SHAPES.get(way, ""),
            }
            for task in order
            for way in (OURS, *SHAPES)
        ]
    )


def in_print() -> str:
    """What Table 4 prints of the question."""
    ours = against_supervised().query("family == 'rs'")["value"]
    return (
        f"In the paper's table better supervised training is ahead of the usual on {(ours > 0).sum()} of {len(ours)} "
        f"tasks, by {ours.min()} to {ours.max()} points."
    )


def tasks(*, name: str, caption: str) -> Drawing:
    """Table 4 as differences from the first row."""
    rows = against_supervised()
    best = rows.loc[rows.groupby("row", sort=False)["value"].idxmax()]
    ahead = int((best["family"] == "rs").sum())
    return lanes(
        rows,
        name=name,
        title=f"Better supervised training is ahead of the usual on all five tasks, and of both SimCLRs on {ahead}",
        subtitle="ResNet-152, points over the usual supervised training, as printed",
        unit="points over Supervised",
        caption=caption,
        zero=True,
    )


def shortest(task: str) -> str:
    """What the improved training gained on a task, "+2.6"."""
    rows = against_supervised()
    return signed(float(rows[(rows["row"] == task) & (rows["family"] == "rs")]["value"].iloc[0]))


def batches_of(task: str, *, count: int, batch: int, px: int, passes: int, seed: int) -> Iterator[tuple["Tensor", Any]]:
    """Batches of scenes with the targets of a task of `learning.dense.LOSSES`, `passes` times all of them in order."""
    import torch

    from ..datasets.scenes import scenes

    found = scenes(count, px, seed)
    for start in passes * list(range(0, count, batch)):
        chosen = found[start : start + batch]
        x_BCHW = torch.stack([torch.from_numpy(s.image_HW).expand(3, -1, -1) / 255 - 0.5 for s in chosen])
        if task == "detection":
            targets: Any = [
                {"boxes": torch.from_numpy(s.boxes_N4), "labels": torch.from_numpy(s.labels_N)} for s in chosen
            ]
        else:
            name = "classes_HW" if task == "segmentation" else "depth_HW"
            targets = torch.stack([torch.from_numpy(getattr(s, name)) for s in chosen])
        yield x_BCHW, targets


def trained_here(network: str = "resnet-tiny8", px: int = 48, steps: int = 6) -> Block:
    """Each dense task trained for a few steps on scenes: one line with the first loss and the last."""
    import torch

    from ..learning.dense import depth_estimator, detector, segmenter, train
    from ..models import build

    said = []
    for task in TASKS:
        torch.manual_seed(0)
        net = build(network, num_classes=4)
        model = {
            "segmentation": lambda net=net: segmenter(net, 3),
            "depth": lambda net=net: depth_estimator(net),
            "detection": lambda net=net: detector(net, 3, px),
        }[task]()
        losses = train(model, task, batches_of(task, count=4, batch=4, px=px, passes=steps, seed=0))
        said.append(f"{task} {losses[0]:.2f} to {losses[-1]:.2f}")
    text = f"Losses of {steps} steps on four scenes: {', '.join(said)}. They show that the code runs."
    return Block(f'<p class="sf sf-note">{text}</p>', text)
