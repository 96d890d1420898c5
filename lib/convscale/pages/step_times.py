"""V2 Figure 3 from records: time of a training step over printed accuracy, EfficientNet at both image sizes."""

import pandas as pd

from ..drawing import Drawing, scatter
from ..evidence.judge_printed import cell
from ..evidence.paper import paper_table
from ..records import Store, published
from .block import Block

TABLE, QUANTITY = "v2:f3", "training step"
SMALLER = ", smaller"
# B6 trained at 380 px is the one network whose accuracy at the smaller size is printed, in V2 Table 2.
TRAINED_SMALLER = {"EfficientNet-B6, smaller": ("v2:2", "train size=380")}
FAMILIES = {"EfficientNetV2": "v2", "EfficientNet": "v1", "ResNet-RS": "rs"}


def top1_of(row: str) -> float:
    """The printed accuracy of a row: of V2 Table 7, of RS Table 2 for its networks."""
    if row in TRAINED_SMALLER:
        return float(cell(*TRAINED_SMALLER[row], "top-1"))
    name = row.removesuffix(SMALLER)
    return float(cell("rs:2" if name in set(paper_table("rs:2")["row"]) - IN_BOTH else "v2:7", name, "top-1"))


IN_BOTH = {f"EfficientNet-B{i}" for i in range(3, 8)}  # V2 trains them as its own networks


def short(row: str) -> str:
    """ "EfficientNet-B4, smaller" -> "B4 smaller"."""
    name = row.replace("EfficientNetV2-", "V2-").replace("EfficientNet-", "").replace("ResNet-RS-", "RS-")
    return name.replace(SMALLER, " smaller").replace(" (ViT+reg)", "")


def step_rows(kind: str, store: Store | None = None) -> pd.DataFrame:
    """The session with the most rounds on devices of `kind`, of several the latest: row, ms an image, printed top-1 in
    %, family, device."""
    sessions: dict[str, list[dict]] = {}
    for record in (published() if store is None else store).measurements(TABLE):
        if record["quantity"] == QUANTITY and record["provenance"]["device"]["kind"] == kind:
            sessions.setdefault(record["session"], []).append(record)
    best = max(sessions.values(), key=lambda found: (len(found[0]["rounds"]), found[0]["session"]), default=[])
    rows = [
        (
            record["row"],
            record["value"],
            top1_of(record["row"]),
            next((family for start, family in FAMILIES.items() if record["row"].startswith(start)), ""),
            f"{record['provenance']['device']['name']}, batch {record['batch']}, {record['precision']}",
        )
        for record in best
    ]
    return pd.DataFrame(rows, columns=["row", "ms", "top1", "family", "device"]).sort_values(["family", "top1", "ms"])


def step_times(kind: str, *, name: str, caption: str) -> Drawing | Block:
    """The figure, or how to measure it."""
    rows = step_rows(kind)
    if rows.empty:
        command = f"convscale measure {TABLE} --device {kind}"
        said = "Step times: not run on this kind of device. This measures them: "
        return Block(f'<p class="sf sf-note">{said}<code>{command}</code></p>', said + command)
    ms = rows.set_index("row")["ms"]
    both = [row for row in ms.index if row + SMALLER in ms.index]
    gains = [ms[row] / ms[row + SMALLER] for row in both]
    points = pd.DataFrame(
        {"label": rows["row"].map(short), "x": rows["ms"], "y": rows["top1"], "family": rows["family"]}
    )
    return scatter(
        points.reset_index(drop=True),
        name=name,
        title=f"Images 30 % smaller make EfficientNet {min(gains):.1f} to {max(gains):.1f} times faster to train",
        subtitle=f"One training step on {rows['device'].iloc[0]}",
        x="training step, ms an image",
        y="ImageNet top-1 as printed, %",
        caption=caption,
        log="x",
    )
