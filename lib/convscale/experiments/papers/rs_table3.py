"""ResNet-RS §7.2 and Table 3: do images that another network has labelled help?"""

from dataclasses import replace

from ...recipes import Run, Schedule, Stage
from ..experiment import Arm, Experiment, Scale
from .common import adamw


def labelled(run: Run) -> Run:
    """The run without pseudo-labelled images: as many steps, as many of them to warm up."""
    assert run.train_images is not None
    _, with_pseudo = run.length(run.train_images + run.pseudo)
    _, alone = run.length(run.train_images)
    recipe = replace(run.recipe, warmup_epochs=run.recipe.warmup_epochs * with_pseudo / alone)
    return replace(run, teacher=None, pseudo=0, recipe=recipe)


def efficientnet(run: Run) -> Run:
    return replace(run, model="efficientnet-tiny8")


def teacher(run: Run) -> Run:
    assert run.teacher is not None
    return run.teacher


def plain(image_size: int) -> Schedule:
    """One size, without RandAugment, mixup and dropout."""
    return Schedule((Stage(image_size, randaugment=0, mixup=0, dropout=0.0),), sizes="fixed")


SMOKE = Run(
    model="resnet-tiny8",
    dataset="digits",
    recipe=adamw(32, 16, warmup_epochs=0, policy="none"),
    schedule=plain(16),
    epochs=4,
    eval_size=16,
    seed=0,
    train_images=192,
    subset="seed",
    curve_points=2,
    curve_images=60,
)
TEACHER = Run(
    model="resnet-tiny8",
    dataset="cifar10",
    recipe=adamw(64, 24, learning_rate=3e-3, warmup_epochs=3, drop_path_rate=0.0, crop_area=(0.5, 1.0), policy="none"),
    schedule=plain(24),
    epochs=12,
    eval_size=24,
    seed=0,
    train_images=10_000,
    subset="seed",
    curve_points=10,
    curve_images=1000,
    unseen=10_000,
)

EXPERIMENT = Experiment(
    name="rs_table3",
    title="Section 7.2 and Table 3, pseudo-labelled images",
    table="rs:3",
    arms={
        "resnet-pseudo": Arm("a ResNet on labelled and pseudo-labelled images", lambda run: run),
        "resnet-labelled": Arm("a ResNet on the labelled images alone", labelled),
        "efficientnet-pseudo": Arm("an EfficientNet on labelled and pseudo-labelled images", efficientnet),
        "efficientnet-labelled": Arm(
            "an EfficientNet on the labelled images alone", lambda run: labelled(efficientnet(run))
        ),
        "teacher": Arm(
            "the network that labels, a ResNet on five times as many labelled images", teacher, control=True
        ),
    },
    scales={
        "smoke": Scale(
            base=replace(SMOKE, train_images=96, teacher=SMOKE, pseudo=400, steps=16),
            seeds=2,
            cost="seconds",
            shows="that the page runs",
            cannot="anything about the papers",
        ),
        "small": Scale(
            base=replace(
                TEACHER,
                train_images=2000,
                teacher=TEACHER,
                pseudo=30_000,
                steps=60 * (2000 // 64),
                recipe=replace(TEACHER.recipe, warmup_epochs=3 * (2000 // 64) / (32_000 // 64)),
            ),
            seeds=4,
            cost="2 to 3 minutes of a core, as is a teacher",
            shows="whether a student gains by images that a better network has labelled, for both kinds of network",
            cannot="what a teacher of 88.4 % and 130 million images do; whether ResNet-RS is as good as EfficientNet",
            reasons={
                "a teacher with 10,000 labels": "it has to be better than its students are without it, as the "
                "paper's is (88.4 %). In pilots (seed 0, images that nobody trained on) one with their 2,000 labels "
                "had 44.7 %, its student 45.7, and a ResNet on the labels alone 54.0. This one had 58.7, its student "
                "51.1 after half of the steps; the whole length was not looked at",
                "30,000 pseudo-labelled images": "15 for each labelled one; the paper has 100",
                "60 epochs of the labelled images": "all students take as many steps, so that none learns longer",
                "4 seeds": "if differences scatter by 1 point, which no pilot has measured, four seeds see about 1.5 "
                "in four of five tries, with the error pooled over the arms",
            },
        ),
    },
    reasons={
        "probabilities as labels": "those of Noisy Student, which the paper follows; both parts are trained on "
        "jointly, with the same settings",
        "teacher": "shown beside its students: may they be better than it is?",
        "no paper scale": "its 130 million images are not public",
    },
    claims=("rs-section7-2-pseudo-labels-rs", "rs-section7-2-pseudo-labels-b5"),
)
