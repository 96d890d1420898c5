"""EfficientNetV2 on ImageNet. automl = google/automl efficientnetv2/ (commit 6a54c87)."""

from dataclasses import replace

from ...models.tables import table
from ..recipe import V2_PAPER
from ..schedule import Schedule, progressive
from .base import Preset, as_in_paper

IMAGES = 1_281_167  # training images of ILSVRC2012

# Largest RandAugment magnitude and mixup alpha of automl effnetv2_configs.py; sizes and dropout are those of the
# networks' tables. Beside it V2 Table 6, which has no XL: last training size in px, magnitude, alpha and dropout.
# All start from the same 128 px, 5, 0 and 0.1.
RELEASE = {"s": (10, 0), "m": (15, 0.2), "l": (20, 0.5), "xl": (20, 0.5)}
TABLE_6 = {"s": (300, 15, 0, 0.3), "m": (380, 20, 0.2, 0.4), "l": (380, 25, 0.4, 0.5)}
SMALL = ("b0", "b1", "b2", "b3")

RECIPE = replace(V2_PAPER, bn_momentum=0.1)
# B0 to B3 have V1's preprocessing and AutoAugment (automl effnetv2_configs.py and datasets.py).
SMALL_RECIPE = replace(
    RECIPE,
    crop_area=(0.08, 1.0),
    policy="autoaugment",
    interpolation="bicubic",
    normalisation="imagenet",
    eval_crop="padded",
)

SOURCES = {
    "model": "automl: effnetv2_configs.py",
    "weights": "none: trained from scratch",
    "dataset": "automl: datasets.py",
    "epochs": "automl: hparams.py",
    "steps": "whole epochs; the images left after the last full batch of an epoch are dropped here",
    "eval_size": "automl: effnetv2_configs.py",
    "precision": "automl: hparams.py, bfloat16 on TPU",
    "validate": "automl: main.py keeps the best checkpoint on the 50,000 validation images",
    "classes": "automl: datasets.py",
    "sizes": "automl: main.py, four stages",
    "image_size": "automl: main.py and effnetv2_configs.py",
    "randaugment": "automl: main.py and effnetv2_configs.py",
    "mixup": "automl: main.py and effnetv2_configs.py",
    "cutmix": "automl: effnetv2_configs.py, mixup's alpha",
    "dropout": "automl: effnetv2_configs.py; main.py deletes its ramp",
    "batch_size": "automl: hparams.py",
    "optimizer": "automl: utils.py, RMSProp 0.9 / 0.9, epsilon 1e-3",
    "learning_rate": "automl: hparams.py, 0.016 x batch / 256",
    "lr_schedule": "automl: utils.py; it runs across the stages without a restart",
    "warmup_epochs": "automl: hparams.py",
    "weight_decay": "automl: hparams.py",
    "ema_decay": "automl: hparams.py, main.py",
    "label_smoothing": "automl: hparams.py",
    "drop_path_rate": "automl: effnetv2_configs.py, survival 0.8, constant over the stages",
    "crop_area": "automl: preprocessing.py",
    "translate_px": "automl: autoaugment.py",
    "cutout_px": "automl: autoaugment.py",
    "policy": "automl: effnetv2_configs.py",
    "profile": "automl: autoaugment.py",
    "operations": "automl: autoaugment.py, available_ops",
    "crop": "automl: preprocessing.py",
    "interpolation": "automl: preprocessing.py",
    "flip": "automl: preprocessing.py, half of the images",
    "pixel_path": "ours: Pillow's pixels",
    "noise_cutout": "automl: preprocessing.py, in fine-tuning only",
    "normalisation": "automl: preprocessing.py",
    "eval_crop": "automl: preprocessing.py, the whole image from 320 px on",
    "decay_epochs": "automl: hparams.py",
    "no_decay": "automl: hparams.py, a regular expression on names: bias, gamma, beta",
    "bn_momentum": "automl: hparams.py, 0.9 in TensorFlow's convention",
    "bn_group": "automl: utils.py has groups of 8 cores whose number of images is not recorded; here the whole batch",
}
SMALL_SOURCES = SOURCES | {
    "policy": "automl: effnetv2_configs.py, effnetv1_autoaug",
    "randaugment": "not used: AutoAugment has its own magnitudes",
    "eval_crop": "automl: preprocessing.py, that of V1",
    "translate_px": "automl: autoaugment.py; AutoAugment takes 2.5 times as much",
    "cutout_px": "automl: autoaugment.py; AutoAugment takes 2.5 times as much",
}

STATED: tuple[str, ...] = ("dataset", "epochs", "batch_size", "optimizer", "learning_rate", "lr_schedule")
STATED += ("decay_epochs", "weight_decay", "ema_decay", "drop_path_rate", "policy")
PAPER = {name: "V2 §5.1" for name in STATED} | {
    "model": "V2 Table 4, Table 7",
    "validate": "V2 §5.1, early stopping on 25,000 training images",
    "bn_momentum": "V2 §5.1, 0.99 in TensorFlow's convention",
    "sizes": "V2 §5.1, four stages of about 87 epochs",
    "image_size": "V2 Table 6, Algorithm 1",
    "randaugment": "V2 Table 6, Algorithm 1",
    "mixup": "V2 Table 6, Algorithm 1",
    "cutmix": "not in V2",
    "dropout": "V2 Table 6, Algorithm 1",
}


def presets() -> list[Preset]:
    """S, M and L of the paper and the release, XL and B0 to B3 of the release."""
    made = []
    for network, (randaugment, alpha) in RELEASE.items():
        released = table(f"efficientnetv2-{network}")
        size, dropout = released.train_size, released.dropout
        stages = progressive(
            4, (128, size), (5, randaugment), (0, alpha), (0.1, dropout), ramp="release", cutmix=(0, alpha)
        )
        release = Preset(
            name=f"v2-{network}:release",
            model=released.name,
            dataset="imagenet",
            recipe=RECIPE,
            schedule=Schedule(stages),
            epochs=350,
            eval_size=released.eval_size,
            classes=1000,
            images=IMAGES,
            sources=SOURCES,
        )
        if network not in TABLE_6:
            made.append(release)
            continue
        paper_size, paper_randaugment, paper_alpha, paper_dropout = TABLE_6[network]
        paper_stages = progressive(4, (128, paper_size), (5, paper_randaugment), (0, paper_alpha), (0.1, paper_dropout))
        paper = as_in_paper(release, PAPER, {"bn_momentum": 0.01}, schedule=Schedule(paper_stages), validate="minival")
        differs = {"image_size": "A6" if size == paper_size else "A5, A6", "randaugment": "A1", "dropout": "A2"}
        differs |= {"bn_momentum": "A8", "validate": "A25"}
        differs |= {"cutmix": "A4"} if alpha else {}
        differs |= {"mixup": "A3"} if alpha != paper_alpha else {}
        made += [paper, replace(release, differs=differs)]
    for network in SMALL:
        released = table(f"efficientnetv2-{network}")
        stages = progressive(4, (128, released.train_size), (0, 0), (0, 0), (0.1, released.dropout), ramp="release")
        made.append(
            Preset(
                name=f"v2-{network}:release",
                model=released.name,
                dataset="imagenet",
                recipe=SMALL_RECIPE,
                schedule=Schedule(stages),
                epochs=350,
                eval_size=released.eval_size,
                classes=1000,
                images=IMAGES,
                sources=SMALL_SOURCES,
            )
        )
    return made
