"""ResNet-RS Figure 5 (§7.1): is a deeper and wider EfficientNet on smaller images better than compound scaling?"""

from dataclasses import replace
from functools import partial

from ...models.efficientnet import EFFICIENTNET_B0
from ...models.scaling import compound
from ...models.stages import ConvNetTable, scale
from ...recipes import Run
from ..experiment import Arm, Experiment, Scale
from .common import digits_run, one_size, plain

SMALLEST = 96  # px, of phi = 0
SIZES = {phi: round(SMALLEST * compound(phi).resolution) for phi in range(4)}  # 96, 110, 127, 146 px
# Sizes at which a network has the multiply-adds of the one before it at its own size: 71 and 116 million
SLOW = {2: 98, 3: 112}


def network(phi: int, name: str) -> ConvNetTable:
    """B0 at about a third of its width and half of its depth, then V1's compound scaling of both. With stride 16 the
    smallest images still leave maps of several px."""
    factors = compound(phi)
    return scale(
        EFFICIENTNET_B0,
        name=name,
        width=0.35 * factors.width,
        depth=0.5 * factors.depth,
        stem_stride=1,
        padding="symmetric",
        bn_momentum=0.1,
    )


def of_size(phi: int, size: int, run: Run) -> Run:
    """Trained and tested at `size` px; runs at smoke keep theirs."""
    run = replace(run, model=network(phi, f"b0-third-{phi}"))
    if run.dataset == "digits":
        return run
    stages = tuple(replace(stage, image_size=size) for stage in run.schedule.stages)
    return replace(run, schedule=replace(run.schedule, stages=stages), eval_size=size)


EXPERIMENT = Experiment(
    name="rs_figure5",
    title="Figure 5, EfficientNet on images that grow slowly",
    table="rs:figure 5",
    arms={
        **{
            f"compound-{phi}": Arm(
                f"EfficientNet scaled by phi = {phi}, images of {SIZES[phi]} px", partial(of_size, phi, SIZES[phi])
            )
            for phi in (1, 2, 3)
        },
        **{
            f"slow-{phi}": Arm(
                f"that of phi = {phi} on images of {size} px, at the cost of phi = {phi - 1}",
                partial(of_size, phi, size),
            )
            for phi, size in SLOW.items()
        },
    },
    scales={
        "smoke": Scale(
            base=digits_run(EFFICIENTNET_B0.name),
            seeds=1,
            cost="a second",
            shows="that the runs run",
            cannot="anything about the papers",
            only=("compound-2", "slow-3"),
        ),
        "medium": Scale(
            base=Run(
                model=EFFICIENTNET_B0.name,
                dataset="imagenette",
                recipe=plain(128, warmup_epochs=3, crop_area=(0.25, 1.0)),
                schedule=one_size(128),
                epochs=40,
                eval_size=128,
                seed=0,
                augment_on="device",
            ),
            seeds=6,
            cost="minutes of a small GPU",
            shows="the direction: whether the larger network on smaller images is better at equal multiply-adds",
            cannot="what it is for B5 to B7 at 456 to 600 px on ImageNet; times, which are in the runs' costs",
            reasons={
                "110 to 146 px": "sizes that Imagenette at 160 px has, in V1's steps of 1.15; images of 32 px cannot "
                "judge sizes",
                "98 and 112 px": "multiply-adds of 1.06 and 0.99 times those of the network before; the second is "
                "judged",
                "6 seeds": "if differences scatter by 0.7 points, which no pilot has measured, six seeds see about 1.0 "
                "in four of five tries",
            },
        ),
    },
    reasons={
        "equal multiply-adds": "Figure 5 compares at equal latency, which depends on the device. Both networks are "
        "EfficientNets, for which the two go together; the runs' records have their seconds",
        "no paper scale": "the sizes of EfficientNet-RS stand in an appendix that we do not have",
    },
    claims=("rs-section7-1-efficientnet-rs",),
)
