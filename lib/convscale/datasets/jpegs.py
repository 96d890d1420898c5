"""JPEG files decoded by torchvision, bit for bit as by Pillow and sooner; all that is not plain is left to Pillow."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from .shown import orientation

UPRIGHT = 1  # of EXIF's orientations
PLAIN = ("RGB", "L")  # modes: a CMYK file's colours are Pillow's to make


def jpeg_pixels(item: object, as_shown: bool) -> np.ndarray | None:
    """RGB x_HWC (uint8) of the bytes or the file `item`; None where Pillow has to read it.

    That is so for other formats, CMYK, files that are cut off or damaged and, `as_shown`, photographs that lie on a
    side.
    """
    if not isinstance(item, bytes | Path):
        return None
    import torch  # listing images needs none
    from torchvision.io import ImageReadMode, decode_jpeg

    try:
        encoded = item if isinstance(item, bytes) else item.read_bytes()
        head = Image.open(io.BytesIO(encoded))  # reads no pixels
        if head.format != "JPEG" or head.mode not in PLAIN or (as_shown and orientation(head) != UPRIGHT):
            return None
        x_CHW = decode_jpeg(torch.frombuffer(bytearray(encoded), dtype=torch.uint8), mode=ImageReadMode.RGB)
    except MemoryError:
        raise
    except Exception:  # whatever is wrong with it, Pillow says it, or reads it all the same
        return None
    return x_CHW.permute(1, 2, 0).numpy()
