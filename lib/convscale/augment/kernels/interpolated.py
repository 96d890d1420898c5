"""PIL's affine map with bilinear interpolation, as timm's profile moves pixels: libImaging/Geometry.c in its float64.

A pixel of three bytes is read as one number of 32 bits, and a line is first gathered and then computed, which takes
half of the time of a plain loop over pixels.
"""

import numpy as np
from numba import njit

BYTE, GREEN, BLUE = np.uint32(255), np.uint32(8), np.uint32(16)  # a mask, and where a colour's bits begin
SECOND, THIRD = np.uint64(1), np.uint64(2)


@njit(cache=True)
def packed(x):
    """x_HWC -> one uint32 a pixel, (H * W,)."""
    values = x.ravel()
    pixels = np.empty(len(values) // 3, np.uint32)
    for i in range(len(pixels)):
        q = np.uint64(3 * i)  # signed, it would be tested for being negative
        green, blue = np.uint32(values[q + SECOND]), np.uint32(values[q + THIRD])
        pixels[i] = np.uint32(values[q]) | green << GREEN | blue << BLUE
    return pixels


@njit(cache=True)
def between(a, b, c, d, across, down):
    """Geometry.c `BILINEAR_BODY` of the four neighbours' values, truncated."""
    upper, lower = np.float64(a), np.float64(c)
    upper += (np.float64(b) - upper) * across
    lower += (np.float64(d) - lower) * across
    return np.uint32(np.int32(upper + (lower - upper) * down))


@njit(cache=True)
def bilinear(x, m, fill, out):
    """`affine_transform` with `bilinear_filter32RGB`: x_HWC to `out` by the map `m`, `fill` from outside."""
    H, W = x.shape[:2]
    pixels, done = packed(x), out.ravel()
    # of a line: the four neighbours of where each pixel comes from, and how far it lies between them
    a_W, b_W, c_W, d_W = np.empty(W, np.uint32), np.empty(W, np.uint32), np.empty(W, np.uint32), np.empty(W, np.uint32)
    across_W, down_W, line_W = np.empty(W), np.empty(W), np.empty(W, np.uint32)
    outside = np.uint32(fill) | np.uint32(fill) << GREEN | np.uint32(fill) << BLUE
    for y in range(H):
        for z in range(W):
            u = m[0] * (z + 0.5) + m[1] * (y + 0.5) + m[2]
            v = m[3] * (z + 0.5) + m[4] * (y + 0.5) + m[5]
            if u < 0 or u >= W or v < 0 or v >= H:
                a_W[z] = b_W[z] = c_W[z] = d_W[z] = outside
                across_W[z] = down_W[z] = 0
                continue
            u -= 0.5
            v -= 0.5
            left, top = -1 if u < 0 else int(u), -1 if v < 0 else int(v)  # the floor: neither is below -0.5
            across_W[z], down_W[z] = u - left, v - top
            first, last = max(left, 0), min(left + 1, W - 1)
            upper, lower = W * max(top, 0), W * min(top + 1, H - 1)
            a_W[z], b_W[z] = pixels[np.uint64(upper + first)], pixels[np.uint64(upper + last)]
            c_W[z], d_W[z] = pixels[np.uint64(lower + first)], pixels[np.uint64(lower + last)]
        for z in range(W):
            a, b, c, d, across, down = a_W[z], b_W[z], c_W[z], d_W[z], across_W[z], down_W[z]
            red = between(a & BYTE, b & BYTE, c & BYTE, d & BYTE, across, down)
            green = between(a >> GREEN & BYTE, b >> GREEN & BYTE, c >> GREEN & BYTE, d >> GREEN & BYTE, across, down)
            blue = between(a >> BLUE, b >> BLUE, c >> BLUE, d >> BLUE, across, down)
            line_W[z] = red | green << GREEN | blue << BLUE
        line = done[3 * W * y : 3 * W * (y + 1)]
        for z in range(W):
            q = np.uint64(3 * z)
            line[q], line[q + SECOND] = np.uint8(line_W[z]), np.uint8(line_W[z] >> GREEN)
            line[q + THIRD] = np.uint8(line_W[z] >> BLUE)
