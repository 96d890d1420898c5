"""Every RandAugment operation against the same thing written down directly, and the draws behind them."""

from collections import Counter

import numpy as np
import pytest
from PIL import Image, ImageFilter
from scipy import stats

from convscale.learning import augment
from convscale.learning.augment import NAMES, OPS, Draw, Pixels, cutout, randaugment, random_resized_crop

GREY = (128, 128, 128)
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


def picture(height=180, width=220, seed=0):
    """Smooth waves, noise, and less than the full range of values, so that no operation is a no-op by accident."""
    y, x = np.mgrid[:height, :width]
    waves = np.stack([np.sin(x / 17), np.cos(y / 11), np.sin((x + y) / 23)], axis=-1)
    noise = np.random.default_rng(seed).normal(0, 12, waves.shape)
    return Image.fromarray(np.clip(120 + 70 * waves + noise, 20, 235).astype(np.uint8))


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


def squared_out(array, half, draw):
    cy, cx = int(draw.y * array.shape[0]), int(draw.x * array.shape[1])
    y, x = np.mgrid[: array.shape[0], : array.shape[1]]
    inside = (y >= cy - half) & (y < cy + half) & (x >= cx - half) & (x < cx + half)
    return np.where(inside[..., None], np.uint8(128), array)


def expected(name, image, i, draw):
    """What operation `name` makes of `image` at MAGNITUDES[i]."""
    a, wide = np.asarray(image), np.asarray(image).astype(int)
    black, luma = Image.new("RGB", image.size), image.convert("L")
    mean = int(np.asarray(luma).mean() + 0.5)
    return {
        "AutoContrast": lambda: autocontrast(a),
        "Equalize": lambda: equalize(a),
        "Invert": lambda: 255 - a,
        "Rotate": lambda: np.asarray(image.rotate(draw.sign * DEGREES[i], Image.Resampling.NEAREST, fillcolor=GREY)),
        "Posterize": lambda: a >> (8 - POSTERIZE_BITS[i]) << (8 - POSTERIZE_BITS[i]),
        "Solarize": lambda: np.where(wide < SOLARIZE_FROM[i], a, 255 - a),
        "SolarizeAdd": lambda: np.where(wide < 128, np.minimum(255, wide + SOLARIZE_ADD[i]), wide),
        "Color": lambda: blended(image, luma.convert("RGB"), ENHANCE[i]),
        "Contrast": lambda: blended(image, Image.new("RGB", image.size, (mean,) * 3), ENHANCE[i]),
        "Brightness": lambda: blended(image, black, ENHANCE[i]),
        "Sharpness": lambda: blended(image, image.filter(ImageFilter.SMOOTH), ENHANCE[i]),
        "ShearX": lambda: affine(image, 1, draw.sign * SHEAR[i], 0, 0, 1, 0),
        "ShearY": lambda: affine(image, 1, 0, 0, draw.sign * SHEAR[i], 1, 0),
        "TranslateX": lambda: translated(a, -draw.sign * TRANSLATE[i], 0),
        "TranslateY": lambda: translated(a, 0, -draw.sign * TRANSLATE[i]),
        "Cutout": lambda: squared_out(a, CUTOUT_HALF[i], draw),
    }[name]()


@pytest.mark.parametrize("i", range(3), ids=[f"magnitude{m}" for m in MAGNITUDES])
@pytest.mark.parametrize("name", NAMES)
def test_operation_is_what_the_released_code_says(name, i):
    image = picture()
    for sign in (-1, 1):
        draw = Draw(NAMES.index(name), sign, 0.8, 0.3)
        made = OPS[name](image, MAGNITUDES[i] / 10, draw, Pixels())
        np.testing.assert_array_equal(np.asarray(made), expected(name, image, i, draw))


def test_the_signs_of_geometry_differ():
    image = picture()
    for name in ("Rotate", "ShearX", "ShearY", "TranslateX", "TranslateY"):
        left, right = (np.asarray(OPS[name](image, 1.0, Draw(0, sign, 0, 0), Pixels())) for sign in (-1, 1))
        assert (left != right).mean() > 0.3, name


def test_posterize_and_solarize_get_weaker_with_magnitude():
    image = picture()
    draw = Draw(0, 1, 0, 0)
    assert np.array_equal(OPS["Posterize"](image, 2.0, draw, Pixels()), image)  # 8 bits: all
    assert np.array_equal(OPS["Solarize"](image, 1.0, draw, Pixels()), image)  # from 256 on: none


def test_pixel_distances_shrink_with_the_image():
    assert Pixels().at(300) == Pixels(100, 40)
    assert Pixels().at(150) == Pixels(50, 20)
    image = picture(60, 60)
    made = OPS["TranslateX"](image, 1.0, Draw(0, 1, 0, 0), Pixels(translate=20))
    np.testing.assert_array_equal(np.asarray(made), translated(np.asarray(image), -20, 0))


@pytest.fixture
def drawn(monkeypatch):
    """The (name, magnitude, draw) of every operation that randaugment applies, while the image stays as it is."""
    seen = []

    def recorder(name):
        def record(image, m, draw, pixels):
            seen.append((name, m, draw))
            return image

        return record

    monkeypatch.setattr(augment, "OPS", {name: recorder(name) for name in NAMES})
    return seen


def test_two_operations_are_always_applied_and_drawn_uniformly(drawn):
    rng = np.random.default_rng(0)
    for _ in range(8000):
        randaugment(None, 17.5, rng, Pixels())
    assert len(drawn) == 16000  # two an image, none left out
    assert {m for _, m, _ in drawn} == {1.75}  # not clipped at the nominal maximum
    assert (
        len(NAMES) == 16
        and stats.chisquare([count for _, count in sorted(Counter(name for name, _, _ in drawn).items())]).pvalue > 0.01
    )
    same = sum(first[0] == second[0] for first, second in zip(drawn[::2], drawn[1::2], strict=True))
    assert stats.binomtest(same, 8000, 1 / 16).pvalue > 0.01  # with replacement
    assert stats.binomtest(sum(draw.sign == 1 for *_, draw in drawn), 16000, 0.5).pvalue > 0.01
    for where in ("x", "y"):
        assert stats.kstest([getattr(draw, where) for *_, draw in drawn], "uniform").pvalue > 0.01


def train_image(key, image):
    rng = np.random.default_rng(key)
    return np.asarray(augment.train_image(image, 32, 10, rng, area=(0.3, 1.0), flip=True, pixels=Pixels().at(32)))


def test_the_same_key_gives_the_same_pixels():
    image = picture(64, 64)
    first = [train_image([7, epoch, 3], image) for epoch in range(20)]
    again = [train_image([7, epoch, 3], image) for epoch in range(20)]
    np.testing.assert_array_equal(first, again)
    assert len({pixels.tobytes() for pixels in first}) == 20
    assert all(pixels.shape == (32, 32, 3) and pixels.dtype == np.uint8 for pixels in first)


class Sheet:
    """Stands for an image and notes the boxes that are cut from it."""

    def __init__(self, width, height):
        self.size, self.boxes = (width, height), []

    def resize(self, size, resample, box):
        self.boxes.append((size, resample, box))


@pytest.mark.parametrize("area", [(0.05, 1.0), (0.3, 0.6)])
def test_crops_keep_to_area_aspect_and_borders(area):
    sheet, rng = Sheet(400, 300), np.random.default_rng(1)
    for _ in range(3000):
        random_resized_crop(sheet, 224, area, rng)
    shares = []
    for size, resample, (left, top, right, bottom) in sheet.boxes:
        w, h = right - left, bottom - top
        assert size == (224, 224) and resample == Image.Resampling.BILINEAR
        assert left >= 0 and top >= 0 and right <= 400 and bottom <= 300
        # the sides are rounded to whole pixels
        assert (w + 0.5) * (h + 0.5) >= area[0] * 120_000 and (w - 0.5) * (h - 0.5) <= area[1] * 120_000
        assert (w + 0.5) / (h - 0.5) >= 3 / 4 and (w - 0.5) / (h + 0.5) <= 4 / 3
        shares.append(w * h / 120_000)
    assert min(shares) < area[0] + 0.02 and max(shares) > area[1] - 0.1
    assert {box[0] for *_, box in sheet.boxes} > {0, 5} and {box[1] for *_, box in sheet.boxes} > {0, 5}


def test_a_crop_that_cannot_fit_is_the_whole_image():
    sheet = Sheet(1000, 10)
    random_resized_crop(sheet, 224, (1.0, 1.0), np.random.default_rng(0))
    assert sheet.boxes[0][2] == (0, 0, 1000, 10)


def test_flips_are_half_of_the_images_and_only_where_asked(monkeypatch):
    monkeypatch.setattr(augment, "randaugment", lambda image, *_: image)
    ramp = Image.fromarray(np.tile(np.linspace(0, 255, 64).astype(np.uint8), (64, 1))).convert("RGB")

    def mirrored(key, flip):
        made = augment.train_image(ramp, 32, 10, np.random.default_rng(key), (1.0, 1.0), flip, Pixels())
        return made.getpixel((0, 0))[0] > made.getpixel((31, 0))[0]

    assert stats.binomtest(sum(mirrored(key, True) for key in range(1000)), 1000, 0.5).pvalue > 0.01
    assert not any(mirrored(key, False) for key in range(100))


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
    grey = (np.asarray(cutout(image, 8, Draw(0, 1, y, x))) == 128).all(-1)
    wanted = np.zeros((40, 60), bool)
    wanted[rows, columns] = True
    np.testing.assert_array_equal(grey, wanted)
    assert image.getcolors() == [(2400, (255, 0, 7))]  # the source is left alone


def test_cutout_of_no_size_changes_nothing():
    image = picture(20, 20)
    assert np.array_equal(cutout(image, 0, Draw(0, 1, 0.5, 0.5)), image)


def test_evaluation_takes_the_whole_image():
    image = picture(50, 70)
    made = augment.eval_image(image, 32)
    assert np.array_equal(made, image.resize((32, 32), Image.Resampling.BILINEAR))
