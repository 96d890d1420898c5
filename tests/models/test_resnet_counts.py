"""Counts from a ResNet's table are those of the network as it is built."""

from dataclasses import replace

import pytest
import torch

from convscale import build
from convscale.evidence.counts import kept
from convscale.measure import count_macs, count_params
from convscale.models import table
from convscale.models.resnet_counts import resnet_counts
from convscale.models.resnet_tables import RESNET_TINY8, resnet_rs

RESNETS = [key for key in kept() if key[0].startswith("resnet-") and not key[1]]


@pytest.mark.parametrize("network, changes, px", RESNETS)
def test_counts_of_the_published_networks(network, changes, px):
    counts = kept()[network, changes, px]
    assert resnet_counts(table(network), px) == (counts.params, counts.multiply_adds)


@pytest.mark.parametrize(
    "network, px",
    [
        (replace(resnet_rs(26, 224), name="narrow", width=0.25), 160),
        (replace(resnet_rs(50, 224), name="wide", width=1.5), 224),
        (replace(table("resnet-d-50"), name="odd"), 225),
        (RESNET_TINY8, 24),
        (replace(RESNET_TINY8, name="deep stem", stem="3x3 deep", se=0.25, shortcut="pool"), 20),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_counts_of_networks_that_nobody_published(network, px):
    with torch.device("meta"):
        net = build(network)
    assert resnet_counts(network, px) == (count_params(net), count_macs(net, px))


def test_a_tenfold_classifier_has_tenfold_weights():
    few, many = (resnet_counts(RESNET_TINY8, 24, classes)[0] for classes in (10, 100))
    assert many - few == 90 * (RESNET_TINY8.channels(512) * 4 + 1)
