"""EfficientNet Figure 3 (§3.2): does scaling one dimension gain less and less?"""

from dataclasses import replace
from functools import partial

from ...models.stages import scale
from ...recipes import Run, preset
from ..experiment import Arm, Experiment, Scale
from .common import digits_run, one_size, plain
from .small_b0 import HALF_RUN, TINY, base_of, on_larger_images

# Width factors of `TINY` for the nominal ones. Channels are multiples of 8, so that nominal factors are far from w^2 of
# the multiply-adds; these are the nearest to 2, 4 and 8 times the base's: 2.01, 3.98 and 8.01.
WIDTHS = {1.4: 1.3, 2.0: 2.18, 2.8: 3.1}
DEPTHS = (2.0, 4.0)  # 2.1 and 4.3 times the multiply-adds: every stage of `TINY` has one block
RESOLUTIONS = (1.6, 2.5)


def wider(factor: float, run: Run) -> Run:
    base = base_of(run)
    width = WIDTHS[factor] if base == TINY else factor
    return replace(run, model=scale(base, name=f"{base.name}-width-{factor:g}", width=width))


def deeper(factor: float, run: Run) -> Run:
    base = base_of(run)
    return replace(run, model=scale(base, name=f"{base.name}-depth-{factor:g}", depth=factor))


ARMS = {
    "base": Arm("the base network", lambda run: run),
    **{f"width-{f:g}": Arm(f"{f:g} times as wide", partial(wider, f)) for f in WIDTHS},
    **{f"depth-{f:g}": Arm(f"{f:g} times as deep", partial(deeper, f)) for f in DEPTHS},
    **{
        f"resolution-{f:g}": Arm(f"images of {f:g} times the size", partial(on_larger_images, factor=f))
        for f in RESOLUTIONS
    },
}
NETWORKS = tuple(arm for arm in ARMS if not arm.startswith("resolution"))

EXPERIMENT = Experiment(
    name="v1_figure3",
    title="Figure 3, scaling one dimension",
    table="v1:figure 3",
    arms=ARMS,
    scales={
        "smoke": Scale(
            base=digits_run(TINY),
            seeds=1,
            cost="a second",
            shows="that the page runs",
            cannot="anything about the papers",
            only=NETWORKS,
        ),
        "small": Scale(
            base=Run(
                model=TINY,
                dataset="cifar10",
                recipe=plain(24, warmup_epochs=0.5),
                schedule=one_size(24),
                epochs=5,
                eval_size=24,
                seed=0,
                train_images=20_000,
                subset="seed",
                curve_points=2,
                curve_images=1000,
                unseen=10_000,
            ),
            seeds=6,
            cost="2 to 10 minutes of a core",
            shows="whether each doubling of the cost by width, or by depth, gains less than the one before",
            cannot="where accuracy saturates, which takes ImageNet and large networks; anything about resolution",
            reasons={
                "20,000 images, 5 epochs": "a larger network is then better, as on ImageNet, and does not overfit",
                "no resolution": "CIFAR-10 has 32 px: larger images bring what smaller ones have lost, and beyond "
                "32 px nothing; neither is what happens on ImageNet",
                "6 seeds": "gains of 1 to 3 points scatter by about 0.6",
            },
            only=NETWORKS,
        ),
        "medium": Scale(
            base=HALF_RUN,
            seeds=6,
            cost="minutes of a small GPU",
            shows="whether larger images gain less and less, where they bring detail that smaller ones have lost",
            cannot="where accuracy saturates on ImageNet; width and depth, which the small scale judges",
            reasons={
                "64, 102 and 160 px": "the figure's factors 1.6 and 2.5, up to the size of Imagenette's photographs",
                "all images, 20 epochs": "as for Table 7, whose base these runs share",
                "6 seeds": "differences of one seed scatter by about 0.7 points in trainings like these; a difference "
                "of differences by more",
            },
            only=("base", *(f"resolution-{f:g}" for f in RESOLUTIONS)),
        ),
        "paper": Scale(
            base=preset("v1-b0:paper").run(),
            seeds=5,
            cost="a day to weeks of an accelerator",
            shows="the claims themselves",
            cannot="",
        ),
    },
    reasons={
        "equal factors": "a gain is less than the one before by what it costs: each step at small doubles the "
        "multiply-adds, counted",
        "1, 1.4, 2, 2.8 and 1, 2, 4": "steps of equal factors near the ends of the figure's first halves; the figure "
        "has others, up to 3.8 and 8",
    },
    claims=("v1-figure3-width", "v1-figure3-depth", "v1-figure3-resolution"),
)
