"""The two ends of RS Table 5: a 3-D ResNet-50 on Kinetics-400, before and after the revision.

garden = tensorflow/models official/vision/. A library without video data keeps these for their values: clips, views and
the aspect ratios of crops are in the models' tables and in the sources below, not in a recipe.
"""

from dataclasses import replace

from ..recipe import Recipe
from .base import Preset, as_in_paper
from .v1 import fixed

BASELINE = Recipe(
    batch_size=1024,
    optimizer="sgd",
    learning_rate=0.8,
    lr_schedule="cosine-joined",
    warmup_epochs=5,
    weight_decay=1e-4,
    ema_decay=0.0,
    label_smoothing=0.0,
    drop_path_rate=0.0,
    crop_area=(0.49, 1.0),
    policy="none",
    normalisation="unit",
    bn_momentum=0.1,
)
REVISED = replace(
    BASELINE,
    weight_decay=4e-5,
    ema_decay=0.9999,
    label_smoothing=0.1,
    drop_path_rate=0.1,
    crop_area=(0.08, 1.0),
    bn_momentum=1.0,
)

DEFAULTS = "garden: configs/video_classification.py"
NOT_THERE = f"not in {DEFAULTS}"
BASELINE_YAML = "garden: k400_3d-resnet50_tpu.yaml"
REVISED_YAML = "garden: k400_resnet3drs_50_tpu.yaml"
OF_YAML: tuple[str, ...] = ("model", "epochs", "steps", "image_size", "eval_size", "dropout", "weight_decay")
OF_YAML += ("label_smoothing", "drop_path_rate", "ema_decay", "bn_momentum", "crop_area", "batch_size")
OF_YAML += ("learning_rate", "lr_schedule", "warmup_epochs", "optimizer")
OF_DEFAULTS = ("dataset", "validate", "classes", "crop", "interpolation", "flip", "normalisation", "no_decay")
SOURCES = (
    {name: DEFAULTS for name in OF_DEFAULTS}
    | {name: NOT_THERE for name in ("mixup", "cutmix", "randaugment", "policy", "noise_cutout", "bn_group")}
    | {name: "not used" for name in ("translate_px", "cutout_px", "profile", "operations", "decay_epochs")}
    | {
        "weights": "none: trained from scratch",
        "sizes": "one size throughout",
        "pixel_path": "not used",
        "precision": "our choice, that of the EfficientNets' releases on TPU",
        "eval_crop": f"{DEFAULTS}: 10 clips x 3 crops of each video, which is not built here",
    }
)
ASPECT = "; aspect ratio 1/2 to 2, which no recipe here has"
TABLE_5 = {"model": "RS Table 5", "dataset": "RS §7.4"}
# Table 5 names these as additions, so the baseline is without them.
ADDED = {name: "RS Table 5, an addition" for name in ("dropout", "label_smoothing", "drop_path_rate", "ema_decay")}


def presets() -> list[Preset]:
    """`video-baseline` and `video-rs`, each of the paper and the release."""
    made = []
    for who, model, recipe, epochs, steps, yaml in (
        ("video-baseline", "resnet3d-50", BASELINE, 200, 42_000, BASELINE_YAML),
        ("video-rs", "resnet3d-rs-50", REVISED, 350, 73_682, REVISED_YAML),
    ):
        sources = SOURCES | {name: yaml for name in OF_YAML} | {"crop_area": yaml + ASPECT}
        release = Preset(
            name=f"{who}:release",
            model=model,
            dataset="kinetics400",
            recipe=recipe,
            schedule=fixed(224, 0.5),
            epochs=epochs,
            steps=steps,
            eval_size=256,
            classes=400,
            images=215_570,  # clips
            sources=sources,
        )
        if who == "video-baseline":
            made.append(as_in_paper(release, TABLE_5 | ADDED, schedule=fixed(224, 0.0)))
            made.append(replace(release, differs={"dropout": "C19"}))
        else:
            made += [as_in_paper(release, TABLE_5), release]
    return made
