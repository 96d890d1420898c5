"""Words of messages: one of a thing is not several."""

import pytest

from convscale.words import plural


@pytest.mark.parametrize(
    ("count", "word", "said"),
    [
        (0, "image", "0 images"),
        (1, "image", "1 image"),
        (1.0, "epoch", "1 epoch"),
        (0.5, "epoch", "0.5 epochs"),
        (20.0, "epoch", "20 epochs"),
        (1, "class", "1 class"),
        (2, "class", "2 classes"),
        (12000, "image", "12,000 images"),
        (1, "process", "1 process"),
        (3, "process", "3 processes"),
    ],
)
def test_one_is_singular(count, word, said):
    assert plural(count, word) == said
