"""EfficientNetV2 Table 13 and Figure 6: does regularization that follows the image size beat regularization that
does not, with growing and with randomly drawn sizes?"""

from dataclasses import replace
from functools import partial

from ...models.stages import scale
from ...models.tables import table
from ...recipes import Run, Schedule, Stage, preset, progressive
from ..experiment import Arm, Experiment, Scale
from .common import adamw


def schedule(sizes: str, regularization: str, run: Run) -> Run:
    """The run with its stages used in another way."""
    return replace(run, schedule=replace(run.schedule, sizes=sizes, regularization=regularization))


def arm(about: str, sizes: str, regularization: str, cell: tuple[str, str] | None = None) -> Arm:
    """An arm of the table, or a control of ours where the paper has no `cell` for it."""
    return Arm(about, partial(schedule, sizes, regularization), control=cell is None, cell=cell)


def arms(random: str) -> dict[str, Arm]:
    """The four arms of the table and three controls; `random` is how sizes are drawn."""
    return {
        "progressive-vanilla": arm(
            "growing sizes, the last regularization throughout", "progressive", "final", ("progressive", "vanilla")
        ),
        "progressive-adaptive": arm(
            "growing sizes, each with its own regularization", "progressive", "adaptive", ("progressive", "adaptive")
        ),
        "random-vanilla": arm(
            "drawn sizes, the last regularization throughout", random, "final", ("random", "vanilla")
        ),
        "random-adaptive": arm(
            "drawn sizes, each with its own regularization", random, "adaptive", ("random", "adaptive")
        ),
        "fixed-size": arm("the last size and regularization throughout", "fixed", "final"),
        "progressive-minimum": arm("growing sizes, the first regularization throughout", "progressive", "minimum"),
        "random-minimum": arm("drawn sizes, the first regularization throughout", random, "minimum"),
    }


EXPERIMENT = Experiment(
    name="v2_table13",
    title="Table 13 and Figure 6, adaptive regularization",
    table="v2:13",
    arms=arms(random="shuffled"),
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
                curve_points=2,
                curve_images=60,
            ),
            seeds=2,
            cost="seconds",
            shows="that the page runs",
            cannot="anything about the papers",
        ),
        "small": Scale(
            base=Run(
                model="efficientnetv2-tiny8",
                dataset="cifar10",
                recipe=adamw(
                    64,
                    32,
                    learning_rate=3e-3,
                    warmup_epochs=3,
                    drop_path_rate=0.0,
                    crop_area=(0.5, 1.0),
                    profile="torchvision",
                ),
                schedule=Schedule(
                    progressive(3, image_size=(16, 32), randaugment=(2, 12), mixup=(0, 0.2), dropout=(0.1, 0.3))
                ),
                epochs=120,
                eval_size=32,
                seed=0,
                train_images=1000,
                subset="seed",
                curve_images=2000,
                test_sizes=(16, 24),
                unseen=10_000,
                early_loss=True,
            ),
            seeds=16,
            cost="3 minutes of a core",
            shows="the direction of each claim, for a small network that overfits a thousand small images",
            cannot="the size of the effect on ImageNet; progressive against random sizes as the paper trains them",
            reasons={
                "1,000 images, 120 epochs": "weak regularization has to overfit, or less of it is always better",
                "16, 24, 32 px": "the last size is that of the test, as in pilots the same weights moved by 3 to 5 "
                "points between sizes; total stride 8 and symmetric padding give every size maps of the same kind",
                "RandAugment 2 to 12 of torchvision's 30": "its strength grows with the magnitude from nothing; on the "
                "papers' scale a magnitude below 5 posterizes to one bit or none",
                "AdamW and a cosine": "the paper's RMSProp schedule is made for 350 epochs of 300 steps",
                "a new subset for each seed": "so that an interval is about images, too, and not about one thousand",
                "16 seeds": "differences of one seed have a standard deviation of about 1.4 points in runs like these; "
                "16 see a difference of 1.2 points in four of five tries, after Holm's correction for three claims",
            },
        ),
        "medium": Scale(
            base=Run(
                model=scale(table("efficientnetv2-b0"), name="efficientnetv2-b0-half", width=0.5),
                dataset="imagenette",
                recipe=adamw(
                    64,
                    128,
                    learning_rate=3e-3,
                    warmup_epochs=3,
                    drop_path_rate=0.0,
                    crop_area=(0.25, 1.0),
                ),
                schedule=Schedule(
                    (
                        Stage(64, randaugment=5, mixup=0.0, dropout=0.1),
                        Stage(80, randaugment=8, mixup=0.07, dropout=0.17),
                        Stage(112, randaugment=12, mixup=0.13, dropout=0.23),
                        Stage(128, randaugment=15, mixup=0.2, dropout=0.3),
                    )
                ),
                epochs=80,
                eval_size=128,
                seed=0,
                train_images=3000,
                subset="seed",
                augment_on="device",
                test_sizes=(64, 96),
                unseen=10_000,
                early_loss=True,
            ),
            seeds=8,
            cost="minutes of a small GPU",
            shows="the direction of each claim, at image sizes and magnitudes nearer to the paper's",
            cannot="the size of the effect on ImageNet",
            reasons={
                "64 to 128 px": "sizes at which borders are a small part of the last maps",
                "RandAugment 5 to 15": "the paper's own range (Table 6, S)",
                "Imagenette at 160 px": "its small official version fits into the memory of any GPU",
            },
        ),
        # Table 13 names no network; its 85.1 % is Table 7's EfficientNetV2-M, so these are the M column of Table 6.
        "paper": Scale(
            base=replace(preset("v2-m:paper").run(), test_sizes=(384, 432), early_loss=True),
            seeds=5,
            cost="days of an accelerator",
            shows="the claims themselves",
            cannot="",
        ),
    },
    reasons={
        "progressive-minimum, random-minimum": "if they do as well as adaptive, weak regularization is what helps, and "
        "not adapting it",
        "fixed-size": "ordinary training; it costs more at equal steps",
        "shuffled sizes": "each size once in every group of blocks, so that every seed sees equal shares of all sizes",
    },
    claims=(
        "v2-table13-progressive",
        "v2-table13-random",
        "v2-table13-progressive-over-random",
        "v2-figure6-faster",
        "v2-section4-1-progressive-drop",
        "v2-section4-1-random-drop",
    ),
)
