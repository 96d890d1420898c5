"""The keyed loader: order and pixels are functions of seed, epoch and index, whatever reads them."""

import numpy as np
import pytest
import torch

from convscale.augment import recipe_pixels, train_transform
from convscale.datasets import (
    Images,
    KeyedSampler,
    TrainSet,
    eval_batches,
    load,
    parquets,
    read_split,
    subset,
    train_loader,
)
from convscale.datasets.order import epoch_order
from convscale.recipes.recipe import V2_PAPER

COUNT, BATCH, STOP = 20, 6, 9  # three batches an epoch, three epochs


def look(step):
    return (8, 5.0) if step < 5 else (12, 10.0)


def sampler(start=0, stop=STOP, seed=3, count=COUNT, **more):
    return KeyedSampler(count, BATCH, start, stop, seed, look, **more)


def test_every_epoch_is_a_fresh_permutation_without_repeats():
    batches = list(sampler())
    assert len(batches) == len(sampler()) == STOP and all(len(b) == BATCH for b in batches)
    epochs = [[item.index for batch in batches[i : i + 3] for item in batch] for i in (0, 3, 6)]
    for epoch in epochs:
        assert len(set(epoch)) == 18 and set(epoch) <= set(range(COUNT))
    assert len({tuple(epoch) for epoch in epochs}) == 3
    assert [batch[0].epoch for batch in batches] == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_what_is_left_out_of_an_epoch_changes():
    left_out = [
        set(range(COUNT)) - {item.index for batch in list(sampler(3 * e, 3 * e + 3)) for item in batch}
        for e in range(100)
    ]
    assert set.union(*left_out) == set(range(COUNT))


def test_order_is_keyed_by_the_seed():
    assert list(sampler(seed=3)) == list(sampler(seed=3))
    assert list(sampler(seed=3)) != list(sampler(seed=4))


@pytest.mark.parametrize("start", range(STOP + 1))
def test_order_is_the_same_from_any_step_on(start):
    assert list(sampler(start)) == list(sampler())[start:]


def test_size_and_magnitude_travel_with_the_items():
    seen = [{(item.image_size, item.magnitude) for item in batch} for batch in sampler()]
    assert seen == [{(8, 5.0)}] * 5 + [{(12, 10.0)}] * 4


def test_too_few_images_for_a_batch_are_refused():
    with pytest.raises(ValueError, match="no batch of 6 can be made of 5 images: use a smaller batch or more images"):
        sampler(count=5)


SHARDS = np.repeat(np.arange(7), [3, 3, 3, 3, 3, 3, 2])


def windowed(start=0, stop=STOP, seed=3, **more):
    return KeyedSampler(COUNT, BATCH, start, stop, seed, look, shards=SHARDS, window=2, **more)


@pytest.mark.parametrize("start", range(STOP + 1))
def test_order_by_windows_is_the_same_from_any_step_on(start):
    assert list(windowed(start)) == list(windowed())[start:]


def test_order_by_windows_reads_few_shards_at_a_time():
    starts, orders, most = set(), set(), []
    for epoch in range(20):
        order = epoch_order(COUNT, 3, epoch, SHARDS, window=2)
        assert sorted(order) == list(range(COUNT))
        read = SHARDS[order]
        open_at = [{s for s in range(7) if s in read[: i + 1] and s in read[i:]} for i in range(COUNT)]
        most.append(max(map(len, open_at)))
        starts.add(int(read[0]))
        orders.add(tuple(order))
    assert len(orders) == 20 and starts == set(range(7))
    assert max(most) == 2


def test_a_window_of_all_shards_mixes_them_all():
    read = [SHARDS[epoch_order(COUNT, 3, epoch, SHARDS, window=7)[:6]] for epoch in range(20)]
    assert all(len(set(shards)) > 2 for shards in read)


@pytest.mark.parametrize("make", [sampler, windowed])
@pytest.mark.parametrize("world", [2, 3, 6])
def test_processes_partition_every_batch_in_order(make, world):
    shares = [list(make(rank=rank, world=world)) for rank in range(world)]
    assert [[i for part in parts for i in part] for parts in zip(*shares, strict=True)] == list(make())
    assert all(len(part) == BATCH // world for share in shares for part in share)


def test_batches_that_processes_cannot_share_are_refused():
    with pytest.raises(ValueError, match="a batch of 6 for 4 processes: use a multiple of 4"):
        sampler(world=4)


@pytest.mark.parametrize(("shards", "window"), [(None, 2), (SHARDS, -1)])
def test_windows_without_shards_are_refused(shards, window):
    with pytest.raises(ValueError, match=f"window {window}: use 0, or with tar shards or parquet"):
        sampler(shards=shards, window=window)


def batches(workers=0, start=0, seed=3):
    images = subset(load("digits", "train"), COUNT)
    transform = train_transform(V2_PAPER, flip=True)
    return list(train_loader(TrainSet(images, transform, seed), sampler(start, seed=seed), workers))


def test_pixels_do_not_depend_on_workers_or_start():
    alone = batches()
    assert [x.shape[-1] for x, *_ in alone] == [8] * 5 + [12] * 4
    assert all(x.dtype == torch.uint8 and x.shape[:2] == (BATCH, 3) for x, *_ in alone)
    for others, skipped in ((batches(workers=2), 0), (batches(start=4), 4), (batches(workers=2, start=7), 7)):
        for (x, labels, _), (other, other_labels, _) in zip(alone[skipped:], others, strict=True):
            assert torch.equal(x, other) and torch.equal(labels, other_labels)


@pytest.mark.parametrize("layout", ["tar", "parquet"])
def test_windows_of_shards_resume_within_an_epoch_with_any_workers(tmp_path, write, monkeypatch, layout):
    monkeypatch.setattr(parquets, "HELD_BYTES", 0)  # so that workers read their row groups
    if layout == "tar":
        write.shards(tmp_path, [0, 1] * 10, 3)
    else:
        write.parquet(tmp_path / "0.parquet", [0, 1] * 10, row_group_size=3)
    images = read_split(tmp_path)
    assert images.shards.max() == 6

    def run(start, workers):
        order = KeyedSampler(20, BATCH, start, STOP, 3, look, shards=images.shards, window=2)
        return list(train_loader(TrainSet(images, train_transform(V2_PAPER, flip=True), 3), order, workers))

    alone = run(0, 0)
    for start, workers in ((0, 2), (4, 0), (7, 2)):
        for one, other in zip(alone[start:], run(start, workers), strict=True):
            assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_pixels_differ_between_seeds_and_epochs():
    assert not torch.equal(batches(seed=3)[0][0], batches(seed=4)[0][0])
    images = subset(load("digits", "train"), 6)
    transform = train_transform(V2_PAPER, flip=False)
    whole = KeyedSampler(6, 6, 0, 2, 0, lambda step: (8, 5.0))
    (first, labels1, _), (second, labels2, _) = train_loader(TrainSet(images, transform, 0), whole)
    assert not torch.equal(first[labels1.argsort()], second[labels2.argsort()])


def test_labels_belong_to_their_images():
    images = subset(load("digits", "train"), COUNT)
    plain = train_loader(TrainSet(images, lambda image, *_: image, 0), sampler())
    for items, (x, labels, _) in zip(sampler(), plain, strict=True):
        for item, pixels, label in zip(items, x, labels, strict=True):
            assert label == images.labels[item.index]
            assert np.array_equal(pixels.permute(1, 2, 0), images.image(item.index))


def test_evaluation_sees_every_image_once_in_order():
    images = subset(load("digits", "test"), 50)
    seen = list(eval_batches(images, recipe_pixels(V2_PAPER, 10).transform, 16))
    assert [len(x) for x, _ in seen] == [16, 16, 16, 2]
    assert torch.cat([labels for _, labels in seen]).tolist() == images.labels.tolist()
    assert np.array_equal(seen[3][0][1].permute(1, 2, 0), recipe_pixels(V2_PAPER, 10).transform(images.image(49)))


def test_labels_of_several_classes_are_rows():
    images = subset(load("digits", "train"), COUNT)
    images = Images(images.items, np.eye(10)[images.labels], images.classes)
    batch = next(iter(train_loader(TrainSet(images, lambda image, *_: image, 0), sampler())))
    assert batch.labels.shape == (BATCH, 10) and batch.labels.dtype == torch.float32
    assert batch.labels.argmax(1).tolist() == [images.main_labels()[item.index] for item in next(iter(sampler()))]
    _, labels = next(eval_batches(images, lambda image: image, 4))
    assert torch.equal(labels, torch.from_numpy(images.labels[:4]))


@pytest.mark.parametrize(("world", "workers"), [(1, 2), (3, 0), (7, 2), (30, 0)])
def test_processes_share_an_evaluation_in_stretches(world, workers):
    images = subset(load("digits", "test"), 20)
    whole = torch.cat([x for x, _ in eval_batches(images, lambda image: image, 8)])
    parts = [
        [x for x, _ in eval_batches(images, lambda image: image, 8, rank, world, workers)] for rank in range(world)
    ]
    assert torch.equal(torch.cat([x for part in parts for x in part]), whole)
    assert max(sum(map(len, part)) for part in parts) == -(-20 // world)


def test_loaders_leave_the_global_random_numbers_alone():
    before = torch.random.get_rng_state()
    batches()
    list(eval_batches(subset(load("digits", "test"), 20), recipe_pixels(V2_PAPER, 10).transform, 16))
    assert torch.equal(torch.random.get_rng_state(), before)
