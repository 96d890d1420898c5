"""What growing images save, against numbers worked out by hand."""

import pytest

from convscale.measure import count_macs
from convscale.measure.savings import multiply_adds, saving, saving_of_sizes
from convscale.models import build
from convscale.recipes import Stage, progressive


def test_pixels_are_saved_as_by_hand():
    # 4 x 300^2 / (128^2 + 185^2 + 242^2 + 300^2) = 360,000 / 199,173
    assert saving("efficientnetv2-tiny", progressive()).pixels == pytest.approx(360_000 / 199_173)


def test_multiply_adds_are_those_of_the_built_network():
    counted = [count_macs(build("efficientnetv2-tiny"), px) for px in (16, 24, 32)]
    assert [multiply_adds("efficientnetv2-tiny", px) for px in (16, 24, 32)] == counted
    assert saving_of_sizes("efficientnetv2-tiny", (16, 24, 32)).multiply_adds == pytest.approx(
        3 * counted[-1] / sum(counted)
    )


def test_one_size_saves_nothing():
    assert saving("efficientnetv2-tiny", (Stage(32, 5, 0, 0),) * 3) == (1, 1)
