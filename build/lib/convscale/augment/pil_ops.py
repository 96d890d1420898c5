"""The operations on PIL images that timm, whose ports serve for all others, lacks or has otherwise."""

from PIL import Image
from timm.data import auto_augment as timm_ops

FILL = (128, 128, 128)  # autoaugment.py `replace_value`


def posterize(image: Image.Image, bits: int) -> Image.Image:
    """The `bits` highest bits of each value; all of them from 8 on, and for 0 a black image.

    PIL refuses 0 bits, which the release reaches below magnitude 2.5: it shifts right and left by 8. timm notes that
    this was black on the TPU's hosts; later TensorFlow kernels clamp the shift to 7 and so keep one bit.
    """
    return timm_ops.posterize(image, bits) if bits else Image.new("RGB", image.size)


def cutout(image: Image.Image, half: int, y: float, x: float) -> Image.Image:
    """Grey square of side 2 x `half` px around the centre (shares of height and width), clipped at the borders."""
    cy, cx = int(y * image.height), int(x * image.width)
    box = (max(0, cx - half), max(0, cy - half), min(image.width, cx + half), min(image.height, cy + half))
    image = image.copy()
    if box[0] < box[2] and box[1] < box[3]:
        image.paste(FILL, box)
    return image
