"""An image as its owner sees it on a screen: upright, on a ground where it is transparent, in 8 bits a colour.

The papers' code does none of this (it reads ImageNet by tf.io.decode_jpeg), so known sets are read without. A phone
stores photographs lying and says so in EXIF; icons and cut-outs hold their shape in transparency alone, and hidden
colours below it; `convert("RGB")` cuts numbers above 255 off.
"""

import numpy as np
from PIL import Image

ORIENTATION = 0x0112  # the tag in EXIF; its values: TIFF 6.0, section 8
TURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
BRIGHT = 224  # ours, of 255: what is seen and brighter on average is laid on black, as it would not show on white
WIDEST = 65535  # of 16 bits


def as_shown(image: Image.Image) -> Image.Image:
    """`image` in RGB: turned as its EXIF says, on white or, where it is nearly white itself, on black.

    16-bit grey is divided by 257, whatever the picture holds, so that equal numbers are equal greys in all pictures of
    a set. Integers beyond 16 bits and floats, whose range nothing tells, are stretched from their least to their
    greatest value; floats of 0 to 1 or to 255 are taken as they are.
    """
    image.load()  # some formats are turned by their reader, which then takes the tag away
    turn = TURN.get(orientation(image))
    image = eight_bits(image)
    if image.has_transparency_data:
        image = on_ground((image.convert("LA") if image.mode == "La" else image).convert("RGBA"))
    image = image.convert("RGB")
    return image if turn is None else image.transpose(turn)


def orientation(image: Image.Image) -> int:
    """As EXIF says; 1, upright, where it says nothing."""
    try:
        return image.getexif().get(ORIENTATION, 1)
    except Exception:  # damaged EXIF, of which Pillow raises several errors, is no reason to lose the picture
        return 1


def on_ground(image: Image.Image) -> Image.Image:
    """An RGBA image on a plain ground."""
    alpha = image.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return image
    weight = np.asarray(alpha, np.float64)
    seen = (np.asarray(image.convert("L")) * weight).sum() / max(1.0, weight.sum())
    ground = Image.new("RGBA", image.size, (0, 0, 0, 255) if seen > BRIGHT else (255, 255, 255, 255))
    return Image.alpha_composite(ground, image)


def eight_bits(image: Image.Image) -> Image.Image:
    """Modes of wider numbers as grey ("L"), or as "LA" where one of them stands for nothing; others as they are."""
    if not image.mode.startswith(("I", "F")):
        return image
    values = np.asarray(image)
    grey = Image.fromarray(scaled(values))
    clear = image.info.get("transparency")
    if not isinstance(clear, int):
        return grey
    grey.putalpha(Image.fromarray(np.where(values == clear, 0, 255).astype(np.uint8)))
    return grey


def scaled(values: np.ndarray) -> np.ndarray:
    """Integers or floats of any range (H, W) in uint8; what is no number becomes the least."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if values.dtype.kind == "f":
        known = next((top for top in (1.0, 255.0) if low >= 0 and high <= top), None)
    else:
        known = float(WIDEST) if low >= 0 and high <= WIDEST else None
    start, width = (0.0, known) if known else (low, high - low) if high > low else (low - 1, 1.0)
    filled = np.where(np.isfinite(values), values.astype(np.float64), start)
    return np.round((filled - start) / width * 255).astype(np.uint8)
