"""From a folder of images and a few words to a `Run`: the papers' trainings for everybody's pictures and models."""

from dataclasses import replace
from pathlib import Path

from ..checks import Rule, check_values, number, optional, whole
from ..datasets import DATASETS, DataMissing, held_out_share, load
from ..models import NetworkTable, table, timm_name
from ..models.preprocessing import NORMALISATIONS
from ..models.references import REFERENCES
from ..recipes import Run, preset, shortened

SIZES = Rule(
    lambda value: (
        whole(1).holds(value) or (isinstance(value, tuple) and len(value) == 2 and all(map(whole(1).holds, value)))
    ),
    "one size in px, or the first and the last, (128, 224),",
)


def own_images(
    data: str | Path,
    model: str | NetworkTable,
    schedule: str = "v2-s:paper",
    epochs: int = 20,
    *,
    batch_size: int = 64,
    image_size: int | tuple[int, int] | None = None,
    weights: str | None = None,
    learning_rate: float | None = None,
    precision: str = "auto",
    flip: bool | None = None,
    seed: int = 0,
    **changes,
) -> Run:
    """The run that trains `model` on `data` with progressive learning as preset `schedule` has it.

    `data` is a data set's name or a folder: train/ and test/ (or val/) with a folder a class, parquet or tar files, or
    class folders alone, of which a tenth is then held out. `model` is one of ours, by name or as a table, or
    `timm:<any timm model>`, whose pixels are then normalised as it expects. `image_size` in px is the last stage's, or
    the first's and the last's; sizes of a vision transformer become whole numbers of its patches. `weights` to start
    from: "pretrained", or for ours "timm:<name.tag>"; or a file that `fit` kept, of the same network. `learning_rate`
    None follows the linear rule from the preset's. `flip` False mirrors no image, for digits, text or signs.
    `presets.shortened` says how the rest follows from `epochs` and batch, and the curve has a point an epoch; `changes`
    replace fields of the `Run`, such as `eval_size`.

    Raises ValueError for names, sizes and numbers that do not exist or fit; DataMissing without images.
    """
    check_values(
        "own_images",
        epochs=(epochs, whole(1)),
        batch_size=(batch_size, whole(1)),
        image_size=(image_size, optional(SIZES)),
        learning_rate=(learning_rate, optional(number(above=0))),
    )
    chosen = replace(preset(schedule), weights=None)
    check_model(model)
    dataset = dataset_of(data)
    held_out = has_no_test(dataset)
    theirs = timm_name(model)
    weights = reference_weights(model) if weights == "pretrained" and theirs is None else weights
    changes = {"validate": "tenth" if held_out else "test", "weights": weights, "precision": precision, **changes}
    changes = {"curve_points": epochs, **changes}  # a point an epoch
    images = changes.get("train_images") or training_images(dataset, changes["validate"])
    if batch_size > images:
        raise ValueError(f"batch_size = {batch_size}: choose 1 to {images}, the number of training images")
    run = shortened(
        chosen, dataset=dataset, model=model, epochs=epochs, batch_size=batch_size, images=images, image_size=image_size
    )
    recipe = replace(run.recipe, flip=flip)
    if learning_rate is not None:
        recipe = replace(recipe, learning_rate=learning_rate)
    if theirs is not None:
        from ..models.timm_drops import patch_size

        recipe = replace(recipe, normalisation=normalisation_of(theirs))
        run = in_patches(run, patch_size(theirs))
    return replace(run, recipe=recipe, seed=seed, **changes)


def check_model(model: str | NetworkTable) -> None:
    """Raises ValueError for the name of no network, with the nearest ones."""
    if (name := timm_name(model)) is not None:
        from ..models.timm_drops import check_timm_name

        check_timm_name(name)
    elif isinstance(model, str):
        table(model)


def dataset_of(data: str | Path) -> str:
    """The data set that a person means by its name, or by a folder.

    Raises DataMissing for neither, ValueError for a name that is both: flowers, cars and pets are likely folders.
    """
    name, folder = str(data), Path(data).expanduser()
    if name.startswith(("folder:", "torchvision:", "timm:")):
        return name
    if isinstance(data, str) and name in DATASETS:
        if folder.is_dir():
            raise ValueError(
                f"{name!r} is a data set and a folder here: write ./{name} for the folder, folder:PATH for any other"
            )
        return name
    if not folder.is_dir():
        raise DataMissing(
            f"{data}: no such folder, and no data set of this name; needed: a folder with train/<class>/*.jpg and "
            "test/<class>/*.jpg, with <class>/*.jpg alone, or with parquet or tar files"
        )
    return f"folder:{data}"


def has_no_test(dataset: str) -> bool:
    try:
        load(dataset, "test")
    except DataMissing:
        load(dataset, "train")  # or its own error: nothing is there at all
        return True
    return False


def training_images(dataset: str, validate: str) -> int:
    """Images of the training split without those held out. Raises ValueError for an unknown `validate`."""
    images = len(load(dataset, "train"))
    return images - round(held_out_share(validate) * images)


def reference_weights(model: str | NetworkTable) -> str:
    """Where `load_weights` finds weights of one of our networks: in timm's of the same network."""
    if model not in REFERENCES:
        name = model if isinstance(model, str) else model.name
        raise ValueError(f"weights 'pretrained': nobody has published any of {name}; give a file, or train from none")
    return f"timm:{REFERENCES[model].timm}"


def in_patches(run: Run, px: int) -> Run:
    """`run` with every image size at the nearest whole number of patches of `px`, at least one."""

    def nearest(size: int) -> int:
        return max(1, round(size / px)) * px

    stages = tuple(replace(stage, image_size=nearest(stage.image_size)) for stage in run.schedule.stages)
    return replace(run, schedule=replace(run.schedule, stages=stages), eval_size=nearest(run.eval_size))


def normalisation_of(timm_model: str) -> str:
    """The normalisation that a timm model's weights were trained with; ImageNet's where we have no name for it."""
    import timm

    config = timm.get_pretrained_cfg(timm_model)
    theirs = [255 * value for value in (*config.mean, *config.std)] if config else []
    for name, (mean, std) in NORMALISATIONS.items():
        if len(theirs) == 6 and all(abs(a - b) < 0.5 for a, b in zip(theirs, (*mean, *std), strict=True)):
            return name
    return "imagenet"
