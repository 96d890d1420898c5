"""Exact parameter counts and multiply-adds of every model.

Parameters: counted on timm 1.0.31 and torchvision 0.24 with 1000 classes; the 3-D networks with 400, from their
published configuration files. Multiply-adds: convolutions and linear layers of the same models at the given size.
"""

import pytest
import torch

from convscale.measure import as_paper_flops, count_activations, count_macs, count_params, count_stages
from convscale.models import build, list_models, scale, table
from convscale.models.blocks import Drop
from convscale.models.resnet_tables import resnet_rs

PARAMS = {
    "efficientnet-b0": 5_288_548,
    "efficientnet-b1": 7_794_184,
    "efficientnet-b2": 9_109_994,
    "efficientnet-b3": 12_233_232,
    "efficientnet-b4": 19_341_616,
    "efficientnet-b5": 30_389_784,
    "efficientnet-b6": 43_040_704,
    "efficientnet-b7": 66_347_960,
    "efficientnet-b8": 87_413_142,
    "efficientnet-l2": 480_309_308,
    "efficientnet-lite0": 4_652_008,
    "efficientnet-lite1": 5_416_680,
    "efficientnet-lite2": 6_092_072,
    "efficientnet-lite3": 8_197_096,
    "efficientnet-lite4": 13_006_568,
    "efficientnetv2-s": 21_458_488,
    "efficientnetv2-m": 54_139_356,
    "efficientnetv2-l": 118_515_272,
    "efficientnetv2-xl": 208_119_808,
    "efficientnetv2-b0": 7_139_704,
    "efficientnetv2-b1": 8_141_052,
    "efficientnetv2-b2": 10_096_086,
    "efficientnetv2-b3": 14_358_406,
    "efficientnetv2-s-preprint": 23_941_296,
    "efficientnetv2-tiny": 1_033_502,  # ours, and the next three
    "efficientnetv2-tiny8": 1_033_502,
    "efficientnet-tiny8": 971_014,
    "resnet-tiny8": 478_352,
    "resnet-50": 25_557_032,
    "resnet-101": 44_549_160,
    "resnet-152": 60_192_808,
    "resnet-200": 64_673_832,
    "resnet-d-50": 25_576_264,
    "resnet-d-101": 44_568_392,
    "resnet-d-152": 60_212_040,
    "resnet-d-200": 64_693_064,
    "resnet-rs-50": 35_691_912,
    "resnet-rs-101": 63_618_696,
    "resnet-rs-152": 86_621_576,
    "resnet-rs-200": 93_209_992,
    "resnet-rs-270": 129_861_448,
    "resnet-rs-350": 163_956_168,
    "resnet-rs-420": 191_891_656,
    "resnet-rs-26": 21_631_560,  # this and the next two: timm's layers at the study's block counts
    "resnet-rs-300": 134_386_632,
    "resnet-rs-400": 182_229_064,
    "mobilenetv1": 4_231_976,
    "mobilenetv2": 3_504_872,
    "resnet3d-50": 33_617_872,
    "resnet3d-rs-50": 48_129_840,
}

# Billion multiply-adds at the size in px.
GMACS = [
    ("efficientnet-b0", 224, 0.386),
    ("efficientnet-b1", 240, 0.687),
    ("efficientnet-b2", 260, 0.994),
    ("efficientnet-b3", 300, 1.827),
    ("efficientnet-b4", 380, 4.394),
    ("efficientnet-b5", 456, 10.27),
    ("efficientnet-b6", 528, 19.07),
    ("efficientnet-b7", 600, 37.75),
    ("efficientnet-lite0", 224, 0.385),
    ("efficientnet-lite1", 240, 0.600),
    ("efficientnet-lite2", 260, 0.860),
    ("efficientnet-lite3", 280, 1.383),
    ("efficientnet-lite4", 300, 2.553),
    ("efficientnetv2-s", 384, 8.37),
    ("efficientnetv2-m", 480, 24.58),
    ("efficientnetv2-l", 480, 56.08),
    ("efficientnetv2-xl", 512, 93.35),
    ("efficientnetv2-b0", 224, 0.718),
    ("efficientnetv2-b1", 240, 1.197),
    ("efficientnetv2-b2", 260, 1.698),
    ("efficientnetv2-b3", 300, 3.012),
    ("efficientnetv2-s-preprint", 384, 8.64),
    ("resnet-50", 224, 4.089),
    ("resnet-50", 380, 11.96),
    ("resnet-101", 224, 7.801),
    ("resnet-152", 224, 11.51),
    ("resnet-152", 380, 33.78),
    ("resnet-200", 256, 19.60),
    ("resnet-d-200", 256, 19.91),
    ("resnet-rs-50", 160, 2.28),
    ("resnet-rs-101", 160, 4.18),
    ("resnet-rs-101", 192, 6.01),
    ("resnet-rs-152", 192, 8.75),
    ("resnet-rs-152", 224, 11.90),
    ("resnet-rs-152", 256, 15.53),
    ("resnet-rs-200", 256, 20.09),
    ("resnet-rs-270", 256, 26.95),
    ("resnet-rs-350", 256, 34.38),
    ("resnet-rs-350", 320, 53.68),
    ("resnet-rs-420", 320, 63.94),
    ("mobilenetv1", 224, 0.569),
    ("mobilenetv2", 224, 0.301),
]


@pytest.fixture(scope="module")
def on_meta():
    models = {}

    def get(name):
        if name not in models:
            with torch.device("meta"):
                models[name] = build(name)
        return models[name]

    return get


def test_every_model_has_a_golden_count():
    assert set(PARAMS) == set(list_models())


@pytest.mark.parametrize("name", PARAMS)
def test_params(name, on_meta):
    assert count_params(on_meta(name)) == PARAMS[name]


@pytest.mark.parametrize(("name", "size", "gmacs"), GMACS)
def test_macs(name, size, gmacs, on_meta):
    assert count_macs(on_meta(name), size) / 1e9 == pytest.approx(gmacs, rel=5e-3)


# Ours: parameters with 10 classes, and multiply-adds at 16, 24 and 32 px.
TINY8 = {
    "efficientnetv2-tiny8": (398_912, (2_095_488, 4_638_688, 8_199_168)),
    "efficientnet-tiny8": (463_144, (2_108_608, 4_662_688, 8_238_400)),
    "resnet-tiny8": (223_922, (2_892_288, 6_504_448, 11_561_472)),
}


@pytest.mark.parametrize("name", TINY8)
def test_networks_for_small_images(name):
    with torch.device("meta"):
        model = build(name, num_classes=10)
    assert model.table.total_stride == 8 and model.table.padding == "symmetric"
    assert (count_params(model), tuple(count_macs(model, size) for size in (16, 24, 32))) == TINY8[name]
    shapes = [model.blocks(model.stem(torch.empty(2, 3, size, size, device="meta"))).shape[2:] for size in (8, 16, 32)]
    assert shapes == [(1, 1), (2, 2), (4, 4)]
    assert any(isinstance(m, Drop) and m.per == "sample" and m.ratio for m in model.modules())


def test_params_without_the_classifier_are_those_of_v1_table_5():
    with torch.device("meta"):
        models = {n: build(f"efficientnet-{n}") for n in ("b0", "b3", "b4", "b5", "b7")}
    counts = {n: count_params(model) - count_params(model.classifier) for n, model in models.items()}
    assert counts == {"b0": 4_007_548, "b3": 10_696_232, "b4": 17_548_616, "b5": 28_340_784, "b7": 63_786_960}


@pytest.mark.parametrize(("depth", "millions"), [(50, 35.7), (101, 63.7), (152, 86.8), (200, 93.4), (270, 130.1)])
def test_statistics_explain_the_counts_of_the_tf2_model_list(depth, millions):
    """Its 1001st class and the running statistics are what it counts more than the paper."""
    with torch.device("meta"):
        count = count_params(build(resnet_rs(depth, 160), num_classes=1001), statistics=True)
    assert round(count / 1e6, 1) == millions


def test_stages_add_up_to_the_totals(on_meta):
    for name, size in (("efficientnetv2-b0", 224), ("resnet-rs-50", 160), ("resnet3d-50", (8, 64, 64))):
        model, stages = on_meta(name), count_stages(on_meta(name), size)
        assert stages["params"].sum() == count_params(model)
        assert stages["multiply_adds"].sum() == count_macs(model, size)
        assert stages["activations"].sum() == count_activations(model, size)


def test_stages_of_one_layer_by_hand(on_meta):
    stem = count_stages(on_meta("efficientnetv2-s"), 384).iloc[0]
    out = 24 * 192 * 192
    assert (stem["params"], stem["multiply_adds"], stem["activations"]) == (3 * 24 * 9 + 2 * 24, out * 3 * 9, out)


def test_counts_of_a_model_that_is_not_ours_agree():
    reference = build("timm:tf_efficientnetv2_b0")
    assert count_macs(reference, 224) == count_macs(build("efficientnetv2-b0"), 224)
    assert count_stages(reference, 224)["multiply_adds"].sum() == count_macs(reference, 224)


def test_counting_leaves_the_model_as_it_was():
    model = build("efficientnetv2-tiny").train()
    before = model.blocks[1].expand[1].running_mean.clone()
    count_macs(model, 40)
    assert model.training
    assert not any(m._forward_hooks for m in model.modules())
    assert torch.equal(model.blocks[1].expand[1].running_mean, before)


def test_flops_are_two_a_multiply_add_in_resnet_rs_only():
    assert [as_paper_flops(10, p) for p in ("efficientnet", "efficientnetv2", "resnet_rs")] == [10, 10, 20]
    with pytest.raises(ValueError, match="unknown paper 'resnet-rs': did you mean resnet_rs"):
        as_paper_flops(10, "resnet-rs")


# V1 Table 3 and the single dimensions of Table 7 by the papers' rounding rules: table, width, depth, resolution,
# million parameters, billion multiply-adds. The published ResNet-50 figures for depth and width are interchanged.
SINGLE_DIMENSIONS = [
    ("mobilenetv1", 2, 1, 1, 14.74, 2.216),
    ("mobilenetv1", 1, 1, 2, 4.23, 2.272),
    ("mobilenetv1", 1.2, 1.4, 288 / 224, 8.68, 2.24),
    ("mobilenetv2", 1, 4, 1, 12.05, 1.220),
    ("mobilenetv2", 2, 1, 1, 11.26, 1.137),
    ("mobilenetv2", 1, 1, 2, 3.50, 1.199),
    ("mobilenetv2", 1.2, 1.4, 288 / 224, 7.99, 1.284),
    ("resnet-50", 1, 4, 1, 89.8, 14.57),
    ("resnet-50", 2, 1, 1, 98.0, 16.12),
    ("resnet-50", 1, 1, 2, 25.56, 16.35),
    ("resnet-50", 1.2, 1.4, 299 / 224, 54.8, 16.34),
    ("efficientnet-b0", 1, 4, 1, 20.1, 1.575),
    ("efficientnet-b0", 2, 1, 1, 18.1, 1.450),
    ("efficientnet-b0", 1, 1, 2, 5.29, 1.538),
    ("efficientnet-b0", 1.2, 1.4, 1.3, 12.2, 1.80),
]


@pytest.mark.parametrize(("name", "width", "depth", "resolution", "params", "macs"), SINGLE_DIMENSIONS)
def test_single_dimension_scaling(name, width, depth, resolution, params, macs):
    scaled = scale(table(name), name="scaled", width=width, depth=depth, resolution=resolution)
    with torch.device("meta"):
        model = build(scaled)
    assert count_params(model) / 1e6 == pytest.approx(params, rel=5e-3)
    assert count_macs(model, scaled.eval_size) / 1e9 == pytest.approx(macs, rel=5e-3)
