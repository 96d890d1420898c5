"""What an evaluation leaves in a folder: tables of every class, of mistakes and of calibration, and two pictures."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ..files import replace_file
from .pictures import draw_confusion, draw_mistakes

if TYPE_CHECKING:
    from ..datasets import Images
    from ..learning import Answers

WEAKEST = 3  # classes that a summary names


def write_table(table: pd.DataFrame, path: Path, index: bool = False) -> None:
    """As CSV, numbers with four decimals."""
    replace_file(path, lambda file: table.to_csv(file, index=index, float_format="%.4f"))


def results_of(found: "Answers") -> dict[str, float]:
    """images, top1 and top5 in %, loss in nats, calibration_error in points."""
    from ..learning.mistakes import calibration_error

    return found.results() | {"calibration_error": calibration_error(found)}


def write_evaluation(folder: Path, found: "Answers", images: "Images", classes: Sequence[str]) -> None:
    """results.json, per_class.csv, confusion.csv and .svg, calibration.csv, mistakes.csv and .png. Raises OSError."""
    from ..learning.mistakes import calibration, confusion, mistakes, per_class

    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(results_of(found), indent=1) + "\n"
    replace_file(folder / "results.json", lambda file: file.write_text(text))
    write_table(per_class(found, classes), folder / "per_class.csv")
    counts = confusion(found, classes)
    write_table(counts, folder / "confusion.csv", index=True)
    draw_confusion(counts, folder / "confusion.svg")
    write_table(calibration(found), folder / "calibration.csv")
    write_table(mistakes(found, images, classes), folder / "mistakes.csv")
    draw_mistakes(found, images, classes, folder / "mistakes.png")


def weak_classes(found: "Answers", classes: Sequence[str]) -> Iterable[str]:
    """The classes with the lowest accuracy, of equals those with the most images, in words."""
    from ..learning.mistakes import per_class

    table = per_class(found, classes).sort_values(["top1", "images", "class"], ascending=[True, False, True])
    for row in table[table["top1"] < 100].head(WEAKEST).itertuples():
        yield f"{row[1]} {row.top1:.1f} % of {row.images} (taken for {row.taken_for}: {row.so_often})"
