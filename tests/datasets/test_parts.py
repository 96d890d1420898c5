"""Parts of a set: balanced, by rule, and without reading an image."""

import numpy as np
import pytest

from convscale.datasets import (
    further_indices,
    load,
    minival,
    of_classes,
    read_split,
    subset,
    subset_indices,
    unseen,
)


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


SEEDS = range(4)
LABELS = [0] * 50 + [1] * 40 + [2] * 30


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_draws_its_own_subset_evenly_over_classes(numbered, seed):
    images = numbered(LABELS)
    chosen = subset(images, 30, seed)
    assert np.bincount(chosen.labels).tolist() == [10] * 3 and ids(chosen) == sorted(ids(chosen))
    assert ids(subset(images, 30, seed)) == ids(chosen)
    assert set(ids(subset(images, 12, seed))) < set(ids(chosen))
    others = [ids(subset(images, 30, other)) for other in (*SEEDS, None) if other != seed]
    assert ids(chosen) not in others
    assert subset(images, None, seed) is images and subset(images, 120, seed) is images


def test_the_draw_of_a_seed_never_changes(numbered):
    images = numbered(LABELS)
    assert ids(subset(images, 9, seed=1)) == [13, 16, 38, 63, 66, 88, 90, 113, 117]
    assert ids(unseen(images, subset_indices(images, 9, 1), 6, seed=1)) == [31, 46, 67, 73, 98, 109]


def test_each_image_of_a_class_is_drawn_as_often(numbered):
    images = numbered(LABELS)
    drawn = np.bincount(np.concatenate([subset_indices(images, 60, seed) for seed in range(400)]), minlength=120)
    share = drawn / 400  # 20 of each class's 50, 40 and 30; five standard deviations of 400 draws
    assert np.abs(share - np.repeat([20 / 50, 20 / 40, 20 / 30], [50, 40, 30])).max() < 5 * 0.5 / 20


@pytest.mark.parametrize("seed", SEEDS)
def test_further_images_are_the_next_of_the_seed_whatever_their_labels(numbered, seed):
    images, others = numbered(LABELS), numbered(LABELS[::-1])
    own = subset_indices(images, 30, seed)
    further = further_indices(images, own, 60, seed)
    assert len(set(further)) == 60 and not set(further) & set(own) and sorted(further) == further.tolist()
    assert set(further_indices(images, own, 20, seed)) < set(further)
    assert further_indices(others, own, 60, seed).tolist() == further.tolist()
    assert not set(ids(unseen(images, own, 9, seed))) & set(further)  # while there are enough for both
    assert len(further_indices(images, own, 90, seed)) == 90 and len(further_indices(images, own, 0, seed)) == 0
    with pytest.raises(ValueError, match="asked for 91 further images of 120, of which 90 are left"):
        further_indices(images, own, 91, seed)


def test_a_choice_of_classes_has_their_images_and_names_and_new_numbers(numbered):
    images = numbered([0, 2, 1, 2, 0])
    chosen = of_classes(images, (2, 0))
    assert chosen.classes == ("c", "a") and chosen.labels.tolist() == [1, 0, 0, 1] and ids(chosen) == [0, 1, 3, 4]
    assert of_classes(images, None) is images and images.labels.tolist() == [0, 2, 1, 2, 0]


def test_classes_that_the_set_does_not_have_are_refused(numbered):
    with pytest.raises(ValueError, match=r"classes \[3, 5\] of a set of 3 classes: use numbers from 0 to 2"):
        of_classes(numbered([0, 1, 2]), (0, 3, 5))
    with pytest.raises(ValueError, match="choose them of a set with one class an image"):
        of_classes(numbered([[1, 0, 0], [0, 1, 1]]), (0, 1))


@pytest.mark.parametrize("rule", [None, 2])
def test_unseen_images_are_outside_the_subset_even_and_the_same_for_all_arms(numbered, rule):
    images = numbered(LABELS)
    seen = subset_indices(images, 30, rule)
    asked = unseen(images, seen, 24, seed=2)
    assert np.bincount(asked.labels).tolist() == [8] * 3 and not set(ids(asked)) & set(seen.tolist())
    assert ids(asked) == ids(unseen(images, seen, 24, seed=2)) != ids(unseen(images, seen, 24, seed=3))


def test_unseen_images_of_a_seed_do_not_depend_on_how_many_it_trains_on(numbered):
    images = numbered(LABELS)
    asked = [ids(unseen(images, subset_indices(images, count, 5), 24, seed=5)) for count in (3, 30, 60)]
    assert asked[0] == asked[1] == asked[2]


def test_unseen_images_are_all_that_are_left_at_most(numbered):
    images = numbered(LABELS)
    seen = subset_indices(images, 100, seed=0)
    left = unseen(images, seen, 1000, seed=0)
    assert sorted([*ids(left), *seen]) == list(range(120))
    assert len(unseen(images, subset_indices(images, None), 1000, seed=0)) == 0


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
    with pytest.raises(
        ValueError, match=rf"a share of {share} holds out \d+ of 30 images: add images, or put some into"
    ):
        minival(numbered([0, 1, 2] * 10), share)
