"""Unreadable images: replaced in training, left out in evaluation, counted and listed in both."""

import re

import numpy as np
import pytest
import torch

from convscale.datasets import BrokenImage, Images, KeyedSampler, TrainSet, Unreadable, eval_batches, train_loader

BROKEN = [3, 8]


@pytest.fixture
def images(write):
    """Twelve images, each of its own colour, of which two cannot be read."""
    items = [write.encoded(write.colour(i), (4, 4)) for i in range(12)]
    for i in BROKEN:
        items[i] = items[i][:50]
    return Images(items, np.arange(12) % 3, ("a", "b", "c"))


def batches(images, workers=0, start=0):
    sampler = KeyedSampler(12, 4, start, 6, 5, lambda step: (4, 0.0))
    return list(train_loader(TrainSet(images, lambda image, *_: image, 5), sampler, workers)), list(sampler)


@pytest.mark.parametrize("workers", [0, 2])
def test_training_puts_another_image_in_the_place_of_an_unreadable_one(images, workers):
    seen = set()
    for batch, items in zip(*batches(images, workers), strict=True):
        assert batch.x_BCHW.shape == (4, 3, 4, 4) and batch.labels.dtype == batch.unreadable_B.dtype == torch.int64
        for x_CHW, label, unreadable, item in zip(*batch, items, strict=True):
            shown = int(x_CHW[0, 0, 0])  # images are numbered by their red
            assert label == shown % 3
            if item.index in BROKEN:
                assert unreadable == item.index and shown not in BROKEN
                seen.add((item.index, shown))
            else:
                assert unreadable == -1 and shown == item.index
    assert {index for index, _ in seen} == set(BROKEN)


def test_the_stand_in_does_not_depend_on_workers_or_start(images):
    alone = batches(images)[0]
    for workers, start in ((2, 0), (0, 2), (2, 4)):
        for one, other in zip(alone[start:], batches(images, workers, start)[0], strict=True):
            assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_set_that_cannot_be_read_at_all_is_an_error():
    images = Images([b"no image"] * 12, np.arange(12) % 3, ("a", "b", "c"))
    with pytest.raises(BrokenImage, match="nor could 100 images drawn in its place be read: fetch the set again"):
        batches(images)


@pytest.mark.parametrize("workers", [0, 2])
def test_evaluation_leaves_unreadable_images_out_and_counts_them(images, workers):
    unreadable = Unreadable(images, share=0.5)
    seen = list(eval_batches(images, lambda image: image, 3, workers=workers, unreadable=unreadable))
    assert [len(x) for x, _ in seen] == [3, 2, 2, 3]
    assert torch.cat([x[:, 0, 0, 0] for x, _ in seen]).tolist() == [0, 1, 2, 4, 5, 6, 7, 9, 10, 11]
    assert torch.cat([labels for _, labels in seen]).tolist() == [0, 1, 2, 1, 2, 0, 1, 0, 1, 2]
    assert unreadable.indices == BROKEN


def test_a_batch_without_any_readable_image_is_passed_over(images):
    unreadable = Unreadable(images, share=0.5)
    assert len(list(eval_batches(images, lambda image: image, 1, unreadable=unreadable))) == 10


def test_evaluation_that_does_not_count_stops_at_the_first(images):
    with pytest.raises(BrokenImage, match="image 3: "):
        list(eval_batches(images, lambda image: image, 4))


def test_each_is_counted_once_and_listed(images):
    unreadable = Unreadable(images, share=0.2)
    assert unreadable.indices == [] and unreadable.report() == ""
    unreadable.note(torch.tensor([8, -1, -1, 3]))
    unreadable.note([8])
    assert unreadable.indices == [3, 8]
    first, third, eighth = unreadable.report().split("\n  ")
    assert first == "2 of 12 images were unreadable and left out:"
    assert third.startswith("image 3: ") and eighth.startswith("image 8: ")


def test_more_than_the_share_ends_it_with_names_and_faults(images):
    unreadable = Unreadable(images)
    unreadable.note([8])  # more than 1 % of twelve, but a single one never ends a run
    assert unreadable.report().startswith("1 of 12 images was unreadable and left out:\n  image 8: ")
    with pytest.raises(ValueError) as refused:
        unreadable.note([3])
    assert re.match(
        r"2 of 12 images are unreadable, and at most 1 may be \(1 % of a set, and one of a small one\): mend them, .* "
        "The first: image 3: .*; image 8: ",
        str(refused.value),
    )
    unreadable = Unreadable(images, share=1 / 6)
    unreadable.note([3, 8])
    with pytest.raises(ValueError, match=r"3 of 12 .*image 0: readable at a second try; image 3: "):
        unreadable.note([0])


@pytest.mark.parametrize(("count", "allowed"), [(1, 1), (10, 1), (199, 1), (200, 2), (1000, 10)])
def test_a_share_of_the_set_may_be_unreadable_and_one_of_any(count, allowed):
    assert Unreadable(Images([b""] * count, np.zeros(count), ("a",))).allowed == allowed
