"""Parts of a set: balanced, by rule, and without reading an image."""

import numpy as np
import pytest

from convscale.datasets import load, minival, subset
from convscale.datasets.sources import read_split


def test_subset_is_even_over_classes_and_takes_the_first(numbered):
    images = numbered([0, 0, 0, 0, 1, 1, 2, 2, 2])
    assert subset(images, 6).labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert [int(item[0, 0]) for item in subset(images, 6).items] == [0, 1, 4, 5, 6, 7]
    assert np.bincount(subset(images, 8).labels).tolist() == [3, 2, 3]  # class 1 has no more than 2
    assert np.bincount(subset(images, 4).labels).tolist() == [2, 1, 1]


def test_subset_of_real_data_is_balanced():
    chosen = subset(load("digits", "train"), 300)
    assert np.bincount(chosen.labels).tolist() == [30] * 10


def test_subset_of_all_is_the_set_itself(numbered):
    images = numbered([0, 1, 2])
    assert subset(images, None) is images and subset(images, 3) is images


@pytest.mark.parametrize("count", [0, -1, 4])
def test_subset_of_more_than_there_is_is_refused(numbered, count):
    with pytest.raises(ValueError, match=f"asked for {count} of 3 images"):
        subset(numbered([0, 1, 2]), count)


def test_parts_keep_shards_and_rows_of_labels(tmp_path, write, numbered):
    write.shards(tmp_path, [0, 1, 0, 1], 2)
    (tmp_path / "train-000000.tar").rename(tmp_path / "late.tar")  # the index knows its place by its name
    images = read_split(tmp_path)
    part = subset(subset(images, 3), 2)
    assert part.shards.tolist() == [0, 0] and part.name(1).endswith("late.tar: 0001.png")
    rows = numbered([[1, 0, 0], [0, 1, 1], [0, 0, 1], [1, 0, 1]])
    assert subset(rows, 3).labels.tolist() == [[1, 0, 0], [0, 1, 1], [0, 0, 1]]


def ids(images):
    return [int(item[0, 0]) for item in images.items]


def test_minival_takes_the_same_share_of_each_class(numbered):
    images = numbered([0] * 100 + [1] * 50 + [2] * 30)
    train, held_out = minival(images, 0.1)
    assert np.bincount(held_out.labels).tolist() == [10, 5, 3]
    assert sorted(ids(train) + ids(held_out)) == list(range(180))
    assert ids(train) == sorted(ids(train)) and ids(held_out) == sorted(ids(held_out))
    assert train.classes == held_out.classes == images.classes


def test_minival_of_imagenets_size_is_close_to_the_papers(numbered):
    sizes = np.r_[np.full(895, 1300), np.linspace(732, 1299, 105).astype(int)]  # as ILSVRC2012's classes are
    labels = np.repeat(np.arange(1000), sizes)
    images = numbered([0]).take(np.zeros(len(labels), int))
    images.labels, images.classes = labels, tuple(map(str, range(1000)))
    _, held_out = minival(images, share=20 / 1024)
    assert len(held_out) == round(len(labels) * 20 / 1024)
    assert np.abs(np.bincount(held_out.labels) - sizes * 20 / 1024).max() <= 1


def test_minival_is_a_function_of_share_and_seed(numbered):
    images = numbered([0, 1, 2] * 40)
    chosen = [ids(minival(images, 0.1, seed)[1]) for seed in (0, 0, 1)]
    assert chosen[0] == chosen[1] != chosen[2]
    assert chosen[0] != list(range(12))


@pytest.mark.parametrize("share", [0, 0.001, 0.999, 1])
def test_minival_that_leaves_nothing_is_refused(numbered, share):
    with pytest.raises(ValueError, match=rf"a share of {share} holds out \d+ of 30 images: choose one between 0\.033"):
        minival(numbered([0, 1, 2] * 10), share)
