"""What a run is about to do, for people: its stages as a data frame, and all of it as a few lines."""

import contextlib
from collections.abc import Iterable
from itertools import groupby

import pandas as pd

from ..datasets import DataMissing, Images, held_out_share, load
from ..recipes.run import Run
from ..recipes.schedule import stage_at
from ..words import plural
from .chosen import images_of


def stages_of(run: Run, images: int) -> pd.DataFrame:
    """One row a stretch of equal stages: first step and epoch, image size in px and each regularization."""
    steps, steps_per_epoch = run.length(images)
    stages = (stage_at(run.schedule, step, steps, steps_per_epoch, run.seed) for step in range(steps))
    rows, first = [], 0
    for stage, stretch in groupby(stages):
        rows.append(
            {
                "from step": first,
                "from epoch": round(first / steps_per_epoch, 1),
                "px": stage.image_size,
                "RandAugment": round(stage.randaugment, 2),
                "mixup": round(stage.mixup, 3),
                "cutmix": round(stage.cutmix, 3),
                "dropout": round(stage.dropout, 3),
                "drop path": round(run.recipe.drop_path_rate if stage.drop_path is None else stage.drop_path, 3),
            }
        )
        first += sum(1 for _ in stretch)
    return pd.DataFrame(rows)


def describe(run: Run) -> str:
    """Images, classes, steps, learning rate and stages of `run`, which reads its data sets' lists of images.

    Raises what `chosen.images_of` does.
    """
    train, held_out, test = images_of(run, decoded=False)
    recipe, (steps, per_epoch) = run.recipe, run.length(len(train) + run.pseudo)
    held = held_out_share(run.validate) > 0
    source = "images held out of training" if held else "their own images"
    drawn = " (drawn by the seed)" if run.train_images and run.subset == "seed" else ""
    drawn += f" and {run.pseudo:,} that run {run.teacher.key} labels" if run.teacher else ""
    stages = stages_of(run, len(train) + run.pseudo)
    start = f"run {run.after.key}" if run.after else run.weights or "random weights"
    epochs = plural(steps / per_epoch, "epoch")
    lines = [
        f"{run.model_name}, from {start}, on {run.dataset}: {plural(len(train.classes), 'class')}",
        f"{plural(len(train), 'image')} to train on{drawn}, {len(held_out):,} for the curve ({source}), "
        f"{len(test):,} to test",
        *notes_of(run, (train, held_out, test)),
        f"{plural(steps, 'step')} of {plural(recipe.batch_size, 'image')}, {epochs} in {plural(len(stages), 'stage')}",
        f"{recipe.optimizer}, learning rate up to {recipe.learning_rate:.3g}, {recipe.lr_schedule}, "
        f"{recipe.warmup_epochs:.2g} epochs of warm-up{unusual(run)}",
        stages.to_string(index=False),
        f"evaluated at {run.eval_size} px",
    ]
    return "\n".join(lines)


def unusual(run: Run) -> str:
    """What of the training is not as in the papers, each after a comma."""
    words = {
        "the classifier alone": run.trained == "classifier",
        "batch norm's statistics kept": run.frozen_bn,
        "classes weighed equally": run.class_weights == "balanced",
    }
    return "".join(f", {word}" for word, holds in words.items() if holds)


def notes_of(run: Run, splits: Iterable[Images]) -> list[str]:
    """What people should know about the images, each once: what was passed over, and what is there and not used."""
    notes = dict.fromkeys(note for images in splits for note in images.notes)
    if run.validate != "validation":
        with contextlib.suppress(DataMissing):
            unused = load(run.dataset, "validation")
            notes[f"{plural(len(unused), 'validation image')} not used: validate = {run.validate!r}"] = None
    return [f"note: {note}" for note in notes]
