"""ResNet-RS Table 1, both halves, at small scale: seven choices of training, crossed instead of added one by one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from ...recipes import Run
from ..experiment import Arm, Experiment, Scale
from ..factorial import Factorial, opposite, total
from .common import digits_run, one_size, plain

# 2^(7-2), 32 runs. Words: the two generators with their products, of length 5, and the product of both
# (cosine, smoothing, stochastic-depth, dropout), of length 4: resolution IV. Weight decay, epochs and RandAugment are
# not in it, so all their pairs, which Table 1 speaks of, are clear of each other and of all main effects.
DESIGN = Factorial(
    base=("less-decay", "epochs", "cosine", "randaugment", "smoothing"),
    generated={
        "stochastic-depth": ("less-decay", "epochs", "cosine", "randaugment"),
        "dropout": ("less-decay", "epochs", "randaugment", "smoothing"),
    },
)
REGULARIZATION = ("smoothing", "stochastic-depth", "randaugment", "dropout")  # "RA-LS-SD-DO" of Table 1, right
WITHOUT_DEPTH = ("smoothing", "randaugment", "dropout")  # "RA-LS-DO", that of ResNet-50


def of_recipe(**changes) -> Callable[[Run], Run]:
    return lambda run: replace(run, recipe=replace(run.recipe, **changes))


def of_stage(**changes) -> Callable[[Run], Run]:
    return lambda run: replace(
        run, schedule=replace(run.schedule, stages=tuple(replace(s, **changes) for s in run.schedule.stages))
    )


def longer(run: Run) -> Run:
    """Four times as long (350 / 90 epochs in the paper), the warm-up, too."""
    longer_warmup = replace(run.recipe, warmup_epochs=4 * run.recipe.warmup_epochs)
    return replace(run, epochs=4 * run.epochs, recipe=longer_warmup)


def augmented(run: Run) -> Run:
    return of_stage(randaugment=5.0)(of_recipe(policy="randaugment")(run))


# What the high level of a factor is, in words and as a change of the base run, which has all of them low.
HIGH: dict[str, tuple[str, Callable[[Run], Run]]] = {
    "less-decay": ("weight decay 5e-5 for 5e-4", of_recipe(weight_decay=5e-5)),
    "epochs": ("four times the epochs", longer),
    "cosine": ("a cosine learning rate for steps", of_recipe(lr_schedule="cosine-joined")),
    "randaugment": ("RandAugment of magnitude 5", augmented),
    "smoothing": ("label smoothing 0.1", of_recipe(label_smoothing=0.1)),
    "stochastic-depth": ("stochastic depth 0.1", of_recipe(drop_path_rate=0.1)),
    "dropout": ("dropout 0.25", of_stage(dropout=0.25)),
}


def trained(levels: Mapping[str, int], run: Run) -> Run:
    for factor, level in levels.items():
        run = HIGH[factor][1](run) if level > 0 else run
    return run


def interactions(factor: str, others: tuple[str, ...]) -> Mapping[str, float]:
    """How much more `factor` gains with all `others` than without any, if no three factors interact."""
    return total(*(DESIGN.effect(factor, other) for other in others))


def at(level: int, factors: tuple[str, ...]) -> dict[str, int]:
    return dict.fromkeys(factors, level)


def about(levels: Mapping[str, int]) -> str:
    return "; ".join(HIGH[factor][0] for factor, level in levels.items() if level > 0)


# SGD with momentum 0.9 as the paper. Its learning rate is 0.1 for 256 images, 0.025 for 64: too slow for the few
# hundred steps here; 0.1 is ours, by pilots.
RECIPE = dict(
    optimizer="momentum",
    learning_rate=0.1,
    lr_schedule="step",
    warmup_epochs=1,  # 5 of the paper's 90 and of its 350 epochs
    weight_decay=5e-4,
    label_smoothing=0.0,
)

EXPERIMENT = Experiment(
    name="rs_factorial",
    title="Table 1 as a factorial",
    table="rs:1l",
    arms={run: Arm(about(levels), partial(trained, levels)) for run, levels in DESIGN.runs.items()},
    scales={
        "smoke": Scale(
            base=digits_run(
                "resnet-tiny8", recipe=plain(16, **RECIPE | {"warmup_epochs": 0}), raw=True, weight_norm=True
            ),
            seeds=1,
            cost="a second",
            shows="that the page runs",
            cannot="anything about the papers",
            only=tuple(DESIGN.runs)[::4],
        ),
        "small": Scale(
            base=Run(
                model="resnet-tiny8",
                dataset="cifar10",
                recipe=plain(24, **RECIPE),
                schedule=one_size(24),
                epochs=20,
                eval_size=24,
                seed=0,
                train_images=2000,
                subset="seed",
                curve_points=2,
                curve_images=500,
                unseen=10_000,
                raw=True,
                weight_norm=True,
            ),
            seeds=4,
            cost="1 to 4 minutes of a core",
            shows="the direction of each effect, averaged over the others, and of the pairs that the paper speaks of",
            cannot="the effects along the paper's own path, where each choice is added to all before it; the size of "
            "any effect on ImageNet; squeeze-and-excitation and ResNet-D, which rs_table1l has",
            reasons={
                "4 seeds": "128 runs: a main effect has a standard error of 0.18 of a run's scatter, a pair's of 0.35",
                "20 and 80 epochs of 2,000 images": "a ratio as the paper's 90 and 350; the longer ones overfit "
                "without regularization",
                "weight decay 5e-4 and 5e-5": "a ratio of 10; the paper's 2.5 would be too small to see here",
                "RandAugment of magnitude 5": "the papers' scale is strong from there on for small images",
            },
        ),
    },
    reasons={
        "a factorial": "every run tells about every choice: 128 runs see effects less than half as large as the 11 "
        "arms of the additive path would in the same time",
        "averages of weights": "judged are averaged weights, as in all rows of the paper from the fourth on; those of "
        "the same runs that are not averaged are recorded, too",
        "the norm of the weights": "§5.2 says that augmentation shrinks it, which makes part of the decay redundant",
    },
    contrasts={
        "cosine": DESIGN.effect("cosine"),
        "label smoothing": DESIGN.effect("smoothing"),
        "stochastic depth": DESIGN.effect("stochastic-depth"),
        "RandAugment": DESIGN.effect("randaugment"),
        "harm of epochs without regularization": opposite(DESIGN.gain("epochs", at(-1, REGULARIZATION))),
        "harm of dropout at large weight decay": opposite(DESIGN.gain("dropout", at(-1, ("less-decay",)))),
        "less weight decay with regularization": DESIGN.gain("less-decay", at(+1, REGULARIZATION)),
        "epochs x regularization": interactions("epochs", REGULARIZATION),
        "less weight decay x regularization": interactions("less-decay", WITHOUT_DEPTH),
    },
    claims=(
        "rs-table1l-cosine",
        "rs-table1l-epochs",
        "rs-table1l-label-smoothing",
        "rs-table1l-stochastic-depth",
        "rs-table1l-randaugment",
        "rs-table1l-dropout",
        "rs-table1l-weight-decay",
        "rs-section5-1-epochs-interaction",
        "rs-section5-2-interaction-50",
        "rs-section5-2-norm",
    ),
)
