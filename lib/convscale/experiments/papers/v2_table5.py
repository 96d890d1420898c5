"""EfficientNetV2 Table 5 (§4.1): do small images prefer weak augmentation, and is it because they are small?"""

from dataclasses import replace
from functools import partial

from ...models.stages import scale
from ...models.tables import table
from ...recipes import Pixels, Run, Schedule, Stage
from ..experiment import Arm, Experiment, Scale
from .common import plain

SIZES = ("128", "192", "300")  # px and magnitudes as the paper's table names them
MAGNITUDES = ("5", "10", "15")


def trained_at(size: int, strength: int, relative: bool, run: Run) -> Run:
    """One size with one strength: those of two of the base run's stages, counted from 0; tested at the same size.

    RandAugment's distances in pixels are those of the last stage's size, as the release has them at all sizes, or,
    where `relative`, the same share of the image at every size. Magnitude 0 is no augmentation: on the papers' scale
    it would make images black.
    """
    stages, recipe = run.schedule.stages, run.recipe
    size_px, magnitude = stages[size].image_size, stages[strength].randaugment
    if relative:
        pixels = Pixels(recipe.translate_px, recipe.cutout_px).at(size_px, reference=stages[-1].image_size)
        recipe = replace(recipe, translate_px=pixels.translate, cutout_px=pixels.cutout)
    stage = replace(stages[size], randaugment=magnitude)
    recipe = replace(recipe, policy="randaugment" if magnitude else "none")
    return replace(run, recipe=recipe, schedule=Schedule((stage,), sizes="fixed"), eval_size=size_px)


def arms() -> dict[str, Arm]:
    """The nine cells of the table and two controls."""
    words = ("weak", "medium", "strong")
    made = {}
    for size, px in enumerate(SIZES):
        for strength, magnitude in enumerate(MAGNITUDES):
            about = f"{('small', 'medium', 'large')[size]} images, {words[strength]} augmentation"
            cell = f"RandAug magnitude={magnitude}", f"size={px}"
            change = partial(trained_at, size, strength, False)
            made[f"size-{px}-magnitude-{magnitude}"] = Arm(about, change, cell=cell)
    for strength in (1, 2):
        about = f"small images, {words[strength]} augmentation with distances as shares of the image"
        change = partial(trained_at, 0, strength, True)
        made[f"size-128-magnitude-{MAGNITUDES[strength]}-relative"] = Arm(about, change, control=True)
    return made


def stages(sizes: tuple[int, int, int], magnitudes: tuple[float, float, float]) -> Schedule:
    """The three sizes in px and the three magnitudes of which arms take one each."""
    pairs = zip(sizes, magnitudes, strict=True)
    return Schedule(tuple(Stage(size, randaugment=m, mixup=0.0, dropout=0.0) for size, m in pairs))


SMALL = Run(
    model="efficientnetv2-tiny8",
    dataset="cifar10",
    recipe=plain(32),
    schedule=stages((16, 24, 32), (0, 5, 10)),
    epochs=45,
    eval_size=32,
    seed=0,
    train_images=2000,
    subset="seed",
    curve_points=3,
    curve_images=1000,
    unseen=10_000,
)
CORNERS = tuple(f"size-{px}-magnitude-{magnitude}" for px in ("128", "300") for magnitude in ("5", "15"))

EXPERIMENT = Experiment(
    name="v2_table5",
    title="Table 5, image size and augmentation",
    table="v2:5",
    arms=arms(),
    scales={
        "smoke": Scale(
            base=Run(
                model="efficientnetv2-tiny8",
                dataset="digits",
                recipe=plain(32, warmup_epochs=0),
                schedule=stages((16, 24, 32), (0, 5, 10)),
                epochs=1,
                eval_size=32,
                seed=0,
                train_images=64,
                curve_points=1,
                curve_images=60,
                augment_on="device",
            ),
            seeds=1,
            cost="a second",
            shows="that the page runs",
            cannot="anything about the papers",
        ),
        "small": Scale(
            base=SMALL,
            seeds=8,
            cost="1 to 3 minutes of a core",
            shows="whether strong augmentation gains more, or loses less, on larger images, and how much of it is due "
            "to distances that are fixed in pixels",
            cannot="whether 5, 10 or 15 is best for the paper's network and ImageNet; which augmentation is best at "
            "one size, which depends on how far training overfits (v2_table5_regimes)",
            reasons={
                "16, 24, 32 px": "sizes at which the network's maps are of the same kind; each is tested at its own",
                "none, 5, 10": "on the papers' scale a magnitude below 5 is no weaker, and 5 is strong for images of "
                "16 px: weak has to be none",
                "2,000 images, 45 epochs": "between regimes in which augmentation helps at both sizes and at neither",
                "8 seeds": "the interaction scatters by 1 to 2 points between seeds; 8 see 2 to 4 points almost surely",
            },
        ),
        "medium": Scale(
            base=Run(
                model=scale(table("efficientnetv2-b0"), name="efficientnetv2-b0-half", width=0.5),
                dataset="imagenette",
                recipe=plain(128, crop_area=(0.25, 1.0)),
                schedule=stages((64, 96, 128), (5, 10, 15)),
                epochs=80,
                eval_size=128,
                seed=0,
                train_images=3000,
                subset="seed",
                augment_on="device",
                unseen=10_000,
            ),
            seeds=8,
            cost="minutes of a small GPU",
            shows="the same at image sizes and magnitudes nearer to the paper's",
            cannot="the size of the effect on ImageNet",
            reasons={"four corners": "the claims compare the smallest and the largest size, weak and strong alone"},
            only=CORNERS,
        ),
    },
    reasons={
        "relative distances": "the release moves images by so many pixels whatever their size: 150 px at magnitude 15, "
        "half of a 300-px image and more than all of a 128-px one. If small images prefer weak augmentation, this may "
        "be why, and not their size",
        "no other regularization": "what augmentation does is then seen alone",
        "no paper scale": "the paper trains one network 'sampled from our search space' and does not say which",
    },
    claims=(
        "v2-table5-128",
        "v2-table5-192",
        "v2-table5-300",
        "v2-section4-1-interaction",
        "v2-section4-1-interaction-relative",
        "v2-section4-1-pixels",
    ),
)
