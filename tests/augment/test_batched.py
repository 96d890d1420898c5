"""RandAugment on batches: against PIL, against a reference that goes image by image, over shards, and with others."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import stats

from convscale.augment import (
    arguments,
    draw_layers,
    draw_places,
    noise_cutout,
    randaugment,
    randaugment_batch,
    train_transform,
)
from convscale.augment.batched import operate, tf_arguments
from convscale.augment.operations import MAX_LEVEL, OPERATIONS, Operation, Reach, Spot
from convscale.augment.profiles import apply
from convscale.recipes import RELEASED, V2_PAPER, Pixels
from convscale.recipes.recipe import RELEASED_OPERATIONS as NAMES

# 8.33... and 16.66... are among the papers' stages, and not whole in any of the operations' units
MAGNITUDES = (0, 2, 3, 5, 25 / 3, 9, 10, 15, 50 / 3, 25)
# Share of values that may differ from PIL at all, measured: by one grey level, but for Rotate, where single pixels at a
# tie come from the neighbour
DIFFERING = {"AutoContrast": 0.01, "Rotate": 0.001}


def batch(picture, count, height=64, width=48):
    return torch.stack([as_tensor(picture(height, width, seed)) for seed in range(count)])


def as_tensor(image):
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)


def by_pil(image, name, magnitude, sign, spot, pixels=RELEASED):
    value, signed = arguments("tf", magnitude, image.size, pixels)[name]
    return apply(image, "tf", name, sign * value if signed else value, spot, "nearest")


def compare(name, found, wanted):
    off = (found.int() - wanted.int()).abs()
    if name != "Rotate":
        assert off.max() <= 1
    assert (off > 0).float().mean() <= DIFFERING.get(name, 0)


@pytest.mark.parametrize("magnitude", MAGNITUDES)
@pytest.mark.parametrize("name", NAMES)
def test_operation_is_that_of_pil(name, magnitude, picture):
    image = picture(130, 90)
    x = as_tensor(image).expand(2, -1, -1, -1)
    argument = OPERATIONS[name].argument(torch.tensor(float(magnitude)) / MAX_LEVEL, Reach(100, 100, 40))
    found = operate(name, x, argument, torch.tensor([-1.0, 1.0]), torch.tensor([[0.75, 0.25]] * 2))
    assert found.dtype == torch.uint8
    for sign, made in zip((-1, 1), found, strict=True):
        compare(name, made, as_tensor(by_pil(image, name, magnitude, sign, Spot(0.75, 0.25))))


@pytest.mark.parametrize("grey", [0, 100, 255])
def test_a_plain_image_is_left_alone_by_what_stretches_its_values(grey):
    x = torch.full((16, 3, 8, 8), grey, dtype=torch.uint8)
    for name in ("AutoContrast", "Equalize"):
        assert torch.equal(OPERATIONS[name].batched(x, None, None), x)


def test_two_layers_are_two_operations_of_pil(picture):
    pixels, magnitude = Pixels(20, 8), 9.0
    x = batch(picture, 32)
    draws = draw_layers(np.random.default_rng(5), 32)
    found = randaugment_batch(x, torch.tensor(magnitude), draws, pixels)
    close = 0
    for b in range(32):
        image = picture(64, 48, b)
        for layer in range(2):
            spot = Spot(*draws.where_BL2[b, layer].tolist())
            name = NAMES[draws.operation_BL[b, layer]]
            image = by_pil(image, name, magnitude, draws.sign_BL[b, layer].item(), spot, pixels)
        close += (found[b].int() - as_tensor(image).int()).abs().max() <= 1
    # One level, or a pixel of Rotate, that the first layer leaves may grow in the second.
    assert close >= 28


def grouped(x_BCHW, magnitude, layers, pixels, operations):
    """The reference: for each operation the images that drew it, whichever and however many they are."""
    for layer in range(2):
        done = torch.empty_like(x_BCHW)
        for i, (name, argument) in enumerate(zip(operations, tf_arguments(magnitude, pixels, operations), strict=True)):
            mine = (layers.operation_BL[:, layer] == i).nonzero().flatten()
            sign, where = layers.sign_BL[mine, layer], layers.where_BL2[mine, layer]
            done[mine] = operate(name, x_BCHW[mine], argument, sign, where)
        x_BCHW = done
    return x_BCHW


@pytest.mark.parametrize("magnitude", [0.0, 8.2, 10.0, 25.0])
@pytest.mark.parametrize("operations", [NAMES, ("Invert", "TranslateX", "Cutout")], ids=["sixteen", "three"])
def test_stratified_is_grouped(magnitude, operations, picture):
    x, draws = batch(picture, 48), draw_layers(np.random.default_rng(1), 48, len(operations))
    magnitude = torch.tensor(magnitude)
    stratified = randaugment_batch(x, magnitude, draws, operations=operations)
    assert torch.equal(stratified, grouped(x, magnitude, draws, RELEASED, operations))
    assert not torch.equal(stratified, x) and stratified.dtype == torch.uint8
    floats = randaugment_batch(x.float(), magnitude, draws, operations=operations)
    assert floats.dtype == torch.float32 and torch.equal(floats, stratified.float())


def test_a_new_operation_is_one_entry_and_changes_no_run(picture, monkeypatch):
    """The table may grow: what a recipe draws from is what it names."""
    x, magnitude = batch(picture, 68), torch.tensor(9.0)
    before = randaugment_batch(x[:64], magnitude, draw_layers(np.random.default_rng(1), 64))
    on_host = [np.asarray(randaugment(picture(30, 30), 9, np.random.default_rng(i))) for i in range(40)]
    monkeypatch.setitem(OPERATIONS, "Seven", Operation(lambda level, reach: 0 * level, seven_by_pil, seven))
    assert torch.equal(randaugment_batch(x[:64], magnitude, draw_layers(np.random.default_rng(1), 64)), before)
    again = [np.asarray(randaugment(picture(30, 30), 9, np.random.default_rng(i))) for i in range(40)]
    assert all(map(np.array_equal, on_host, again))
    seventeen = (*NAMES, "Seven")
    made = randaugment_batch(x, magnitude, draw_layers(np.random.default_rng(1), 68, 17), operations=seventeen)
    assert 4 <= (made == 7).flatten(1).all(1).sum() <= 8  # four images in each layer
    with pytest.raises(ValueError, match=r"batch of 64: .* a multiple of 17, such as 68"):
        draw_layers(np.random.default_rng(1), 64, 17)
    alone = train_transform(replace(V2_PAPER, operations=("Seven",)), flip=False)
    assert (np.asarray(alone(picture(30, 30), 24, 9, np.random.default_rng(0))) == 7).all()


def seven(x_BCHW, argument, where):
    return torch.full_like(x_BCHW, 7)


def seven_by_pil(image, argument, spot, geometry):
    return Image.new("RGB", image.size, (7, 7, 7))


def test_shards_and_chunks_make_what_the_whole_batch_makes(picture, monkeypatch):
    x, draws, magnitude = batch(picture, 64), draw_layers(np.random.default_rng(2), 64), torch.tensor(9.0)
    whole = randaugment_batch(x, magnitude, draws)
    for n in (2, 4):
        parts = [randaugment_batch(x.chunk(n)[i], magnitude, draws.shard(i, n)) for i in range(n)]
        assert torch.equal(torch.cat(parts), whole)
    monkeypatch.setattr("convscale.augment.batched.CHUNK_BYTES", 1)
    assert torch.equal(randaugment_batch(x, magnitude, draws), whole)


def test_draws_are_uniform_and_dealt_without_replacement():
    draws = draw_layers(np.random.default_rng(3), 16 * 500)
    assert draws.operation_BL.shape == (8000, 2) and draws.operation_BL.dtype == torch.int64
    blocks, images = (t.t().reshape(2, 500, 16) for t in (draws.operation_BL, draws.image_BL))
    assert torch.equal(blocks.sort(2).values, torch.arange(16).expand(2, 500, 16))
    assert torch.equal(blocks.gather(2, images), torch.arange(16).expand(2, 500, 16))
    for place in range(16):  # each image of a block gets each operation as often
        assert stats.chisquare(torch.bincount(blocks[:, :, place].flatten(), minlength=16)).pvalue > 0.001
    first, second = draws.operation_BL.t()  # the layers know nothing of each other
    assert stats.chisquare(torch.bincount(first * 16 + second, minlength=256)).pvalue > 0.01
    assert draws.sign_BL.unique().tolist() == [-1, 1]
    assert stats.binomtest(int((draws.sign_BL == 1).sum()), 16000, 0.5).pvalue > 0.01
    assert stats.kstest(draws.where_BL2.flatten().numpy(), "uniform").pvalue > 0.01


def test_the_same_key_gives_the_same_draws():
    first, again, other = (draw_layers(np.random.default_rng(key), 32) for key in ([7, 1], [7, 1], [7, 2]))
    assert torch.equal(first.operation_BL, again.operation_BL) and torch.equal(first.where_BL2, again.where_BL2)
    assert not torch.equal(first.operation_BL, other.operation_BL)


def test_bad_batches_are_refused():
    draws = draw_layers(np.random.default_rng(0), 32)
    with pytest.raises(ValueError, match=r"batch of 24: .* a multiple of 16, such as 32"):
        draw_layers(np.random.default_rng(0), 24)
    with pytest.raises(ValueError, match=r"batch of 32: .* a multiple of 16 for each of 4 parts, such as 64"):
        draws.shard(0, 4)
    with pytest.raises(ValueError, match=r"batch of 8: .* a multiple of 16, such as 16"):
        randaugment_batch(torch.zeros(8, 3, 4, 4), torch.tensor(5.0), draws)


def test_noise_cutout_replaces_one_square():
    x = torch.full((6, 3, 40, 40), -0.5)
    where = torch.tensor([[0.5, 0.5], [0, 0], [0.999, 0.999], [0, 0.5], [0.5, 0.999], [0.25, 0.75]])
    torch.manual_seed(0)
    made = noise_cutout(x, where)
    rows_columns = [((10, 30), (10, 30)), ((0, 10), (0, 10)), ((29, 40), (29, 40))]  # half a side is 10 px
    rows_columns += [((0, 10), (10, 30)), ((10, 30), (29, 40)), ((0, 20), (20, 40))]
    for image, (rows, columns) in zip(made, rows_columns, strict=True):
        wanted = torch.zeros(40, 40, dtype=torch.bool)
        wanted[slice(*rows), slice(*columns)] = True
        assert torch.equal((image != -0.5).all(0), wanted)
    noise = made[0, :, 10:30, 10:30].flatten().numpy()
    assert stats.kstest(noise, "uniform").pvalue > 0.01
    places = draw_places(np.random.default_rng(0), 2000)
    assert places.dtype == torch.float32 and stats.kstest(places.flatten().numpy(), "uniform").pvalue > 0.01
