"""timm's networks with our drops: their structure and weights stay theirs, and rates do what timm's own would."""

import copy

import pytest
import timm
import torch
from timm.layers import DropPath
from torch import nn

from convscale.learning import checkpoint
from convscale.learning.regularize import set_rates, warn_of_missing_drops
from convscale.models.blocks import Drop
from convscale.models.timm_drops import build_with_drops, load_file, patch_size

# name -> (drops of whole branches, drops of units). timm gives a block at the share 0 of the rate no DropPath: 8 blocks
# of ResNet-18 are 7, 12 blocks of two branches of a ViT 22. A distilled DeiT has two classifiers.
DROPS = {
    "resnet18": (7, 1),
    "vit_tiny_patch16_224": (22, 1),
    "deit_tiny_distilled_patch16_224": (22, 2),
    "tf_efficientnetv2_b0": (20, 1),
    "convnext_atto": (11, 1),
    "vgg11": (0, 1),
    "densenet121": (0, 1),
    "naflexvit_base_patch16_gap": (22, 1),  # words its refusal of our wishes in its own way
}


def drops(model: nn.Module, per: str) -> list[Drop]:
    return [m for m in model.modules() if isinstance(m, Drop) and m.per == per]


@pytest.mark.parametrize("name", DROPS)
def test_drops_are_where_timm_has_them_and_weights_keep_their_names(name):
    with torch.device("meta"):
        ours = build_with_drops(name, 7)
        theirs = timm.create_model(name, num_classes=7)
    assert (len(drops(ours, "sample")), len(drops(ours, "unit"))) == DROPS[name]
    assert not any(isinstance(m, DropPath) for m in ours.modules())
    shapes = [{key: tensor.shape for key, tensor in model.state_dict().items()} for model in (ours, theirs)]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("name", ["resnet18", "vit_tiny_patch16_224"])
def test_each_block_has_the_share_of_the_rate_that_timm_gives_it(name):
    with torch.device("meta"):
        ours = build_with_drops(name, 7)
        theirs = timm.create_model(name, num_classes=7, drop_path_rate=0.4)
    rates = [m.drop_prob for m in theirs.modules() if isinstance(m, DropPath)]
    assert rates == pytest.approx([0.4 * drop.ratio for drop in drops(ours, "sample")])
    assert max(rates) == pytest.approx(0.4)


def convnext_of_tests(pretrained=False, pretrained_cfg=None, pretrained_cfg_overlay=None, cache_dir=None, **options):
    """A ConvNeXt small enough to compute with, under a name, as timm's registry calls its constructors."""
    return timm.models.convnext.ConvNeXt(depths=(1, 1, 1, 1), dims=(8, 8, 8, 8), **options)


@pytest.fixture(scope="module")
def pair() -> tuple[nn.Module, nn.Module]:
    """It twice, with our drops and with timm's, with equal weights."""
    timm.models.register_model(convnext_of_tests)
    torch.manual_seed(0)
    ours = build_with_drops("convnext_of_tests", 7)
    theirs = convnext_of_tests(num_classes=7, drop_path_rate=0.5, drop_rate=0.3)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def test_without_rates_the_output_is_timms(pair):
    ours, theirs = (copy.deepcopy(model) for model in pair)
    x_BCHW = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(ours.eval()(x_BCHW), theirs.eval()(x_BCHW), rtol=0, atol=0)
    for module in theirs.modules():
        if isinstance(module, DropPath):
            module.drop_prob = 0.0
    theirs.head.drop.p = 0.0
    torch.testing.assert_close(ours.train()(x_BCHW), theirs.train()(x_BCHW), rtol=0, atol=0)


def test_dropout_before_the_classifier_drops_the_share_that_timms_does_and_keeps_the_mean(pair):
    """The classifier's input for one image, 20,000 times over; bounds are five standard deviations."""
    rate, count, found = 0.3, 20_000, {}
    features_BCHW = torch.randn(1, 8, 1, 1, generator=torch.manual_seed(0)).expand(count, -1, -1, -1)
    for model in map(copy.deepcopy, pair):
        model.get_classifier().register_forward_pre_hook(lambda _, inputs: found.update(inputs=inputs[0].detach()))
        set_rates(model, dropout=rate)
        model.eval().forward_head(features_BCHW)
        whole_C = found["inputs"][0]
        model.train().forward_head(features_BCHW)
        dropped = (found["inputs"] == 0).float().mean().item()
        assert dropped == pytest.approx(rate, abs=5 * (rate * (1 - rate) / found["inputs"].numel()) ** 0.5)
        deviation_C = whole_C.abs() * (rate / (1 - rate) / count) ** 0.5
        assert ((found["inputs"].mean(0) - whole_C).abs() < 5 * deviation_C).all()


def test_drop_path_drops_whole_branches_as_often_as_timms():
    rate, count = 0.2, 20_000
    torch.manual_seed(0)
    ours, theirs = Drop(rate, "sample"), DropPath(rate)
    for drop in (ours, theirs):
        out_BCHW = drop.train()(torch.ones(count, 2, 2, 2))
        branch_B = out_BCHW.flatten(1)
        assert torch.equal(branch_B.amin(1), branch_B.amax(1))  # whole or not at all
        assert out_BCHW.unique().tolist() == pytest.approx([0, 1 / (1 - rate)])
        share = (branch_B[:, 0] == 0).float().mean().item()
        assert share == pytest.approx(rate, abs=5 * (rate * (1 - rate) / count) ** 0.5)


def test_a_copy_has_its_own_drops(pair):
    """The moving average is a copy: what its classifier drops must follow its own mode and rate."""
    model = copy.deepcopy(pair[0])
    mean = copy.deepcopy(model).eval()
    set_rates(model.train(), dropout=0.9, drop_path=0.9)
    x_BCHW = torch.randn(4, 3, 32, 32)
    assert torch.equal(mean(x_BCHW), mean(x_BCHW))
    assert not torch.equal(model(x_BCHW), model(x_BCHW))
    assert {drop.rate.item() for drop in (*drops(mean, "unit"), *drops(mean, "sample"))} == {0.0}
    set_rates(mean.train(), dropout=0.9)
    assert not torch.equal(mean(x_BCHW), mean(x_BCHW))
    assert torch.equal(model.eval()(x_BCHW), model(x_BCHW))


@pytest.mark.parametrize(("name", "missing"), [("vgg11", "stochastic depth"), ("resnet18", None)])
def test_what_a_network_lacks_is_said_once(name, missing, recwarn):
    with torch.device("meta"):
        model = build_with_drops(name, 7)
    warn_of_missing_drops(model, name, dropout=0.3, drop_path=0.2)
    words = [str(warning.message) for warning in recwarn]
    assert words == ([f"{name} has no {missing}: the rate of 0.2 has no effect"] if missing else [])


def test_a_rate_of_0_is_missed_nowhere(recwarn):
    with torch.device("meta"):
        model = build_with_drops("vgg11", 7)
    warn_of_missing_drops(model, "vgg11", dropout=0.3, drop_path=0.0)
    assert not list(recwarn)


@pytest.mark.parametrize(
    ("name", "px"),
    [
        ("vit_tiny_patch16_224", 16),
        ("eva02_tiny_patch14_224", 14),
        ("swin_tiny_patch4_window7_224", 4),
        ("resnet18", 1),
    ],
)
def test_patch_size(name, px):
    assert patch_size(name) == px


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(ValueError, match="unknown timm model 'resnet18x': did you mean resnet18"):
        build_with_drops("resnet18x", 7)


def test_kept_weights_start_a_network_of_other_classes(tmp_path):
    kept, path = build_with_drops("resnet18", 5), tmp_path / "best.safetensors"
    checkpoint.save_weights(kept, path, {})
    tuned = build_with_drops("resnet18", 3)
    fresh = copy.deepcopy(tuned.fc)
    load_file(tuned, str(path), classifier=False)
    theirs = kept.state_dict()
    assert all(torch.equal(t, theirs[n]) for n, t in tuned.state_dict().items() if not n.startswith("fc."))
    assert torch.equal(tuned.fc.weight, fresh.weight) and torch.equal(tuned.fc.bias, fresh.bias)


def test_weights_of_another_network_change_nothing(tmp_path):
    path = tmp_path / "best.safetensors"
    checkpoint.save_weights(build_with_drops("resnet18", 5), path, {})
    tuned = build_with_drops("resnet26", 5)
    before = copy.deepcopy(tuned.state_dict())
    with pytest.raises(
        ValueError, match=r"holds another network .*; nothing was loaded\n  missing \(45\): layer1\.0\.conv3"
    ):
        load_file(tuned, str(path), classifier=False)
    assert all(torch.equal(t, before[n]) for n, t in tuned.state_dict().items())
    with pytest.raises(FileNotFoundError, match=r"no weights at .*absent\.safetensors"):
        load_file(tuned, str(tmp_path / "absent.safetensors"), classifier=False)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(ValueError, match="is cut off, damaged or no file of weights: fetch it again"):
        load_file(tuned, str(path), classifier=True)
