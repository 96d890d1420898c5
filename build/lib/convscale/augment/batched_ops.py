"""The operations on uint8 batches in plain torch, with static shapes and arguments that are tensors.

x_BCHW is uint8 RGB; an argument is a float tensor a_B111, one for each image. Coordinates are computed as Pillow does,
in integers of 1/65536 px, so that every device samples the same pixels. No operation needs float64, reads anything
back to the host, or uses F.grid_sample, which torch_xla does not lower. Selections are bit masks, because torch.where
on bytes costs a CPU ten times as much as the arithmetic around it.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

GREY = 128  # autoaugment.py `replace_value`
ONE = 65536  # Pillow's fixed point: Geometry.c `affine_fixed`
TIE = 1e-4  # keeps results that are whole numbers from being truncated to the number below by a rounding error
LUMA = (19595, 38470, 7471)  # Pillow's RGB -> L in 1/65536: Convert.c `L24`


def fixed(value: Tensor) -> Tensor:
    return torch.floor(value * ONE + 0.5).int()


def positions(x_BCHW: Tensor, dim: int) -> Tensor:
    """0, 1, 2, ... along height (dim 2) or width (dim 3), shaped to broadcast."""
    line = torch.arange(x_BCHW.shape[dim], device=x_BCHW.device, dtype=torch.int32)
    return line.view(-1, 1) if dim == 2 else line


def byte(x: Tensor) -> Tensor:
    """Truncated to uint8; on CPU four times faster by way of int16."""
    return x.short().to(torch.uint8)


def sign_mask(x: Tensor) -> Tensor:
    """255 where the int16 x is negative, else 0, in uint8."""
    return torch.bitwise_right_shift(x, 15).to(torch.uint8)


def select(mask: Tensor, x: Tensor, other: Tensor | int) -> Tensor:
    """`x` where the uint8 mask is 255, `other` where it is 0."""
    return other ^ ((x ^ other) & mask)


def luma(x_BCHW: Tensor) -> Tensor:
    """Float whole numbers g_B1HW, PIL's mode L. The sums stay below 2^24, so float32 holds them exactly."""
    r, g, b = x_BCHW.float().split(1, dim=1)
    return torch.floor((r * LUMA[0] + g * LUMA[1] + b * LUMA[2] + ONE / 2) / ONE)


def blend(x_BCHW: Tensor, away_from: Tensor, factor_B111: Tensor) -> Tensor:
    """Factor 0 gives `away_from`, 1 the image; the result is truncated, as in Pillow's Blend.c."""
    return byte((away_from + factor_B111 * (x_BCHW - away_from) + TIE).clamp(0, 255))


def auto_contrast(x_BCHW: Tensor) -> Tensor:
    """The values of each channel stretched to 0..255."""
    lo, hi = x_BCHW.amin((2, 3), keepdim=True).float(), x_BCHW.amax((2, 3), keepdim=True).float()
    flat = lo == hi  # left alone
    scale = torch.where(flat, 1.0, 255 / (hi - lo + flat))
    lo = torch.where(flat, 0.0, lo)
    return byte((x_BCHW - lo) * scale + TIE)


def equalize(x_BCHW: Tensor) -> Tensor:
    """The values of each channel spread so that each is about as frequent (PIL's ImageOps.equalize)."""
    B, C = x_BCHW.shape[:2]
    table = torch.arange(B * C, device=x_BCHW.device).view(B, C, 1, 1) * 256
    at = (x_BCHW + table).flatten()
    counts = torch.zeros(B * C * 256, dtype=torch.int32, device=x_BCHW.device)
    counts = counts.scatter_add(0, at, torch.ones_like(at, dtype=torch.int32)).view(B * C, 256)
    values = torch.arange(256, dtype=torch.int32, device=x_BCHW.device)
    highest = torch.where(counts > 0, values, 0).amax(1, keepdim=True)
    total = counts.sum(1, keepdim=True, dtype=torch.int32)
    last = torch.where(values == highest, counts, 0).sum(1, keepdim=True, dtype=torch.int32)
    step = torch.div(total - last, 255, rounding_mode="floor")
    below = counts.cumsum(1, dtype=torch.int32) - counts
    spread = torch.div(below + step // 2, step.clamp(min=1), rounding_mode="floor").clamp(max=255)
    lookup = torch.where(step > 0, spread, values).to(torch.uint8)
    return lookup.flatten().gather(0, at).view(x_BCHW.shape)


def posterize(x_BCHW: Tensor, bits_B111: Tensor) -> Tensor:
    lost = 8 - bits_B111.int().clamp(0, 8)
    mask = 256 - torch.bitwise_left_shift(torch.ones_like(lost), lost)
    return x_BCHW & mask.to(torch.uint8)


def solarize(x_BCHW: Tensor, threshold_B111: Tensor) -> Tensor:
    """Values from the threshold on are inverted: none from a threshold of 256 on."""
    return x_BCHW ^ sign_mask(threshold_B111.short() - 1 - x_BCHW)


def solarize_add(x_BCHW: Tensor, added_B111: Tensor) -> Tensor:
    """Values below 128 grow, to 255 at most."""
    added = added_B111.clamp(max=255).to(torch.uint8)
    dark = 255 * (1 - torch.bitwise_right_shift(x_BCHW, 7))
    return select(dark, torch.minimum(x_BCHW, 255 - added) + added, x_BCHW)


def color(x_BCHW: Tensor, factor_B111: Tensor) -> Tensor:
    return blend(x_BCHW, luma(x_BCHW), factor_B111)


def contrast(x_BCHW: Tensor, factor_B111: Tensor) -> Tensor:
    """Away from the mean luma, rounded to a whole number. The sum is exact in int32 up to 8 million pixels."""
    pixels = x_BCHW.shape[2] * x_BCHW.shape[3]
    total = luma(x_BCHW).int().sum((1, 2, 3), keepdim=True, dtype=torch.int32)
    mean = torch.div(total, pixels, rounding_mode="floor")
    mean = mean + (2 * (total - mean * pixels) >= pixels)
    return blend(x_BCHW, mean.float(), factor_B111)


def brightness(x_BCHW: Tensor, factor_B111: Tensor) -> Tensor:
    return byte((x_BCHW * factor_B111 + TIE).clamp(0, 255))


def sharpness(x_BCHW: Tensor, factor_B111: Tensor) -> Tensor:
    """Away from Pillow's SMOOTH, whose 3x3 kernel is 1/13 but for 5/13 in the middle; the border stays."""
    x = x_BCHW.short()
    columns = x[:, :, :-2] + x[:, :, 1:-1] + x[:, :, 2:]
    nine = columns[..., :-2] + columns[..., 1:-1] + columns[..., 2:]
    smooth = torch.floor((nine + 4 * x[:, :, 1:-1, 1:-1] + 6.5) / 13)  # rounded; a sum is never half way
    inner = blend(x_BCHW[:, :, 1:-1, 1:-1], smooth, factor_B111)
    rows = torch.cat((x_BCHW[:, :, 1:-1, :1], inner, x_BCHW[:, :, 1:-1, -1:]), dim=3)
    return torch.cat((x_BCHW[:, :, :1], rows, x_BCHW[:, :, -1:]), dim=2)


def shifted(x_BCHW: Tensor, shift: Tensor, dim: int) -> Tensor:
    """Each pixel is taken `shift` (int32) whole pixels further along `dim`; grey where there is none."""
    side = x_BCHW.shape[dim]
    source = (positions(x_BCHW, dim) + shift).clamp(-1, side) + 1
    framed = F.pad(x_BCHW, (1, 1, 0, 0) if dim == 3 else (0, 0, 1, 1), value=GREY)
    return framed.gather(dim, source.long().expand(x_BCHW.shape))


def shear(x_BCHW: Tensor, slope_B111: Tensor, dim: int) -> Tensor:
    """Rows (dim 3) or columns (dim 2) shifted by `slope` px each, about the first."""
    across = positions(x_BCHW, 5 - dim)
    shift = fixed(slope_B111) * across + fixed(0.5 + 0.5 * slope_B111)
    return shifted(x_BCHW, torch.bitwise_right_shift(shift, 16), dim)


def translate(x_BCHW: Tensor, distance_B111: Tensor, dim: int) -> Tensor:
    return shifted(x_BCHW, torch.floor(distance_B111 + 0.5).int(), dim)


def rotate(x_BCHW: Tensor, degrees_B111: Tensor) -> Tensor:
    """About the centre, anticlockwise, nearest pixel."""
    B, C, H, W = x_BCHW.shape
    angle = degrees_B111 * (-math.pi / 180)
    cos, sin = torch.cos(angle), torch.sin(angle)
    dx, dy = 0.5 - W / 2, 0.5 - H / 2  # of the first pixel's centre from the image's
    y, x = positions(x_BCHW, 2), positions(x_BCHW, 3)
    from_x = fixed(W / 2 + cos * dx + sin * dy) + fixed(cos) * x + fixed(sin) * y
    from_y = fixed(H / 2 - sin * dx + cos * dy) - fixed(sin) * x + fixed(cos) * y
    from_x = torch.bitwise_right_shift(from_x, 16).clamp(-1, W) + 1
    from_y = torch.bitwise_right_shift(from_y, 16).clamp(-1, H) + 1
    source = (from_y * (W + 2) + from_x).long().view(B, 1, H * W).expand(B, C, H * W)
    framed = F.pad(x_BCHW, (1, 1, 1, 1), value=GREY)
    return framed.flatten(2).gather(2, source).view(B, C, H, W)


def square(x_BCHW: Tensor, half: Tensor | int, where_B2: Tensor) -> Tensor:
    """Mask_B1HW of a square of side 2 x `half` px around the centre `where` (shares of height and width)."""
    H, W = x_BCHW.shape[2:]
    where_B2111 = where_B2.view(-1, 2, 1, 1, 1)
    cy, cx = torch.floor(where_B2111[:, 0] * H), torch.floor(where_B2111[:, 1] * W)
    y, x = positions(x_BCHW, 2), positions(x_BCHW, 3)
    return ((y >= cy - half) & (y < cy + half)) & ((x >= cx - half) & (x < cx + half))


def cutout(x_BCHW: Tensor, half_B111: Tensor, where_B2: Tensor) -> Tensor:
    outside = 255 * (~square(x_BCHW, half_B111, where_B2)).to(torch.uint8)
    return select(outside, x_BCHW, GREY)
