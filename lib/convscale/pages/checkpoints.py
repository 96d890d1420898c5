"""Released weights that answer for the rows of a paper's ImageNet table, by timm's names."""

import pandas as pd

from ..drawing import Drawing, dots
from ..errors import check_name
from ..evidence.paper import paper_table
from .choices import key_of, timm_results
from .tables import BookTable

# Networks of others in V1 Table 2: the weights of their own papers where timm has them, at the size of the printed
# number. ResNet, DenseNet and ResNeXt were trained again, by torchvision ("tv") and by GluonCV.
OTHERS = {
    "ResNet-50": "resnet50.tv_in1k@224",
    "DenseNet-169": "densenet169.tv_in1k@224",
    "ResNet-152": "resnet152.tv_in1k@224",
    "Inception-v3": "inception_v3.tf_in1k@299",
    "Xception": "legacy_xception.tf_in1k@299",
    "Inception-v4": "inception_v4.tf_in1k@299",
    "Inception-resnet-v2": "inception_resnet_v2.tf_in1k@299",
    "ResNeXt-101": "resnext101_64x4d.gluon_in1k@320",
    "SENet": "legacy_senet154.in1k@320",
    "NASNet-A": "nasnetalarge.tf_in1k@331",
    "PNASNet": "pnasnet5large.tf_in1k@331",
}
TABLES = ("v1:2", "rs:2", "v2:7", "v2:11")  # with a column "top-1"
NEAR = 0.5  # points; ours: resizing and rounding alone move the top-1 of given weights by some tenths
AUTOAUGMENT = "aa_in1k"  # V1 §5.2 trains all with it; later papers have B5 and B7 with RandAugment


def checkpoints(table: str) -> dict[str, str]:
    """Row of `table`, one of TABLES -> "timm:name.tag@px"; rows without public weights are left out.

    Raises ValueError for another table.
    """
    check_name("table of released weights", table, TABLES)
    found = {}
    for row in dict.fromkeys(paper_table(table)["row"]):
        if key := key_of(row):
            name, _, tag = key.timm.partition(".")
            found[row] = f"timm:{name}.{AUTOAUGMENT if table == 'v1:2' else tag}@{key.px}"
        elif table == "v1:2" and row in OTHERS:
            found[row] = f"timm:{OTHERS[row]}"
    return found


def measured_by_timm(table: str) -> pd.DataFrame:
    """Rows of `table` with their weights and size in px, the printed top-1, and timm's of these weights at this size
    (%; NaN where timm has none)."""
    stated = paper_table(table).query("column == 'top-1'").set_index("row")["value"]
    theirs, rows = timm_results(), []
    for row, network in checkpoints(table).items():
        name, _, px = network.removeprefix("timm:").partition("@")
        rows.append(
            {"row": row, "weights": name, "px": int(px), "paper": stated[row], "timm": theirs.get((name, int(px)))}
        )
    return pd.DataFrame(rows).astype({"timm": float})


def checkpoint_figure(table: str, *, name: str, caption: str) -> Drawing:
    """Printed top-1 of the rows, and timm's of the released weights."""
    found = measured_by_timm(table)
    off = (found["timm"] - found["paper"]).dropna()
    families = [key.family if (key := key_of(row)) else "" for row in found["row"]]
    return dots(
        pd.DataFrame({"label": found["row"], "paper": found["paper"], "ours": found["timm"], "family": families}),
        name=name,
        title=f"{int((off.abs() <= NEAR).sum())} of {len(off)} released networks are within {NEAR} points of the print",
        subtitle="ImageNet top-1; timm's authors measured the released weights",
        unit="top-1, %",
        caption=caption,
        heads=("paper", "timm"),
    )


def checkpoint_table(table: str, *, name: str, caption: str, fold: str) -> BookTable:
    """The weights of `measured_by_timm` with both numbers; nobody has measured them here."""
    found = measured_by_timm(table)
    frame = pd.DataFrame(
        {
            "network": found["row"],
            "weights in timm": found["weights"],
            "px": found["px"],
            "paper, %": found["paper"].map("{:.1f}".format),
            "timm, %": found["timm"].map(lambda value: "" if pd.isna(value) else f"{value:.1f}"),
            "here, %": "not run",
        }
    )
    return BookTable(frame, name, caption, fold=fold)
