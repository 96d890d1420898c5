"""Tables of mistakes, on answers whose tables are known."""

import numpy as np
import pytest
from timm.data import ImageNetInfo

from convscale.datasets import Images
from convscale.learning.answers import Answers
from convscale.learning.evaluation import within_imagenet
from convscale.learning.mistakes import calibration, calibration_error, confusion, mistakes, per_class, worst

CLASSES = ("cat", "dog", "eel", "fox")
#            label, answer, its probability, the label's
TOLD = ((0, 0, 0.9, 0.9), (0, 1, 0.6, 0.3), (0, 1, 0.8, 0.05), (0, 3, 0.5, 0.4), (1, 1, 1.0, 1.0), (3, 0, 0.7, 0.01))


@pytest.fixture
def found() -> Answers:
    """Six images of a set of eight, of which two could not be read."""
    label, answer, probability, of_label = (np.array(column) for column in zip(*TOLD, strict=True))
    return Answers(
        index_N=np.array([0, 1, 3, 4, 6, 7]),
        answer_NA=answer[:, None],
        probability_NA=probability[:, None],
        label_N=label,
        of_label_N=of_label,
        in_top5_N=np.ones(6, bool),
        loss_N=-np.log(of_label),
    )


def test_each_class_has_its_row(found):
    rows = per_class(found, CLASSES).set_index("class").T
    assert list(rows) == ["cat", "dog", "fox"]  # there is no image of an eel
    assert rows["cat"].to_list() == [4, 25.0, 2, 50.0, "dog", 2]
    assert rows["dog"].to_list() == [1, 100.0, 3, pytest.approx(100 / 3), "", 0]
    assert rows["fox"].to_list() == [1, 0.0, 1, 0.0, "cat", 1]


def test_a_class_that_is_never_answered_has_no_precision(found):
    never = Answers(**{**vars(found), "answer_NA": np.zeros((6, 1), int)})
    assert np.isnan(per_class(never, CLASSES).set_index("class")["precision"]["fox"])


def test_the_matrix_counts_classes_against_answers(found):
    table = confusion(found, CLASSES)
    assert table.to_numpy().tolist() == [[1, 2, 1], [0, 1, 0], [1, 0, 0]]
    assert (table.index.name, table.columns.name, list(table)) == ("class", "answer", ["cat", "dog", "fox"])


def test_calibration_by_hand(found):
    """With two bins: 0.5 is in the lower, with one wrong answer; the upper has 2 of 5 right, at 0.8 on average."""
    table = calibration(found, bins=2)
    assert table.to_numpy().tolist() == [[0, 50, 1, 50, 0], [50, 100, 5, pytest.approx(80), 40]]
    assert calibration_error(found, bins=2) == pytest.approx((50 + 5 * 40) / 6)
    assert len(calibration(found)) == 6  # each in a bin of its own


def test_the_worst_mistakes_come_first(found):
    images = Images([np.full((1, 1, 3), i, np.uint8) for i in range(8)], np.zeros(8, int), CLASSES)
    table = mistakes(found, images, CLASSES)
    assert table["file"].to_list() == ["image 7", "image 3", "image 1", "image 4"]
    assert table.iloc[0].to_list() == ["image 7", "fox", "cat", 0.7, 0.01]
    assert worst(found, 2).tolist() == [5, 2]


def test_some_of_imagenets_classes_count_among_all():
    names = ImageNetInfo("imagenet-1k").label_names()
    some = Images([np.zeros((1, 1, 3), np.uint8)] * 2, [0, 1], (names[7], names[3]))
    within = within_imagenet(some, "here")
    assert within.labels.tolist() == [7, 3] and list(within.classes) == names
    other = Images(some.items, [0, 1], (names[7], "cat"))
    assert within_imagenet(other, "here") is other
