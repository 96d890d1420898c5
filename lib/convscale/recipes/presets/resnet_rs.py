"""ResNet-RS on ImageNet, released twice.

tpu-rn = tensorflow/tpu models/official/resnet/ (commit 7dc921f), the TF1 code that accompanies the paper. garden =
tensorflow/models official/vision/, the later TF2 version. What the paper does not state is TF1's in `rs-*:paper`, but
for the warm-up of its cosine, which TF1 does not have.
"""

from dataclasses import replace

from ...models.resnet_tables import RS_BN_MOMENTUM, RS_TABLE2, resnet_rs
from ..recipe import Recipe
from .base import Preset, as_in_paper
from .v1 import IMAGES, fixed

# RandAugment's magnitude by size in px, else 15: RS Appendix C Table 8, as in both releases. Dropout and stochastic
# depth of its rows are those of `models.resnet_tables.resnet_rs`.
MAGNITUDES = {160: 10}

RECIPE = Recipe(
    batch_size=4096,
    optimizer="sgd",
    learning_rate=1.6,
    lr_schedule="step",
    warmup_epochs=350 * 5 / 90,
    weight_decay=4e-5,
    ema_decay=0.9999,
    label_smoothing=0.1,
    crop_area=(0.08, 1.0),
    interpolation="bicubic",
    normalisation="imagenet",
    eval_crop="0.875",
    no_decay="norms",
    bn_momentum=RS_BN_MOMENTUM["release"],
)

CONFIGS = "tpu-rn: resnet_rs/configs"
MAIN = "tpu-rn: resnet_main.py"
PIXELS = "tpu-rn: resnet_preprocessing.py"
OPERATIONS = "tpu-en: autoaugment.py, which tpu-rn uses"
SOURCES = {
    "model": CONFIGS,
    "weights": "none: trained from scratch",
    "dataset": MAIN,
    "epochs": f"{CONFIGS}, 109,475 steps",
    "steps": "whole epochs; the images left after the last full batch of an epoch are dropped here",
    "eval_size": CONFIGS,
    "precision": "our choice, that of the EfficientNets' releases on TPU",
    "validate": MAIN,
    "classes": CONFIGS,
    "sizes": "one size throughout",
    "image_size": CONFIGS,
    "randaugment": CONFIGS,
    "mixup": "not in tpu-rn",
    "cutmix": "not in tpu-rn",
    "dropout": CONFIGS,
    "batch_size": CONFIGS,
    "optimizer": f"{MAIN}, momentum 0.9, Nesterov",
    "learning_rate": f"{MAIN}, 0.1 x batch / 256",
    "lr_schedule": f"{MAIN}, x 0.1 at 30, 60 and 80 ninetieths",
    "warmup_epochs": f"{MAIN}, 5 ninetieths",
    "weight_decay": CONFIGS,
    "ema_decay": CONFIGS,
    "label_smoothing": CONFIGS,
    "drop_path_rate": CONFIGS,
    "crop_area": PIXELS,
    "translate_px": OPERATIONS,
    "cutout_px": OPERATIONS,
    "policy": CONFIGS,
    "profile": OPERATIONS,
    "operations": OPERATIONS,
    "crop": PIXELS,
    "interpolation": PIXELS,
    "flip": PIXELS,
    "pixel_path": "ours: Pillow's pixels",
    "noise_cutout": "not in tpu-rn",
    "normalisation": PIXELS,
    "eval_crop": PIXELS,
    "decay_epochs": "not used",
    "no_decay": f"{MAIN}, all but variables named batch_normalization decay",
    "bn_momentum": f"{CONFIGS}, 0 in TensorFlow's convention",
    "bn_group": f"{CONFIGS} has the images of one core, not recorded how many; here the whole batch",
}
TF2_CONFIG = "garden: configs/image_classification.py"
TF2_YAML = "garden: imagenet_resnetrs*.yaml"
TF2_FILES = {CONFIGS: TF2_YAML, MAIN: TF2_CONFIG, PIXELS: TF2_CONFIG, OPERATIONS: "garden: configs/common.py"}
TF2_SOURCES = {name: TF2_FILES.get(source, source) for name, source in SOURCES.items()} | {
    "model": f"{TF2_YAML}; its activation is Swish (C2), which is not built here",
    "classes": f"{TF2_CONFIG}, 1000 and a background class",
    "epochs": f"{TF2_YAML}, 109,200 steps",
    "optimizer": f"{TF2_CONFIG}, momentum 0.9, Nesterov not set",
    "learning_rate": TF2_YAML,
    "lr_schedule": f"{TF2_CONFIG}, the warm-up ends on the cosine",
    "warmup_epochs": f"{TF2_CONFIG}, 1,560 steps of 312 an epoch",
    "no_decay": f"{TF2_CONFIG}, regularizers of kernels",
    "bn_momentum": f"{TF2_YAML}, 0 in TensorFlow's convention",
    "bn_group": f"{TF2_YAML} has the images of one core, not recorded how many; here the whole batch",
    "mixup": f"not in {TF2_YAML}",
    "cutmix": f"not in {TF2_YAML}",
    "noise_cutout": f"not in {TF2_YAML}",
}
TABLE_8 = "RS Appendix C Table 8, by tpu-rn: resnet_rs/configs"
PAPER = {
    "model": "RS Table 2, §4",
    "dataset": "RS §4",
    "validate": "RS §4, results on the validation set",
    "epochs": "RS §4",
    "optimizer": 'RS §4, "Momentum"',
    "lr_schedule": "RS §4; the warm-up ends on the cosine as in garden: configs/image_classification.py",
    "weight_decay": "RS Table 1",
    "policy": "RS §4",
    "image_size": "RS Table 2",
    "eval_size": "RS Table 2",
    "sizes": "RS Table 2",
    "dropout": TABLE_8,
    "drop_path_rate": TABLE_8,
    "randaugment": TABLE_8,
}


def presets() -> list[Preset]:
    """The paper's variant, TF1's and TF2's of each row of RS Table 2."""
    made = []
    for depth, size, _ in RS_TABLE2:
        network = resnet_rs(depth, size)
        tf1 = Preset(
            name=f"rs-{depth}-{size}:tf1",
            model=network.name,
            dataset="imagenet",
            recipe=replace(RECIPE, drop_path_rate=network.drop_path_rate),
            schedule=fixed(size, network.dropout, MAGNITUDES.get(size, 15)),
            epochs=350,
            eval_size=size,
            classes=1000,
            images=IMAGES,
            sources=SOURCES,
            differs={"optimizer": "C9", "lr_schedule": "C1", "warmup_epochs": "C1"},
        )
        warm_up = {"lr_schedule": "cosine-joined", "warmup_epochs": 5}
        paper = as_in_paper(tf1, PAPER, warm_up | {"optimizer": "momentum"})
        paper = replace(paper, sources={**paper.sources, "warmup_epochs": TF2_SOURCES["warmup_epochs"]})
        tf2 = replace(
            tf1,
            name=f"rs-{depth}-{size}:tf2",
            recipe=replace(paper.recipe, interpolation="bilinear", translate_px=10, no_decay="vectors"),
            classes=1001,
            sources=TF2_SOURCES,
            differs={"interpolation": "C10", "translate_px": "C8", "no_decay": "C26", "classes": "C25"},
        )
        made += [paper, tf1, tf2]
    return made
