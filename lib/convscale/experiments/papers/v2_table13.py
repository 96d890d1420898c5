"""EfficientNetV2 Table 13 and Figure 6: does regularization that follows the image size beat regularization that
does not, with growing and with randomly drawn sizes?"""

from dataclasses import replace
from functools import partial

from ...recipes import Run, Schedule, preset, progressive
from ..experiment import Arm, Experiment, Scale
from .common import adamw


def schedule(sizes: str, regularization: str, run: Run) -> Run:
    """The run with its stages used in another way."""
    return replace(run, schedule=replace(run.schedule, sizes=sizes, regularization=regularization))


def arm(about: str, sizes: str, regularization: str, control: bool = False) -> Arm:
    return Arm(about, partial(schedule, sizes, regularization), control)


def arms(random: str) -> dict[str, Arm]:
    """The four arms of the table and three controls; `random` is how sizes are drawn."""
    return {
        "progressive-vanilla": arm("growing sizes, the last regularization throughout", "progressive", "final"),
        "progressive-adaptive": arm("growing sizes, each with its own regularization", "progressive", "adaptive"),
        "random-vanilla": arm("drawn sizes, the last regularization throughout", random, "final"),
        "random-adaptive": arm("drawn sizes, each with its own regularization", random, "adaptive"),
        "fixed-size": arm("the last size and regularization throughout", "fixed", "final", control=True),
        "progressive-minimum": arm(
            "growing sizes, the first regularization throughout", "progressive", "minimum", True
        ),
        "random-minimum": arm("drawn sizes, the first regularization throughout", random, "minimum", True),
    }


EXPERIMENT = Experiment(
    name="v2_table13",
    title="Table 13 and Figure 6, adaptive regularization",
    table="v2:13",
    arms=arms(random="random"),
    scales={
        "smoke": Scale(
            base=Run(
                model="efficientnetv2-tiny",
                dataset="digits",
                recipe=adamw(32, 24, warmup_epochs=0),
                schedule=Schedule(
                    progressive(image_size=(16, 24), randaugment=(5, 10), mixup=(0, 0.2), dropout=(0.1, 0.3)), every=1
                ),
                epochs=4,
                eval_size=24,
                seed=0,
                train_images=128,
                curve_points=4,
                curve_images=60,
            ),
            seeds=2,
            cost="seconds",
            shows="that the page runs",
            cannot="anything about the papers",
        ),
        # Table 13 names no network; its 85.1 % is Table 7's EfficientNetV2-M, so these are the M column of Table 6.
        "paper": Scale(
            base=preset("v2-m:paper").run(),
            seeds=3,
            cost="days of an accelerator",
            shows="the claims themselves",
            cannot="",
        ),
    },
    reasons={},
    claims=(
        "v2-table13-progressive",
        "v2-table13-random",
        "v2-table13-progressive-over-random",
        "v2-figure6-faster",
    ),
)
