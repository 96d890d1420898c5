"""JPEG files decoded by torchvision or simplejpeg, bit for bit as by Pillow and sooner; what is not plain is Pillow's.

simplejpeg is part of the optional [fast]. A run is the same with it and without: it is used only where its pixels are
torchvision's, and what it does not like torchvision decodes.
"""

import importlib.util
import io
import sys
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.JpegImagePlugin import get_sampling

from .shown import orientation

UPRIGHT = 1  # of EXIF's orientations
# How often Pillow's `get_sampling` finds colours sampled: 4:4:4, 4:2:2, 4:2:0. From others, such as 4:4:0, versions of
# libjpeg-turbo make different pixels.
SAMPLINGS = (0, 1, 2)


def jpeg_pixels(item: object, as_shown: bool) -> np.ndarray | None:
    """RGB x_HWC (uint8) of the bytes or the file `item`; None where Pillow has to read it.

    That is so for all that is not `plain`, for files that are cut off or damaged and, `as_shown`, photographs that lie
    on a side.
    """
    if not isinstance(item, bytes | Path):
        return None
    try:
        encoded = item if isinstance(item, bytes) else item.read_bytes()
        head = Image.open(io.BytesIO(encoded))  # reads no pixels
        if not plain(head) or (as_shown and orientation(head) != UPRIGHT):
            return None
        return decoded(encoded)
    except MemoryError:
        raise
    except Exception:  # whatever is wrong with it, Pillow says it, or reads it all the same
        return None


def plain(head: Image.Image) -> bool:
    """Whether an open file is a JPEG of which every libjpeg-turbo makes the same pixels.

    A CMYK file's colours are Pillow's to make. A progressive file may lack its last scans, and what to show instead is
    another thing in each version.
    """
    if head.format != "JPEG" or "progressive" in head.info:
        return False
    return head.mode == "L" or (head.mode == "RGB" and get_sampling(head) in SAMPLINGS)


def decoded(encoded: bytes) -> np.ndarray:
    """RGB x_HWC of a plain JPEG. Raises RuntimeError where neither decoder can read it."""
    if simplejpeg_agrees():
        from simplejpeg import decode_jpeg

        try:
            return decode_jpeg(encoded, "RGB")
        except ValueError:  # also of data that torchvision makes the best of, as Pillow does
            pass
    return by_torchvision(encoded)


def by_torchvision(encoded: bytes) -> np.ndarray:
    import torch  # listing images needs none
    from torchvision.io import ImageReadMode, decode_jpeg

    x_CHW = decode_jpeg(torch.frombuffer(bytearray(encoded), dtype=torch.uint8), mode=ImageReadMode.RGB)
    return x_CHW.permute(1, 2, 0).numpy()


@cache
def simplejpeg_agrees() -> bool:
    """Whether simplejpeg is installed and its pixels are torchvision's; says on stderr once where they are not.

    Each is built with a libjpeg-turbo of its own, or with the system's.
    """
    if importlib.util.find_spec("simplejpeg") is None:
        return False
    try:
        from simplejpeg import decode_jpeg

        wrong = [
            name for name, file in samples().items() if not np.array_equal(decode_jpeg(file), by_torchvision(file))
        ]
        why = f"its pixels of {', '.join(wrong)} files are not torchvision's" if wrong else None
    except Exception as error:  # ImportError, ValueError, and what a numpy of another ABI brings about
        why = str(error)
    if why:
        print(f"simplejpeg cannot be used ({why}): torchvision decodes JPEG files", file=sys.stderr)
    return why is None


def samples() -> dict[str, bytes]:
    """A small file of each kind that is plain, by its name: noise, whose size is no multiple of a block's."""
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (35, 49, 3), np.uint8))
    kinds = {"4:4:4": (noise, 0), "4:2:2": (noise, 1), "4:2:0": (noise, 2), "grey": (noise.convert("L"), -1)}
    files = {}
    for name, (image, sampling) in kinds.items():
        file = io.BytesIO()
        image.save(file, "JPEG", subsampling=sampling)
        files[name] = file.getvalue()
    return files
