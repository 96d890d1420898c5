"""Which learning rate a run should have: the range test (Smith, Cyclical Learning Rates, 2017, §3.3)."""

import math
from dataclasses import replace

import pandas as pd

from ..devices import Device, pick
from ..recipes import Run
from .trainer import Trainer

STEPS = 100  # of fastai's lr_find (callback/schedule.py), as are the range, the smoothing, the end and the suggestion
LOWEST, HIGHEST = 1e-7, 10.0
SMOOTHING = 0.98  # of the moving average of losses
DIVERGED = 4  # times the lowest loss


class RangeTest(Trainer):
    """A trainer whose learning rate grows from `LOWEST` to `HIGHEST`, by the same factor each step."""

    def lr(self, step: int) -> float:
        return LOWEST * (HIGHEST / LOWEST) ** (step / max(1, self.steps - 1))


def learning_rates(run: Run, device: str | Device = "auto", workers: int = 0, steps: int = STEPS) -> pd.DataFrame:
    """A row a step: learning_rate and the smoothed training loss (nats) at it, until that has diverged.

    `run` is trained at its last stage's size and regularization, as it would be at its end. Raises what `fit` raises
    before its first step.
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
        lowest = min(lowest, smoothed)
        if not smoothed <= DIVERGED * lowest:  # also where it is no number
            break
        rows.append({"learning_rate": trainer.lr(trainer.step - 1), "loss": smoothed})
    return pd.DataFrame(rows)


def suggested(table: pd.DataFrame) -> float:
    """The middle of the longest fall of the loss, which may pause on its way (fastai's "valley").

    Raises ValueError where the loss never falls.
    """
    losses = table["loss"].to_list() if len(table) else []
    falls: list[int] = []  # points of the longest falling sequence that ends at each
    for i, loss in enumerate(losses):
        falls.append(1 + max((falls[j] for j in range(i) if losses[j] > loss), default=0))
    longest = max(falls, default=0)
    if longest < 2:
        raise ValueError("the loss never fell, so no learning rate can be told: look at the images and the weights")
    return float(table["learning_rate"][max(0, falls.index(longest) - longest + longest // 2)])
