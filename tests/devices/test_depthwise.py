"""Depthwise convolutions outside a CPU's autocast: whose they are, what they compute, and that all else stays."""

import copy
import io

import pytest
import timm
import torch
from torch import nn

from convscale.devices import Device, pick
from convscale.models import build
from convscale.models.layouts import style_of

NETWORKS = {
    "ours, TensorFlow's padding": lambda: build("efficientnetv2-tiny8", 5),
    "ours, symmetric padding": lambda: build("efficientnetv2-tiny8", 5, padding="symmetric"),
    "timm's, TensorFlow's padding": lambda: timm.create_model("tf_mobilenetv3_small_minimal_100", num_classes=5),
    "timm's, symmetric padding": lambda: timm.create_model("mobilenetv3_small_050", num_classes=5),
}


@pytest.fixture(params=NETWORKS)
def pair(request) -> tuple[nn.Module, nn.Module]:
    """A network as it is built, and a copy of it on the device."""
    torch.manual_seed(0)
    plain = NETWORKS[request.param]()
    return plain, pick("cpu").model(copy.deepcopy(plain))


def depthwise(model: nn.Module) -> list[nn.Conv2d]:
    return [m for m in model.modules() if isinstance(m, nn.Conv2d) and m.groups == m.in_channels]


def inner(model: nn.Module, x_BCHW: torch.Tensor) -> list[torch.Tensor]:
    """What each depthwise convolution of `model` is given and makes of it."""
    found = []
    handles = [
        m.register_forward_hook(lambda _, inputs, made: found.extend([inputs[0], made])) for m in depthwise(model)
    ]
    with torch.autocast("cpu", torch.bfloat16):
        model(x_BCHW)
    for handle in handles:
        handle.remove()
    return found


def test_they_compute_in_float32_and_give_back_the_type_they_were_given(pair):
    _, model = pair
    found = inner(model.eval(), torch.randn(2, 3, 32, 32))
    modules = depthwise(model)
    assert len(found) == 2 * len(modules) > 0
    for module, x_BCHW, made in zip(modules, found[::2], found[1::2], strict=True):
        assert made.dtype == x_BCHW.dtype == torch.bfloat16
        assert torch.equal(made, module(x_BCHW.float()).bfloat16())  # rounded once, at the end


def test_weights_get_their_gradients(pair):
    model = pair[1].train()
    x_BCHW = torch.randn(4, 3, 32, 32)
    with torch.autocast("cpu", torch.bfloat16):
        model(x_BCHW).float().square().sum().backward()
    assert all(m.weight.grad.abs().sum() > 0 and m.weight.grad.dtype == torch.float32 for m in depthwise(model))


def test_float32_is_what_it_was_bit_for_bit(pair):
    plain, model = (m.train() for m in pair)
    plain.to(memory_format=torch.channels_last)
    x_BCHW = torch.randn(4, 3, 32, 32)
    found = []
    for network in (plain, model):
        torch.manual_seed(1)
        out_BK = network(x_BCHW)
        out_BK.square().sum().backward()
        found.append([out_BK, *(p.grad for p in network.parameters())])
    assert all(map(torch.equal, *found))


def test_names_weights_style_and_words_stay(pair):
    plain, model = pair
    assert list(model.state_dict()) == list(plain.state_dict())
    assert all(map(torch.equal, model.state_dict().values(), plain.state_dict().values()))
    assert style_of(model) == style_of(plain) and repr(model) == repr(plain)


def test_copies_and_pickles_compute_the_same(pair):
    _, model = pair
    file = io.BytesIO()
    torch.save(model.eval(), file)
    file.seek(0)
    x_BCHW = torch.randn(2, 3, 32, 32)
    for other in (copy.deepcopy(model), torch.load(file, weights_only=False), pick("cpu").model(copy.deepcopy(model))):
        assert [type(m) for m in depthwise(other)] == [type(m) for m in depthwise(model)]
        assert all(map(torch.equal, inner(other, x_BCHW), inner(model, x_BCHW)))
        assert not set(map(id, other.parameters())) & set(map(id, model.parameters()))


def test_a_compiled_step_computes_it_too():
    model = pick("cpu").model(nn.Sequential(nn.Conv2d(3, 8, 1), nn.Conv2d(8, 8, 3, groups=8)))
    x_BCHW = torch.randn(2, 3, 6, 6)
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    for precision in ("bfloat16", "float32"):  # one after the other: what was compiled for one must not serve the other
        with pick("cpu").autocast(precision):
            assert torch.equal(compiled(x_BCHW), model(x_BCHW))
            assert compiled(x_BCHW).dtype == getattr(torch, precision)


def test_other_convolutions_and_devices_are_left_alone(monkeypatch):
    model = nn.Sequential(nn.Conv2d(8, 8, 3, groups=4), nn.Conv2d(1, 1, 3), nn.Conv2d(8, 8, 3, groups=8))
    cuda = Device("cuda")
    monkeypatch.setattr(cuda, "torch", torch.device("cpu"))
    assert {type(m) for m in cuda.model(model)} == {nn.Conv2d}
    assert [type(m) is nn.Conv2d for m in pick("cpu").model(model)] == [True, True, False]
