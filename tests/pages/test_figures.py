"""Figures drawn from tidy tables: what is drawn is what the table says."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from convscale.evidence.statistics import mean_interval
from convscale.models import build
from convscale.pages import blocks, curves


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def test_a_curve_is_the_mean_over_seeds_with_its_interval_as_a_band(ax):
    values = {1.0: [10.0, 14.0, 12.0], 2.0: [30.0, 31.0, 38.0]}
    rows = [
        {"arm": arm, "epoch": epoch, "test_top1": value + shift}
        for arm, shift in (("a", 0), ("b", 50), ("not shown", 7))
        for epoch, seeds in values.items()
        for value in seeds
    ]
    curves(pd.DataFrame(rows), ax, ["b", "a", "absent"])
    assert [line.get_label() for line in ax.lines] == ["b", "a"]
    for line, band, shift in zip(ax.lines, ax.collections, (50, 0), strict=True):
        means, halves = zip(*(mean_interval(np.array(seeds)) for seeds in values.values()), strict=True)
        np.testing.assert_allclose(line.get_ydata(), np.array(means) + shift)
        drawn = band.get_paths()[0].vertices
        for epoch, mean, half in zip(values, means, halves, strict=True):
            heights = drawn[drawn[:, 0] == epoch, 1]
            assert (heights.min(), heights.max()) == pytest.approx((mean - half + shift, mean + half + shift))


def test_one_seed_has_a_line_and_no_band(ax):
    curves(pd.DataFrame({"arm": ["a"] * 2, "epoch": [1.0, 2.0], "test_top1": [1.0, 2.0]}), ax, ["a"])
    assert len(ax.lines) == 1 and not any(band.get_paths() for band in ax.collections)


def test_a_block_diagram_names_the_convolutions_in_order(ax):
    block = build("efficientnet-b0").blocks[2]  # MBConv6, k3x3, 24 channels, with a shortcut
    blocks(block, ax)
    words = [text.get_text() for text in ax.texts if text.get_text()]
    assert words == ["conv 1x1, 144", "depthwise conv 3x3, 144", "SE, 6 of 144", "conv 1x1, 24", "+"]
