"""Training: schedules, recipes, augmentation, the trainer."""

from .accuracy import evaluate
from .fitting import Outcome, fit
from .recipes import V2_PAPER, Recipe
from .run import Run
from .schedule import Schedule, Stage, progressive, stage_at

__all__ = [
    "V2_PAPER",
    "Outcome",
    "Recipe",
    "Run",
    "Schedule",
    "Stage",
    "evaluate",
    "fit",
    "progressive",
    "stage_at",
]
