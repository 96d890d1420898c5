"""From a folder of images and a few words to a `Run`: the papers' trainings for everybody's pictures and models."""

from dataclasses import replace
from pathlib import Path

import timm

from ..datasets import DATASETS, DataMissing, load
from .normalise import NORMALISATIONS
from .presets import preset, shortened
from .run import Run
from .trainer import held_out_share


def own_images(
    data: str | Path,
    model: str,
    schedule: str = "v2-s:paper",
    epochs: int = 20,
    *,
    batch_size: int = 64,
    image_size: int | tuple[int, int] | None = None,
    weights: str | None = None,
    learning_rate: float | None = None,
    precision: str = "auto",
    seed: int = 0,
    **changes,
) -> Run:
    """The run that trains `model` on `data` with progressive learning as preset `schedule` has it.

    `data` is a data set's name or a folder: train/ and test/ (or val/) with a folder a class, parquet or tar files, or
    class folders alone, of which a tenth is then held out. `model` is one of ours, or `timm:<any timm model>`, whose
    pixels are then normalised as it expects. `image_size` in px is the last stage's, or the first's and the last's.
    `weights` to start from: "pretrained" for a timm model; "timm:<name.tag>" or a file for ours. `learning_rate` None
    follows the linear rule from the preset's. `presets.shortened` says how the rest follows from `epochs` and batch;
    `changes` replace fields of the `Run`.

    Raises ValueError for names, sizes and numbers that do not exist or fit; DataMissing without images.
    """
    dataset = str(data) if named(str(data)) else f"folder:{data}"
    held_out = has_no_test(dataset)
    changes = {"validate": "tenth" if held_out else "test", "weights": weights, "precision": precision, **changes}
    chosen = replace(preset(schedule), weights=None)
    images = len(load(dataset, "train"))
    images -= round(held_out_share(changes["validate"]) * images)
    run = shortened(
        chosen, dataset=dataset, model=model, epochs=epochs, batch_size=batch_size, images=images, image_size=image_size
    )
    recipe = run.recipe
    if learning_rate is not None:
        recipe = replace(recipe, learning_rate=learning_rate)
    if model.startswith("timm:"):
        recipe = replace(recipe, normalisation=normalisation_of(model))
    return replace(run, recipe=recipe, seed=seed, **changes)


def named(data: str) -> bool:
    """Whether `data` is a data set's name and not a path."""
    return data in DATASETS or data.startswith(("folder:", "torchvision:", "timm:"))


def has_no_test(dataset: str) -> bool:
    try:
        load(dataset, "test")
    except DataMissing:
        load(dataset, "train")  # or its own error: nothing is there at all
        return True
    return False


def normalisation_of(model: str) -> str:
    """The normalisation that a timm model's weights were trained with; ImageNet's where we have no name for it."""
    config = timm.get_pretrained_cfg(model.removeprefix("timm:"))
    theirs = [255 * value for value in (*config.mean, *config.std)] if config else []
    for name, (mean, std) in NORMALISATIONS.items():
        if len(theirs) == 6 and all(abs(a - b) < 0.5 for a, b in zip(theirs, (*mean, *std), strict=True)):
            return name
    return "imagenet"
