"""What experiments on small images have in common."""

from dataclasses import replace

from ...models import NetworkTable
from ...recipes import Pixels, Recipe, Run, Schedule, Stage


def adamw(batch_size: int, image_size: int, **changes) -> Recipe:
    """Our recipe for short trainings on small images: AdamW with cosine decay, the rest as in the paper.

    RandAugment's pixel distances shrink with the image, from the 300 px that they were made for.
    """
    pixels = Pixels().at(image_size)
    recipe = Recipe(
        batch_size=batch_size,
        optimizer="adamw",
        learning_rate=2e-3,
        lr_schedule="cosine",
        warmup_epochs=5,
        weight_decay=0.05,
        ema_decay=0.999,
        crop_area=(0.3, 1.0),
        translate_px=pixels.translate,
        cutout_px=pixels.cutout,
    )
    return replace(recipe, **changes)


def plain(image_size: int, **changes) -> Recipe:
    """`adamw` in batches of 64 without any regularization but label smoothing and weight decay, as a base for arms."""
    defaults = dict(learning_rate=3e-3, warmup_epochs=3, drop_path_rate=0.0, crop_area=(0.5, 1.0), policy="none")
    return adamw(64, image_size, **{**defaults, **changes})


def one_size(image_size: int, **magnitudes: float) -> Schedule:
    """One size in px throughout, without regularization but for `magnitudes`."""
    stage = Stage(image_size, **{**dict(randaugment=0.0, mixup=0.0, dropout=0.0), **magnitudes})
    return Schedule((stage,), sizes="fixed")


def digits_run(model: str | NetworkTable, image_size: int = 16, **changes) -> Run:
    """A second of training on 64 of the embedded digits, for the smoke scale: it shows that the run runs."""
    run = Run(
        model=model,
        dataset="digits",
        recipe=plain(image_size, warmup_epochs=0),
        schedule=one_size(image_size),
        epochs=1,
        eval_size=image_size,
        seed=0,
        train_images=64,
        curve_points=1,
        curve_images=60,
    )
    return replace(run, **changes)
