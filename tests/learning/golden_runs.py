"""Two short runs in which every value differs from its default and from its neighbours, so that none goes unnoticed."""

from convscale.recipes import Recipe, Run, Schedule, Stage
from convscale.recipes.recipe import RELEASED_OPERATIONS

# Sizes drawn at random, RandAugment on the host, images of the training set held out for the curve.
ON_HOST = Run(
    model="efficientnetv2-tiny",
    dataset="digits",
    recipe=Recipe(
        batch_size=24,
        optimizer="momentum",
        learning_rate=0.003,
        lr_schedule="cosine-joined",
        warmup_epochs=0.7,
        weight_decay=0.3,
        ema_decay=0.35,
        label_smoothing=0.17,
        drop_path_rate=0.31,
        crop_area=(0.45, 0.9),
        translate_px=6.5,
        cutout_px=2.7,
        interpolation="bicubic",
        normalisation="half",
        eval_crop="padded",
        no_decay="norms",
        bn_momentum=0.23,
        bn_group=12,
        operations=RELEASED_OPERATIONS[2:],
    ),
    schedule=Schedule(
        (
            Stage(16, randaugment=4.5, mixup=0.3, dropout=0.12, cutmix=0.2, drop_path=0.11),
            Stage(20, randaugment=7.5, mixup=0.7, dropout=0.22, cutmix=0.5, drop_path=0.19),
            Stage(25, randaugment=12.5, mixup=1.1, dropout=0.32, cutmix=0.9),
        ),
        sizes="random",
        every=1,
    ),
    epochs=2,
    eval_size=29,
    seed=5,
    train_images=72,
    curve_points=6,
    curve_images=40,
    validate="tenth",
)

# Sizes that grow, RandAugment and squares of noise on the device, gradients of two parts added up.
ON_DEVICE = Run(
    model="efficientnetv2-tiny",
    dataset="digits",
    recipe=Recipe(
        batch_size=24,
        optimizer="rmsprop_tf",
        learning_rate=0.001,
        lr_schedule="staircase",
        warmup_epochs=1.5,
        weight_decay=0.2,
        ema_decay=0.45,
        label_smoothing=0.07,
        drop_path_rate=0.24,
        crop_area=(0.6, 0.8),
        translate_px=9.5,
        cutout_px=4.3,
        flip=True,
        noise_cutout=True,
        normalisation="imagenet",
        eval_crop="0.875",
        decay_epochs=0.5,
        bn_momentum=0.41,
        bn_group=6,
        operations=RELEASED_OPERATIONS[4:],
    ),
    schedule=Schedule(
        (
            Stage(18, randaugment=6.5, mixup=0.4, dropout=0.15, cutmix=0.6),
            Stage(23, randaugment=13.5, mixup=0.9, dropout=0.35, cutmix=0.3, drop_path=0.37),
        )
    ),
    epochs=3,
    eval_size=27,
    seed=3,
    train_images=60,
    curve_points=5,
    curve_images=50,
    steps=5,
    augment_on="device",
    accumulate=2,
)
