"""Presets: every number by hand from papers and releases, each difference on the discrepancies page, shortening."""

import re
from dataclasses import fields, replace

import pytest

from convscale.augment.crops import CROPS
from convscale.augment.profiles import PROFILES
from convscale.augment.transforms import POLICIES
from convscale.learning.optim import NO_DECAY, OPTIMIZERS
from convscale.models import list_models
from convscale.models.preprocessing import EVAL_CROPS, INTERPOLATIONS, NORMALISATIONS
from convscale.models.zoo import table
from convscale.paths import CHECKOUT
from convscale.recipes import PRESETS, V2_PAPER, Recipe, Run, canonical, list_presets, preset, preset_text, shortened
from convscale.recipes.recipe import LR_SCHEDULES

# What all presets of a family have, whichever the network and the variant.
EFFICIENTNET = dict(
    dataset="imagenet",
    epochs=350,
    steps=None,
    weights=None,
    classes=1000,
    precision="bfloat16",
    batch_size=4096,
    optimizer="rmsprop_tf",
    learning_rate=0.256,
    lr_schedule="staircase",
    warmup_epochs=5,
    decay_epochs=2.4,
    weight_decay=1e-5,
    ema_decay=0.9999,
    label_smoothing=0.1,
    translate_px=100,
    cutout_px=40,
    profile="tf",
    crop="random-resized",
    noise_cutout=False,
    bn_group=None,
)
V1_PIXELS = dict(crop_area=(0.08, 1.0), interpolation="bicubic", normalisation="imagenet", eval_crop="padded")
V1 = EFFICIENTNET | V1_PIXELS | dict(no_decay="norms", bn_momentum=0.01, mixup=0, cutmix=0, sizes="fixed")
V2 = EFFICIENTNET | dict(
    crop_area=(0.05, 1.0),
    interpolation="bilinear",
    normalisation="v2",
    eval_crop="whole",
    no_decay="vectors",
    policy="randaugment",
    drop_path_rate=0.2,
    sizes="progressive",
)
RS = dict(
    dataset="imagenet",
    epochs=350,
    steps=None,
    weights=None,
    batch_size=4096,
    learning_rate=1.6,
    weight_decay=4e-5,
    ema_decay=0.9999,
    label_smoothing=0.1,
    crop_area=(0.08, 1.0),
    cutout_px=40,
    policy="randaugment",
    profile="tf",
    crop="random-resized",
    normalisation="imagenet",
    eval_crop="0.875",
    bn_momentum=1.0,
    mixup=0,
    cutmix=0,
    sizes="fixed",
)
FINE_TUNING = V2 | dict(
    epochs=15,
    batch_size=512,
    learning_rate=0.001,
    warmup_epochs=1,
    ema_decay=0.9996,
    dropout=1e-6,
    policy="none",
    crop="whole",
    noise_cutout=True,
    normalisation="half",
    randaugment=0,
    mixup=0,
    cutmix=0,
    sizes="fixed",
)

GOLDEN = {}
# V1 §5.2 and tpu efficientnet: size, dropout of the release, dropout of the paper (0.2 to 0.5 in seven equal steps)
for network, size, released, linear in (
    ("b0", 224, 0.2, 0.2),
    ("b1", 240, 0.2, 0.2429),
    ("b2", 260, 0.3, 0.2857),
    ("b3", 300, 0.3, 0.3286),
    ("b4", 380, 0.4, 0.3714),
    ("b5", 456, 0.4, 0.4143),
    ("b6", 528, 0.5, 0.4571),
    ("b7", 600, 0.5, 0.5),
):
    own = V1 | dict(model=f"efficientnet-{network}", image_size=size, eval_size=size, randaugment=0)
    release = own | dict(dropout=released, drop_path_rate=0.2, policy="autoaugment", validate="test")
    GOLDEN[f"v1-{network}:release"] = release
    GOLDEN[f"v1-{network}:paper"] = release | dict(dropout=linear, drop_path_rate=0.3)
    if network not in ("b6", "b7"):
        GOLDEN[f"v1-{network}:release-plain"] = release | dict(policy="none")
for network, magnitude in (("b5", 17), ("b7", 28)):
    changes = dict(policy="randaugment", randaugment=magnitude)
    GOLDEN[f"v1-{network}:release-randaugment"] = GOLDEN[f"v1-{network}:release"] | changes

# V2 Table 6 at i / 3 of the way; google/automl main.py and effnetv2_configs.py
PAPER = V2 | dict(bn_momentum=0.01, cutmix=0, validate="minival")
RELEASE = V2 | dict(bn_momentum=0.1, validate="test")
S, M = dict(model="efficientnetv2-s", eval_size=384), dict(model="efficientnetv2-m", eval_size=480)
L, XL = dict(model="efficientnetv2-l", eval_size=480), dict(model="efficientnetv2-xl", eval_size=512)
LARGE = dict(image_size=(192, 256, 320, 384))
ALPHA_M, ALPHA_L = (0, 0.2 / 3, 0.4 / 3, 0.2), (0, 0.5 / 3, 1 / 3, 0.5)
GOLDEN |= {
    "v2-s:paper": PAPER
    | S
    | dict(
        image_size=(128, 185, 242, 300),
        randaugment=(5, 25 / 3, 35 / 3, 15),
        mixup=0,
        dropout=(0.1, 1 / 6, 0.7 / 3, 0.3),
    ),
    "v2-m:paper": PAPER
    | M
    | dict(image_size=(128, 212, 296, 380), randaugment=(5, 10, 15, 20), mixup=ALPHA_M, dropout=(0.1, 0.2, 0.3, 0.4)),
    "v2-l:paper": PAPER
    | L
    | dict(
        image_size=(128, 212, 296, 380),
        randaugment=(5, 35 / 3, 55 / 3, 25),
        mixup=(0, 0.4 / 3, 0.8 / 3, 0.4),
        dropout=(0.1, 0.7 / 3, 1.1 / 3, 0.5),
    ),
    "v2-s:release": RELEASE
    | S
    | dict(image_size=(171, 214, 257, 300), randaugment=(5, 20 / 3, 25 / 3, 10), mixup=0, cutmix=0, dropout=0.2),
    "v2-m:release": RELEASE
    | M
    | LARGE
    | dict(randaugment=(5, 25 / 3, 35 / 3, 15), mixup=ALPHA_M, cutmix=ALPHA_M, dropout=0.3),
    "v2-l:release": RELEASE | L | LARGE | dict(randaugment=(5, 10, 15, 20), mixup=ALPHA_L, cutmix=ALPHA_L, dropout=0.4),
    "v2-xl:release": RELEASE
    | XL
    | LARGE
    | dict(randaugment=(5, 10, 15, 20), mixup=ALPHA_L, cutmix=ALPHA_L, dropout=0.4),
}
for network, sizes, eval_size, dropout in (
    ("b0", (144, 160, 176, 192), 224, 0.2),
    ("b1", (144, 160, 176, 192), 240, 0.2),
    ("b2", (148, 168, 188, 208), 260, 0.3),
    ("b3", (156, 184, 212, 240), 300, 0.3),
):
    own = dict(model=f"efficientnetv2-{network}", image_size=sizes, eval_size=eval_size, dropout=dropout)
    off = dict(policy="autoaugment", randaugment=0, mixup=0, cutmix=0)
    GOLDEN[f"v2-{network}:release"] = RELEASE | V1_PIXELS | own | off

# automl datasets.py: ImageNet21k, ImagenetFt, Cifar10Ft; V2 §5.2, §5.3
for network, ending, size in (("s", "", 384), ("m", "-m", 480), ("l", "-l", 480), ("xl", "-xl", 512)):
    pretraining = V2 | dict(
        model=f"efficientnetv2-{network}",
        dataset="imagenet21k",
        epochs=60,
        lr_schedule="cosine",
        warmup_epochs=1,
        label_smoothing=0,
        drop_path_rate=0,
        dropout=1e-6,
        policy="none",
        randaugment=0,
        mixup=0,
        cutmix=0,
        sizes="fixed",
        image_size=224,
        eval_size=224,
        eval_crop="padded",
    )
    GOLDEN[f"v2-21k{ending}:paper"] = pretraining | dict(learning_rate=0.256, bn_momentum=0.01, classes=21_841)
    GOLDEN[f"v2-21k{ending}:release"] = pretraining | dict(learning_rate=0.128, bn_momentum=0.1, classes=21_843)
    own = FINE_TUNING | dict(model=f"efficientnetv2-{network}", image_size=size, eval_size=size)
    ft = own | dict(weights=f"timm:tf_efficientnetv2_{network}.in21k", steps=None, weight_decay=1e-5)
    GOLDEN[f"v2-ft-1k{ending}:paper"] = ft | dict(lr_schedule="cosine", bn_momentum=0.01)
    GOLDEN[f"v2-ft-1k{ending}:release"] = ft | dict(lr_schedule="constant", bn_momentum=0.1)
    if network != "xl":
        start = dict(weights=f"timm:tf_efficientnetv2_{network}.in1k", steps=10_000, dataset="cifar10", classes=10)
        paper = dict(lr_schedule="cosine", bn_momentum=0.01, weight_decay=0)
        released = dict(lr_schedule="constant", bn_momentum=0.1, weight_decay=1e-5)
        GOLDEN[f"v2-transfer{ending}:paper"] = own | start | paper
        GOLDEN[f"v2-transfer{ending}:release"] = own | start | released

# RS Appendix C Table 8 as in tpu resnet_rs/configs: depth, size, dropout, stochastic depth, magnitude
for depth, size, dropout, drop_path, magnitude in (
    (50, 160, 0.25, 0, 10),
    (101, 160, 0.25, 0, 10),
    (101, 192, 0.25, 0, 15),
    (152, 192, 0.25, 0, 15),
    (152, 224, 0.25, 0, 15),
    (152, 256, 0.25, 0, 15),
    (200, 256, 0.25, 0.1, 15),
    (270, 256, 0.25, 0.1, 15),
    (350, 256, 0.25, 0.1, 15),
    (350, 320, 0.40, 0.1, 15),
    (420, 320, 0.40, 0.1, 15),
):
    own = RS | dict(model=f"resnet-rs-{depth}", image_size=size, eval_size=size, dropout=dropout)
    own |= dict(drop_path_rate=drop_path, randaugment=magnitude)
    first = own | dict(translate_px=100, interpolation="bicubic", no_decay="norms", classes=1000)
    cosine = dict(optimizer="momentum", lr_schedule="cosine-joined", warmup_epochs=5)
    GOLDEN[f"rs-{depth}-{size}:paper"] = first | cosine
    GOLDEN[f"rs-{depth}-{size}:tf1"] = first | dict(optimizer="sgd", lr_schedule="step", warmup_epochs=175 / 9)
    second = dict(translate_px=10, interpolation="bilinear", no_decay="vectors", classes=1001)
    GOLDEN[f"rs-{depth}-{size}:tf2"] = own | cosine | second

# tensorflow/models k400_3d-resnet50_tpu.yaml, k400_resnet3drs_50_tpu.yaml; RS Table 5
VIDEO = dict(
    dataset="kinetics400",
    classes=400,
    image_size=224,
    eval_size=256,
    batch_size=1024,
    optimizer="sgd",
    learning_rate=0.8,
    lr_schedule="cosine-joined",
    warmup_epochs=5,
    policy="none",
    normalisation="unit",
)
BASELINE = VIDEO | dict(
    model="resnet3d-50",
    epochs=200,
    steps=42_000,
    weight_decay=1e-4,
    label_smoothing=0,
    drop_path_rate=0,
    ema_decay=0,
    bn_momentum=0.1,
    crop_area=(0.49, 1.0),
)
REVISED = VIDEO | dict(
    model="resnet3d-rs-50",
    epochs=350,
    steps=73_682,
    weight_decay=4e-5,
    label_smoothing=0.1,
    drop_path_rate=0.1,
    ema_decay=0.9999,
    bn_momentum=1.0,
    crop_area=(0.08, 1.0),
    dropout=0.5,
)
GOLDEN |= {"video-baseline:paper": BASELINE | dict(dropout=0), "video-baseline:release": BASELINE | dict(dropout=0.5)}
GOLDEN |= {"video-rs:paper": REVISED, "video-rs:release": REVISED}


# Ours, as the pilots chose them: recipes/presets/own.py
OWN = dict(
    steps=None,
    weights=None,
    batch_size=32,
    optimizer="adamw",
    lr_schedule="cosine",
    weight_decay=0.05,
    label_smoothing=0.1,
    drop_path_rate=0,
    profile="torchvision",
    normalisation="imagenet",
    bn_momentum=0.1,
    dropout=0,
    mixup=0,
    eval_size=224,
    validate="test",
)
GOLDEN["own"] = OWN | dict(
    sizes="progressive",
    image_size=(168, 224),
    randaugment=(0, 5),
    learning_rate=2e-3,
    crop_area=(0.35, 1.0),
    policy="randaugment",
)
GOLDEN["own:finetune"] = OWN | dict(
    sizes="fixed",
    image_size=224,
    randaugment=0,
    learning_rate=5e-4,
    crop_area=(0.6, 1.0),
    policy="none",
    frozen_bn=True,
    new_classifier="zero",
)


def test_no_preset_is_without_golden_numbers():
    assert PRESETS.keys() == GOLDEN.keys()


def test_ours_bears_its_name_alone_and_shows_how_fine_tuning_differs():
    assert preset("own").name == "own" and preset("own:finetune").run().frozen_bn
    lines = {line.split()[0]: line for line in preset_text("own:finetune").splitlines()}
    assert lines["frozen_bn"].endswith("own: -") and lines["learning_rate"].endswith("own: 0.002")


def test_ours_grows_in_no_stage_below_its_smallest_and_takes_any_length():
    common = dict(dataset="digits", batch_size=32, images=1000)
    sizes = {
        px: [s.image_size for s in shortened(preset("own"), epochs=8, image_size=px, **common).schedule.stages]
        for px in (24, 32, 48, 64)
    }
    assert sizes == {24: [24, 24], 32: [32, 32], 48: [36, 48], 64: [48, 64]}
    short, long = (shortened(preset("own"), epochs=epochs, **common).recipe for epochs in (8, 4000))
    assert 1 / (1 - short.ema_decay) == pytest.approx(0.02 * 8 * 31) and long.ema_decay == 0.999
    assert short.warmup_epochs == pytest.approx(0.8) and long.warmup_epochs == pytest.approx(200)


def test_the_rate_of_adamw_grows_with_the_root_of_the_batch():
    common = dict(dataset="digits", epochs=8, images=1000)
    rates = [shortened(preset("own"), batch_size=size, **common).recipe.learning_rate for size in (32, 128)]
    assert rates == [2e-3, pytest.approx(4e-3)]


@pytest.mark.parametrize("name", GOLDEN)
def test_values_are_those_of_the_source(name):
    values = preset(name).values()
    for field, wanted in GOLDEN[name].items():
        exact = wanted if isinstance(wanted, str | bool | None) else pytest.approx(wanted, rel=1e-12, abs=0)
        assert values[field] == exact, field


@pytest.mark.parametrize("name", PRESETS)
def test_every_value_has_a_source_and_every_name_exists(name):
    chosen = preset(name)
    assert chosen.sources.keys() == chosen.values().keys() and all(chosen.sources.values())
    assert chosen.model in list_models()
    for value, allowed in (
        (chosen.recipe.optimizer, OPTIMIZERS),
        (chosen.recipe.lr_schedule, LR_SCHEDULES),
        (chosen.recipe.no_decay, NO_DECAY),
        (chosen.recipe.normalisation, NORMALISATIONS),
        (chosen.recipe.policy, POLICIES),
        (chosen.recipe.profile, PROFILES),
        (chosen.recipe.crop, CROPS),
        (chosen.recipe.interpolation, INTERPOLATIONS),
        (chosen.recipe.eval_crop, EVAL_CROPS),
    ):
        assert value in allowed


def test_sizes_are_those_of_the_models_tables():
    for name in ("v2-s", "v2-m", "v2-l", "v2-b0", "v2-b1", "v2-b2", "v2-b3"):
        chosen = preset(f"{name}:release")
        assert chosen.schedule.stages[-1].image_size == table(chosen.model).train_size
        assert chosen.eval_size == table(chosen.model).eval_size
        assert chosen.schedule.stages[-1].dropout == table(chosen.model).dropout
    for chosen in (PRESETS[name] for name in list_presets("v1-*:release")):
        assert chosen.eval_size == table(chosen.model).eval_size


ROWS = dict(re.findall(r"^\| ([A-F]\d+) \|(.*)\|$", (CHECKOUT / "book" / "discrepancies.md").read_text(), re.MULTILINE))
OTHERS = [name for name, p in PRESETS.items() if not name.endswith(":paper") and f"{p.who}:paper" in PRESETS]


@pytest.mark.parametrize("name", OTHERS)
def test_a_variant_differs_from_the_papers_where_it_says_so(name):
    ours, papers = preset(name).values(), preset(f"{preset(name).who}:paper").values()
    assert {field for field in ours if ours[field] != papers[field]} == set(preset(name).differs)
    assert not preset(f"{preset(name).who}:paper").differs


@pytest.mark.parametrize("name", OTHERS)
def test_every_difference_is_a_row_of_the_page_that_names_a_preset(name):
    for rows in preset(name).differs.values():
        for row in rows.split(", "):
            named = {n for n in re.findall(r"`([^`]+)`", ROWS[row]) if n in PRESETS}
            assert any(row in ", ".join(PRESETS[n].differs.values()).split(", ") for n in named), row


def test_what_a_paper_states_has_its_section_as_source():
    for chosen in (p for name, p in PRESETS.items() if name.endswith(":paper")):
        for field in chosen.unstated:
            assert not re.match(r"(V1|V2|RS) (§|Table)", chosen.sources[field]), (chosen.name, field)
    assert set(preset("v2-s:paper").unstated) >= {"label_smoothing", "crop_area", "no_decay", "warmup_epochs"}
    assert not {"bn_momentum", "image_size", "weights"} & set(preset("v2-s:paper").unstated)


def test_names_without_a_variant_list_their_variants():
    with pytest.raises(ValueError, match="'v2-s' comes in 2 variants: choose v2-s:paper or v2-s:release"):
        preset("v2-s")
    with pytest.raises(ValueError, match="unknown preset 'v2-s:papre': did you mean v2-s:paper"):
        preset("v2-s:papre")
    assert list_presets("rs-50-*") == ["rs-50-160:paper", "rs-50-160:tf1", "rs-50-160:tf2"]


def test_shown_is_every_field_with_its_source_and_the_other_variants_value():
    lines = preset_text("v2-m:paper").splitlines()
    assert lines[0] == "v2-m:paper" and len(lines) == 2 + len(preset("v2-m:paper").values())
    (sizes,) = (line for line in lines if line.startswith("image_size "))
    assert re.split(r"  +", sizes) == [
        "image_size",
        "128, 212, 296, 380",
        "V2 Table 6, Algorithm 1",
        "release: 192, 256, 320, 384",
    ]
    (smoothing,) = (line for line in lines if line.startswith("label_smoothing "))
    assert "unstated: automl: hparams.py" in smoothing and "release" not in smoothing


def test_a_preset_is_a_run():
    run = preset("v2-transfer:paper").run(seed=3, dataset="digits", train_images=64)
    assert isinstance(run, Run) and (run.seed, run.dataset, run.train_images, run.steps) == (3, "digits", 64, 10_000)
    assert run.weights == "timm:tf_efficientnetv2_s.in1k" and run.recipe.noise_cutout
    with pytest.raises(ValueError, match="unknown field of a run 'seeds': did you mean seed"):
        preset("v2-s:paper").run(seeds=5)


def test_presets_have_keys_of_their_own():
    keys = {}
    for name, chosen in PRESETS.items():
        keys.setdefault(chosen.run().key, []).append(name)
    # nothing but the number of classes, which data decide, or nothing at all sets these apart
    assert [names for names in keys.values() if len(names) > 1] == [["video-rs:paper", "video-rs:release"]]


def test_keys_of_older_runs_leave_the_newer_fields_out():
    older = {"batch_size", "optimizer", "learning_rate", "lr_schedule", "warmup_epochs", "weight_decay", "ema_decay"}
    assert canonical(V2_PAPER).keys() == older
    assert {f.name for f in fields(Recipe)} > older


def test_shortened_scales_by_its_rules():
    full = preset("v2-s:paper")
    run = shortened(
        full,
        dataset="cifar10",
        epochs=35,
        batch_size=128,
        images=50_000,
        image_size=(20, 32),
        model="efficientnetv2-tiny",
    )
    assert (run.dataset, run.model, run.epochs, run.steps) == ("cifar10", "efficientnetv2-tiny", 35, None)
    assert run.recipe.learning_rate == pytest.approx(0.008)  # 0.256 x 128 / 4096
    assert (run.recipe.warmup_epochs, run.recipe.decay_epochs) == (pytest.approx(0.5), pytest.approx(0.24))
    # V2: 10,000 of 350 x 312 steps; here that share of 35 x 390
    assert 1 / (1 - run.recipe.ema_decay) == pytest.approx(10_000 * (35 * 390) / (350 * 312))
    # batch norm: 100 of 350 x 312 steps; here that share of 35 x 390
    assert 1 / run.recipe.bn_momentum == pytest.approx(100 * (35 * 390) / (350 * 312))
    assert (run.recipe.translate_px, run.recipe.cutout_px) == (
        pytest.approx(100 * 32 / 300),
        pytest.approx(40 * 32 / 300),
    )
    assert [s.image_size for s in run.schedule.stages] == [20, 23, 27, 32]  # 57, 114 and 172 of 172 px of the way
    assert [s.randaugment for s in run.schedule.stages] == [s.randaugment for s in full.schedule.stages]
    assert run.eval_size == 41  # 384 x 32 / 300
    scaled = {f.name for f in fields(Recipe) if getattr(run.recipe, f.name) != getattr(full.recipe, f.name)}
    changed = {"batch_size", "learning_rate", "warmup_epochs", "decay_epochs", "ema_decay", "bn_momentum"}
    assert scaled == changed | {"translate_px", "cutout_px"}


def test_shortened_to_its_own_size_is_the_preset():
    full = preset("v2-m:release")
    run = shortened(full, dataset="imagenet", epochs=350, batch_size=4096, images=1_281_167)
    assert run == full.run(recipe=replace(full.recipe, ema_decay=run.recipe.ema_decay))
    assert run.recipe.ema_decay == pytest.approx(0.9999, abs=1e-12)


def test_shortened_sizes_and_averages():
    common = dict(dataset="digits", batch_size=32, images=128)
    one = shortened(preset("v2-s:release"), epochs=4, image_size=150, **common)
    assert [s.image_size for s in one.schedule.stages] == [85, 107, 128, 150]  # halves of 171, 214, 257, 300
    assert shortened(preset("v2-s:release"), epochs=1, **common).recipe.ema_decay == 0.0  # 4 steps: under one in ten
    longer = shortened(preset("v2-s:release"), epochs=10**5, **common)
    assert longer.recipe.ema_decay == 0.9999  # never slower than the preset's
    transfer = shortened(preset("v2-transfer:release"), epochs=10, **common)
    assert 1 / (1 - transfer.recipe.ema_decay) == pytest.approx(2_500 / 10_000 * 40) and transfer.steps is None


def test_statistics_of_short_runs_forget_their_start():
    """Momentum 0.01 leaves 1 % of the start after 460 steps; runs may have fewer."""
    common = dict(dataset="digits", batch_size=32, images=128)
    short, long = (shortened(preset("v2-s:paper"), epochs=epochs, **common).recipe for epochs in (25, 10**5))
    assert short.bn_momentum == 0.1 and long.bn_momentum == 0.01  # a mean over 10 steps at least, the preset's at most
    for name, own in (("v2-s:release", 0.1), ("rs-50-160:tf1", 1.0)):
        assert preset(name).recipe.bn_momentum == own
        assert shortened(preset(name), epochs=25, **common).recipe.bn_momentum == own


def test_short_runs_warm_up_for_more_than_a_few_steps():
    """5 of 350 epochs would be 1 of 100 steps."""
    common = dict(dataset="digits", batch_size=32, images=128)  # 4 steps an epoch
    for epochs, steps in ((25, 10), (250, 100), (2500, 5 / 350 * 10_000)):
        warmup = shortened(preset("v2-s:paper"), epochs=epochs, **common).recipe.warmup_epochs
        assert warmup * 4 == pytest.approx(steps)
    cold = replace(preset("v2-s:paper"), recipe=replace(preset("v2-s:paper").recipe, warmup_epochs=0))
    assert shortened(cold, epochs=25, **common).recipe.warmup_epochs == 0


def test_shortened_refuses_what_it_cannot_scale():
    common = dict(dataset="digits", epochs=2, batch_size=32, images=128)
    with pytest.raises(ValueError, match=r"v1-b0:paper trains at one size: .* one number"):
        shortened(preset("v1-b0:paper"), image_size=(16, 24), **common)
    with pytest.raises(
        ValueError, match=r"starts from timm:tf_efficientnetv2_s\.in1k, not weights of efficientnetv2-tiny"
    ):
        shortened(preset("v2-transfer:paper"), model="efficientnetv2-tiny", **common)
    with pytest.raises(ValueError, match="2 epochs of 16 images: at least 1 of one batch of 32"):
        shortened(preset("v2-s:paper"), **common | dict(images=16))
