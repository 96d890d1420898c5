"""Torchvision's way to decode JPEG: the same pixels as Pillow's, and Pillow's for everything that is not plain."""

import io

import numpy as np
import pytest
from PIL import Image

from convscale.datasets import BrokenImage, Images
from convscale.datasets.jpegs import jpeg_pixels
from convscale.datasets.photographs import photograph
from convscale.datasets.shown import ORIENTATION

PHOTO = photograph("cat").resize((90, 60))


def encoded(image: Image.Image = PHOTO, kind: str = "JPEG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def lying() -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    return encoded(exif=exif)


def set_of(item, as_shown: bool = True) -> Images:
    return Images([item], np.zeros(1, int), ("a", "b"), as_shown=as_shown)


@pytest.mark.parametrize(
    "options", [dict(quality=90), dict(quality=40, progressive=True), dict(subsampling=0), dict(subsampling=1)]
)
def test_plain_files_have_pillows_pixels(options, tmp_path):
    item = encoded(**options)
    (tmp_path / "1.jpg").write_bytes(item)
    for each in (item, tmp_path / "1.jpg"):
        pixels = jpeg_pixels(each, as_shown=True)
        assert np.array_equal(pixels, np.asarray(Image.open(io.BytesIO(item)).convert("RGB")))


def test_grey_is_plain():
    item = encoded(PHOTO.convert("L"))
    assert np.array_equal(jpeg_pixels(item, as_shown=False), np.asarray(Image.open(io.BytesIO(item)).convert("RGB")))


@pytest.mark.parametrize(
    "item",
    [
        encoded(PHOTO.convert("CMYK")),
        encoded(kind="PNG"),
        encoded(kind="WEBP"),
        encoded(PHOTO.convert("LA"), "PNG"),
        lying(),
        np.asarray(PHOTO),
    ],
    ids=["CMYK", "PNG", "WebP", "transparent", "lying", "array"],
)
def test_what_is_not_plain_is_pillows(item):
    assert jpeg_pixels(item, as_shown=True) is None
    images = set_of(item)
    assert np.array_equal(images.array(0), np.asarray(set_of(item).image(0)))


def test_known_sets_ignore_which_way_a_photograph_lies():
    item = lying()
    assert np.array_equal(jpeg_pixels(item, as_shown=False), np.asarray(Image.open(io.BytesIO(item)).convert("RGB")))
    assert set_of(item).array(0).shape == (90, 60, 3) and set_of(item, as_shown=False).array(0).shape == (60, 90, 3)


@pytest.mark.parametrize("item", [encoded()[:900], b"no image", encoded()[:30]], ids=["cut off", "text", "a header"])
def test_broken_files_are_as_broken_as_ever(item):
    with pytest.raises(BrokenImage):
        set_of(item).array(0)


def test_an_array_is_kept_and_is_the_image(monkeypatch):
    images = set_of(encoded())
    first = images.array(0)
    monkeypatch.setattr("convscale.datasets.images.jpeg_pixels", lambda *_: pytest.fail("decoded twice"))
    assert np.array_equal(images.array(0), first) and np.array_equal(np.asarray(images.image(0)), first)
