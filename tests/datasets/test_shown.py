"""Every mode that Pillow reads keeps its picture, upright and on a ground; known sets are decoded as the papers do."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw

from convscale.datasets import Images, load
from convscale.datasets.shown import as_shown

DISC = Image.new("L", (32, 32), 0)
ImageDraw.Draw(DISC).ellipse((6, 6, 26, 26), fill=255)
GREY = np.where(np.asarray(DISC) > 0, 220, 30)  # a bright disc on a dark ground


def stored(image: Image.Image, kind: str, **options) -> Image.Image:
    image.save(out := io.BytesIO(), kind, **options)
    return Image.open(io.BytesIO(out.getvalue()))


def array(values, dtype) -> Image.Image:
    return Image.fromarray(np.asarray(values).astype(dtype))


def cut_out(colour) -> Image.Image:
    """A disc of this colour on nothing."""
    image = Image.new("RGBA", DISC.size, (0, 0, 0, 0))
    image.paste((*colour, 255), (0, 0), DISC)
    return image


def palette(colours: list[int]) -> Image.Image:
    """A disc of the second colour on the first."""
    image = Image.new("P", DISC.size, 0)
    image.putpalette(colours + [9] * (768 - len(colours)))
    image.paste(1, (0, 0), DISC)
    return image


BLACK = cut_out((0, 0, 0))
TRANSPARENT = {
    "RGBA png": lambda: stored(BLACK, "PNG"),
    "RGBA webp": lambda: stored(BLACK, "WEBP", lossless=True),
    "RGBA tiff": lambda: stored(BLACK, "TIFF"),
    "white RGBA": lambda: stored(cut_out((255, 255, 255)), "PNG"),
    "nearly white RGBA": lambda: stored(cut_out((235, 235, 235)), "PNG"),
    "grey RGBA": lambda: stored(cut_out((128, 128, 128)), "PNG"),
    "LA": lambda: stored(BLACK.convert("LA"), "PNG"),
    "La": lambda: BLACK.convert("LA").convert("La"),
    "RGBa": lambda: BLACK.convert("RGBa"),
    "GIF": lambda: stored(BLACK, "GIF"),
    "P, one colour clear": lambda: stored(palette([0] * 6), "PNG", transparency=0),
    "P, clear by table": lambda: stored(palette([0] * 6), "PNG", transparency=bytes([0, 255])),
    "L, one grey clear": lambda: stored(array(np.where(GREY > 99, 0, 1), np.uint8), "PNG", transparency=1),
    "1, one colour clear": lambda: stored(DISC.convert("1"), "PNG", transparency=0),
    "RGB, one colour clear": lambda: stored(
        array(np.where(GREY[..., None] > 99, (0, 0, 0), (0, 0, 1)), np.uint8), "PNG", transparency=(0, 0, 1)
    ),
    "I;16, one grey clear": lambda: stored(array(np.where(GREY > 99, 0, 9), np.uint16), "PNG", transparency=9),
}


@pytest.mark.parametrize("form", TRANSPARENT)
def test_a_disc_on_nothing_stays_a_disc(form):
    pixels = np.asarray(as_shown(TRANSPARENT[form]())).astype(int)
    assert pixels.shape == (32, 32, 3)
    inside, outside = (pixels[np.asarray(DISC) == value] for value in (255, 0))
    assert inside.std() == outside.std() == 0 and abs(inside.mean() - outside.mean()) > 100


def test_colours_below_transparent_pixels_are_not_seen():
    pixels = np.random.default_rng(0).integers(0, 255, (32, 32, 4), dtype=np.uint8)
    pixels[..., 3] = np.asarray(DISC)
    seen = np.asarray(as_shown(Image.fromarray(pixels)))
    assert (seen[pixels[..., 3] == 0] == 255).all()
    assert np.array_equal(seen[pixels[..., 3] > 0], pixels[pixels[..., 3] > 0][:, :3])


WIDE = {
    "16 bit png": lambda: stored(array(GREY * 257, np.uint16), "PNG"),
    "16 bit tiff": lambda: stored(array(GREY * 257, np.uint16), "TIFF"),
    "16 bit, high byte first": lambda: Image.frombytes("I;16B", (32, 32), (GREY * 257).astype(">u2").tobytes()),
    "32 bit": lambda: stored(array(GREY * 257, np.int32), "TIFF"),
    "floats to 1": lambda: stored(array(GREY / 255, np.float32), "TIFF"),
    "floats to 255": lambda: stored(array(GREY, np.float32), "TIFF"),
    "16 bit pgm": lambda: Image.open(io.BytesIO(b"P5 32 32 65535\n" + (GREY * 257).astype(">u2").tobytes())),
    "CMYK": lambda: array(GREY, np.uint8).convert("RGB").convert("CMYK"),
    "YCbCr": lambda: array(GREY, np.uint8).convert("RGB").convert("YCbCr"),
    "HSV": lambda: array(GREY, np.uint8).convert("RGB").convert("HSV"),
    "L": lambda: array(GREY, np.uint8),
    "P": lambda: palette([30, 30, 30, 220, 220, 220]),
}


@pytest.mark.parametrize("form", WIDE)
def test_numbers_of_any_width_are_seen_in_eight_bits(form):
    pixels = np.asarray(as_shown(WIDE[form]())).astype(int)
    assert np.abs(pixels - GREY[..., None]).max() <= 1


SIXTEEN = {
    "png": lambda values: stored(array(values, np.uint16), "PNG"),
    "tiff": lambda values: stored(array(values, np.uint16), "TIFF"),
    "high byte first": lambda values: Image.frombytes("I;16B", (32, 32), values.astype(">u2").tobytes()),
    "in 32 bits": lambda values: stored(array(values, np.int32), "TIFF"),
    "pgm": lambda values: Image.open(io.BytesIO(b"P5 32 32 65535\n" + values.astype(">u2").tobytes())),
}


@pytest.mark.parametrize("form", SIXTEEN)
@pytest.mark.parametrize("brightest", [255, 4095, 30_000, 65_535])
def test_sixteen_bits_have_one_scale_whatever_the_picture_holds(form, brightest):
    """A dark picture stays dark beside a bright one of the same set."""
    values = np.round(GREY / GREY.max() * brightest).astype(int)
    assert np.array_equal(np.asarray(as_shown(SIXTEEN[form](values)))[..., 0], np.round(values / 257))


@pytest.mark.parametrize(
    "values",
    [GREY * 1000 - 100_000, GREY * 1e-3 - 5.0, np.where(GREY > 99, 7e8, np.nan), (GREY > 99) * 1.0, GREY * 1e6],
)
def test_any_other_range_is_stretched(values):
    mode = np.int32 if np.asarray(values).dtype.kind == "i" else np.float32
    pixels = np.asarray(as_shown(array(values, mode)))
    assert set(pixels[GREY > 99].ravel()) == {255} and set(pixels[GREY < 99].ravel()) == {0}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_photographs_stand_as_their_exif_says(orientation, kind):
    """The brightest quarter of the stored image is the one that the TIFF standard puts at the upper left."""
    row, column = {1: (0, 0), 2: (0, 1), 3: (1, 1), 4: (1, 0), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}[orientation]
    pixels = np.zeros((16, 32, 3), np.uint8)
    pixels[8 * row : 8 * row + 8, 16 * column : 16 * column + 16] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    seen = np.asarray(as_shown(stored(Image.fromarray(pixels), kind, exif=exif)))
    assert seen.shape == ((16, 32, 3) if orientation < 5 else (32, 16, 3))
    height, width = seen.shape[0] // 2, seen.shape[1] // 2
    assert seen[:height, :width].mean() > 250 and seen.mean() < 70


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_loses_no_picture():
    out = io.BytesIO()
    Image.new("RGB", (20, 10)).save(out, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01")
    assert as_shown(Image.open(io.BytesIO(out.getvalue()))).size == (20, 10)


@pytest.mark.parametrize("layout", ["folder", "parquet", "tar"])
def test_ones_own_images_are_read_as_they_are_seen_in_every_layout(tmp_path, write, layout):
    BLACK.save(out := io.BytesIO(), "PNG")
    encoded = out.getvalue()
    if layout == "folder":
        for label in "ab":
            (tmp_path / "train" / label).mkdir(parents=True)
            (tmp_path / "train" / label / "0.png").write_bytes(encoded)
    elif layout == "tar":
        write.pack(tmp_path / "train-0.tar", {"0.png": encoded, "0.cls": b"0", "1.png": encoded, "1.cls": b"1"})
    else:
        cells = [{"bytes": encoded, "path": None}] * 2
        pd.DataFrame({"image": cells, "label": [0, 1]}).to_parquet(tmp_path / "train-0.parquet")
    images = load(f"folder:{tmp_path}", "train")
    for some in (images, images.take(np.array([1]))):
        assert some.image(0).getpixel((0, 0)) == (255, 255, 255) and some.image(0).getpixel((16, 16)) == (0, 0, 0)


def test_known_sets_are_read_as_the_papers_code_reads_them(root):
    for split in ("train", "val"):
        for label in "ab":
            (root / "imagenette" / split / label).mkdir(parents=True)
            BLACK.save(root / "imagenette" / split / label / "0.png")
    assert np.asarray(load("imagenette", "train").image(0)).max() == 0
    assert not load("digits", "train").as_shown and not Images([], np.zeros(0), ("a", "b")).as_shown
