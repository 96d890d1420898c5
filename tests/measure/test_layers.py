"""Arithmetic on a network's table against the network as it is built, and receptive fields by hand."""

from dataclasses import replace

import pytest
import torch

from convscale.measure import count_stages
from convscale.measure.layers import by_stage, layers, receptive_field
from convscale.models import Stage, build, fuse, table

NAMES = ["efficientnet-b0", "efficientnet-b4", "efficientnet-lite1", "efficientnetv2-s", "efficientnetv2-s-preprint"]
NAMES += ["efficientnetv2-m", "efficientnetv2-tiny8", "efficientnet-tiny8"]


@pytest.mark.parametrize("network", [*map(table, NAMES), fuse(table("efficientnet-b4"), 7)], ids=lambda t: t.name)
def test_stages_have_what_the_built_network_has(network):
    with torch.device("meta"):
        counted = count_stages(build(network), network.eval_size)
    for quantity in ("params", "multiply_adds", "activations"):
        assert by_stage(network, quantity) == counted[quantity].tolist(), quantity


def test_a_size_changes_what_depends_on_it():
    b0 = table("efficientnet-b0")
    assert by_stage(b0, "params", 32) == by_stage(b0, "params")
    assert sum(by_stage(b0, "multiply_adds", 448)) > 3.9 * sum(by_stage(b0, "multiply_adds", 224))


def test_what_crosses_memory_is_input_and_output():
    stem = layers(table("efficientnet-b0"), 224)[0]
    assert stem.moved == 3 * 224**2 + 32 * 112**2 and stem.weights == 3 * 32 * 9


def test_receptive_fields_by_hand():
    """Stem 3x3 of stride 2: 3. One 3x3 of stride 1 behind it adds 2 steps of 2 px, one of 5x5 of stride 2 adds 4."""
    b0 = table("efficientnet-b0")
    plain = replace(b0, stages=(Stage("mbconv", 3, 1, 1, 16, 1, 0.25),))
    assert receptive_field(plain) == 3 + 2 * 2
    assert receptive_field(replace(plain, stages=(Stage("fused", 5, 2, 4, 16, 2),))) == 3 + 4 * 2 + 4 * 4
    assert receptive_field(table("efficientnet-b4")) == 1799


def test_other_operators_are_refused():
    with pytest.raises(ValueError, match="unknown operator 'separable'"):
        layers(table("mobilenetv1"))
