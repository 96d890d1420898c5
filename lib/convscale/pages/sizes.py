"""EfficientNetV2 §4.1 as figures and tables: size against augmentation, in the paper and in our runs."""

from collections.abc import Sequence

import pandas as pd

from ..augment.operations import LAYERS, MAX_LEVEL
from ..drawing import Drawing, dots, forest
from ..evidence.forest import as_rows, contrast_row
from ..evidence.paper import printed
from ..experiments import Sweep, get
from ..experiments.papers.v2_table5 import MAGNITUDES, SIZES
from ..recipes import Pixels
from ..recipes.recipe import RELEASED_OPERATIONS
from ..records import frame, published
from ..words import plural
from .block import Block
from .papers import mean_and_spread
from .results import Results, judged
from .tables import BookTable
from .words import signed

WORDS = dict(zip(MAGNITUDES, ("weak", "medium", "strong"), strict=True))
MOVING = tuple(name for name in RELEASED_OPERATIONS if name.startswith("Translate"))
TOP1 = "test_top1"
GROWTH = "Growth of that from small to large images"


def in_paper(size: str, magnitude: str) -> float:
    """Top-1 of a cell of the paper's Table 5, %."""
    return float(printed("v2:5", f"RandAug magnitude={magnitude}", f"size={size}").split(" ")[0])


def means(results: Results) -> dict[str, float]:
    """Arm -> mean top-1 of the published runs, %; empty before all of them are there."""
    runs = frame(results.published)
    return runs.groupby("arm")[TOP1].mean().to_dict() if len(runs) else {}


def setting(sweep: Sweep, arm: str) -> tuple[int, float]:
    """Size in px and magnitude that an arm really has at this scale."""
    (stage,) = sweep.arms[arm].schedule.stages
    return stage.image_size, stage.randaugment


def finding() -> str:
    """The answer of §4.1 that needs no run: the interaction in the paper's Table 5."""
    weak, strong = MAGNITUDES[0], MAGNITUDES[-1]
    large, small = (signed(in_paper(size, strong) - in_paper(size, weak)) for size in (SIZES[-1], SIZES[0]))
    return (
        f"In the paper strong augmentation gains {large} points at {SIZES[-1]} px and {small} at {SIZES[0]} px. "
        f"At that strength the released code also moves images by {moved(float(strong)):.0f} px, whatever their size."
    )


def moved(magnitude: float) -> float:
    """By how many px the released code translates at most, of an image of any size."""
    return Pixels().translate * magnitude / MAX_LEVEL


def cell_of(size: str, magnitude: str) -> str:
    return f"size-{size}-magnitude-{magnitude}"


def shown_magnitude(magnitude: float) -> str:
    return f"{magnitude:g}" if magnitude else "none"


def grid(results: Results, caption: str) -> BookTable:
    """The paper's Table 5 and ours, a row for each magnitude."""
    sweep, runs, rows = judged(results.sweep.experiment), frame(results.published), []
    for magnitude in MAGNITUDES:
        ours = shown_magnitude(setting(sweep, cell_of(SIZES[0], magnitude))[1])
        row = [f"{WORDS[magnitude]}: {magnitude} ({ours})"]
        row += [f"{in_paper(size, magnitude):.1f}" for size in SIZES]
        for size in SIZES:
            arm = cell_of(size, magnitude)
            row += mean_and_spread(runs[runs["arm"] == arm][TOP1] if len(runs) else pd.Series(dtype=float))
        rows.append(row)
    heads = ["RandAugment: paper (here)", *(f"paper, {size} px" for size in SIZES)]
    for i, size in enumerate(SIZES, start=1):
        heads += [f"ours, {setting(sweep, cell_of(size, MAGNITUDES[0]))[0]} px", " " * i]
    table = pd.DataFrame(rows, columns=heads)
    table = table.loc[:, [any(table[head] != "") for head in table]]
    return BookTable(table, results.named("tbl", "grid"), caption)


def gains(results: Results, caption: str) -> Drawing:
    """Gain of medium and strong augmentation over weak at every size, in the paper and in our runs."""
    sweep, ours = judged(results.sweep.experiment), means(results)
    rows = []
    for size in SIZES:
        px, _ = setting(sweep, cell_of(size, MAGNITUDES[0]))
        for magnitude in MAGNITUDES[1:]:
            arm, weak = cell_of(size, magnitude), cell_of(size, MAGNITUDES[0])
            rows.append(
                {
                    "label": f"{WORDS[magnitude]} over weak",
                    "group": f"{size} px in the paper, {px} px here",
                    "paper": in_paper(size, magnitude) - in_paper(size, MAGNITUDES[0]),
                    "ours": ours[arm] - ours[weak] if arm in ours and weak in ours else float("nan"),
                    "family": "v2",
                }
            )
    table = pd.DataFrame(rows).astype({"paper": float, "ours": float})
    strong = table[table["label"].str.startswith("strong")]
    first, last = strong.iloc[0], strong.iloc[-1]
    column, where = ("paper", "In the paper") if pd.isna(last["ours"]) else ("ours", "Here")
    large, small = signed(last[column]), signed(first[column])
    title = f"{where} strong augmentation gains {large} points on large images, {small} on small ones"
    return dots(
        table,
        name=results.named("fig", "gains"),
        title=title,
        subtitle=f"Gain of top-1 over weak augmentation at the same size; {sweep.scale} scale",
        unit="gain over weak augmentation, points",
        caption=caption,
    )


def regimes(caption: str) -> Drawing | Block:
    """The gain of strong over no augmentation on small and on large images, and its growth, with few, more and many
    images; distances are shares of the image throughout. Before any is complete, how to make them."""
    main, others = get("v2_table5", "small"), get("v2_table5_regimes", "small")
    small, large = SIZES[0], SIZES[-1]
    weak, strong = MAGNITUDES[0], MAGNITUDES[-1]
    places = []
    for regime, sweep in (("half", others), ("", main), ("twice", others)):
        prefix, suffix = (f"{regime}-", "") if regime else ("", "-relative")
        corners = [
            {prefix + cell_of(small, strong) + suffix: 1, prefix + cell_of(small, weak): -1},
            {prefix + cell_of(large, strong): 1, prefix + cell_of(large, weak): -1},
        ]
        run = sweep.arms[prefix + cell_of(small, weak)]
        about = f"{run.train_images:,} images, {run.epochs} epochs"
        places.append((about, sweep, corners))
    px = [setting(main, cell_of(size, weak))[0] for size in (small, large)]
    rows, groups = [], (*(f"Strong over none, {size} px" for size in px), GROWTH)
    for k, group in enumerate(groups):
        for about, sweep, corners in places:
            contrast = corners[k] if k < 2 else corners[1] | {arm: -c for arm, c in corners[0].items()}
            rows.append(contrast_row(about, contrast, sweep, TOP1, published(), group))
    table = as_rows(rows).assign(family="v2")
    known = table[(table["group"] == GROWTH) & table["mean"].notna()]
    if known.empty:
        said = "The gain grows with the image in how many regimes? Not run yet. This makes the runs: "
        command = "convscale experiment run v2_table5 v2_table5_regimes --scale small"
        return Block(f'<p class="sf sf-note">{said}<code>{command}</code></p>', said + command)
    seen, left = int((known["low"] > 0).sum()), len(places) - len(known)
    title = f"The gain grows with the image, beyond chance, in {seen} of {plural(len(known), 'regime')}"
    title += f"; {left} {'is' if left == 1 else 'are'} not run" if left else ""
    return forest(
        table,
        name="fig-v2-table5-regimes",
        title=title,
        subtitle="Few, more and many images, at equal steps; small scale",
        caption=caption,
        unit="difference in test top-1, points",
        sides=("gains", "loses"),
    )


def remaining(sizes: Sequence[int], magnitudes: Sequence[float], name: str) -> BookTable:
    """What a translation of the released code leaves of an image's width, in %."""
    rows = [
        [f"{magnitude:g}", f"{moved(magnitude):.0f}"]
        + [f"{100 * max(0.0, 1 - moved(magnitude) / px):.0f} %" for px in sizes]
        for magnitude in magnitudes
    ]
    touched = 100 * (1 - (1 - len(MOVING) / len(RELEASED_OPERATIONS)) ** LAYERS)
    caption = (
        "What one translation leaves of an image, by its size. "
        f"{len(MOVING)} of {len(RELEASED_OPERATIONS)} operations translate and each image gets {LAYERS}: "
        f"{touched:.0f} % of the images are moved at least once."
    )
    heads = ["magnitude", "moved, px", *(f"left of {px} px" for px in sizes)]
    return BookTable(pd.DataFrame(rows, columns=heads), name, caption)
