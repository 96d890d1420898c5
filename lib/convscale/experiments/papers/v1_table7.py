"""EfficientNet Table 7 and Figure 8 (§6): does compound scaling beat scaling in one dimension, at equal cost?"""

from dataclasses import replace
from functools import partial

from ...models.efficientnet import EFFICIENTNET_B0
from ...models.scaling import Coefficients
from ...models.stages import scale
from ...recipes import Run, preset
from ..experiment import Arm, Experiment, Scale
from .common import digits_run
from .small_b0 import HALF_RUN, TINY, base_of, on_larger_images

PAPER = {
    "depth": Coefficients(4, 1, 1),
    "width": Coefficients(1, 2, 1),
    "resolution": Coefficients(1, 1, 2),
    "compound": Coefficients(1.4, 1.2, 1.3),
}
# At these factors B0 of half its width on 64 px takes 4.10, 3.60, 3.95 and 5.35 times its multiply-adds. So that
# nothing is won by cost, width and the compound have others there: 4.10, 4.10, 3.95 and 4.04 times.
MATCHED = PAPER | {"width": Coefficients(1, 2.2, 1), "compound": Coefficients(1.4, 1.1, 1.375)}


def scaled(dimension: str, run: Run) -> Run:
    """The run with its network and its images scaled: by the paper's factors from B0, else by matched ones."""
    base = base_of(run)
    factors = (PAPER if base is EFFICIENTNET_B0 else MATCHED)[dimension]
    network = scale(base, name=f"{base.name}-{dimension}", **factors._asdict())
    return on_larger_images(replace(run, model=network), factors.resolution)


ROWS = {
    "depth": "Scale model by depth (d=4)",
    "width": "Scale model by width (w=2)",
    "resolution": "Scale model by resolution (r=2)",
    "compound": "Compound Scale (d=1.4, w=1.2, r=1.3)",
}
ABOUT = {
    "depth": "every stage about four times as deep",
    "width": "every layer about twice as wide",
    "resolution": "images of twice the size",
    "compound": "deeper, wider and on larger images, each by a little",
}
ARMS = {
    "b0": Arm("the base network", lambda run: run, cell=("Baseline model (EfficientNet-B0)", "top-1")),
    **{f"b0-{d}": Arm(ABOUT[d], partial(scaled, d), cell=(ROWS[d], "top-1")) for d in PAPER},
}

EXPERIMENT = Experiment(
    name="v1_table7",
    title="Table 7, four ways to scale B0",
    table="v1:7",
    arms=ARMS,
    scales={
        "smoke": Scale(
            base=digits_run(TINY),
            seeds=1,
            cost="a second",
            shows="that the page runs",
            cannot="anything about the papers",
        ),
        "medium": Scale(
            base=HALF_RUN,
            seeds=6,
            cost="minutes of a small GPU",
            shows="whether compound scaling beats one dimension, at four times the multiply-adds of a small network",
            cannot="how large the gain is on ImageNet, or for larger budgets",
            reasons={
                "64 px": "the photographs have 160 px, so that larger images bring what smaller ones have lost, as on "
                "ImageNet at 224 px",
                "factors": "3.95 to 4.10 times the multiply-adds of the base, counted, with the compound in the middle",
                "all images, 20 epochs": "a larger network is then better and does not overfit much",
                "6 seeds": "differences of one seed scatter by about 0.7 points in trainings like these: six see a "
                "difference of about one point in four of five tries",
            },
        ),
        "paper": Scale(
            base=preset("v1-b0:paper").run(),
            seeds=5,
            cost="days to weeks of an accelerator",
            shows="the claims themselves",
            cannot="",
        ),
    },
    reasons={
        "no small scale": "images of 32 px cap what size can bring: a verdict on it there would be one on CIFAR-10",
        "the paper's factors at paper scale": "by the released rounding they take 4.1, 3.8, 4.0 and 4.7 times B0's "
        "multiply-adds, so that compound scaling has more to spend",
    },
    claims=("v1-table7-depth", "v1-table7-width", "v1-table7-resolution"),
)
