"""EfficientNetV2 with ImageNet-21k: pretraining, fine-tuning to ImageNet, and transfer to small data sets.

The plain names are those of S; `-m`, `-l` and, for what starts with ImageNet-21k, `-xl` are the larger networks.
automl = google/automl efficientnetv2/ (commit 6a54c87), in datasets.py one class of settings a data set.
"""

from dataclasses import replace

from ...models.tables import table
from ..recipe import Recipe
from .base import Preset, as_in_paper
from .v1 import fixed
from .v2 import IMAGES, RECIPE, SOURCES
from .v2 import RELEASE as NETWORKS

OFF = 1e-6  # dropout; automl datasets.py
A8 = {"bn_momentum": "A8"}

PRETRAINING = replace(
    RECIPE,
    learning_rate=0.128,
    lr_schedule="cosine",
    warmup_epochs=1,
    label_smoothing=0.0,
    drop_path_rate=0.0,
    policy="none",
    eval_crop="padded",
)
PRETRAINING_SOURCES = SOURCES | {
    name: "automl: datasets.py, ImageNet21k"
    for name in (
        *(
            "dataset",
            "epochs",
            "eval_size",
            "classes",
            "sizes",
            "image_size",
            "dropout",
            "learning_rate",
            "lr_schedule",
        ),
        *("warmup_epochs", "label_smoothing", "drop_path_rate"),
    )
}
PRETRAINING_SOURCES |= {
    "validate": "automl: datasets.py, 100,357 images of 16 shards",
    "policy": "automl: datasets.py, ImageNet21kInput: crop and flip only",
    "randaugment": "automl: datasets.py, ImageNet21kInput: none",
    "mixup": "automl: datasets.py, ImageNet21kInput: none",
    "cutmix": "automl: datasets.py, ImageNet21kInput: none",
    "eval_crop": "automl: preprocessing.py, size / (size + 32) below 320 px",
}
PRETRAINING_PAPER = {
    "model": "V2 Table 7",
    "dataset": "V2 §5.2",
    "classes": "V2 §5.2",
    "epochs": "V2 §5.2, 60 or 30",
    "lr_schedule": "V2 §5.2",
    "validate": "V2 §5.2, 100,000 random images",
} | {
    name: "V2 §5.2, those of ImageNet in §5.1"
    for name in ("batch_size", "optimizer", "learning_rate", "weight_decay", "ema_decay", "bn_momentum")
}

# One configuration for ImageNet and all small data sets: ImagenetFt, Cifar10Ft, Cifar100Ft, FlowersFt, CarsFt.
FINE_TUNING: Recipe = replace(
    RECIPE,
    batch_size=512,
    learning_rate=0.001,
    lr_schedule="constant",
    warmup_epochs=1,
    ema_decay=0.9996,
    policy="none",
    crop="whole",
    noise_cutout=True,
    normalisation="half",
)
CONFIG = "automl: datasets.py, ImagenetFt and its like"
PIXELS = "automl: preprocessing.py, preprocess_for_finetune"
FINE_TUNING_SOURCES = (
    SOURCES
    | {
        name: CONFIG
        for name in (
            *("dataset", "batch_size", "learning_rate", "lr_schedule", "warmup_epochs", "weight_decay", "ema_decay"),
            *("dropout", "sizes", "image_size", "randaugment", "mixup", "cutmix", "epochs", "steps"),
        )
    }
    | {name: PIXELS for name in ("policy", "crop", "crop_area", "noise_cutout", "normalisation", "eval_crop")}
    | {
        "weights": "automl: main.py, the averaged weights of the checkpoint; here timm's copy of them",
        "learning_rate": f"{CONFIG}, 0.0005 x 512 / 256",
        "steps": f"{CONFIG}, 15 epochs or 10,000 steps, whichever are more",
    }
)
FT_PAPER = {
    "model": "V2 Table 7",
    "weights": "V2 §5.2",
    "dataset": "V2 §5.2",
    "epochs": "V2 §5.2",
    "lr_schedule": "V2 §5.2",
    "bn_momentum": "V2 §5.1, 0.99 in TensorFlow's convention",
}
TRANSFER_PAPER = {
    name: "V2 §5.3"
    for name in ("weights", "batch_size", "learning_rate", "lr_schedule", "steps", "weight_decay", "noise_cutout")
} | {
    "model": "V2 Table 8",
    "dataset": "V2 Table 8: CIFAR-10, CIFAR-100, Flowers, Cars",
    "optimizer": "V2 §5.3, that of ImageNet in §5.1",
    "bn_momentum": "V2 §5.3, that of ImageNet in §5.1: 0.99 in TensorFlow's convention",
}


def presets() -> list[Preset]:
    """Pretraining, fine-tuning and transfer of each network, paper first."""
    made = []
    for network in NETWORKS:
        eval_size = table(f"efficientnetv2-{network}").eval_size
        ending = "" if network == "s" else f"-{network}"
        made += pretraining(f"v2-21k{ending}", network)
        made += fine_tuning(f"v2-ft-1k{ending}", network, eval_size)
        if network != "xl":  # published with ImageNet-21k only
            made += transfer(f"v2-transfer{ending}", network, eval_size)
    return made


def pretraining(who: str, network: str) -> list[Preset]:
    release = Preset(
        name=f"{who}:release",
        model=f"efficientnetv2-{network}",
        dataset="imagenet21k",
        recipe=PRETRAINING,
        schedule=fixed(224, OFF),
        epochs=60,
        eval_size=224,
        classes=21_843,
        images=12_720_275,  # automl datasets.py
        sources=PRETRAINING_SOURCES,
    )
    changes = {"learning_rate": 0.256, "bn_momentum": 0.01}
    paper = as_in_paper(release, PRETRAINING_PAPER, changes, classes=21_841)
    return [paper, replace(release, differs=A8 | {"classes": "A20", "learning_rate": "A40"})]


def fine_tuning(who: str, network: str, eval_size: int) -> list[Preset]:
    release = Preset(
        name=f"{who}:release",
        model=f"efficientnetv2-{network}",
        dataset="imagenet",
        recipe=FINE_TUNING,
        schedule=fixed(eval_size, OFF),
        epochs=15,
        eval_size=eval_size,
        classes=1000,
        images=IMAGES,
        sources=FINE_TUNING_SOURCES,
        weights=f"timm:tf_efficientnetv2_{network}.in21k",
    )
    paper = as_in_paper(release, FT_PAPER, {"lr_schedule": "cosine", "bn_momentum": 0.01})
    return [paper, replace(release, differs=A8 | {"lr_schedule": "A22"})]


def transfer(who: str, network: str, eval_size: int) -> list[Preset]:
    release = Preset(
        name=f"{who}:release",
        model=f"efficientnetv2-{network}",
        dataset="cifar10",
        recipe=FINE_TUNING,
        schedule=fixed(eval_size, OFF),
        epochs=15,
        steps=10_000,
        eval_size=eval_size,
        classes=10,
        images=50_000,
        sources=FINE_TUNING_SOURCES,
        weights=f"timm:tf_efficientnetv2_{network}.in1k",
    )
    changes = {"lr_schedule": "cosine", "weight_decay": 0.0, "bn_momentum": 0.01}
    paper = as_in_paper(release, TRANSFER_PAPER, changes)
    return [paper, replace(release, differs=A8 | {"lr_schedule": "A22", "weight_decay": "A23"})]
