"""EfficientNet Figure 4 (§3.3): does width gain more in a deeper network on larger images?"""

from dataclasses import replace
from functools import partial

from ...models.efficientnet import EFFICIENTNET_B0
from ...models.stages import scale
from ...recipes import Run, preset
from ..experiment import Arm, Experiment, Scale
from .common import one_size, plain
from .v1_figure3 import BASE as TINY
from .v1_figure3 import HALF

DEPTH, WIDTH = 2.0, 2.0
LARGER = {HALF.name: 1.25, TINY.name: 1.5}  # 80 and 24 px, multiples of 8; from B0 the caption's 1.3
RESOLUTION = 1.3


def changed(large: bool, wide: bool, run: Run) -> Run:
    """The run with a wider network, or a deeper one on larger images, or both."""
    base = {HALF.name: HALF, TINY.name: TINY}.get(getattr(run.model, "name", ""), EFFICIENTNET_B0)
    size = LARGER.get(base.name, RESOLUTION) if large else 1.0
    label = "-".join([base.name, *(["deep-large"] if large else []), *(["wide"] if wide else [])])
    network = scale(base, name=label, depth=DEPTH if large else 1, width=WIDTH if wide else 1, resolution=size)
    stages = tuple(replace(s, image_size=round(s.image_size * size)) for s in run.schedule.stages)
    schedule = replace(run.schedule, stages=stages)
    return replace(run, model=network, schedule=schedule, eval_size=round(run.eval_size * size))


ARMS = {
    "base": Arm("the base network", lambda run: run),
    "base-wide": Arm("twice as wide", partial(changed, False, True)),
    "deep-large": Arm("twice as deep, on larger images", partial(changed, True, False)),
    "deep-large-wide": Arm("twice as deep and as wide, on larger images", partial(changed, True, True)),
}

EXPERIMENT = Experiment(
    name="v1_figure4",
    title="Figure 4, width at two depths and sizes",
    table="v1:figure 4",
    arms=ARMS,
    scales={
        "smoke": Scale(
            base=Run(
                model=TINY,
                dataset="digits",
                recipe=plain(16, warmup_epochs=0),
                schedule=one_size(16),
                epochs=1,
                eval_size=16,
                seed=0,
                train_images=64,
                curve_points=1,
                curve_images=60,
            ),
            seeds=1,
            cost="a second",
            shows="that the page runs",
            cannot="anything about the papers",
        ),
        "medium": Scale(
            base=Run(
                model=HALF,
                dataset="imagenette",
                recipe=plain(64, warmup_epochs=1),
                schedule=one_size(64),
                epochs=20,
                eval_size=64,
                seed=0,
                augment_on="device",
                curve_images=1000,
            ),
            seeds=6,
            cost="minutes of a small GPU",
            shows="whether doubling the width gains more where depth and image size have grown",
            cannot="where width saturates on ImageNet; the other two settings of the figure",
            reasons={
                "64 and 80 px": "the sizes of Table 7's runs, with last maps that are whole",
                "6 seeds": "as for Table 7; a difference of differences scatters more, so less is seen",
            },
        ),
        "paper": Scale(
            base=preset("v1-b0:paper").run(),
            seeds=5,
            cost="days to weeks of an accelerator",
            shows="the claim itself",
            cannot="",
        ),
    },
    reasons={
        "two of four settings": "the ends of the figure, whose difference its text names; r as in its caption",
        "no small scale": "larger images are part of the question, and CIFAR-10 has 32 px",
    },
    claims=("v1-figure4-interaction",),
)
