"""What a run tells at its end beyond its accuracy at one size: only what its fields ask for, and so pays for."""

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from torch import nn

from .. import datasets
from ..recipes import Run
from .batchnorm import keeps_statistics, to_training
from .chosen import trained_on, training_pool
from .trainer import Trainer

SIZED_IMAGES = 2000  # test images of each further size; ours: a standard error of about one point


def without_reports(run: Run) -> Run:
    """`run` with no further report asked for."""
    return replace(run, test_sizes=(), unseen=0, raw=False, halfway=False, weight_norm=False, early_loss=False)


def check_reports(run: Run, marks: Collection[int], steps: int) -> None:
    """Raise ValueError for reports that a run of so many `steps`, whose curve has points at `marks`, cannot make."""
    if run.early_loss and not any(0 < 2 * mark <= steps for mark in marks):
        raise ValueError(
            f"early_loss with curve_points = {run.curve_points}: the curve of {steps} steps has no point in its first "
            "half; use more points, or more steps"
        )


def early_loss(history: Sequence[dict]) -> float:
    """Mean test loss (nats) of the curve's points in the first half of training: the area under it, as points are even.

    It says how fast a network learns, which V2 Fig. 6 shows as curves. `history` is that of a whole run.
    Raises ValueError for a curve without a point there.
    """
    half = history[-1]["step"] / 2 if history else 0
    losses = [point["test_loss"] for point in history if point["step"] <= half]
    if not losses:
        raise ValueError(f"a curve of {len(history)} points has none in the first half of training: no early loss")
    return math.fsum(losses) / len(losses)


def further_metrics(trainer: Trainer) -> dict[str, float]:
    """What the fields of the trainer's run ask for, in %, but for `early_loss`: see `Run`.

    `unseen_top1` is absent where the run trained on all images that it could. With a teacher there is `teacher_top1`,
    how many of its answers were right.
    """
    run, test = trainer.run, trainer.test
    found: dict[str, float] = dict(trainer.halfway)
    some = datasets.subset(test, min(SIZED_IMAGES, len(test)))
    for size in run.test_sizes:
        found[f"test_top1@{size}"] = trainer.evaluated(some, size)["top1"]
    if run.raw:
        found["test_top1_raw"] = trainer.evaluated(test, model=trainer.take_step.model)["top1"]
        to_training(trainer.take_step.model, frozen_bn=keeps_statistics(run))
    if run.unseen and len(images := unseen_images(run)):
        found["unseen_top1"] = trainer.evaluated(images)["top1"]
    if run.weight_norm:
        found["weight_norm"] = weight_norm(trainer.model)
    if run.early_loss:
        found["early_loss"] = early_loss(trainer.history)
    if run.teacher:
        found["teacher_top1"] = trainer.teacher_top1
    return found


def weight_norm(model: nn.Module) -> float:
    """The L2 norm of all kernels and matrices of a network together: of what weight decay pulls at, no bias or norm.

    RS §5.2: augmentation shrinks it.
    """
    squares = (float(p.detach().double().square().sum()) for p in model.parameters() if p.dim() > 1)
    return math.sqrt(math.fsum(squares))


def unseen_images(run: Run) -> datasets.Images:
    """The `run.unseen` images that it could train on and does not; fewer where the set leaves fewer."""
    pool, _ = training_pool(run)
    return datasets.unseen(pool, np.concatenate(trained_on(run, pool)), run.unseen, run.seed)


def further_evaluations(run: Run, pool: int, test: int) -> float:
    """Images of `eval_size` px that take as long to evaluate as all that `further_metrics` looks at, of a set with
    `pool` images that may be trained on and `test` test images."""
    sized = sum((size / run.eval_size) ** 2 for size in run.test_sizes) * min(SIZED_IMAGES, test)
    left = pool - (run.train_images or pool) - run.pseudo
    precise = run.bn_batches * run.recipe.batch_size // run.accumulate * (run.curve_points + 1 + run.halfway)
    return sized + (run.raw + run.halfway) * test + min(run.unseen, left) + precise
