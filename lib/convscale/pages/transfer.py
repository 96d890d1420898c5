"""V2 §5.3: Tables 8 and 9 with what follows from them."""

import pandas as pd

from ..drawing import Drawing, dots
from ..evidence.judge_printed import cell
from ..evidence.paper import show_paper_table
from ..recipes import preset
from .tables import BookTable

SETS = ("CIFAR-10", "CIFAR-100", "Flowers", "Cars")
OURS = "EfficientNetV2"


def epochs(images: int) -> float:
    """Of a set of so many training images, in the steps of the paper's fine-tuning."""
    fine_tuning = preset("v2-transfer:paper")
    assert fine_tuning.steps is not None
    return fine_tuning.steps * fine_tuning.recipe.batch_size / images


def table9(*, name: str, caption: str) -> BookTable:
    """The data sets, with the epochs that 10,000 steps are."""
    rows = []
    for name_of_set in SETS:
        train, test, classes = (int(cell("v2:9", name_of_set, c)) for c in ("train images", "eval images", "classes"))
        counts = [f"{train:,}", f"{test:,}", f"{classes}", f"{train / classes:,.0f}", f"{epochs(train):,.0f}"]
        rows.append([name_of_set, *counts])
    heads = ["data set", "training images", "test images", "classes", "images a class", "epochs in 10,000 steps"]
    return BookTable(pd.DataFrame(rows, columns=heads), name, caption)


def table8(*, name: str, caption: str, fold: str) -> BookTable:
    """All rows of Table 8 as printed."""
    frame = show_paper_table("v2:8").reset_index().rename(columns={"row": "network"})
    frame.columns = [str(column).replace(" (", ", ").replace(")", "") for column in frame.columns]
    return BookTable(frame, name, caption, fold=fold)


def leads() -> pd.DataFrame:
    """One row a data set: label, paper (the best of the earlier networks, in %) and ours (the best EfficientNetV2)."""
    frame = show_paper_table("v2:8")
    rows = []
    for column in SETS:
        values = {row: float(cell("v2:8", row, column)) for row in frame.index if frame.loc[row, f"{column} (%)"]}
        new = max(value for row, value in values.items() if row.startswith(OURS))
        old = {row: value for row, value in values.items() if not row.startswith(OURS)}
        best = max(old, key=lambda row: old[row])
        rows.append({"label": f"{column}: {best.split(' (')[0]}", "paper": old[best], "ours": new, "family": "v2"})
    return pd.DataFrame(rows)


def standing() -> str:
    """On how many of the data sets the best EfficientNetV2 leads, in the paper."""
    rows = leads()
    ahead, level = int((rows["ours"] > rows["paper"]).sum()), int((rows["ours"] == rows["paper"]).sum())
    return f"V2 leads on {ahead} of {len(rows)} data sets and draws on {level}"


def lead(*, name: str, caption: str) -> Drawing:
    """The best EfficientNetV2 against the best earlier network on each data set."""
    return dots(
        leads(),
        name=name,
        title=standing(),
        subtitle="The best EfficientNetV2, and the best earlier network of the paper's Table 8",
        unit="accuracy on the data set, %",
        caption=caption,
        heads=("earlier", "V2"),
    )
