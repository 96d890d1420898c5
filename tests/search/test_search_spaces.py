"""Spaces: every point is a network and back, the published networks lie where the papers say, and sizes are right."""

from dataclasses import replace

import numpy as np
import pytest

from convscale.models.stages import ConvNetTable
from convscale.models.tables import TABLES
from convscale.search.candidates import SPACES, proxy
from convscale.search.space import OutsideSpace, check_point, sample, size
from convscale.search.spaces import compound_space, mnasnet_space, v2_space


def network(name) -> ConvNetTable:
    return TABLES[name]


def test_the_small_space_counts_by_hand():
    """V2-B0's first two stages: 12 rows for each number of layers, 1 or 2 and 1 to 4."""
    base = network("efficientnetv2-b0")
    space = v2_space(replace(base, stages=base.stages[:2]))
    assert size(space) == (12 * 2) * (12 * 4) == space.distinct


def test_a_stage_without_layers_is_one_network():
    space = v2_space(network("efficientnet-b0"))
    assert 0 in space.decisions["stage 7 layers"] and 0 not in space.decisions["stage 6 layers"]
    rest = size(space) // (12 * 3)
    assert space.distinct == rest * (12 * 2 + 1)
    point = {name: choices[0] for name, choices in space.decisions.items()}
    assert len(space.table(point).stages) == 6


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("scale", ["smoke", "medium"])
def test_points_are_networks_and_back(space, scale):
    found = proxy(space, scale).space
    rng = np.random.default_rng(0)
    for _ in range(20):
        point = sample(found, rng)
        made = found.table(point)
        if space != "compound":
            assert found.table(found.point(made)) == made
        else:
            assert found.point(found.by_name[point["growth"]]) == point


def test_efficientnets_are_points_around_themselves():
    for name in ("efficientnet-b0", "efficientnet-b4", "efficientnetv2-s", "efficientnetv2-b0"):
        space = v2_space(network(name))
        point = space.point(network(name))
        assert space.table(point).stages == network(name).stages


def test_the_searched_networks_break_one_rule_each():
    """Their channels: V2 §3.3 keeps the backbone's, MnasNet takes 0.75, 1 or 1.25 times MobileNetV2's."""
    with pytest.raises(OutsideSpace) as of_s:
        v2_space(network("efficientnet-b4")).point(network("efficientnetv2-s"))
    assert str(of_s.value).endswith(
        "stage 2 has channels 48, not 32; stage 3 has channels 64, not 56; stage 4 has channels 128, not 112; "
        "stage 6 has channels 256, not 272"
    )
    with pytest.raises(OutsideSpace) as of_b0:
        mnasnet_space().point(network("efficientnet-b0"))
    assert str(of_b0.value).endswith(
        "stage 5 has channels 112, not 72, 96 or 120; stage 6 has channels 192, not 120, 160 or 200"
    )


def test_the_grid_of_step_1_has_the_papers_point():
    space = compound_space()
    assert size(space) == 215
    grown = space.table({"growth": "1.2 1.1 1.15"})
    assert (grown.train_size, [s.depth for s in grown.stages]) == (258, [2, 3, 3, 4, 4, 5, 2])
    assert space.resolution({"growth": "1.2 1.1 1.15"}) == 1.15


def test_a_point_outside_is_named():
    space = v2_space(network("efficientnet-b0"))
    point = {name: choices[0] for name, choices in space.decisions.items()}
    with pytest.raises(OutsideSpace, match=r"stage 1 kernel = 7 is outside .* allowed: 3, 5"):
        space.table(point | {"stage 1 kernel": 7})
    with pytest.raises(OutsideSpace, match="see stage 1 pooling"):
        check_point(space, point | {"stage 1 pooling": "max"})


def test_names_tell_networks_apart():
    for space in (v2_space(network("efficientnet-b0")), mnasnet_space()):
        rng = np.random.default_rng(1)
        made = {}
        for _ in range(300):
            found = space.table(sample(space, rng))
            assert made.setdefault(found.name, found.stages) == found.stages
        assert len(made) == 300
