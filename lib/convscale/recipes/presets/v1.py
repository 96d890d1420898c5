"""EfficientNet B0 to B7 on ImageNet. tpu-en = tensorflow/tpu models/official/efficientnet/ (commit 7dc921f)."""

from dataclasses import replace

from ...models.tables import table
from ..recipe import Recipe
from ..schedule import Schedule, Stage
from .base import Preset, as_in_paper

IMAGES = 1_281_167  # training images of ILSVRC2012; tpu-en main.py

NETWORKS = tuple(f"b{i}" for i in range(8))  # sizes and dropout are those of their tables
PLAIN = ("b0", "b1", "b2", "b3", "b4", "b5")  # also published without AutoAugment; tpu-en README.md
RANDAUGMENT = {"b5": 17, "b7": 28}  # published with RandAugment of this magnitude; tpu-en README.md

RECIPE = Recipe(
    batch_size=4096,
    optimizer="rmsprop_tf",
    learning_rate=0.256,
    lr_schedule="staircase",
    warmup_epochs=5,
    weight_decay=1e-5,
    ema_decay=0.9999,
    label_smoothing=0.1,
    drop_path_rate=0.2,
    crop_area=(0.08, 1.0),
    policy="autoaugment",
    interpolation="bicubic",
    normalisation="imagenet",
    eval_crop="padded",
    decay_epochs=2.4,
    no_decay="norms",
    bn_momentum=0.01,
)

SOURCES = {
    "model": "tpu-en: efficientnet_builder.py",
    "weights": "none: trained from scratch",
    "dataset": "tpu-en: main.py",
    "epochs": "the author, tensorflow/tpu #509, #546; tpu-en: main.py",
    "steps": "whole epochs; the images left after the last full batch of an epoch are dropped here",
    "eval_size": "tpu-en: efficientnet_builder.py",
    "precision": "tpu-en: main.py, bfloat16 on TPU",
    "validate": "tpu-en: main.py, archive_ckpt keeps the best checkpoint on the 50,000 validation images",
    "classes": "tpu-en: main.py",
    "sizes": "one size throughout",
    "image_size": "tpu-en: efficientnet_builder.py",
    "randaugment": "not used; its flag defaults to 10 (tpu-en: main.py)",
    "mixup": "the author, tensorflow/tpu #623; tpu-en: main.py",
    "cutmix": "not in tpu-en",
    "dropout": "tpu-en: efficientnet_builder.py",
    "batch_size": "the author, tensorflow/tpu #509, #546; the default of tpu-en: main.py is 2048",
    "optimizer": "tpu-en: utils.py, build_optimizer: RMSProp 0.9 / 0.9, epsilon 1e-3",
    "learning_rate": "tpu-en: main.py, 0.016 x batch / 256",
    "lr_schedule": "tpu-en: utils.py, build_learning_rate",
    "warmup_epochs": "tpu-en: utils.py, build_learning_rate",
    "weight_decay": "tpu-en: main.py",
    "ema_decay": "tpu-en: main.py",
    "label_smoothing": "tpu-en: main.py",
    "drop_path_rate": "tpu-en: efficientnet_builder.py, survival 0.8; the author, tensorflow/tpu #381",
    "crop_area": "tpu-en: preprocessing.py",
    "translate_px": "tpu-en: autoaugment.py; AutoAugment takes 2.5 times as much",
    "cutout_px": "tpu-en: autoaugment.py; AutoAugment takes 2.5 times as much",
    "policy": "tpu-en: README.md, the AutoAugment row; policy v0 of autoaugment.py",
    "profile": "tpu-en: autoaugment.py",
    "operations": "tpu-en: autoaugment.py, available_ops",
    "crop": "tpu-en: preprocessing.py",
    "interpolation": "tpu-en: preprocessing.py",
    "flip": "tpu-en: preprocessing.py, half of the images",
    "pixel_path": "ours: Pillow's pixels",
    "noise_cutout": "not in tpu-en",
    "normalisation": "tpu-en: main.py",
    "eval_crop": "tpu-en: preprocessing.py before commit 22d5cab",
    "decay_epochs": "tpu-en: main.py",
    "no_decay": "tpu-en: main.py, all but variables named batch_normalization decay",
    "bn_momentum": "tpu-en: efficientnet_builder.py, 0.99 in TensorFlow's convention",
    "bn_group": "tpu-en: utils.py has groups of cores whose number of images is not recorded; here the whole batch",
}
PAPER = {name: "V1 §5.2" for name in ("optimizer", "learning_rate", "lr_schedule", "decay_epochs", "weight_decay")}
PAPER |= {name: "V1 §5.2" for name in ("dataset", "policy", "drop_path_rate")}
PAPER |= {
    "model": "V1 Table 1, §4",
    "bn_momentum": "V1 §5.2, 0.99 in TensorFlow's convention",
    "dropout": "V1 §5.2, from 0.2 for B0 to 0.5 for B7 linearly",
}


def presets() -> list[Preset]:
    """The paper's and the released variants of each network, paper first."""
    made = []
    for i, network in enumerate(NETWORKS):
        released = table(f"efficientnet-{network}")
        size, dropout = released.eval_size, released.dropout
        release = Preset(
            name=f"v1-{network}:release",
            model=released.name,
            dataset="imagenet",
            recipe=RECIPE,
            schedule=fixed(size, dropout),
            epochs=350,
            eval_size=size,
            classes=1000,
            images=IMAGES,
            sources=SOURCES,
        )
        linear = round(0.2 + 0.3 * i / (len(NETWORKS) - 1), 4)
        paper = as_in_paper(release, PAPER, {"drop_path_rate": 0.3}, schedule=fixed(size, linear))
        differs = {"drop_path_rate": "B1"} | ({"dropout": "B21"} if linear != dropout else {})
        made += [paper, replace(release, differs=differs)]
        if network in PLAIN:
            made.append(
                replace(
                    release,
                    name=f"v1-{network}:release-plain",
                    recipe=replace(RECIPE, policy="none"),
                    sources=SOURCES | {"policy": "tpu-en: README.md, the row with baseline preprocessing"},
                    differs=differs | {"policy": "B8"},
                )
            )
        if network in RANDAUGMENT:
            source = "tpu-en: README.md, the RandAugment row"
            made.append(
                replace(
                    release,
                    name=f"v1-{network}:release-randaugment",
                    recipe=replace(RECIPE, policy="randaugment"),
                    schedule=fixed(size, dropout, RANDAUGMENT[network]),
                    sources=SOURCES | {"policy": source, "randaugment": source},
                    differs=differs | {"policy": "B8", "randaugment": "B8"},
                )
            )
    return made


def fixed(image_size: int, dropout: float, randaugment: float = 0) -> Schedule:
    """One size and one strength throughout."""
    return Schedule((Stage(image_size, randaugment, 0, dropout),), sizes="fixed")
