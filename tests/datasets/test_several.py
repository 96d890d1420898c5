"""Labels of images of several classes: the same rows as dense ones, in the memory of their numbers."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from convscale.datasets import (
    Images,
    SeveralLabels,
    TrainSet,
    aligned,
    eval_batches,
    load,
    minival,
    subset,
    train_loader,
    with_groups,
)
from convscale.datasets.classes import used_classes
from convscale.datasets.identity import arrays_of
from convscale.datasets.order import KeyedSampler

ROWS = [[2], [0, 3], [], [3, 1, 3], [0]]
DENSE = np.array([[0, 0, 1, 0], [1, 0, 0, 1], [0, 0, 0, 0], [0, 1, 0, 1], [1, 0, 0, 0]], np.float32)
NAMES = ("a", "b", "c", "d")


def images(labels) -> Images:
    return Images([np.zeros((2, 2), np.uint8)] * len(labels), labels, NAMES)


@pytest.mark.parametrize("chosen", [0, -1, 3, slice(1, 4), slice(None), np.array([3, 3, 2, 0])], ids=str)
def test_rows_are_those_of_dense_labels(chosen):
    found = SeveralLabels.of(ROWS, 4)[chosen]
    assert found.dtype == np.float32 and np.array_equal(found, DENSE[chosen])


@pytest.mark.parametrize("chosen", [[4, 1, 3], [], [2]], ids=str)
def test_a_part_is_that_of_dense_labels(chosen):
    part = SeveralLabels.of(ROWS, 4).take(np.array(chosen, int), 0)
    assert part.shape == (len(chosen), 4) and np.array_equal(part[:], DENSE[chosen])
    assert np.array_equal(part.take(np.arange(len(chosen)), 0)[:], DENSE[chosen])


def test_images_of_several_classes_are_those_of_dense_rows():
    few, dense = images(SeveralLabels.of(ROWS, 4)), images(DENSE)
    assert few.one_each is None and few.main_labels().tolist() == dense.main_labels().tolist() == [2, 0, 0, 1, 0]
    assert used_classes(few.take(np.array([0, 1]))).tolist() == [True, False, True, True]
    for part in (subset(few, 3), *minival(few, 0.4)):
        assert isinstance(part.labels, SeveralLabels)
    assert np.array_equal(subset(few, 3).labels[:], subset(dense, 3).labels)
    told = ("d", "c", "b", "a", "e")
    assert np.array_equal(aligned(few, told, "", "").labels[:], aligned(dense, told, "", "").labels)
    with pytest.raises(ValueError, match="labels of 4 columns for 2 classes"):
        replace(few, classes=("a", "b"))


def test_batches_hold_rows():
    few = images(SeveralLabels.of(ROWS, 4))
    sampler = KeyedSampler(5, 4, 0, 1, 0, lambda step: (2, 0.0))
    batch = next(iter(train_loader(TrainSet(few, lambda image, *_: image, 0), sampler)))
    assert torch.equal(batch.labels, torch.from_numpy(DENSE[[item.index for item in next(iter(sampler))]]))
    _, labels = next(eval_batches(few, lambda image: image, 3))
    assert torch.equal(labels, torch.from_numpy(DENSE[:3]))


def test_memory_is_that_of_the_numbers():
    """Of ImageNet-21k dense rows would take 13 million x 21,841 x 4 bytes."""
    many = SeveralLabels.of([[i % 21_841] for i in range(100_000)], 21_841)
    assert many.numbers.nbytes + many.ends.nbytes == 12 * 100_000
    assert many[99_999].argmax() == 99_999 % 21_841


def test_other_labels_are_told_apart():
    """[0], [1] and [0, 1], [] have the same numbers, and so have [0], [1] of other classes."""
    one, two = (arrays_of(SeveralLabels.of(rows, 2)) for rows in ([[0], [1]], [[0, 1], []]))
    assert [a.tobytes() for a in one] != [a.tobytes() for a in two]


def test_a_group_is_a_further_label():
    digits = load("digits", "train")
    grouped = with_groups(digits, ((0, 2, 4, 6, 8), (1, 9)))
    assert grouped.classes == (*digits.classes, "0 or 2 or 4 or 6 or 8", "1 or 9")
    for i in range(30):
        label = int(digits.labels[i])
        further = [10] * (label % 2 == 0) + [11] * (label in (1, 9))
        assert np.flatnonzero(grouped.labels[i]).tolist() == [label, *further]
    assert grouped.main_labels().tolist() == digits.labels.tolist() and with_groups(digits, ()) is digits


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda i: with_groups(i, ((0, 10),)), r"groups of classes \[10\] of 10 classes: use numbers from 0 to 9"),
        (lambda i: with_groups(with_groups(i, ((0, 1),)), ((0, 2),)), "groups of images that have several each"),
    ],
)
def test_groups_that_cannot_be_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        change(load("digits", "train"))
