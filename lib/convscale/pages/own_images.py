"""The how-to page on one's own images: its folder of images, and what trainings of it came to."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from ..datasets import Images, photograph
from ..drawing import Drawing
from ..learning import Answers, Outcome
from ..learning.mistakes import per_class, worst
from ..recipes import Run
from .photographs import Picture, photo_grid
from .tables import BookTable

CLASSES = ("brick", "cat", "coffee", "flower", "grass", "gravel", "motorcycle", "palace")  # of PHOTOGRAPHS
PATCH = 64  # px of a side, as of `datasets.textures`
MOST = 28  # patches of a class in a split; ours: all of the smallest textures but four
SHOWN = 8  # mistakes; ours: two rows of a page


def write_patches(folder: str | Path) -> None:
    """Squares of PATCH px of each photograph as folder/train/<class>/*.png and folder/test/<class>/*.png.

    They are cut like a chess board's, one colour to train and the other to test, so that no pixel is in both.
    """
    for name in CLASSES:
        image = photograph(name)
        for split, colour in (("train", 0), ("test", 1)):
            place = Path(folder, split, name)
            place.mkdir(parents=True, exist_ok=True)
            for x, y in corners(image.width, image.height, colour):
                image.crop((x, y, x + PATCH, y + PATCH)).save(place / f"{x}-{y}.png")


def corners(width: int, height: int, colour: int) -> list[tuple[int, int]]:
    """Left and upper edges (px) of at most MOST squares of one colour, spread over the image."""
    found = [
        (x * PATCH, y * PATCH) for y in range(height // PATCH) for x in range(width // PATCH) if (x + y) % 2 == colour
    ]
    return found[:: max(1, len(found) // MOST)][:MOST]


def compared(runs: Mapping[str, Run], outcomes: Mapping[str, Outcome], *, name: str, caption: str) -> BookTable:
    """One line for each training: sizes, epochs, accuracy and processor time."""
    rows = []
    for label, run in runs.items():
        sizes = dict.fromkeys(stage.image_size for stage in run.schedule.stages)
        found = outcomes[label]
        rows.append(
            {
                "training": label,
                "px": ", ".join(map(str, sizes)),
                "epochs": run.epochs,
                "top-1": f"{found.metrics['test_top1']:.1f} %",
                "core-seconds": f"{found.cost['cpu_seconds']:.1f}",
            }
        )
    return BookTable(pd.DataFrame(rows), name=name, caption=caption)


def class_errors(found: Answers, classes: Sequence[str], *, name: str, caption: str) -> BookTable:
    """Images and accuracy of each class, and what its mistakes are taken for."""
    table = per_class(found, classes)
    taken = [f"{row.taken_for} ({row.so_often})" if row.so_often else "" for row in table.itertuples()]
    shown = {"images": table["images"], "top-1": table["top1"].map("{:.0f} %".format), "taken for": taken}
    return BookTable(pd.DataFrame({"class": table["class"], **shown}), name=name, caption=caption)


def mistakes_shown(
    found: Answers, images: Images, classes: Sequence[str], *, name: str, title: str, caption: str
) -> Drawing:
    """The wrong answers with the highest losses as images, each under its class and above what it was taken for."""
    places = worst(found, SHOWN)
    half = -(-len(places) // 2)
    rows, table = {}, []
    for start in range(0, len(places), half or 1):
        pictures = []
        for place in places[start : start + half]:
            number = int(found.index_N[place])
            wanted, given = (classes[k] for k in (found.label_N[place], found.answer_NA[place, 0]))
            pictures.append(Picture(images.image(number), PATCH, f"{wanted}, taken for {given}"))
            table.append({"file": images.name(number), "class": wanted, "answer": given})
        rows["; ".join(picture.alt for picture in pictures)] = pictures
    data, subtitle = pd.DataFrame(table), f"{len(places)} of {int((~found.right_N).sum())} mistakes, the surest first"
    heads = [""] * max(1, half)
    return photo_grid(heads, rows, name=name, title=title, subtitle=subtitle, caption=caption, data=data)
