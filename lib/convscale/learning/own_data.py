"""From a folder of images and a few words to a `Run`: our training, or a paper's, for everybody's pictures."""

from dataclasses import replace
from pathlib import Path

from ..checks import Rule, check_values, number, optional, whole
from ..datasets import DATASETS, DataMissing, held_out_share, load
from ..models import NetworkTable, timm_name
from ..models.packages import PACKAGE, package_file
from ..models.pretrained import PRETRAINED, expected_normalisation, normalisation_of, pretrained_source
from ..models.tables import image_table
from ..recipes import Preset, Run, preset, shortened
from .kept import check_is_of, kept_preprocessing

MAX_EPOCHS = 100_000  # ours: the curve has a point for each, so more is a slip of the pen
MOST_AT_ONCE = 64  # images a step of a paper's preset; ours: theirs are for many devices
SIZES = Rule(
    lambda value: (
        whole(1).holds(value) or (isinstance(value, tuple) and len(value) == 2 and all(map(whole(1).holds, value)))
    ),
    "one size in px, or the first and the last as in (128, 224)",
)


def own_images(
    data: str | Path,
    model: str | NetworkTable,
    schedule: str | None = None,
    epochs: int = 20,
    *,
    batch_size: int | None = None,
    image_size: int | tuple[int, int] | None = None,
    weights: str | None = None,
    learning_rate: float | None = None,
    precision: str = "auto",
    flip: bool | None = None,
    seed: int = 0,
    **changes,
) -> Run:
    """The run that trains `model` on `data` as preset `schedule` has it: one of ours, or a paper's by its name.

    `schedule` None is `own` from scratch, whose images grow, and `own:finetune` where it starts from `weights`, at one
    size. Images that grow cost a short fine-tuning accuracy; two sizes given with `weights` let them grow all the same.

    `data` is a data set's name or a folder: train/ and test/ or val/ with a folder a class, parquet or tar files, or
    class folders alone, of which a tenth is then held out. Where there are val/ and test/, the best weights are chosen
    on val/ and the test images are for the end. `model` is one of ours, by name or as a table, or
    `timm:<any timm model>`. `image_size` in px is the last stage's, or the first's and the last's; None takes those of
    a table, of published weights of ours and of a file that `fit` kept, else the schedule's; sizes of a vision
    transformer become whole numbers of its patches.
    `weights` to start from: "pretrained", or for ours "package" or "timm:<name.tag>"; or a file that `fit` kept, of the
    same network. Pixels are normalised as these weights expect, without any as the preset does, or a network of timm as
    its own. `batch_size` None is the preset's, at most 64 and an even number of all images; `learning_rate` None
    follows from it and the preset's. `flip` False mirrors no image: digits, text or signs. `presets.shortened` says how
    the rest follows from `epochs` and batch. The curve has a point an epoch; `changes` replace fields of the `Run`,
    such as `eval_size`.

    Raises ValueError for names, sizes and numbers that do not exist or fit, and a file that says it is of another
    network; DataMissing without images; FileNotFoundError for a file of weights that is not there, and for a package,
    with what installs it.
    """
    check_values(
        "own_images",
        epochs=(epochs, whole(1, MAX_EPOCHS)),
        batch_size=(batch_size, optional(whole(1))),
        image_size=(image_size, optional(SIZES)),
        learning_rate=(learning_rate, optional(number(above=0))),
    )
    chosen = chosen_preset(schedule, weights, image_size)
    check_model(model)
    dataset = dataset_of(data)
    theirs = timm_name(model)
    if theirs is None and weights == PRETRAINED:
        weights = pretrained_source(model)
    if weights == PACKAGE:
        package_file(model if isinstance(model, str) else model.name)  # or its error, before any work
    elif weights not in (None, PRETRAINED) and not timm_name(weights):
        if not Path(weights).is_file():
            raise FileNotFoundError(f"no weights at {weights}")
        check_is_of(weights, model)
    has_sizes = isinstance(model, NetworkTable) or weights == PACKAGE or timm_name(weights)
    if theirs is None and has_sizes and image_size is None:
        sized = image_table(model)
        image_size, changes = sized.train_size, {"eval_size": sized.eval_size, **changes}
    elif image_size is None and (kept := kept_preprocessing(weights)):
        image_size = kept.size
    changes = {"validate": chosen_on(dataset), "weights": weights, "precision": precision, **changes}
    changes = {"curve_points": epochs, **changes}  # a point an epoch
    images = changes.get("train_images") or training_images(dataset, changes["validate"])
    even = max(1, images - images % 2)  # images are mixed in pairs
    batch_size = batch_size or min(chosen.recipe.batch_size, MOST_AT_ONCE, even)
    if batch_size > images:
        raise ValueError(f"batch_size = {batch_size}: choose 1 to {images}, the number of training images")
    run = shortened(
        chosen, dataset=dataset, model=model, epochs=epochs, batch_size=batch_size, images=images, image_size=image_size
    )
    recipe = replace(run.recipe, flip=flip)
    if normalisation := normalisation_for(model, weights):
        recipe = replace(recipe, normalisation=normalisation)
    if learning_rate is not None:
        recipe = replace(recipe, learning_rate=learning_rate)
    if theirs is not None:
        from ..models.timm_drops import patch_size

        run = in_patches(run, patch_size(theirs))
    return replace(run, recipe=recipe, seed=seed, **changes)


def chosen_preset(schedule: str | None, weights: str | None, image_size: int | tuple[int, int] | None) -> Preset:
    """The preset of this name, or ours, without weights of its own."""
    if schedule is not None:
        return replace(preset(schedule), weights=None)
    if weights is None:
        return preset("own")
    tuned = preset("own:finetune")
    return replace(tuned, schedule=preset("own").schedule) if isinstance(image_size, tuple) else tuned


def check_model(model: str | NetworkTable) -> None:
    """Raises ValueError for the name of no network, with the nearest ones, and for one of video."""
    if (name := timm_name(model)) is not None:
        from ..models.timm_drops import check_timm_name

        check_timm_name(name)
    else:
        image_table(model)


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


def chosen_on(dataset: str) -> str:
    """What the best weights are chosen on: validation images, or else test images, or else a tenth of training's."""
    for split in ("validation", "test"):
        try:
            load(dataset, split)
            return split
        except DataMissing:
            load(dataset, "train")  # or its own error: nothing is there at all
    return "tenth"


def training_images(dataset: str, validate: str) -> int:
    """Images of the training split without those held out. Raises ValueError for an unknown `validate`."""
    images = len(load(dataset, "train"))
    return images - round(held_out_share(validate) * images)


def normalisation_for(model: str | NetworkTable, weights: str | None) -> str | None:
    """The normalisation that `weights` of `model` expect; of a network of timm also without any. None: the recipe's.

    Raises ValueError for one of timm that has no name here.
    """
    if kept := kept_preprocessing(weights):
        return kept.normalisation
    if (theirs := timm_name(model)) is not None:
        return normalisation_of(theirs)
    return expected_normalisation(model, weights)


def in_patches(run: Run, px: int) -> Run:
    """`run` with every image size at the nearest whole number of patches of `px`, at least one."""

    def nearest(size: int) -> int:
        return max(1, round(size / px)) * px

    stages = tuple(replace(stage, image_size=nearest(stage.image_size)) for stage in run.schedule.stages)
    return replace(run, schedule=replace(run.schedule, stages=stages), eval_size=nearest(run.eval_size))
