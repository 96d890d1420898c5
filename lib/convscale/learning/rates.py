"""Which learning rate a run should have: the range test (Smith, Cyclical Learning Rates, 2017, §3.3)."""

import math
from dataclasses import replace

import pandas as pd

from ..devices import Device, pick
from ..recipes import Run
from .trainer import Trainer

STEPS = 100  # of fastai's lr_find (callback/schedule.py), as are the range, the smoothing and the end
LOWEST, HIGHEST = 1e-7, 10.0
SMOOTHING = 0.98  # of the moving average of losses
DIVERGED = 4  # times the lowest loss
LEAST = 10  # points after the first tenth of the steps; in fewer there is no curve to look at


class RangeTest(Trainer):
    """A trainer whose learning rate grows from `LOWEST` to `HIGHEST`, by the same factor each step."""

    def lr(self, step: int) -> float:
        return LOWEST * (HIGHEST / LOWEST) ** (step / max(1, self.steps - 1))


def learning_rates(run: Run, device: str | Device = "auto", workers: int = 0, steps: int = STEPS) -> pd.DataFrame:
    """A row a step: learning_rate and the smoothed training loss (nats) at it, until that has diverged.

    `run` is trained at its last stage's size and regularization, as it would be at its end. Raises what `fit` raises
    before its first step.

    Until a tenth of the steps is done, only a loss that is no number ends it: a lucky first batch is no lowest loss.
    """
    device = pick(device) if isinstance(device, str) else device
    recipe = replace(run.recipe, warmup_epochs=0)
    schedule = replace(run.schedule, sizes="fixed", regularization="adaptive")
    trainer = RangeTest(replace(run, recipe=recipe, schedule=schedule, steps=steps), device, workers)
    rows, average, lowest = [], 0.0, math.inf
    for batch in trainer.loader():
        trainer.advance(batch)
        (loss,) = (value / device.world for value in device.total([trainer.unread.pop().item()]))
        average = SMOOTHING * average + (1 - SMOOTHING) * loss
        smoothed = average / (1 - SMOOTHING**trainer.step)
        if trainer.step > steps // 10:
            lowest = min(lowest, smoothed)
        if not math.isfinite(smoothed) or smoothed > DIVERGED * lowest:
            break
        rows.append({"learning_rate": trainer.lr(trainer.step - 1), "loss": smoothed})
    return pd.DataFrame(rows)


def suggested(table: pd.DataFrame, steps: int = STEPS) -> float:
    """The rate at which half of the loss's longest fall is done, which may pause on its way as in fastai's "valley".

    That rule takes the middle of the fall's steps. A classifier that begins at zero gives every image the same loss,
    which then falls from the first step on without noise, by next to nothing: the middle lies in that flat beginning,
    wherever the descent is. Ours asks how deep the loss is, so a beginning of any length is nothing to it. As fastai
    does, we leave out the first tenth of the `steps` planned, whose average is of few batches.

    Measured with 640 training images of CIFAR-10 or Imagenette-160 at 48 or 64 px, 3 to 8 epochs, 400 test images, and
    sweeps in factors of about 3. Best are the highest top-1 and those within half a point; two values: seeds 0 and 1.

        run                               optimizer  best                    this rule       valley
        efficientnet-lite0 of ImageNet    AdamW      1.6e-4 to 5e-4; 5e-4    3.6e-4; 3.0e-4  8.7e-6; 1.3e-5
        its classifier alone              AdamW      1e-3 to 3e-3            1.9e-3          3.9e-5
        timm:resnet10t of Imagenette      AdamW      5e-4 to 1.6e-3; 5e-4    4.3e-4; 6.3e-4  8.1e-5; 2.7e-5
                                          SGD        1e-2                    7.1e-3          5.6e-5
        timm:resnet10t from scratch       AdamW      1e-3 to 3e-3; 3e-3      7.6e-4; 1.3e-3  6.3e-4; 3.0e-4
                                          SGD        3e-2                    7.1e-3; 1.0e-2  2.8e-3; 4.9e-3

    The last line's 7.1e-3 is four times too low: the rate 1e-2 was 1.3 points below the best. Lower is the safer side:
    in the first line 1.6e-3 cost 26 and 42 points.

    Raises ValueError where fewer than `LEAST` points are left, and where the loss never falls.
    """
    table = table.iloc[steps // 10 :]
    if len(table) < LEAST:
        raise ValueError(
            f"{len(table)} of {steps} steps are left after the first tenth and before the loss diverged, and a "
            f"learning rate needs at least {LEAST}: take larger batches or more images"
        )
    losses = table["loss"].to_list()
    falls: list[tuple[int, ...]] = []  # the longest falling sequence of steps that ends at each
    for i, loss in enumerate(losses):
        before = max((falls[j] for j in range(i) if losses[j] > loss), key=len, default=())
        falls.append((*before, i))
    fall = max(falls, key=len, default=())
    if len(fall) < 2:
        raise ValueError("the loss never fell, so no learning rate can be told: take larger batches or more images")
    half = (losses[fall[0]] + losses[fall[-1]]) / 2
    return float(table["learning_rate"].iloc[next(i for i in fall if losses[i] <= half)])
