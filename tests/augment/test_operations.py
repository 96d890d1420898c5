"""Every operation of RandAugment's profile "tf" on PIL images against the same thing written down directly."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from convscale.augment import arguments
from convscale.augment.operations import Spot
from convscale.augment.pil_ops import cutout
from convscale.augment.profiles import apply
from convscale.recipes import RELEASED, Pixels
from convscale.recipes.recipe import RELEASED_OPERATIONS as NAMES

GREY = (128, 128, 128)
CENTRE = Spot(0.5, 0.5)
MAGNITUDES = (5, 10, 15)
# Arguments at the magnitudes 5, 10 and 15, as tpu efficientnet autoaugment.py `level_to_arg` computes them.
DEGREES = (15, 30, 45)
SHEAR = (0.15, 0.3, 0.45)
TRANSLATE = (50, 100, 150)
ENHANCE = (1.0, 1.9, 2.8)
POSTERIZE_BITS = (2, 4, 6)
SOLARIZE_FROM = (128, 256, 384)
SOLARIZE_ADD = (55, 110, 165)
CUTOUT_HALF = (20, 40, 60)


def operated(name, image, magnitude, sign=1, spot=CENTRE, pixels=RELEASED):
    value, signed = arguments("tf", magnitude, image.size, pixels)[name]
    return np.asarray(apply(image, "tf", name, sign * value if signed else value, spot, "nearest"))


def lookup(array, tables):
    return np.stack([np.asarray(table, np.uint8)[array[..., c]] for c, table in enumerate(tables)], axis=-1)


def autocontrast(array):
    tables = []
    for c in range(3):
        lo, hi = int(array[..., c].min()), int(array[..., c].max())
        scale = 255 / (hi - lo)
        tables.append([min(255, max(0, int(i * scale - lo * scale))) for i in range(256)])
    return lookup(array, tables)


def equalize(array):
    tables = []
    for c in range(3):
        counts = np.bincount(array[..., c].ravel(), minlength=256)
        step = (counts.sum() - counts[counts > 0][-1]) // 255
        before = np.cumsum(counts) - counts
        tables.append(np.minimum(255, (before + step // 2) // step))
    return lookup(array, tables)


def translated(array, right, down):
    """Content moved by whole pixels, grey where nothing came from."""
    moved = np.full_like(array, 128)
    height, width = array.shape[:2]
    inside_y, inside_x = slice(max(0, down), height + min(0, down)), slice(max(0, right), width + min(0, right))
    from_y, from_x = slice(max(0, -down), height - max(0, down)), slice(max(0, -right), width - max(0, right))
    moved[inside_y, inside_x] = array[from_y, from_x]
    return moved


def blended(image, away_from, factor):
    """`factor` 0 gives `away_from`, 1 the image; beyond that the difference is exaggerated."""
    return np.asarray(Image.blend(away_from, image, factor))


def affine(image, *matrix):
    return np.asarray(
        image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.NEAREST, fillcolor=GREY)
    )


def squared_out(array, half, spot):
    cy, cx = int(spot.y * array.shape[0]), int(spot.x * array.shape[1])
    y, x = np.mgrid[: array.shape[0], : array.shape[1]]
    inside = (y >= cy - half) & (y < cy + half) & (x >= cx - half) & (x < cx + half)
    return np.where(inside[..., None], np.uint8(128), array)


def expected(name, image, i, sign, spot):
    """What operation `name` makes of `image` at MAGNITUDES[i]."""
    a, wide = np.asarray(image), np.asarray(image).astype(int)
    black, luma = Image.new("RGB", image.size), image.convert("L")
    mean = int(np.asarray(luma).mean() + 0.5)
    return {
        "AutoContrast": lambda: autocontrast(a),
        "Equalize": lambda: equalize(a),
        "Invert": lambda: 255 - a,
        "Rotate": lambda: np.asarray(image.rotate(sign * DEGREES[i], Image.Resampling.NEAREST, fillcolor=GREY)),
        "Posterize": lambda: a >> (8 - POSTERIZE_BITS[i]) << (8 - POSTERIZE_BITS[i]),
        "Solarize": lambda: np.where(wide < SOLARIZE_FROM[i], a, 255 - a),
        "SolarizeAdd": lambda: np.where(wide < 128, np.minimum(255, wide + SOLARIZE_ADD[i]), wide),
        "Color": lambda: blended(image, luma.convert("RGB"), ENHANCE[i]),
        "Contrast": lambda: blended(image, Image.new("RGB", image.size, (mean,) * 3), ENHANCE[i]),
        "Brightness": lambda: blended(image, black, ENHANCE[i]),
        "Sharpness": lambda: blended(image, image.filter(ImageFilter.SMOOTH), ENHANCE[i]),
        "ShearX": lambda: affine(image, 1, sign * SHEAR[i], 0, 0, 1, 0),
        "ShearY": lambda: affine(image, 1, 0, 0, sign * SHEAR[i], 1, 0),
        "TranslateX": lambda: translated(a, -sign * TRANSLATE[i], 0),
        "TranslateY": lambda: translated(a, 0, -sign * TRANSLATE[i]),
        "Cutout": lambda: squared_out(a, CUTOUT_HALF[i], spot),
    }[name]()


@pytest.mark.parametrize("i", range(3), ids=[f"magnitude{m}" for m in MAGNITUDES])
@pytest.mark.parametrize("name", NAMES)
def test_operation_is_what_the_released_code_says(name, i, picture):
    image, spot = picture(), Spot(0.8, 0.3)
    for sign in (-1, 1):
        made = operated(name, image, MAGNITUDES[i], sign, spot)
        np.testing.assert_array_equal(made, expected(name, image, i, sign, spot))


def test_the_signs_of_geometry_differ(picture):
    for name in ("Rotate", "ShearX", "ShearY", "TranslateX", "TranslateY"):
        left, right = (operated(name, picture(), 10, sign) for sign in (-1, 1))
        assert (left != right).mean() > 0.3, name


def test_posterize_and_solarize_get_weaker_with_magnitude(picture):
    image = picture()
    assert np.array_equal(operated("Posterize", image, 20), image)  # 8 bits: all
    assert np.array_equal(operated("Posterize", image, 28), image)
    assert np.array_equal(operated("Solarize", image, 10), image)  # from 256 on: none


def test_posterize_to_no_bits_is_black(picture):
    """Below magnitude 2.5, which PIL refuses."""
    assert not operated("Posterize", picture(), 2.4).any()
    assert not operated("Posterize", picture(), 0).any()
    assert set(np.unique(operated("Posterize", picture(), 2.5))) == {0, 128}


def test_pixel_distances_shrink_with_the_image(picture):
    assert Pixels().at(300) == Pixels(100, 40)
    assert Pixels().at(150) == Pixels(50, 20)
    image = picture(60, 60)
    made = operated("TranslateX", image, 10, pixels=Pixels(translate=20))
    np.testing.assert_array_equal(made, translated(np.asarray(image), -20, 0))


@pytest.mark.parametrize(
    ("y", "x", "rows", "columns"),
    [
        (0.0, 0.0, slice(0, 8), slice(0, 8)),
        (0.5, 0.5, slice(12, 28), slice(22, 38)),
        (0.999, 0.999, slice(31, 40), slice(51, 60)),
        (0.0, 0.5, slice(0, 8), slice(22, 38)),
    ],
)
def test_cutout_is_clipped_at_the_borders(y, x, rows, columns):
    image = Image.new("RGB", (60, 40), (255, 0, 7))
    grey = (np.asarray(cutout(image, 8, y, x)) == 128).all(-1)
    wanted = np.zeros((40, 60), bool)
    wanted[rows, columns] = True
    np.testing.assert_array_equal(grey, wanted)
    assert image.getcolors() == [(2400, (255, 0, 7))]  # the source is left alone


def test_cutout_of_no_size_changes_nothing(picture):
    image = picture(20, 20)
    assert np.array_equal(cutout(image, 0, 0.5, 0.5), image)
