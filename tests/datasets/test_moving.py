from itertools import pairwise

import numpy as np

from convscale.datasets.moving import DIRECTIONS, moving_digits


def test_digits_go_where_their_label_says():
    clips, labels = moving_digits(12, frames=4, px=24, seed=2)
    assert clips.shape == (12, 4, 24, 24) and clips.dtype == np.uint8 and set(labels) <= set(range(4))
    steps = list(DIRECTIONS.values())
    for clip, label in zip(clips, labels, strict=True):
        assert clip[0].max() > 0
        for before, after in pairwise(clip):
            moved = [np.array_equal(np.roll(before, step, (0, 1)), after) for step in steps]
            assert moved[label] and sum(moved) == 1
