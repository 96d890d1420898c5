"""ResNet-RS Table 1, left: the additive study, every addition on top of all before it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial, reduce

from ...models.resnet_tables import RESNET_TINY8, RS_BN_MOMENTUM, ResNetTable, resnet_rs
from ...models.tables import table
from ...recipes import Run, preset
from ..experiment import Arm, Experiment, Scale
from .common import one_size, plain
from .rs_factorial import DESIGN, RECIPE, of_recipe, of_stage, trained
from .rs_factorial import EXPERIMENT as FACTORIAL

LARGE_DECAY = {4e-5: 1e-4, 5e-5: 5e-4}  # of the paper, and of rs_factorial
PLAIN_STEMS = {"deep": ("7x7", "max"), "3x3 deep": ("3x3", "none")}  # and what pools after them


def network_of(run: Run) -> ResNetTable:
    """The run's network as a table. Raises TypeError for one that is no ResNet."""
    found = table(run.model) if isinstance(run.model, str) else run.model
    if not isinstance(found, ResNetTable):
        raise TypeError(f"{found.name} is no ResNet")
    return found


def without_resnet_d(run: Run) -> Run:
    network = network_of(run)
    stem, pool = PLAIN_STEMS[network.stem]
    name = f"{network.name}-without-d"
    return replace(run, model=replace(network, name=name, stem=stem, stem_pool=pool, shortcut="conv"))


def without_squeeze_excite(run: Run) -> Run:
    network = network_of(run)
    return replace(run, model=replace(network, name=f"{network.name}-without-se", se=0.0))


def large_decay(run: Run) -> Run:
    return of_recipe(weight_decay=LARGE_DECAY[run.recipe.weight_decay])(run)


def without_augmentation(run: Run) -> Run:
    return of_stage(randaugment=0.0)(of_recipe(policy="none")(run))


def without_average(run: Run) -> Run:
    """The weights as they are. Batch norm has to average then: the release's remembers the last batch alone."""
    momentum = RS_BN_MOMENTUM["usual"] if run.recipe.bn_momentum else None
    return of_recipe(ema_decay=0.0, bn_momentum=momentum)(run)


def short(run: Run) -> Run:
    return replace(run, epochs=run.epochs * 90 // 350)


# Row of the table -> what it adds, and the change that takes this away again. The base run has all of them.
ROWS: dict[str, tuple[str, Callable[[Run], Run]]] = {
    "baseline": ("the plain ResNet with steps of the learning rate", lambda run: run),
    "cosine": ("a cosine learning rate", of_recipe(lr_schedule="step")),
    "epochs": ("350 epochs for 90", short),
    "ema": ("averages of weights", without_average),
    "label-smoothing": ("label smoothing", of_recipe(label_smoothing=0.0)),
    "stochastic-depth": ("stochastic depth", of_recipe(drop_path_rate=0.0)),
    "randaugment": ("RandAugment", without_augmentation),
    "dropout": ("dropout", of_stage(dropout=0.0)),
    "weight-decay": ("less weight decay", large_decay),
    "squeeze-excite": ("squeeze-and-excitation", without_squeeze_excite),
    "resnet-d": ("stem and shortcuts of ResNet-D", without_resnet_d),
}


def up_to(row: str, run: Run) -> Run:
    """The run with what the rows up to this one add, and without the rest."""
    later = list(ROWS)[list(ROWS).index(row) + 1 :]
    return reduce(lambda left, name: ROWS[name][1](left), reversed(later), run)


def short_with_all(run: Run) -> Run:
    return short(up_to("weight-decay", run))


SMOKE, SMALL = (FACTORIAL.scales[name] for name in ("smoke", "small"))
ALL_ON = dict.fromkeys(DESIGN.factors, 1)
RS_TINY8 = replace(RESNET_TINY8, name="resnet-rs-tiny8", se=0.25, stem="3x3 deep", shortcut="pool")
# The design of the released networks at half the width, for images of 128 px.
RS_26_HALF = replace(resnet_rs(26, 128), name="resnet-rs-26-half", width=0.5, drop_path_rate=0.1)
ARCHITECTURE = ("weight-decay", "squeeze-excite", "resnet-d")

EXPERIMENT = Experiment(
    name="rs_table1l",
    title="Table 1, the additive study",
    table="rs:1l",
    arms={
        **{row: Arm(f"+ {added}", partial(up_to, row)) for row, (added, _) in ROWS.items()},
        "weight-decay-90-epochs": Arm("as weight-decay, but 90 epochs", short_with_all, control=True),
    },
    scales={
        "smoke": replace(SMOKE, base=trained(ALL_ON, replace(SMOKE.base, model=RS_TINY8)), only=ARCHITECTURE),
        "small": Scale(
            base=trained(ALL_ON, replace(SMALL.base, model=RS_TINY8)),
            seeds=12,
            cost="4 minutes of a core",
            shows="whether squeeze-and-excitation and ResNet-D improve a small ResNet under all of the training",
            cannot="the other rows, which rs_factorial crosses with fewer runs",
            reasons={
                "12 seeds": "differences of networks scatter by about 1 point; 12 see 1.1 points",
                "a deep stem of stride 1": "images of 24 px have no pixels to lose before the first group",
            },
            only=ARCHITECTURE,
        ),
        "medium": Scale(
            base=of_stage(randaugment=10.0)(
                trained(
                    ALL_ON,
                    Run(
                        model=RS_26_HALF,
                        dataset="imagenette",
                        recipe=plain(128, **RECIPE, crop_area=(0.25, 1.0)),
                        schedule=one_size(128),
                        epochs=20,
                        eval_size=128,
                        seed=0,
                        train_images=3000,
                        subset="seed",
                        augment_on="device",
                        curve_points=2,
                        unseen=10_000,
                    ),
                )
            ),
            seeds=6,
            cost="minutes of a small GPU",
            shows="the direction of every step along the paper's own path, at image sizes nearer to the paper's",
            cannot="the size of any step on ImageNet",
            reasons={
                "20 and 80 epochs of 3,000 images": "a ratio as the paper's 90 and 350; the longer ones overfit "
                "without regularization",
                "RandAugment of magnitude 10": "that of the smallest ResNet-RS (Table 8), of 160 px",
                "weight decay 5e-4 and 5e-5": "as at the small scale",
                "Imagenette at 160 px": "its small official version fits into the memory of any GPU",
            },
        ),
        "paper": Scale(
            base=preset("rs-200-256:paper").run(),
            seeds=5,
            cost="days to weeks of an accelerator",
            shows="the claims themselves",
            cannot="rows of the paper whose rates it does not give: they are those of its last row here",
        ),
    },
    reasons={
        "rows before the averages": "batch norm averages its statistics as usual there; that of the release keeps the "
        "last batch's, which only averages of weights make up for",
        "weight-decay-90-epochs": "it tells how much more the epochs gain once all regularization is on",
    },
    claims=(
        *(f"rs-table1l-{row}" for row in ROWS if row != "baseline"),
        "rs-section5-1-epochs-interaction",
    ),
)
