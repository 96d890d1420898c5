"""Names, options and errors of `build`, timm's registry, the printed table, preprocessing, and the 3-D network."""

import importlib
import time
from dataclasses import replace

import pytest
import timm
import torch
from torch import nn

from convscale.models import ConvNetTable, Stage, build, list_models, released_preprocessing, show, table
from convscale.models.blocks import Drop
from convscale.models.references import REFERENCES
from convscale.models.resnet_tables import STEM_POOLS, STEMS
from convscale.models.video_tables import RESNET3D_50, RESNET3D_RS_50


def test_building_any_model_on_meta_takes_less_than_a_second():
    seconds = {}
    for name in ("efficientnetv2-tiny", *list_models()):  # the first use of the device loads code
        start = time.process_time()
        with torch.device("meta"):
            build(name)
        seconds[name] = time.process_time() - start
    assert max(seconds.values()) < 1, seconds


def test_the_name_lists():
    assert list_models("resnet-rs-*")[:3] == ["resnet-rs-50", "resnet-rs-101", "resnet-rs-152"]
    assert list_models("efficientnetv2-b?") == [f"efficientnetv2-b{i}" for i in range(4)]
    assert list_models("nothing") == []


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("efficientnetv2-small",), {}, "unknown model 'efficientnetv2-small': did you mean efficientnetv2-s"),
        (("timm:resnet51",), {}, "unknown timm model 'resnet51': did you mean"),
        (("efficientnetv2-s",), {"image_size": 31}, "below the total stride of efficientnetv2-s: use at least 32 px"),
        (("efficientnetv2-s", 0), {}, "num_classes = 0: a whole number from 1 on"),
        (("efficientnetv2-s",), {"image_size": 31.5}, "eval_size = 31.5: a whole number"),
        (("efficientnetv2-s",), {"drop_rate": 0.1}, "unknown field of efficientnetv2-s 'drop_rate': did you mean drop"),
        (("efficientnetv2-s",), {"padding": "valid"}, "unknown padding 'valid'"),
        (("efficientnetv2-s",), {"act": "swish"}, "unknown activation 'swish'"),
        (("resnet-50",), {"stem": "9x9"}, "unknown stem '9x9'"),
        (("resnet-50",), {"shortcut": "pool+conv"}, "unknown shortcut"),
        (("resnet-50",), {"stem_pool": "avg"}, "unknown stem pool"),
        (("resnet3d-50",), {"stem": "9x9"}, "unknown stem '9x9'"),
    ],
)
def test_bad_input(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        build(*arguments, **options)


def test_an_unknown_operator_in_a_table():
    rows = (Stage("mbconv", 3, 1, 1, 16, 1), Stage("fused-mbconv", 3, 2, 4, 32, 2))
    custom = ConvNetTable("custom", 16, rows, 64, 32, 32, 0.0)
    with pytest.raises(ValueError, match="unknown operator 'fused-mbconv': did you mean"):
        build(custom)
    assert build(replace(custom, stages=rows[:1]), 3)(torch.randn(1, 3, 8, 8)).shape == (1, 3)


def test_total_strides_of_a_resnet_follow_its_stem():
    plain = table("resnet-50")
    strides = {(s, p): replace(plain, stem=s, stem_pool=p).total_stride for s in STEMS for p in STEM_POOLS}
    assert {stem: [strides[stem, pool] for pool in ("max", "conv", "none")] for stem in STEMS} == {
        "7x7": [32, 32, 16],
        "deep": [32, 32, 16],
        "3x3": [16, 16, 8],
        "3x3 deep": [16, 16, 8],
    }
    for (stem, pool), stride in strides.items():
        with torch.device("meta"):
            model = build(replace(plain, stem=stem, stem_pool=pool))
        assert model.blocks(model.stem(torch.empty(2, 3, 64, 64, device="meta"))).shape[-1] == 64 // stride
        assert model.table.rows()[0].stride == stride // 8


def test_an_image_below_the_total_stride():
    with pytest.raises(ValueError, match=r"image size \(24, 64\) is below the total stride of efficientnetv2-b0"):
        build("efficientnetv2-b0")(torch.zeros(1, 3, 24, 64))


def test_options_replace_fields_of_the_table():
    model = build("efficientnetv2-s", num_classes=5, image_size=64, drop_path_rate=0.5)
    assert (model.table.eval_size, model.table.drop_path_rate, model.num_classes) == (64, 0.5, 5)
    assert table("efficientnetv2-s").eval_size == 384


def test_timm_models_by_name():
    assert build("timm:resnet18", 3).eval()(torch.zeros(1, 3, 32, 32)).shape == (1, 3)
    assert build("timm:vit_tiny_patch16_224", 3, image_size=32)(torch.zeros(1, 3, 32, 32)).shape == (1, 3)


def test_our_models_in_timm_s_registry():
    importlib.import_module("convscale.models.timm_registry")
    assert {f"convscale_{n.replace('-', '_')}" for n in list_models()} <= set(timm.list_models("convscale_*"))
    model = timm.create_model("convscale_efficientnetv2_tiny", num_classes=4, drop_rate=0.3, drop_path_rate=0.1)
    assert model(torch.zeros(1, 3, 32, 32)).shape == (1, 4)
    assert (model.table.dropout, model.table.drop_path_rate) == (0.3, 0.1)
    assert timm.data.resolve_model_data_config(model)["input_size"][1] == model.table.eval_size


@pytest.mark.parametrize(
    "name",
    [
        "efficientnet-b0",
        "efficientnet-lite0",
        "efficientnetv2-b0",
        "efficientnetv2-s-preprint",
        "efficientnetv2-tiny",
        "efficientnetv2-tiny8",
        "efficientnet-tiny8",
        "resnet-tiny8",
        "mobilenetv1",
        "mobilenetv2",
        "resnet-50",
        "resnet-d-50",
        "resnet-rs-50",
    ],
)
def test_every_kind_of_network_trains(name):
    """Gradients of every weight, on meta; sizes of logits from a size that is no multiple of the stride."""
    with torch.device("meta"):
        model = build(name, num_classes=3).train()
        logits = model(torch.empty(2, 3, 65, 47))
        logits.sum().backward()
    assert logits.shape == (2, 3)
    assert all(p.grad is not None for p in model.parameters())


def test_a_resnet_starts_as_the_released_one():
    """Variance 1 / fan_in, cut at two deviations, and blocks that at first pass on their shortcut alone."""
    torch.manual_seed(0)
    model = build("resnet-rs-50", 10, depths=(1, 2, 1, 1)).eval()
    for weight in (m.weight for m in model.modules() if isinstance(m, nn.Conv2d)):
        deviation = weight[0].numel() ** -0.5
        assert weight.std().item() == pytest.approx(deviation, rel=0.1)
        assert weight.abs().max() < 2.28 * deviation  # 2 / 0.88, what cutting leaves of the deviation
    assert model.classifier.weight.std().item() == pytest.approx(0.01, rel=0.05)
    assert not model.classifier.bias.any()
    x_BCHW = torch.randn(2, 256, 8, 8)
    for block in model.blocks[1:3]:
        assert torch.equal(block(x_BCHW), block.shortcut(x_BCHW).relu())
        x_BCHW = block(x_BCHW)


def test_the_printed_table_reads_like_table_4():
    text = str(show("efficientnetv2-s"))
    lines = [line.split("  ") for line in text.splitlines()]
    assert "21,458,488 parameters with 1,000 classes, 384 px" in text
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines[3:]]
    assert cells[3][:5] == ["3 Fused-MBConv4, k3x3", "2", "64", "4", "96"]
    assert cells[5][:5] == ["5 MBConv6, k3x3, SE0.25", "1", "160", "9", "24"]
    assert len(cells) == 8


def test_the_table_s_html_and_sum():
    shown = show("resnet-rs-50", 224)
    assert "<td>10,251,776</td>" in shown._repr_html_()
    assert shown.frame["Parameters"].sum() == 35_691_912
    assert shown.frame["Input"].tolist() == [224, 56, 56, 28, 14, 7]
    assert str(show(build("resnet-rs-50"), 224)) == str(shown)


# Its sizes of Lite3 and Lite4 are those of B3 and B4, not the release's.
AS_IN_TIMM = [f"efficientnet-b{i}" for i in range(8)] + [f"efficientnet-lite{i}" for i in range(3)]
AS_IN_TIMM += ["efficientnetv2-s", "efficientnetv2-m"]


# timm's configuration of the ported weights of tf_efficientnet_b0-b7 and resnetrs uses the same numbers, found apart.
@pytest.mark.parametrize("name", AS_IN_TIMM)
def test_preprocessing_agrees_with_timm(name):
    ours = released_preprocessing(name).timm_config()
    theirs = timm.get_pretrained_cfg(REFERENCES[name].timm)
    size = theirs.test_input_size or theirs.input_size
    assert ours["input_size"] == size
    assert ours["crop_pct"] == pytest.approx(theirs.crop_pct, abs=1e-3)
    assert ours["mean"] == pytest.approx(theirs.mean, abs=3e-3)
    assert ours["std"] == pytest.approx(theirs.std, abs=3e-3)


@pytest.mark.parametrize(
    ("name", "size", "crop", "interpolation"),
    [
        ("efficientnetv2-s", 384, None, "bilinear"),
        ("efficientnetv2-s", 320, None, "bilinear"),
        ("efficientnetv2-xl", 319, 319 / 351, "bilinear"),
        ("efficientnetv2-s", 300, 300 / 332, "bilinear"),
        ("efficientnetv2-b0", 224, 0.875, "bicubic"),
        ("resnet-rs-50", 160, 0.875, "bicubic"),
    ],
)
def test_preprocessing_at_a_size(name, size, crop, interpolation):
    p = released_preprocessing(name, size)
    assert (p.size, p.crop, p.interpolation) == (size, crop, interpolation)


def test_preprocessing_of_a_video_model():
    with pytest.raises(ValueError, match="resnet3d-50 takes clips: there is no preprocessing of images"):
        released_preprocessing("resnet3d-50")


def test_the_3d_network_on_one_frame_is_the_2d_network():
    """With kernels of one frame and no gates, frames do not mix and each is a ResNet-50's image."""
    flat = replace(
        RESNET3D_50,
        temporal_kernels=tuple((1,) * n for n in (3, 4, 6, 3)),
        stem_frames=1,
        stem_pool_frames=1,
        gating=False,
    )
    torch.manual_seed(0)
    video, image = build(flat, 5).eval(), build("resnet-50", 5).eval()
    for norm in (m for m in image.modules() if isinstance(m, nn.BatchNorm2d)):
        nn.init.uniform_(norm.weight, 0.5, 1.0)  # the zero ones would hide the blocks
        nn.init.normal_(norm.running_mean, std=0.1)
    ours, theirs = video.state_dict(), image.state_dict()
    video.load_state_dict({o: theirs[t].view_as(ours[o]) for o, t in zip(ours, theirs, strict=True)})
    x_BCHW = torch.randn(2, 3, 45, 45)
    with torch.no_grad():
        expected = image(x_BCHW)
        torch.testing.assert_close(video(x_BCHW.unsqueeze(2)), expected, rtol=1e-4, atol=1e-4 * expected.abs().max())


@pytest.mark.parametrize("video", [RESNET3D_50, RESNET3D_RS_50])
def test_the_3d_network_trains(video):
    model = build(video, 4).train()
    logits = model(torch.randn(2, 3, 8, 48, 48))
    logits.sum().backward()
    assert logits.shape == (2, 4)
    assert all(p.grad is not None for p in model.parameters())


def test_steps_of_rs_table_5_are_fields():
    def params(**changes):
        with torch.device("meta"):
            return sum(p.numel() for p in build(RESNET3D_50, **changes).parameters())

    assert params() - params(gating=False) == 33_617_872 - 28_043_472
    assert params(se=0.25) > params()
    assert params(stem="deep") != params()


def test_the_tiny_network_never_changes():
    """Published runs rest on it: names, initial weights under a seed, and outputs in training and evaluation."""
    torch.manual_seed(0)
    model = build("efficientnetv2-tiny", num_classes=10)
    assert list(model.state_dict())[:2] == ["stem.0.weight", "stem.1.weight"]
    assert sum(p.abs().sum().item() for p in model.parameters()) == pytest.approx(46138.65235519409, rel=1e-6)
    x = torch.randn(4, 3, 33, 40)
    logits = model.train()(x)
    assert logits.abs().sum().item() == pytest.approx(40.47941589355469, rel=1e-4)
    logits.square().mean().backward()
    assert sum(p.grad.abs().sum().item() for p in model.parameters()) == pytest.approx(10822.47772130894, rel=1e-3)
    assert model.eval()(x).sum().item() == pytest.approx(0.22684530913829803, rel=1e-3)
    assert [d.per for d in model.modules() if isinstance(d, Drop)].count("unit") == 1
