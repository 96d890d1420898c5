"""Algorithm 1, its two ramps, and the learning-rate curves, against numbers worked out by hand."""

from collections import Counter
from dataclasses import replace

import pytest

from convscale.recipes import canonical
from convscale.recipes.recipe import LR_SCHEDULES, V2_PAPER
from convscale.recipes.schedule import (
    REGULARIZATIONS,
    SIZES,
    Schedule,
    Stage,
    constant,
    cosine,
    cosine_joined,
    ema_decay_at,
    lr_share,
    progressive,
    stage_at,
    stages_in_use,
    staircase,
    tenths,
)

# V2 Table 6 gives the ends; Algorithm 1 puts the stages between at i / 3 of the way.
# column: (sizes, randaugment, mixup, dropout) of progressive(), and the four stages' values
TABLE_6 = {
    "S": (
        dict(image_size=(128, 300), randaugment=(5, 15), mixup=(0, 0), dropout=(0.1, 0.3)),
        [128, 185, 242, 300],
        [5, 25 / 3, 35 / 3, 15],
        [0, 0, 0, 0],
        [0.1, 1 / 6, 0.7 / 3, 0.3],
    ),
    "M": (
        dict(image_size=(128, 380), randaugment=(5, 20), mixup=(0, 0.2), dropout=(0.1, 0.4)),
        [128, 212, 296, 380],
        [5, 10, 15, 20],
        [0, 0.2 / 3, 0.4 / 3, 0.2],
        [0.1, 0.2, 0.3, 0.4],
    ),
    "L": (
        dict(image_size=(128, 380), randaugment=(5, 25), mixup=(0, 0.4), dropout=(0.1, 0.5)),
        [128, 212, 296, 380],
        [5, 35 / 3, 55 / 3, 25],
        [0, 0.4 / 3, 0.8 / 3, 0.4],
        [0.1, 0.7 / 3, 1.1 / 3, 0.5],
    ),
}


@pytest.mark.parametrize("column", TABLE_6)
def test_paper_ramp_gives_the_stages_of_table_6(column):
    ends, sizes, randaugment, mixup, dropout = TABLE_6[column]
    stages = progressive(**ends)
    assert [s.image_size for s in stages] == sizes
    assert [s.randaugment for s in stages] == pytest.approx(randaugment, rel=1e-12)
    assert [s.mixup for s in stages] == pytest.approx(mixup, rel=1e-12)
    assert [s.dropout for s in stages] == pytest.approx(dropout, rel=1e-12)


# google/automl efficientnetv2/main.py: size = int(128 + (end - 128) * (i + 1) / 4), RandAugment and mixup as in the
# paper, dropout constant; the maxima are those of its effnetv2_configs.py.
RELEASE = {
    "S": ((300, 10, 0, 0.2), [171, 214, 257, 300], [5, 20 / 3, 25 / 3, 10], [0, 0, 0, 0]),
    "M": ((384, 15, 0.2, 0.3), [192, 256, 320, 384], [5, 25 / 3, 35 / 3, 15], [0, 0.2 / 3, 0.4 / 3, 0.2]),
    "L": ((384, 20, 0.5, 0.4), [192, 256, 320, 384], [5, 10, 15, 20], [0, 0.5 / 3, 1 / 3, 0.5]),
}


@pytest.mark.parametrize("column", RELEASE)
def test_release_ramp_gives_the_stages_of_the_released_code(column):
    (size, magnitude, mixup, dropout), sizes, magnitudes, alphas = RELEASE[column]
    stages = progressive(
        4, (128, size), randaugment=(5, magnitude), mixup=(0, mixup), dropout=(0.1, dropout), ramp="release"
    )
    assert [s.image_size for s in stages] == sizes
    assert [s.randaugment for s in stages] == pytest.approx(magnitudes, rel=1e-12)
    assert [s.mixup for s in stages] == pytest.approx(alphas, rel=1e-12)
    assert [s.dropout for s in stages] == [dropout] * 4


def test_cutmix_and_stochastic_depth_are_ramped_when_given():
    ramped = dict(cutmix=(0, 0.3), drop_path=(0.1, 0.4))
    for ramp in ("paper", "release"):
        stages = progressive(ramp=ramp, **ramped)
        assert [s.cutmix for s in stages] == pytest.approx([0, 0.1, 0.2, 0.3])
        assert [s.drop_path for s in stages] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert {(s.cutmix, s.drop_path) for s in progressive()} == {(0, None)}


def test_stages_may_be_written_by_hand():
    stages = Stage(96, 3, 0, 0), Stage(160, 12, 0.2, 0.3)
    schedule = Schedule(stages)
    assert [stage_at(schedule, step, 4, 1) for step in range(4)] == [stages[0], stages[0], stages[1], stages[1]]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (dict(image_size=0), "image_size = 0: a whole number from 1"),
        (dict(randaugment=-1), "randaugment = -1: a number at least 0"),
        (dict(mixup=-0.2), "mixup = -0.2: a number at least 0"),
        (dict(cutmix=-0.2), "cutmix = -0.2: a number at least 0"),
        (dict(dropout=1.0), "dropout = 1.0: a number at least 0 and below 1"),
        (dict(dropout=float("nan")), "dropout = nan: a number"),
        (dict(drop_path=-0.1), "drop_path = -0.1: a number at least 0 and below 1, or None"),
    ],
)
def test_no_stage_has_impossible_values(wrong, words):
    with pytest.raises(ValueError, match=words):
        replace(Stage(128, 5, 0, 0.1), **wrong)


def test_one_stage_is_the_last_one():
    for ramp in ("paper", "release"):
        (stage,) = progressive(1, ramp=ramp)
        assert (stage.image_size, stage.randaugment, stage.dropout) == (300, 15, 0.3)


@pytest.mark.parametrize("stages", range(2, 12))
def test_both_ends_are_exact_for_any_number_of_stages(stages):
    made = progressive(stages, (100, 700), dropout=(0.1, 0.7), randaugment=(0.1, 0.7))
    assert (made[0].image_size, made[-1].image_size) == (100, 700)
    assert (made[0].dropout, made[-1].dropout) == (0.1, 0.7)
    assert (made[0].randaugment, made[-1].randaugment) == (0.1, 0.7)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (dict(ramp="papre"), "did you mean paper"),
        (dict(stages=0), "stages = 0: a whole number from 1 on"),
        (dict(mixup=(-0.1, 0.2)), "mixup = -0.1: a number at least 0"),
        (dict(dropout=(0.1, 1.0)), "dropout = 1.0: a number at least 0 and below 1"),
    ],
)
def test_bad_schedules_are_refused_by_name(wrong, words):
    with pytest.raises(ValueError, match=words):
        progressive(**wrong)


def test_misspelt_modes_are_refused():
    with pytest.raises(ValueError, match="unknown sizes 'progresive': did you mean progressive"):
        Schedule(progressive(), sizes="progresive")
    with pytest.raises(ValueError, match=r"unknown regularization 'vanilla'.*adaptive, final, minimum"):
        Schedule(progressive(), regularization="vanilla")


def walk(sizes, regularization="adaptive", steps=80, steps_per_epoch=2, every=8, seed=0):
    schedule = Schedule(progressive(), sizes, regularization, every)
    return [stage_at(schedule, step, steps, steps_per_epoch, seed) for step in range(steps)]


def test_progressive_sizes_spend_a_quarter_of_the_steps_in_each_stage():
    assert walk("progressive") == [stage for stage in progressive() for _ in range(20)]


def test_stages_begin_at_the_first_whole_step_of_their_share():
    # 10 steps in 4 stages begin at 0, 2.5, 5 and 7.5
    sizes = [stage.image_size for stage in walk("progressive", steps=10)]
    assert sizes == [128] * 3 + [185] * 2 + [242] * 3 + [300] * 2


def test_fixed_size_is_the_last_stage_throughout():
    assert set(walk("fixed")) == {progressive()[-1]}


@pytest.mark.parametrize("sizes", ["fixed", "progressive", "random", "shuffled"])
@pytest.mark.parametrize(("regularization", "source"), [("final", -1), ("minimum", 0)])
def test_vanilla_changes_sizes_alone(sizes, regularization, source):
    stages = walk(sizes, regularization)
    constant = progressive()[source]
    assert [s.image_size for s in stages] == [s.image_size for s in walk(sizes)]
    assert {(s.randaugment, s.mixup, s.dropout) for s in stages} == {
        (constant.randaugment, constant.mixup, constant.dropout)
    }


def test_adaptive_regularization_follows_the_random_size():
    assert set(walk("random", steps=2000)) == set(progressive())


def test_random_sizes_change_every_so_many_epochs_only():
    stages = walk("random", steps=160, steps_per_epoch=2, every=8)
    blocks = [stages[i : i + 16] for i in range(0, 160, 16)]
    assert all(len(set(block)) == 1 for block in blocks)
    assert len({block[0] for block in blocks}) > 1


def test_random_sizes_depend_on_the_seed_alone():
    assert walk("random", seed=3) == walk("random", seed=3)
    assert walk("random", seed=3, steps=2000) != walk("random", seed=4, steps=2000)
    assert walk("random", steps=80) == walk("random", steps=2000)[:80]  # a longer run begins like a shorter one


def test_random_sizes_are_drawn_evenly():
    drawn = Counter(s.image_size for s in walk("random", steps=8000, steps_per_epoch=1, every=1))
    # 8000 draws of probability 1/4: mean 2000, standard deviation 38.7; within four of them
    assert set(drawn) == {128, 185, 242, 300}
    assert all(abs(count - 2000) < 155 for count in drawn.values())


@pytest.mark.parametrize("seed", range(5))
def test_shuffled_sizes_come_once_in_each_group_of_blocks(seed):
    """Blocks of 3 epochs of 2 steps; 4 stages make groups of 24 steps."""
    sizes = [stage.image_size for stage in walk("shuffled", steps=240, every=3, seed=seed)]
    blocks = [sizes[i : i + 6] for i in range(0, 240, 6)]
    assert all(len(set(block)) == 1 for block in blocks)
    groups = [tuple(block[0] for block in blocks[i : i + 4]) for i in range(0, 40, 4)]
    assert all(sorted(group) == [128, 185, 242, 300] for group in groups)
    assert len(set(groups)) > 3  # each group has its own order


def test_a_size_can_be_drawn_for_every_batch():
    schedule = Schedule(progressive(), "shuffled", every=1, unit="steps")
    sizes = [stage_at(schedule, step, 400, steps_per_epoch=50, seed=1).image_size for step in range(400)]
    assert all(sorted(sizes[i : i + 4]) == [128, 185, 242, 300] for i in range(0, 400, 4))  # four batches, four sizes
    # the draws are those of blocks: only how long a block lasts differs
    assert sizes == [stage.image_size for stage in walk("shuffled", steps=400, steps_per_epoch=1, every=1, seed=1)]
    with pytest.raises(ValueError, match="unknown unit 'step': did you mean steps"):
        Schedule(progressive(), unit="step")


def test_a_schedule_in_epochs_is_in_runs_keys_as_before_units():
    schedule = Schedule((Stage(16, 2, 0, 0.1),), "shuffled")
    assert canonical(schedule) == {
        "stages": [{"image_size": 16, "randaugment": 2, "mixup": 0, "dropout": 0.1}],
        "sizes": "shuffled",
    }
    assert canonical(replace(schedule, every=1, unit="steps")) == canonical(schedule) | {"every": 1, "unit": "steps"}


def test_shuffled_sizes_depend_on_the_seed_alone():
    walks = [walk("shuffled", steps=8, steps_per_epoch=1, every=1, seed=seed) for seed in (0, 1)]
    assert [tuple(stage.image_size for stage in stages) for stages in walks] == [
        (128, 185, 242, 300, 242, 300, 128, 185),
        (128, 300, 185, 242, 128, 185, 242, 300),
    ]
    assert walk("shuffled", steps=80) == walk("shuffled", steps=2000)[:80]
    assert set(walk("shuffled")) == set(progressive())  # regularization follows


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("regularization", REGULARIZATIONS)
def test_stages_in_use_are_those_that_training_meets(sizes, regularization):
    schedule = Schedule(progressive(), sizes, regularization)
    assert set(stages_in_use(schedule)) == set(walk(sizes, regularization, steps=2000))


def test_staircase_of_the_paper():
    # V1 §5.2: 0.256, x 0.97 every 2.4 epochs; counted from step 0, so a warm-up of 5 epochs hides the first two drops
    lr = [0.256 * staircase(step, steps_per_epoch=10, warmup=50) for step in range(3501)]
    assert lr[0] == pytest.approx(0.256 / 50)
    assert lr[49] == pytest.approx(0.256)
    assert lr[50] == pytest.approx(0.256 * 0.97**2) == pytest.approx(0.24087, abs=5e-6)
    assert lr[71] == lr[50] and lr[72] == pytest.approx(0.256 * 0.97**3)  # epoch 7.2
    assert lr[3500] == pytest.approx(0.256 * 0.97**145) == pytest.approx(0.0031, abs=5e-5)


def test_staircase_only_falls():
    shares = [staircase(step, steps_per_epoch=7) for step in range(1000)]
    assert shares[0] == 1 and shares == sorted(shares, reverse=True)


def test_cosine_is_counted_from_step_0_under_its_warm_up():
    shares = [cosine(step, steps=1000, warmup=100) for step in range(1001)]
    assert shares[0] == 0.01 and shares[99] == 1
    assert shares[100] == pytest.approx(0.97553, abs=5e-6)  # (1 + cos 18 degrees) / 2
    assert shares[250] == pytest.approx(0.85355, abs=5e-6)  # (1 + cos 45 degrees) / 2
    assert shares[500] == pytest.approx(0.5) and shares[1000] == pytest.approx(0, abs=1e-15)
    assert cosine(0, 1000) == 1


def test_joined_cosine_warms_up_to_where_the_cosine_is():
    # garden: polynomial warm-up from 0 to the cosine's value at its last step
    shares = [cosine_joined(step, steps=1000, warmup=100) for step in range(1001)]
    assert shares[99] == shares[100] == cosine(100, 1000) == pytest.approx(0.97553, abs=5e-6)
    assert shares[49] == pytest.approx(shares[100] / 2) and shares[0] == pytest.approx(shares[100] / 100)
    assert shares[500] == pytest.approx(0.5) and shares[1000] == pytest.approx(0, abs=1e-15)
    assert cosine_joined(0, 1000) == 1


def test_tenths_drop_at_30_60_and_80_ninetieths():
    # tpu resnet_main.py, stretched to 350 epochs: warm-up of 5 / 90, then 1, 0.1, 0.01, 0.001
    shares = [tenths(step, steps=900, warmup=50) for step in range(900)]
    assert shares[0] == 1 / 50 and shares[24] == 0.5
    assert Counter(shares[50:]) == {1: 250, 0.1: 300, 0.01: 200, 0.001: 100}
    assert (shares[299], shares[300], shares[600], shares[800]) == (1, 0.1, 0.01, 0.001)


def test_constant_is_constant_after_its_warm_up():
    assert [constant(step, warmup=4) for step in range(6)] == [0.25, 0.5, 0.75, 1, 1, 1]
    assert constant(0) == 1


@pytest.mark.parametrize(
    ("name", "curve"),
    {
        "cosine": lambda step: cosine(step, 60, 5),
        "cosine-joined": lambda step: cosine_joined(step, 60, 5),
        "staircase": lambda step: staircase(step, 10, 5, epochs=1.2),
        "step": lambda step: tenths(step, 60, 5),
        "constant": lambda step: constant(step, 5),
    }.items(),
)
def test_a_recipe_names_its_curve(name, curve):
    recipe = replace(V2_PAPER, lr_schedule=name, warmup_epochs=0.5, decay_epochs=1.2)
    assert [lr_share(recipe, step, 60, 10) for step in range(60)] == [curve(step) for step in range(60)]


def test_every_curve_starts_low_and_stays_within_its_peak():
    for name in LR_SCHEDULES:
        shares = [lr_share(replace(V2_PAPER, lr_schedule=name), step, 700, 10) for step in range(700)]
        assert min(shares) > 0 and shares[0] <= 0.02 < shares[49] <= max(shares) <= 1
    with pytest.raises(ValueError, match="unknown lr_schedule 'cosin': did you mean cosine"):
        lr_share(replace(V2_PAPER, lr_schedule="cosin"), 0, 10, 10)


def test_ema_decay_warms_up_like_tensorflows():
    # tf.train.ExponentialMovingAverage: min(decay, (1 + step) / (10 + step))
    assert ema_decay_at(0, 0.9999) == 0.1
    assert ema_decay_at(8, 0.9999) == 0.5
    assert ema_decay_at(80, 0.9999) == 0.9
    assert ema_decay_at(10**6, 0.9999) == 0.9999
    assert ema_decay_at(80, 0.5) == 0.5
