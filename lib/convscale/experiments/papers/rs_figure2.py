"""ResNet-RS §6, Figure 2: how error falls with multiply-adds, over widths, depths and image sizes."""

from dataclasses import replace
from functools import partial
from itertools import product

from ...models.resnet_tables import RESNET_TINY8
from ...recipes import Run
from ..experiment import Arm, Experiment, Scale
from .common import digits_run, one_size, plain

# A small copy of the paper's grid of 5 widths, 7 depths and 5 sizes, around resnet-tiny8 at 24 px.
WIDTHS = {"narrow": 0.125, "wide": 0.25}
DEPTHS = {"shallow": (1, 1, 1, 1), "deep": (2, 2, 2, 2)}
SIZES = (16, 24, 32)  # px


def trained(width: str, depth: str, px: int, run: Run) -> Run:
    """The base run with a network of the grid, trained and tested at `px`."""
    network = replace(RESNET_TINY8, name=f"resnet-tiny8-{width}-{depth}", width=WIDTHS[width], depths=DEPTHS[depth])
    return replace(run, model=network, schedule=one_size(px), eval_size=px)


ARMS = {
    f"{width}-{depth}-{px}": Arm(f"{width}, {depth}, {px} px", partial(trained, width, depth, px))
    for width, depth, px in product(WIDTHS, DEPTHS, SIZES)
}

EXPERIMENT = Experiment(
    name="rs_figure2",
    title="Figure 2, error against multiply-adds",
    table="rs:figure 2",
    arms=ARMS,
    scales={
        "smoke": Scale(
            base=digits_run(RESNET_TINY8),
            seeds=1,
            cost="a second",
            shows="that the page runs",
            cannot="anything about the papers",
            only=("narrow-shallow-16", "wide-deep-16"),
        ),
        "small": Scale(
            base=Run(
                model=RESNET_TINY8,
                dataset="cifar10",
                recipe=plain(24, warmup_epochs=0.5),
                schedule=one_size(24),
                epochs=4,
                eval_size=24,
                seed=0,
                train_images=20_000,
                subset="seed",
                curve_points=1,
                curve_images=500,
                unseen=10_000,
            ),
            seeds=2,
            cost="1 to 10 minutes of a core",
            shows="whether error falls as a power of the multiply-adds for small networks, with which exponent, and "
            "how far networks of equal cost lie apart",
            cannot="where the power law breaks: that takes networks a thousand times as large; what larger images gain "
            "at the papers' sizes, as an image of 32 px has no more to show",
            reasons={
                "4 epochs of 20,000 images": "the regime in which nothing overfits, where the paper sees its power law",
                "2 seeds": "12 networks make the line; a seed moves a network by about half a point",
            },
        ),
    },
    reasons={
        "one recipe": "the paper adds regularization as networks grow; these are too small to need any",
        "no verdict": "the paper prints neither an exponent nor where the law breaks; ours is a description",
        "no paper scale": "175 networks of 350 epochs each, whose rates stand in an appendix that we do not have",
    },
)
