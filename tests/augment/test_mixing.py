"""Mixup and cutmix against their formulas."""

import numpy as np
import pytest
import torch
from scipy import stats

from convscale.augment.mixing import Mixing, draw_mixing, mix, mixed_loss


def draw(count=8, size=32, mixup=0.0, cutmix=0.0, seed=0):
    return draw_mixing(np.random.default_rng(seed), count, size, mixup, cutmix)


def neighbour(x):
    return x[torch.arange(len(x)) ^ 1]


@pytest.mark.parametrize("alpha", [0.2, 1.0, 3.0])
def test_every_mixup_weight_favours_the_image_itself(alpha):
    mixing = draw(20_000, mixup=alpha)
    weights = mixing.weight_B.double()
    assert weights.min() >= 0.5 and weights.max() <= 1
    assert torch.equal(mixing.label_B, mixing.weight_B)
    # max(w, 1 - w) of a symmetric Beta(alpha, alpha) has the distribution of w folded at 1/2
    beta, points = stats.beta(alpha, alpha), np.linspace(0.55, 0.95, 9)
    for point in points:
        below = int((weights <= point).sum())
        assert stats.binomtest(below, 20_000, beta.cdf(point) - beta.cdf(1 - point)).pvalue > 0.001


def test_nothing_is_mixed_at_alpha_0_and_nothing_else_changes():
    x, off = torch.randn(8, 3, 32, 32), draw()
    assert off.weight_B.tolist() == off.label_B.tolist() == [1] * 8
    assert torch.equal(mix(x, off), x)
    for other in (draw(mixup=0.2), draw(cutmix=0.2), draw(mixup=0.2, cutmix=0.2)):
        assert [(t.shape, t.dtype) for t in other] == [(t.shape, t.dtype) for t in off]


def test_mixup_blends_neighbours():
    x = torch.tensor([10.0, 20.0, 40.0, 80.0]).view(4, 1, 1, 1).expand(4, 1, 2, 2)
    weights = torch.tensor([0.75, 0.6, 1.0, 0.5])
    mixed = mix(x, Mixing(weights, torch.zeros(4, 4, dtype=torch.int64), weights))
    wanted = [0.75 * 10 + 0.25 * 20, 0.6 * 20 + 0.4 * 10, 40, 0.5 * 80 + 0.5 * 40]
    assert mixed[:, 0, 0, 0].tolist() == pytest.approx(wanted)


def test_cutmix_pastes_the_box_of_the_neighbour():
    x, mixing = torch.randn(64, 3, 24, 24), draw(64, 24, cutmix=1.0)
    mixed = mix(x, mixing)
    assert mixing.weight_B.tolist() == [1] * 64
    for i, (top, bottom, left, right) in enumerate(mixing.box_B4.tolist()):
        wanted = x[i].clone()
        wanted[:, top:bottom, left:right] = x[i ^ 1, :, top:bottom, left:right]
        assert torch.equal(mixed[i], wanted)
        assert mixing.label_B[i].item() == pytest.approx(1 - (bottom - top) * (right - left) / 24**2)


@pytest.mark.parametrize("alpha", [0.5, 1.0])
def test_cutmix_boxes_are_squares_of_the_drawn_side_clipped(alpha):
    size, boxes = 1000, draw(4000, 1000, cutmix=alpha).box_B4.numpy()
    low, high = boxes[:, ::2], boxes[:, 1::2]
    assert (low >= 0).all() and (high <= size).all() and (low <= high).all()
    inside = ((low > 0) & (high < size)).all(1)
    sides = (high - low)[inside]
    assert (sides[:, 0] == sides[:, 1]).all() and (sides % 2 == 0).all()
    # where a square touches neither border of one axis, that axis shows the centre: uniform where small squares fit
    centres = ((low + high) / 2)[((high - low) < 200).all(1)]
    middle = centres[(centres > 100) & (centres < 900)]
    assert stats.kstest((middle - 100) / 800, "uniform").pvalue > 0.01
    # sides that fit whatever the centre on one axis: the share of area is 1 - w, for w ~ Beta
    shares = np.sort(((high - low).max(1) / size) ** 2)
    for share in (0.05, 0.1):  # so small a square is cut on both axes in under one of twenty draws
        assert (shares <= share).mean() == pytest.approx(1 - stats.beta(alpha, alpha).cdf(1 - share), abs=0.03)


def test_with_both_on_pairs_take_turns_in_every_slice():
    both = draw(4000, mixup=0.5, cutmix=0.5)
    pair = torch.arange(4000) // 2 % 2
    cut = (both.box_B4[:, 1] > both.box_B4[:, 0]) & (both.box_B4[:, 3] > both.box_B4[:, 2])
    assert not cut[pair == 0].any() and cut[pair == 1].float().mean() > 0.8
    assert (both.weight_B[pair == 1] == 1).all() and (both.weight_B[pair == 0] < 1).float().mean() > 0.9


def test_slices_are_mixed_as_the_whole_batch_is():
    x, mixing = torch.randn(16, 3, 8, 8), draw(16, 8, mixup=0.4, cutmix=0.4)
    logits, labels = torch.randn(16, 5), torch.arange(16) % 5
    halves = [slice(0, 8), slice(8, 16)]
    parts = [Mixing(*(t[s] for t in mixing)) for s in halves]
    assert torch.equal(torch.cat([mix(x[s], m) for s, m in zip(halves, parts, strict=True)]), mix(x, mixing))
    losses = [mixed_loss(logits[s], labels[s], m, 0.1) for s, m in zip(halves, parts, strict=True)]
    assert torch.stack(losses).mean().item() == pytest.approx(mixed_loss(logits, labels, mixing, 0.1).item(), rel=1e-6)


@pytest.mark.parametrize("rows", [False, True], ids=["labels", "rows"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_loss_is_the_cross_entropy_against_the_mixed_labels(smoothing, rows):
    torch.manual_seed(1)
    logits, labels = torch.randn(8, 5, dtype=torch.double), torch.tensor([0, 1, 2, 3, 4, 0, 2, 2])
    mixing = draw(8, mixup=0.4, cutmix=0.4)
    y = torch.eye(5, dtype=torch.double)[labels]
    if rows:
        y[0, 3] = y[5, 1] = 1  # two classes at once, each of which then weighs half
    targets = 7 * y if rows else labels
    y = y / y.sum(1, keepdim=True) * (1 - smoothing) + smoothing / 5
    own = mixing.label_B.double()[:, None]
    wanted = -((own * y + (1 - own) * neighbour(y)) * logits.log_softmax(1)).sum(1).mean()
    assert mixed_loss(logits, targets, mixing, smoothing).item() == pytest.approx(wanted.item(), rel=1e-7)


def test_the_same_key_gives_the_same_mixture():
    first, again, other = (draw(mixup=0.3, cutmix=0.3, seed=seed) for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first.weight_B, other.weight_B)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(mixup=-0.1), "mixup alpha -0.1: it is at least 0"),
        (dict(cutmix=-1), "cutmix alpha -1: it is at least 0"),
        (dict(count=7), "batch of 7: it must be a multiple of 2"),
        (dict(count=6, mixup=0.2, cutmix=0.2), "batch of 6: it must be a multiple of 4, because pairs take turns"),
    ],
)
def test_bad_alphas_and_batches_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        draw(**changes)
