"""EfficientNetV2 Table 5 with fewer and with more images: how far its answer depends on overfitting."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from ...recipes import Run
from ..experiment import Arm, Experiment, Scale
from .v2_table5 import CORNERS, SMALL, trained_at
from .v2_table5 import EXPERIMENT as TABLE_5

REGIMES = {"half": 0.5, "twice": 2.0}  # images of the main experiment; epochs in inverse proportion


def with_images(factor: float, change: Callable[[Run], Run], run: Run) -> Run:
    """As many steps on `factor` times the images, of which as many are warm-up."""
    changed = change(run)
    images = int((changed.train_images or 0) * factor)
    recipe = replace(changed.recipe, warmup_epochs=changed.recipe.warmup_epochs / factor)
    return replace(changed, train_images=images, epochs=int(changed.epochs / factor), recipe=recipe)


def arms() -> dict[str, Arm]:
    """The four corners of the table in each regime, with distances as shares of the image."""
    made = {}
    for regime, factor in REGIMES.items():
        for size, strength, corner in ((0, 0, CORNERS[0]), (0, 2, CORNERS[1]), (2, 0, CORNERS[2]), (2, 2, CORNERS[3])):
            about = f"{regime} the images; {TABLE_5.arms[corner].about}"
            made[f"{regime}-{corner}"] = Arm(
                about, partial(with_images, factor, partial(trained_at, size, strength, True))
            )
    return made


EXPERIMENT = Experiment(
    name="v2_table5_regimes",
    title="Table 5 with fewer and more images",
    table="v2:5",
    arms=arms(),
    scales={
        "smoke": replace(
            TABLE_5.scales["smoke"], base=replace(TABLE_5.scales["smoke"].base, train_images=128, epochs=2)
        ),
        "small": Scale(
            base=SMALL,
            seeds=4,
            cost="1 to 3 minutes of a core",
            shows="how much the gain of strong augmentation, and its growth with the image, depend on the regime",
            cannot="anything that v2_table5 cannot",
            reasons={
                "1,000 x 90 and 4,000 x 22": "beside the 2,000 x 45 of v2_table5, at the same number of steps",
                "4 seeds": "it describes and decides nothing",
            },
        ),
    },
    reasons={
        "regimes side by side": "with few images strong augmentation helps at any size, with many at none: one regime "
        "alone could be picked to give either answer",
    },
)
