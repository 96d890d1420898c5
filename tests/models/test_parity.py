"""Our networks against timm's and torchvision's with the same weights: outputs and gradients.

The smallest networks of each kind; `test_graphs.py` compares the operations of all networks.
Weights and batch-norm statistics are random, so that nothing cancels by accident. Both sizes are odd and go through
odd and even feature maps, so that the two paddings differ.
"""

from functools import lru_cache

import pytest
import timm
import torch
import torchvision
from torch import nn

from convscale.models import build, export_weights, style_of
from convscale.models.blocks import Drop
from convscale.models.references import REFERENCES

SIZES = (35, 45)  # px
OUTPUT, GRADIENT = 1e-4, 1e-3  # relative to the largest output, and to each gradient's norm


# One network of every table that is not another one scaled, or with other depths.
NETWORKS = (
    "efficientnet-b0",
    "efficientnet-lite0",
    "efficientnetv2-b0",
    "efficientnetv2-s",
    "efficientnetv2-s-preprint",
    "resnet-50",
    "resnet-d-50",
    "resnet-rs-50",
    "mobilenetv1",
    "mobilenetv2",
)


def reference_names():
    """(our model, reference) for every public implementation of them."""
    for ours in NETWORKS:
        reference = REFERENCES[ours]
        yield ours, f"timm/{reference.timm}"
        plain = reference.timm.removeprefix("tf_")
        if plain != reference.timm and timm.is_model(plain):
            yield ours, f"timm/{plain}"
        if reference.torchvision:
            yield ours, f"torchvision/{reference.torchvision}"


def make_reference(name):
    """The reference on the meta device, then with memory of no particular content."""
    library, model = name.split("/")
    with torch.device("meta"):
        module = timm.create_model(model) if library == "timm" else torchvision.models.get_model(model)
    return module.to_empty(device="cpu").eval()


@lru_cache(maxsize=1)
def random_state(name):
    """Random weights of our network, and statistics near those of its own activations.

    Statistics drawn without regard to the activations would let the signal fade through the blocks, until only
    biases reach the output and any two networks with the same biases agree.
    """
    torch.manual_seed(0)
    with torch.device("meta"):
        model = build(name)
    model = model.to_empty(device="cpu")
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.normal_(module.weight, std=(2 / module.weight[0].numel()) ** 0.5)
            if module.bias is not None:
                nn.init.normal_(module.bias, std=0.1)
        elif isinstance(module, Drop):
            module.rate.zero_()
    for norm in norms:
        norm.reset_running_stats()
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.normal_(norm.bias, std=0.3)
        norm.momentum = 1.0
    with torch.no_grad():
        model.train()(torch.randn(4, 3, 45, 45))
        for norm in norms:
            norm.running_mean += 0.1 * norm.running_var.sqrt() * torch.randn_like(norm.running_mean)
            norm.running_var *= torch.empty_like(norm.running_var).uniform_(0.7, 1.5)
    return model.state_dict()


def make_ours(name, **changes):
    with torch.device("meta"):
        model = build(name, **changes)
    model.load_state_dict(random_state(name), assign=True)
    return model.eval()


def worst_output(ours, theirs, size):
    x = torch.randn(2, 3, size, size)
    with torch.no_grad():
        a, b = ours(x), theirs(x)
    assert (b[0] - b[1]).abs().max() > 0.01 * b.abs().max()  # the images matter, not only the biases
    return ((a - b).abs().max() / b.abs().max()).item()


def worst_gradient(ours, theirs, size):
    """Largest relative error of any tensor's gradient of a random linear loss."""
    x, weight = torch.randn(1, 3, size, size), torch.randn(1, 1000)
    grads = []
    for model in (ours, theirs):
        loss = (model(x) * weight).sum()
        grads.append(torch.autograd.grad(loss, list(model.parameters())))
    return max(((a - b).norm() / b.norm()).item() for a, b in zip(*grads, strict=True))


@pytest.mark.parametrize(("name", "reference"), [*reference_names()])
def test_outputs_and_gradients(name, reference, record_property):
    theirs = make_reference(reference)
    ours = make_ours(name, **style_of(theirs))
    export_weights(ours, theirs)
    outputs = [worst_output(ours, theirs, size) for size in SIZES]
    record_property("output", max(outputs))
    assert max(outputs) < OUTPUT
    for module in (ours, theirs):
        module.requires_grad_()
    gradient = worst_gradient(ours, theirs, SIZES[0])
    record_property("gradient", gradient)
    assert gradient < GRADIENT


def test_a_wrong_padding_would_be_seen():
    same = make_ours("efficientnet-b0")
    symmetric = build("efficientnet-b0", padding="symmetric").eval()
    symmetric.load_state_dict(same.state_dict())
    assert worst_output(symmetric, same, SIZES[0]) > 100 * OUTPUT


def test_a_wrong_epsilon_would_be_seen():
    release = make_ours("efficientnet-b0")
    port = build("efficientnet-b0", bn_eps=1e-5).eval()
    port.load_state_dict(release.state_dict())
    assert worst_output(port, release, SIZES[0]) > 10 * OUTPUT
