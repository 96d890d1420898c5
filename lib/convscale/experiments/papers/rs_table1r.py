"""ResNet-RS Table 1, right: less weight decay with and without other regularization, for the deeper network."""

from dataclasses import replace
from functools import partial

from ...models.resnet_tables import RESNET_TINY8
from ...recipes import Run
from ..experiment import Arm, Experiment, Scale
from .rs_factorial import DESIGN, of_recipe, of_stage, trained
from .rs_factorial import EXPERIMENT as FACTORIAL
from .rs_table1l import EXPERIMENT as PATH
from .rs_table1l import RS_26_HALF, large_decay, up_to, without_augmentation


def regularized(name: str, little_decay: bool, run: Run) -> Run:
    """The base run, which has all of it, with the regularization of a row of the table or with large weight decay."""
    if name != "ra-ls-sd-do":
        run = of_recipe(drop_path_rate=0.0)(of_stage(dropout=0.0)(run))
    if name == "none":
        run = of_recipe(label_smoothing=0.0)(without_augmentation(run))
    return run if little_decay else large_decay(run)


def arm(name: str, decay: str) -> Arm:
    about = f"{REGULARIZATIONS[name]}; {DECAYS[decay]} weight decay"
    return Arm(about, partial(regularized, name, decay == "4e-5"))


REGULARIZATIONS = {
    "none": "no other regularization",
    "ra-ls": "RandAugment, label smoothing",
    "ra-ls-sd-do": "RandAugment, label smoothing, stochastic depth, dropout",
}
DECAYS = {"1e-4": "large", "4e-5": "small"}
ARMS = {f"resnet-200-{name}-{decay}": arm(name, decay) for name in REGULARIZATIONS for decay in DECAYS}
CORNERS = tuple(f"resnet-200-{name}-{decay}" for name in ("none", "ra-ls-sd-do") for decay in DECAYS)

DEEP = replace(RESNET_TINY8, name="resnet-tiny8-x2", depths=(4, 4, 4, 4))
MEDIUM = replace(RS_26_HALF, name="resnet-rs-26-half-x2", depths=(4, 4, 4, 4))
SMOKE, SMALL = (FACTORIAL.scales[name] for name in ("smoke", "small"))
ALL_ON = dict.fromkeys(DESIGN.factors, 1)

EXPERIMENT = Experiment(
    name="rs_table1r",
    title="Table 1, weight decay in a deeper network",
    table="rs:1r",
    arms=ARMS,
    scales={
        "smoke": replace(SMOKE, base=trained(ALL_ON, replace(SMOKE.base, model=DEEP)), only=CORNERS),
        "small": Scale(
            base=trained(ALL_ON, replace(SMALL.base, model=DEEP)),
            seeds=8,
            cost="7 minutes of a core",
            shows="whether less weight decay gains more with the other regularization than without, in a network twice "
            "as deep as that of rs_factorial",
            cannot="the paper's own step of 1e-4 to 4e-5, which would be too small to see",
            reasons={"weight decay 5e-4 and 5e-5": "a ratio of 10, as in rs_factorial", "8 seeds": "see 0.7 points"},
            only=CORNERS,
        ),
        "medium": Scale(
            base=replace(PATH.scales["medium"].base, model=MEDIUM),
            seeds=6,
            cost="minutes of a small GPU",
            shows="the same, on photographs, in a network twice as deep as that of rs_table1l",
            cannot="the paper's own step of 1e-4 to 4e-5",
            reasons={
                "the settings of rs_table1l": "but for twice its blocks",
                "6 seeds": "see 1.4 points if seeds scatter by 0.7, as in other trainings; no pilot has been run, as "
                "no accelerator was at hand",
            },
            only=CORNERS,
        ),
        "paper": Scale(
            base=up_to("weight-decay", PATH.scales["paper"].base),
            seeds=5,
            cost="days to weeks of an accelerator",
            shows="the claims on ResNet-200 themselves",
            cannot="the rows of ResNet-50, whose rates are not printed",
            reasons={
                "the plain ResNet-200": "that of the left half of the table before its network changes; the right half "
                "does not say of which ResNet it is",
                "its rates": "those of the left half's last row",
                "the validation images": "the table's numbers are on minival; `validate` would change that",
            },
        ),
    },
    reasons={
        "the four corners alone": "the paper's middle rows, RandAugment and label smoothing without the rest, are "
        "about differences of 0.1 to 0.3 points: only its own scale has them",
    },
    claims=(
        "rs-section5-2-interaction-200",
        "rs-table1r-200-none",
        "rs-table1r-200-ra-ls",
        "rs-table1r-200-all",
    ),
)
