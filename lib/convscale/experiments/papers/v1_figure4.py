"""EfficientNet Figure 4 (§3.3): does width gain more in a deeper network on larger images?"""

from dataclasses import replace
from functools import partial

from ...models.stages import scale
from ...recipes import Run, preset
from ..experiment import Arm, Experiment, Scale
from .common import digits_run
from .small_b0 import HALF, HALF_RUN, TINY, base_of, on_larger_images

DEPTH, WIDTH = 2.0, 2.0
LARGER = {HALF.name: 1.25, TINY.name: 1.5}  # 80 and 24 px, multiples of 8; from B0 the caption's 1.3
RESOLUTION = 1.3


def changed(large: bool, wide: bool, run: Run) -> Run:
    """The run with a wider network, or a deeper one on larger images, or both."""
    base = base_of(run)
    size = LARGER.get(base.name, RESOLUTION) if large else 1.0
    label = "-".join([base.name, *(["deep-large"] if large else []), *(["wide"] if wide else [])])
    network = scale(base, name=label, depth=DEPTH if large else 1, width=WIDTH if wide else 1, resolution=size)
    return on_larger_images(replace(run, model=network), size)


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
