"""EfficientNetV2 §5.2 and the 21k rows of Table 7: does pretraining on more images help, and more than a larger
network does?"""

from dataclasses import replace

from ...models.stages import scale
from ...models.tables import table
from ...recipes import Run, Schedule, Stage
from ..experiment import Arm, Experiment, Scale
from .common import adamw

SMALL = table("efficientnetv2-tiny8")
WIDE = scale(SMALL, name="efficientnetv2-tiny8-wide", width=1.4)  # 1.4: V1's width from B0 to B4
PRETRAINING, TASK = (0, 1, 2, 3, 4, 5), (6, 7, 8, 9)  # classes by their numbers in the set: nobody has picked them


def scratch(run: Run) -> Run:
    """The run without its pretraining, three times as long and at three times the learning rate."""
    recipe = replace(run.recipe, learning_rate=3 * run.recipe.learning_rate)
    return replace(run, after=None, recipe=recipe, epochs=3 * run.epochs)


def wide(run: Run) -> Run:
    """The run, and its pretraining, with the larger network."""
    return run.each(lambda each: replace(each, model=WIDE))


def plain(image_size: int, dropout: float = 0.0) -> Schedule:
    """One size, without RandAugment and mixup."""
    return Schedule((Stage(image_size, randaugment=0, mixup=0, dropout=dropout),), sizes="fixed")


SMOKE = Run(
    model=SMALL.name,
    dataset="digits",
    classes=TASK,
    recipe=adamw(32, 16, warmup_epochs=0, policy="none"),
    schedule=plain(16),
    epochs=2,
    eval_size=16,
    seed=0,
    train_images=64,
    curve_points=2,
    curve_images=60,
)
STANDARD = dict(warmup_epochs=3, drop_path_rate=0.0, crop_area=(0.5, 1.0), policy="none")
SMALL_SCALE = Run(
    model=SMALL.name,
    dataset="cifar10",
    classes=TASK,
    recipe=adamw(64, 24, learning_rate=1e-3, **STANDARD),
    schedule=plain(24),
    epochs=50,
    eval_size=24,
    seed=0,
    train_images=400,
    subset="seed",
    curve_points=10,
    curve_images=1000,
    unseen=5000,
)

EXPERIMENT = Experiment(
    name="v2_table7",
    title="Section 5.2 and Table 7, pretraining on ImageNet-21k",
    table="v2:7",
    arms={
        "pretrained": Arm("pretrained on other classes, then trained on the task", lambda run: run),
        "scratch": Arm("trained on the task alone, three times as long", scratch),
        "pretrained-wide": Arm("as pretrained, with a network 1.4 times as wide", wide),
        "scratch-wide": Arm("as scratch, with a network 1.4 times as wide", lambda run: scratch(wide(run))),
    },
    scales={
        "smoke": Scale(
            base=replace(SMOKE, after=replace(SMOKE, classes=PRETRAINING, train_images=256)),
            seeds=1,
            cost="seconds",
            shows="that the page runs",
            cannot="anything about the papers",
        ),
        "small": Scale(
            base=replace(
                SMALL_SCALE,
                after=replace(
                    SMALL_SCALE,
                    classes=PRETRAINING,
                    train_images=None,
                    recipe=adamw(64, 24, learning_rate=3e-3, **{**STANDARD, "warmup_epochs": 1}),
                    epochs=5,
                    curve_points=5,
                    unseen=0,
                ),
            ),
            seeds=4,
            cost="20 s of a core, a minute from scratch; a pretraining 2 to 4 minutes",
            shows="the direction: many images of other classes against a wider network, for a task of few images",
            cannot="what 13 million images of 21,841 classes do for networks that have ImageNet to learn from; the "
            "task here has 75 times fewer images than the pretraining, the paper's ten times",
            reasons={
                "six classes, then four": "the data set that everybody has, in two parts that share no class",
                "400 images": "a hundred a class: so few that a network from scratch cannot learn all it could",
                "three times as long from scratch": "what the pretraining costs must not be what a network from "
                "scratch lacks: it stops gaining earlier",
                "24 px": "three quarters of the images' own size takes half the time",
                "learning rates": "of 1e-3 and 3e-3 each has the better one of a pilot (seed 0, images that nobody "
                "trained on): 77.4 and 76.5 % pretrained, 68.8 and 72.6 % from scratch",
                "4 seeds": "if differences scatter by 1.5 points, which no pilot has measured, four seeds see 3 points "
                "in four of five tries; the pilot's difference was 4.8",
            },
        ),
    },
    reasons={
        "no paper scale": "ImageNet-21k has no official place that a program may fetch it from",
        "the pretraining is part of the run": "its key and record say all of it; arms of a seed share it",
    },
    claims=("v2-table7-21k-s", "v2-section5-2-data-over-size"),
)
