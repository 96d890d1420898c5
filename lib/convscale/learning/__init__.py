"""Training: schedules, recipes, augmentation, the trainer."""

from .accuracy import evaluate
from .fitting import Outcome, fit
from .own_images import own_images
from .presets import list_presets, preset, show_preset
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
    "list_presets",
    "own_images",
    "preset",
    "progressive",
    "show_preset",
    "stage_at",
]
