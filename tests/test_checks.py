"""What the values of runs, recipes and schedules may be: one error that names all that are not."""

from dataclasses import replace

import numpy as np
import pytest

from convscale.models import released_preprocessing, table
from convscale.recipes import Pixels, Schedule, Stage, canonical, preset

NAN, INFINITE = float("nan"), float("inf")
STAGE = Stage(32, 5, 0, 0.1)
RECIPE = preset("v2-s:paper").recipe
ROW = table("efficientnetv2-tiny").stages[0]

# value -> what each of its fields may not be
WRONG = {
    Pixels(): dict(translate=(-1, NAN), cutout=(INFINITE, "4")),
    STAGE: dict(
        image_size=(32.5, 0, 10**6, "32", True, None),
        randaugment=(NAN, -1, None),
        mixup=(NAN, -0.1, INFINITE),
        cutmix=(NAN, -0.1),
        dropout=(1, NAN, -0.1),
        drop_path=(1.0, NAN),
    ),
    Schedule((STAGE,)): dict(stages=((), [STAGE], (3,)), every=(0, 1.5), sizes=("grown",), regularization=(None,)),
    RECIPE: dict(
        batch_size=(0, -4, 2.5, True),
        learning_rate=(-1, NAN, "0.1"),
        lr_schedule=("cosines",),
        warmup_epochs=(-1, NAN),
        weight_decay=(-1, NAN),
        ema_decay=(1.5, 1, -0.1, NAN),
        label_smoothing=(1, -0.1, NAN),
        drop_path_rate=(1, -0.1),
        crop_area=((2, 3), (0, 1), (0.5, 0.2), (0.5,), 0.5, (NAN, 1)),
        translate_px=(-1, NAN),
        cutout_px=(-1, NAN),
        flip=("no", 2),
        noise_cutout=(None, 1),
        decay_epochs=(0, -1, NAN),
        bn_momentum=(-1, 0, 1.5, NAN),
        bn_group=(0, 2.5),
        operations=((), "Rotate", (3,)),
    ),
    preset("v2-s:paper").run(): dict(
        model=(None, 3),
        dataset=(None,),
        recipe=(None,),
        schedule=((STAGE,),),
        epochs=(0, 2.5, -1),
        eval_size=(0, 32.5, 10**6),
        seed=(-1, 2**70, 1.5, None),
        train_images=(0, 2.5),
        curve_points=(0, -1),
        curve_images=(0,),
        weights=(3,),
        steps=(-3, 0, 2.5),
        window=(-1,),
        accumulate=(0, 1.5),
        groups=((0, 1), ((),), ((-1,),), [(0,)]),
        new_classifier=(None,),
        bn_batches=(-1, 0.5),
        frozen_bn=(1, None),
        class_weights=(None,),
        trained=(None, 1),
        test_sizes=((0,), 32, (NAN,)),
        unseen=(-1, NAN),
        raw=(None,),
        halfway=(2,),
        early_loss=("no",),
    ),
    ROW: dict(op=(None,), kernel=(0,), stride=(0.5,), expand=(0,), width=(-1,), depth=(1.5,), se=(NAN, -1)),
    table("efficientnetv2-tiny"): dict(
        stem=(0,),
        stages=((), (replace(ROW, width=0),), (3,)),
        head=(-1,),
        eval_size=(0,),
        dropout=(1, NAN),
        bn_eps=(0, NAN),
        bn_momentum=(-1, NAN),
    ),
    table("resnet-50"): dict(depths=((), (3, 0)), width=(0, NAN), drop_path_rate=(1,)),
    table("resnet3d-50"): dict(temporal_kernels=((), ((),), ((0,),)), frames=(0,), gating=(None,)),
    released_preprocessing("resnet-50"): dict(size=(0, 32.5)),
}


@pytest.mark.parametrize(
    ("value", "field", "wrong"),
    [
        pytest.param(value, field, wrong, id=f"{type(value).__name__}-{field}-{wrong}")
        for value, fields in WRONG.items()
        for field, wrongs in fields.items()
        for wrong in wrongs
    ],
)
def test_no_dataclass_takes_what_means_nothing(value, field, wrong):
    with pytest.raises(ValueError, match=f"{field} "):
        replace(value, **{field: wrong})


def test_one_error_names_all_that_is_wrong():
    with pytest.raises(ValueError) as raised:
        replace(STAGE, image_size=32.5, mixup=NAN, dropout=1)
    assert str(raised.value) == (
        "Stage: image_size = 32.5: a whole number from 1 to 16,384; mixup = nan: a number at least 0; "
        "dropout = 1: a number at least 0 and below 1 is needed"
    )


def test_numbers_of_numpy_are_numbers_and_make_the_same_key(tiny):
    run = tiny(seed=np.int64(3), eval_size=np.int32(24), recipe=replace(tiny().recipe, weight_decay=np.float64(0.05)))
    assert run.key == tiny(seed=3).key and type(canonical(run)["seed"]) is int
