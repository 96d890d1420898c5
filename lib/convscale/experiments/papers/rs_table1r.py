"""ResNet-RS Table 1, right: less weight decay with and without other regularization, for the deeper network."""

from dataclasses import replace
from functools import partial

from ...models.resnet_tables import RESNET_TINY8
from ...recipes import Run
from ..experiment import Arm, Experiment, Scale
from .rs_factorial import DESIGN, of_recipe, of_stage, trained
from .rs_factorial import EXPERIMENT as FACTORIAL
from .rs_table1l import large_decay, without_augmentation


def regularized(regularization: bool, little_decay: bool, run: Run) -> Run:
    """The base run, which has all of it, without regularization or with large weight decay."""
    if not regularization:
        run = of_recipe(label_smoothing=0.0, drop_path_rate=0.0)(of_stage(dropout=0.0)(without_augmentation(run)))
    return run if little_decay else large_decay(run)


def arm(name: str, decay: str) -> Arm:
    about = f"{REGULARIZATIONS[name]}; {DECAYS[decay]} weight decay"
    return Arm(about, partial(regularized, name != "none", decay == "4e-5"))


REGULARIZATIONS = {
    "none": "no other regularization",
    "ra-ls-sd-do": "RandAugment, label smoothing, stochastic depth, dropout",
}
DECAYS = {"1e-4": "large", "4e-5": "small"}
ARMS = {f"resnet-200-{name}-{decay}": arm(name, decay) for name in REGULARIZATIONS for decay in DECAYS}

DEEP = replace(RESNET_TINY8, name="resnet-tiny8-x2", depths=(4, 4, 4, 4))
SMOKE, SMALL = (FACTORIAL.scales[name] for name in ("smoke", "small"))
ALL_ON = dict.fromkeys(DESIGN.factors, 1)

EXPERIMENT = Experiment(
    name="rs_table1r",
    title="Table 1, weight decay in a deeper network",
    table="rs:1r",
    arms=ARMS,
    scales={
        "smoke": replace(SMOKE, base=trained(ALL_ON, replace(SMOKE.base, model=DEEP)), only=()),
        "small": Scale(
            base=trained(ALL_ON, replace(SMALL.base, model=DEEP)),
            seeds=8,
            cost="7 minutes of a core",
            shows="whether less weight decay gains more with the other regularization than without, in a network twice "
            "as deep as that of rs_factorial",
            cannot="the paper's own step of 1e-4 to 4e-5, which would be too small to see",
            reasons={"weight decay 5e-4 and 5e-5": "a ratio of 10, as in rs_factorial", "8 seeds": "see 0.7 points"},
        ),
    },
    reasons={
        "the four corners alone": "the paper's middle rows, RandAugment and label smoothing without the rest, are "
        "about differences of 0.1 to 0.3 points",
        "no paper scale": "the table does not say of which ResNet it is, nor with which rates",
    },
    claims=("rs-section5-2-interaction-200",),
)
