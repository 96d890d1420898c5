"""Training on a person's own images: some hundreds to 100,000 of them, seen a few to 100 times. All of it is ours.

`own` is from scratch, by progressive learning; `own:finetune` goes on from weights, at one size.

Pilots chose what a source calls "pilot": 1,000 training images and 800 held-out ones of Imagenette-160 at 64 px or of
CIFAR-10 at 32 px from scratch (efficientnetv2-tiny, resnet10t of timm, 8 epochs), of CIFAR-10 at 64 px from ImageNet's
weights (efficientnet-lite0, 3 or 4 epochs), one seed each, two for the sizes: differences below 3 points of one pair
are within their noise.
"""

from dataclasses import replace

from ..recipe import Recipe
from ..schedule import Schedule, progressive
from .base import Preset
from .v1 import fixed

SIZE, FIRST = 224, 168  # px of the last and the first stage
SMALLEST = 32  # px
EPOCHS, IMAGES = 100, 16_000  # of the longest training that this is for

RECIPE = Recipe(
    batch_size=32,
    optimizer="adamw",
    learning_rate=2e-3,
    lr_schedule="cosine",
    warmup_epochs=5,
    weight_decay=0.05,
    ema_decay=0.999,
    drop_path_rate=0.0,
    crop_area=(0.35, 1.0),
    profile="torchvision",
    normalisation="imagenet",
    bn_momentum=0.1,
)
FINE_TUNING = replace(RECIPE, learning_rate=5e-4, policy="none", crop_area=(0.6, 1.0))

USUAL = "ours, as usual for AdamW"
NOT_USED = "ours: not used in short trainings"
SOURCES = {
    "model": "yours; this one is a small network for photographs",
    "weights": "none: trained from scratch",
    "dataset": "yours",
    "epochs": "ours, the most that this is for; `shortened` keeps shares of them",
    "steps": "whole epochs",
    "eval_size": "ours, pilot: after short trainings 64 px was better than 73 and 83, Imagenette, both networks",
    "precision": "ours: the fastest of the device at each size",
    "validate": "ours; the command looks for validation images first",
    "classes": "yours",
    "sizes": "V2 Algorithm 1, in two stages: a network has half of its steps at the size that it is tested with",
    "image_size": "ours, pilots at 64 px, 6 pairs: 0.75 of the size, then all of it 45.5 %; four steps from 0.55 44.5 "
    "in 1.07 of the time, three from 0.6 44.6 in 1.18. 38 epochs of 209 squares of photographs, one size 94 %: 91, and "
    "84 in four steps. No stage is below 32 px: CIFAR-10 from 16 px 19.5 %, 32 px throughout 30.0",
    "randaugment": "ours: growing as in V2, so mild that the pilot (37.5 % without, 37.8 with) shows no harm",
    "mixup": NOT_USED,
    "cutmix": NOT_USED,
    "dropout": NOT_USED,
    "batch_size": "ours, pilot: 37.8 % with 32, 34.0 with 64, whose steps are half as many",
    "optimizer": "ours, pilot: resnet10t 53.9 % with AdamW 2e-3, 47.1 with SGD 0.05",
    "learning_rate": "ours, pilot: 1e-3, 2e-3 and 4e-3 within noise (37.8 % with 2e-3, 37.4 with 4e-3)",
    "lr_schedule": "ours: falls to nothing in any number of steps",
    "warmup_epochs": "ours: a twentieth; short trainings warm up for a tenth",
    "weight_decay": USUAL,
    "ema_decay": "ours: averages over 2 % of the steps; pilot: none, 2 % and 5 % within noise",
    "label_smoothing": "timm train.py, and all three papers' code",
    "drop_path_rate": NOT_USED,
    "crop_area": "ours, pilot: 37.8 % from 0.35 of the area on, 32.3 from 0.2",
    "translate_px": "not used: the profile has shares of the image",
    "cutout_px": "not used: the profile has no Cutout",
    "policy": "ours: RandAugment",
    "profile": "ours: every operation of torchvision's scale begins at nothing",
    "operations": "torchvision's",
    "crop": "as in all three papers' code",
    "interpolation": "ours: the fastest",
    "flip": "ours: half of the images, unless you say no",
    "noise_cutout": NOT_USED,
    "normalisation": "timm's and torchvision's default",
    "eval_crop": "ours: nothing of your image is cut off",
    "decay_epochs": "not used",
    "no_decay": "timm's create_optimizer_v2",
    "bn_momentum": "PyTorch's default",
    "bn_group": "the whole batch",
    "pixel_path": "ours: Pillow's pixels; `torch` is faster for many photographs",
}
TUNING_SOURCES = SOURCES | {
    "weights": "yours",
    "sizes": "ours, pilot: growing from 0.75 in two stages 73.3 % in 17.7 s, one size 73.6 in 17.2",
    "image_size": "ours; that of your weights where it is known",
    "randaugment": "not used",
    "policy": "ours, pilot: 73.6 % without, 74.3 with torchvision's magnitude 5",
    "learning_rate": "ours, pilot: 2e-4 72.5 %, 5e-4 73.6; 1e-3 with a drawn classifier diverged to chance",
    "crop_area": "ours, pilot: 76.6 % from 0.6 of the area on, 73.6 from 0.35",
    "frozen_bn": "ours, pilot: 73.6 %, with live statistics and a drawn classifier 33.3",
    "new_classifier": "ViT §3.1: every class is as likely at first",
}


def presets() -> list[Preset]:
    """From scratch, and from weights."""
    scratch = Preset(
        name="own",
        model="efficientnetv2-b0",
        dataset="folder:my-images",
        recipe=RECIPE,
        schedule=Schedule(progressive(2, (FIRST, SIZE), randaugment=(0, 5), dropout=(0, 0))),
        epochs=EPOCHS,
        eval_size=SIZE,
        classes=10,
        images=IMAGES,
        sources=SOURCES,
        precision="auto",
        smallest=SMALLEST,
    )
    tuned = replace(
        scratch,
        name="own:finetune",
        recipe=FINE_TUNING,
        schedule=fixed(SIZE, 0.0),
        sources=TUNING_SOURCES,
        further={"frozen_bn": True, "new_classifier": "zero"},
    )
    return [scratch, tuned]
