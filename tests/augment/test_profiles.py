"""The three meanings of a magnitude against the libraries that they are named after."""

import inspect
import random
from collections import Counter

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import stats
from timm.data import auto_augment as timm_ops
from torchvision import transforms
from torchvision.transforms import autoaugment as torchvision_ops

from convscale.augment import PROFILES, arguments, autoaugment, profiles, randaugment
from convscale.augment.operations import Spot
from convscale.augment.policy_v0 import POLICY
from convscale.augment.profiles import apply
from convscale.recipes.recipe import RELEASED_OPERATIONS as NAMES

MAGNITUDES = (3, 5, 9, 10, 15, 25)
TIMM = timm_ops.rand_augment_transform("rand-m9", {})
TIMM_NAMES = [op.name for op in TIMM.ops]


def test_timms_list_is_that_of_its_rand_mx():
    assert {name.removesuffix("Rel") for name in TIMM_NAMES} == set(arguments("timm", 9, (64, 64)))


@pytest.mark.parametrize("magnitude", MAGNITUDES)
@pytest.mark.parametrize("name", TIMM_NAMES)
def test_timms_operations_are_timms(name, magnitude, picture, monkeypatch):
    """The whole of timm's operation, with its clipping, run at both signs."""
    image = picture(90, 110)
    value, signed = arguments("timm", magnitude, image.size)[name.removesuffix("Rel")]
    hparams = {"img_mean": (128, 128, 128), "interpolation": Image.Resampling.BILINEAR}
    theirs = timm_ops.AugmentOp(name, prob=1.0, magnitude=magnitude, hparams=hparams)
    for sign, drawn in ((1, 0.0), (-1, 1.0)):
        monkeypatch.setattr(random, "random", lambda drawn=drawn: drawn)
        ours = apply(image, "timm", name.removesuffix("Rel"), sign * value if signed else value, Spot(0, 0), "bilinear")
        # A translation is the product of three numbers, which timm multiplies in another order.
        np.testing.assert_allclose(np.asarray(ours).astype(int), np.asarray(theirs(image)).astype(int), atol=1, rtol=0)


def test_timms_operations_are_applied_to_half(monkeypatch):
    seen = recorded(monkeypatch, "timm")
    rng = np.random.default_rng(0)
    for _ in range(4000):
        randaugment(Image.new("RGB", (8, 8)), 9, rng, profile="timm")
    assert stats.binomtest(len(seen), 8000, TIMM.ops[0].prob).pvalue > 0.01


@pytest.mark.parametrize("magnitude", MAGNITUDES)
def test_torchvisions_operations_are_torchvisions(magnitude, picture, monkeypatch):
    """Its own class, made to draw each of its operations with each sign in turn."""
    image = picture(90, 110)
    table = arguments("torchvision", magnitude, image.size)
    assert len(table) == 14
    theirs = transforms.RandAugment(num_ops=1, magnitude=magnitude)
    for i, (name, (value, signed)) in enumerate(table.items()):
        for negative in (0, 1):
            drawn = iter([torch.tensor([i]), torch.tensor([negative])])
            monkeypatch.setattr(torch, "randint", lambda *_, drawn=drawn: next(drawn))
            ours = apply(image, "torchvision", name, -value if signed and negative else value, Spot(0, 0), "bilinear")
            np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs(image)), err_msg=name)


def test_the_same_magnitude_is_three_strengths():
    degrees = {p: [arguments(p, m, (64, 64))["Rotate"].value for m in (5, 10, 15)] for p in PROFILES}
    assert degrees == {"tf": [15, 30, 45], "timm": [15, 30, 30], "torchvision": [5, 10, 15]}


@pytest.mark.parametrize(
    ("profile", "magnitude", "message"),
    [
        ("tensorflow", 9, "unknown profile 'tensorflow': .*allowed: tf, timm, torchvision"),
        ("tf", -1, "magnitude -1: RandAugment's are at least 0"),
        ("torchvision", 31, "magnitude 31: profile 'torchvision' has bins 0 to 30"),
    ],
)
def test_bad_profiles_and_magnitudes_are_refused(profile, magnitude, message):
    with pytest.raises(ValueError, match=message):
        arguments(profile, magnitude, (64, 64))


def recorded(monkeypatch, wanted):
    """The (name, argument, spot) of every operation that is applied, while the image stays as it is."""
    seen = []

    def record(image, profile, name, argument, spot, interpolation):
        assert profile == wanted
        seen.append((name, argument, spot))
        return image

    monkeypatch.setattr(profiles, "apply", record)
    return seen


def test_two_operations_are_always_applied_and_drawn_uniformly(monkeypatch):
    seen, rng, image = recorded(monkeypatch, "tf"), np.random.default_rng(0), Image.new("RGB", (8, 8))
    for _ in range(8000):
        randaugment(image, 17.5, rng)
    assert len(seen) == 16000  # two an image, none left out
    counts = Counter(name for name, *_ in seen)
    assert set(counts) == set(NAMES) and stats.chisquare(list(counts.values())).pvalue > 0.01
    assert {abs(argument) for name, argument, _ in seen if name == "Rotate"} == {52.5}  # not clipped at magnitude 10
    same = sum(first[0] == second[0] for first, second in zip(seen[::2], seen[1::2], strict=True))
    assert stats.binomtest(same, 8000, 1 / 16).pvalue > 0.01  # with replacement
    signs = [argument > 0 for name, argument, _ in seen if name in ("Rotate", "ShearX", "ShearY", "TranslateX")]
    assert stats.binomtest(sum(signs), len(signs), 0.5).pvalue > 0.01
    for where in ("x", "y"):
        assert stats.kstest([getattr(spot, where) for *_, spot in seen], "uniform").pvalue > 0.01


def test_torchvisions_private_table_is_still_what_it_applies():
    """We read two names of torchvision that are not public."""
    assert "_augmentation_space" in inspect.getsource(transforms.RandAugment.forward)
    assert "_apply_op" in inspect.getsource(transforms.RandAugment.forward)
    assert profiles._apply_op is torchvision_ops._apply_op


class TestAutoAugment:
    # tpu efficientnet autoaugment.py `policy_v0`, as (operation, probability, magnitude): its first and last pairs,
    # and the one that translates
    PAIRS = (
        [("Equalize", 0.8, 1), ("ShearY", 0.8, 4)],
        [("Color", 0.8, 6), ("Rotate", 0.4, 5)],
        [("Rotate", 1.0, 7), ("TranslateY", 0.8, 9)],
    )

    def test_the_policy_is_v0(self):
        assert len(POLICY) == 25 and (POLICY[0], POLICY[-1]) == self.PAIRS[:2] and self.PAIRS[2] in POLICY
        assert {name for pair in POLICY for name, *_ in pair} < set(NAMES)

    def test_operations_come_as_often_as_the_policy_says(self, monkeypatch):
        seen, draws = [], 10_000
        monkeypatch.setitem(autoaugment.__globals__, "apply", lambda image, *rest: seen.append(rest) or image)
        rng, image = np.random.default_rng(3), Image.new("RGB", (8, 8))
        for _ in range(draws):
            autoaugment(image, rng)
        counts = Counter(name for _, name, *_ in seen)
        for name in {name for pair in POLICY for name, *_ in pair}:
            mean = draws / 25 * sum(p for pair in POLICY for n, p, _ in pair if n == name)
            assert abs(counts[name] - mean) < 5 * mean**0.5, name
        # 250 px at magnitude 10 where RandAugment has 100
        assert {abs(a) for _, name, a, *_ in seen if name == "TranslateY"} == {225.0}
        assert {abs(a) for _, name, a, *_ in seen if name == "ShearY"} == {0.3 * 0.4, 0.3 * 0.3, 0.0, 0.3 * 0.7}
