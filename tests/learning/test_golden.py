"""Golden curves: what a step does with every value of a run, to the digits that all processors share.

Numbers were made with torch 2.9.0. On processors without vector instructions, and with oneDNN held to SSE 4.1, they
move by less than 1e-4; each value of a run moves them by more than `SEEN`.
"""

from dataclasses import replace

import pytest
from golden_runs import ON_DEVICE, ON_HOST

from convscale.learning import fit
from convscale.recipes import Run, Schedule

SAME, SEEN = 3e-4, 1e-3  # relative

# Image size, loss of the step, loss of the averaged weights on the curve's images; at the end that on all test images.
GOLDEN = {
    "host": [
        *(25, 4.02647, 2.31183, 25, 3.32990, 2.32605, 25, 3.84887, 2.34675),
        *(16, 4.72881, 2.35958, 16, 5.32640, 2.36774, 16, 3.94785, 2.37921, 2.38145),
    ],
    "device": [
        *(18, 3.19080, 2.32912, 18, 3.30570, 2.40014, 18, 3.27647, 2.47459),
        *(23, 3.62327, 2.52151, 23, 4.15814, 2.54494, 2.47065),
    ],
}


def curve(run: Run) -> list[float]:
    """Loss of each step, and of the averaged weights after it, on the curve's images and at the end on all."""
    outcome = fit(run, "cpu", progress=False, train_top1=True)
    points = [value for p in outcome.history for value in (p["image_size"], p["train_loss"], p["test_loss"])]
    return [*points, outcome.metrics["test_loss"]]


@pytest.fixture(scope="module")
def curves() -> dict[str, list[float]]:
    return {"host": curve(ON_HOST), "device": curve(ON_DEVICE)}


@pytest.mark.parametrize("name", ["host", "device"])
def test_curves_are_the_golden_ones(name, curves):
    assert curves[name] == pytest.approx(GOLDEN[name], rel=SAME)


def recipe(run: Run, **changes) -> Run:
    return replace(run, recipe=replace(run.recipe, **changes))


def stages(run: Run, **changes) -> Run:
    """`run` with these values in every stage."""
    return replace(
        run, schedule=replace(run.schedule, stages=tuple(replace(s, **changes) for s in run.schedule.stages))
    )


def first_stage(run: Run, name: str) -> Run:
    """`run` with one value of its first stage throughout."""
    return stages(run, **{name: getattr(run.schedule.stages[0], name)})


CHANGES = {
    "seed": lambda run: replace(run, seed=run.seed + 1),
    "eval_size": lambda run: replace(run, eval_size=run.eval_size + 8),
    "train_images": lambda run: replace(run, train_images=run.train_images + run.recipe.batch_size),
    "curve_images": lambda run: replace(run, curve_images=run.curve_images - 15),
    "validate": lambda run: replace(run, validate="test"),
    "groups": lambda run: replace(run, groups=((0, 1, 2),)),
    "new_classifier": lambda run: replace(run, new_classifier="zero"),
    "subset": lambda run: replace(run, subset="seed"),
    "learning_rate": lambda run: recipe(run, learning_rate=2 * run.recipe.learning_rate),
    "lr_schedule": lambda run: recipe(run, lr_schedule="constant"),
    "warmup_epochs": lambda run: recipe(run, warmup_epochs=0),
    "optimizer": lambda run: recipe(run, optimizer="sgd"),
    "ema_decay": lambda run: recipe(run, ema_decay=0.0),
    "label_smoothing": lambda run: recipe(run, label_smoothing=0.0),
    "dropout": lambda run: stages(run, dropout=0.0),
    "dropout of a stage": lambda run: first_stage(run, "dropout"),
    "drop_path_rate": lambda run: recipe(run, drop_path_rate=0.0),
    "drop_path of a stage": lambda run: stages(run, drop_path=None),
    "mixup": lambda run: stages(run, mixup=0.0),
    "mixup of a stage": lambda run: first_stage(run, "mixup"),
    "cutmix": lambda run: stages(run, cutmix=0.0),
    "cutmix of a stage": lambda run: first_stage(run, "cutmix"),
    "randaugment": lambda run: stages(run, randaugment=0.0),
    "randaugment of a stage": lambda run: first_stage(run, "randaugment"),
    "policy": lambda run: recipe(run, policy="none"),
    "operations": lambda run: recipe(run, operations=run.recipe.operations[::-1]),
    "translate_px": lambda run: recipe(run, translate_px=run.recipe.translate_px + 3),
    "cutout_px": lambda run: recipe(run, cutout_px=run.recipe.cutout_px + 2),
    "crop": lambda run: recipe(run, crop="whole"),
    "crop_area": lambda run: recipe(run, crop_area=(0.9, 1.0)),
    "flip": lambda run: recipe(run, flip=not run.recipe.flip),
    "interpolation": lambda run: recipe(run, interpolation="bicubic" if run.augment_on == "device" else "bilinear"),
    "normalisation": lambda run: recipe(run, normalisation="v2"),
    "noise_cutout": lambda run: recipe(run, noise_cutout=not run.recipe.noise_cutout),
    "bn_momentum": lambda run: recipe(run, bn_momentum=None),
    "bn_batches": lambda run: replace(run, bn_batches=1),
    "bn_group": lambda run: recipe(run, bn_group=None),
    "sizes": lambda run: replace(run, schedule=replace(run.schedule, sizes="fixed")),
    "shuffled sizes": lambda run: replace(run, schedule=replace(run.schedule, sizes="shuffled")),
    "regularization": lambda run: replace(run, schedule=replace(run.schedule, regularization="final")),
    "order of stages": lambda run: replace(
        run, schedule=Schedule(run.schedule.stages[::-1], run.schedule.sizes, every=1)
    ),
    "accumulate": lambda run: replace(run, accumulate=1, recipe=replace(run.recipe, bn_group=12)),
    "steps": lambda run: replace(run, steps=run.steps + 1),
    "augment_on": lambda run: replace(run, augment_on="host" if run.augment_on == "device" else "device"),
}
ON_BOTH = ("policy", "randaugment", "randaugment of a stage", "operations", "translate_px", "cutout_px", "seed")
ON_DEVICE_ALONE = ("augment_on", "noise_cutout", "accumulate", "steps")
SHORTER = {"host": replace(ON_HOST, steps=4, curve_points=2), "device": replace(ON_DEVICE, steps=3, curve_points=1)}


@pytest.fixture(scope="module")
def shorter() -> dict[str, list[float]]:
    return {name: curve(run) for name, run in SHORTER.items()}


@pytest.mark.parametrize(
    ("change", "name"),
    [(c, "host") for c in CHANGES if c not in ON_DEVICE_ALONE]
    + [(c, "device") for c in CHANGES if c in (*ON_BOTH, *ON_DEVICE_ALONE)],
)
def test_every_value_of_a_run_moves_its_curve(change, name, shorter):
    moved = curve(CHANGES[change](SHORTER[name]))
    assert max(abs(a / b - 1) for a, b in zip(moved, shorter[name], strict=False)) > SEEN
