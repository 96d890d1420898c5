"""Decoding JPEG by torchvision and simplejpeg: Pillow's pixels, and Pillow itself for everything that is not plain."""

import importlib.util
import io
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from convscale.datasets import BrokenImage, Images, jpegs
from convscale.datasets.jpegs import by_torchvision, decoded, jpeg_pixels, samples, simplejpeg_agrees
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


def unfinished() -> bytes:
    """A progressive file without its last scans, which versions of libjpeg-turbo smooth in different ways."""
    file = encoded(progressive=True)
    return file[: file.index(b"\xff\xda", file.index(b"\xff\xda") + 2)] + b"\xff\xd9"


def half_high() -> bytes:
    """4:4:0, which Pillow does not write: the blocks of a square 4:2:2 file said to lie the other way."""
    first_colour = b"\x01\x21\x00", b"\x01\x12\x00"  # its number, how often it is sampled across and down, its table
    return encoded(PHOTO.resize((64, 64)), subsampling=1).replace(*first_colour, 1)


@pytest.fixture(params=["torchvision", "simplejpeg"])
def decoder(request, monkeypatch):
    """Decoding by each."""
    if request.param == "simplejpeg":
        pytest.importorskip("simplejpeg", reason="simplejpeg, of the optional [fast], is not installed")
    monkeypatch.setattr(jpegs, "simplejpeg_agrees", lambda: request.param == "simplejpeg")


def set_of(item, as_shown: bool = True) -> Images:
    return Images([item], np.zeros(1, int), ("a", "b"), as_shown=as_shown)


@pytest.mark.parametrize(
    "options", [dict(quality=90), dict(quality=40), dict(subsampling=0), dict(subsampling=1), dict(keep_rgb=True)]
)
def test_plain_files_have_pillows_pixels(options, tmp_path, decoder):
    item = encoded(**options)
    (tmp_path / "1.jpg").write_bytes(item)
    for each in (item, tmp_path / "1.jpg"):
        pixels = jpeg_pixels(each, as_shown=True)
        assert np.array_equal(pixels, np.asarray(Image.open(io.BytesIO(item)).convert("RGB")))


def test_grey_is_plain(decoder):
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
        encoded(progressive=True),
        unfinished(),
        half_high(),
    ],
    ids=["CMYK", "PNG", "WebP", "transparent", "lying", "array", "progressive", "unfinished", "4:4:0"],
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
def test_broken_files_are_as_broken_as_ever(item, decoder):
    with pytest.raises(BrokenImage):
        set_of(item).array(0)


def test_an_array_is_kept_and_is_the_image(monkeypatch):
    images = set_of(encoded())
    first = images.array(0)
    monkeypatch.setattr("convscale.datasets.images.jpeg_pixels", lambda *_: pytest.fail("decoded twice"))
    assert np.array_equal(images.array(0), first) and np.array_equal(np.asarray(images.image(0)), first)


@pytest.mark.parametrize(
    "end", [b"\xff\xd9", b"\0\0\xff\xd9"], ids=["cut off, with an end", "more bytes before the end"]
)
def test_damaged_files_that_pillow_reads_have_its_pixels(end, decoder):
    file = encoded(PHOTO.resize((300, 200)))
    damaged = file[: len(file) // 2] + end
    assert np.array_equal(set_of(damaged).array(0), np.asarray(Image.open(io.BytesIO(damaged)).convert("RGB")))


def test_simplejpeg_is_used_where_it_is_installed(capsys):
    """And says nothing: were its pixels others, all tests above would be those of torchvision."""
    simplejpeg_agrees.cache_clear()
    assert simplejpeg_agrees() == (importlib.util.find_spec("simplejpeg") is not None)
    assert not capsys.readouterr().err


@pytest.mark.parametrize("fault", ["other pixels", "does not load"])
def test_a_simplejpeg_of_other_pixels_is_done_without(fault, monkeypatch, capsys):
    def decode_jpeg(file, colorspace="RGB"):
        return by_torchvision(file) ^ 1

    module = SimpleNamespace(decode_jpeg=decode_jpeg) if fault == "other pixels" else SimpleNamespace()
    monkeypatch.setitem(sys.modules, "simplejpeg", module)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: module)
    simplejpeg_agrees.cache_clear()
    for file in samples().values():
        assert np.array_equal(decoded(file), by_torchvision(file))
    told = capsys.readouterr().err
    assert told.count("simplejpeg cannot be used") == 1 and ("4:2:0" in told) == (fault == "other pixels")
    simplejpeg_agrees.cache_clear()
