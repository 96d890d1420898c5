"""A network with fixed weights, tested on larger and smaller images than it was trained on."""

from math import sqrt

import pandas as pd

from ..drawing import Drawing, scatter
from ..measure.by_size import TABLE, quantity_of
from ..models.tables import table
from ..records import Store, published
from .block import Block
from .networks import family_of
from .words import signed

NORMAL = 1.96  # of a 95 % interval of a share


def size_rows(network: str, store: Store | None = None) -> pd.DataFrame:
    """The latest published session: image_size (px), top1 and half (%), images."""
    records = [r for r in (published() if store is None else store).measurements(TABLE) if is_of(r, network)]
    last = max((record["session"] for record in records), default="")
    rows = []
    for record in records:
        if record["session"] != last:
            continue
        share = record["value"] / 100
        half = 100 * NORMAL * sqrt(share * (1 - share) / record["images"])
        rows.append((record["image_sizes"][0], record["value"], half, record["images"]))
    return pd.DataFrame(rows, columns=["image_size", "top1", "half", "images"]).sort_values("image_size")


def is_of(record: dict, network: str) -> bool:
    return record["quantity"] == quantity_of(network)


def tested_sizes(
    network: str, trained_at: int, *, name: str, caption: str, store: Store | None = None
) -> Drawing | Block:
    """Top-1 over the size of the test images, or how to measure it."""
    rows = size_rows(network, store)
    if rows.empty:
        command = f"convscale sizes 128 160 192 224 256 288 320 --model {network} --weights package --data FOLDER"
        said = "Tested at many sizes: not run. With ImageNet images in a folder this does it: "
        return Block(f'<p class="sf sf-note">{said}<code>{command}</code></p>', said + command)
    best = rows.loc[rows["top1"].idxmax()]
    at = rows.loc[rows["image_size"] == trained_at].iloc[0]
    images, end = rows["images"].iloc[0], f"best at {trained_at} px"
    if best["image_size"] != trained_at:
        end = f"{signed(best['top1'] - at['top1']).removeprefix('+')} points better at {best['image_size']:.0f} px"
    points = pd.DataFrame(
        {
            "label": [f"{size} px" for size in rows["image_size"]],
            "x": rows["image_size"],
            "y": rows["top1"],
            "family": family_of(network),
            "half": rows["half"],
        }
    )
    return scatter(
        points,
        name=name,
        title=f"Trained at {trained_at} px, it is {end}",
        subtitle=f"{table(network).name}, {images:,} images, each point ± {rows['half'].max():.1f} at most",
        x="size of test images, px",
        y="top-1, %",
        caption=caption,
        joined=True,
    )
