"""RandAugment's operations on one uint8 image x_HWC, with PIL's arithmetic. What each is told comes from `tables`."""

import numpy as np
from numba import njit

from .interpolated import bilinear

# How an operation is carried out. TABLE looks every value up in one table, which is asked of the library itself.
KINDS = ("table", "autocontrast", "equalize", "color", "contrast", "sharpness", "affine", "bilinear", "cutout")
TABLE, AUTOCONTRAST, EQUALIZE, COLOR, CONTRAST, SHARPNESS, AFFINE, BILINEAR, CUTOUT = range(len(KINDS))
GREY = 128  # autoaugment.py `replace_value`, of Cutout
FIXED = 65536.0  # Geometry.c `affine_fixed`
SKIPPED = -1  # the number of an operation that was drawn and is not applied


@njit(cache=True)
def copy(x, out):
    """x_HWC to `out`, thirty times as fast as numba does for `out[:] = x` of three axes."""
    values, made = x.ravel(), out.ravel()
    for q in range(len(values)):
        made[q] = values[q]


@njit(cache=True)
def luma(red, green, blue):
    """Convert.c `L24`, in 32 bits as there."""
    total = np.int32(red) * np.int32(19595) + np.int32(green) * np.int32(38470) + np.int32(blue) * np.int32(7471)
    return np.int32(total + np.int32(32768)) >> np.int32(16)


@njit(cache=True)
def blend(away, value, factor):
    """Blend.c: float32 throughout, truncated."""
    mixed = np.float32(away) + factor * (np.float32(value) - np.float32(away))
    return np.uint8(np.int32(min(max(mixed, np.float32(0)), np.float32(255))))


@njit(cache=True)
def stretched(channel, table):
    """ImageOps.autocontrast's table of one channel."""
    lo, hi = channel.min(), channel.max()
    if hi <= lo:
        for v in range(256):
            table[v] = v
        return
    scale = 255.0 / (hi - lo)
    offset = -np.float64(lo) * scale
    for v in range(256):
        table[v] = min(max(int(v * scale + offset), 0), 255)


@njit(cache=True)
def equalized(channel, table):
    """ImageOps.equalize's table of one channel."""
    counts = np.zeros(256, np.int64)
    for value in channel:
        counts[value] += 1
    last = 255
    while counts[last] == 0:
        last -= 1
    step = (len(channel) - counts[last]) // 255
    below = step // 2
    for v in range(256):
        table[v] = min(below // step, 255) if step else v
        below += counts[v]


@njit(cache=True)
def sharpen(x, factor, out):
    """ImageFilter.SMOOTH, 1/13 of nine pixels but 5/13 of the middle one, and the image blended away from it.

    A sum is never half way between two whole numbers, so float32 rounds it as PIL does. The border stays.
    """
    H, W = x.shape[:2]
    n = 3 * (W - 2)
    copy(x, out)
    total = np.empty(n, np.float32)
    for y in range(1, H - 1):
        total[:] = np.float32(6.5)
        for i in range(-1, 2):
            row = x[y + i].ravel()
            left, middle, right = row[:n], row[3 : n + 3], row[6:]  # slices from 0 on, or numba would not vectorize
            for q in range(n):
                total[q] += np.float32(left[q]) + np.float32(middle[q]) + np.float32(right[q])
        here, line = x[y].ravel()[3 : n + 3], out[y].ravel()[3 : n + 3]
        for q in range(n):
            smooth = np.float32(np.int32((total[q] + np.float32(4) * np.float32(here[q])) / np.float32(13)))
            line[q] = blend(smooth, here[q], factor)


@njit(cache=True)
def colour(x, factor, out):
    """ImageEnhance.Color: blended away from grey, line by line, which vectorizes."""
    H, W = x.shape[:2]
    values, made, away = x.ravel(), out.ravel(), np.empty(3 * W, np.float32)
    for y in range(H):
        here, line = values[3 * W * y : 3 * W * (y + 1)], made[3 * W * y : 3 * W * (y + 1)]
        for z in range(W):
            grey = np.float32(luma(here[3 * z], here[3 * z + 1], here[3 * z + 2]))
            away[3 * z] = away[3 * z + 1] = away[3 * z + 2] = grey
        for q in range(3 * W):
            line[q] = blend(away[q], here[q], factor)


@njit(cache=True)
def affine(x, m, fill, out):
    """Geometry.c `ImagingScaleAffine` for maps without shear, else `affine_fixed`; nearest pixel."""
    H, W = x.shape[:2]
    out[:] = fill
    if m[1] == 0 and m[3] == 0:
        column, row = m[2] + m[0] * 0.5, m[5] + m[4] * 0.5
        for y in range(H):
            if 0 <= row < H:
                across = column
                for z in range(W):
                    if 0 <= across < W:
                        for c in range(3):
                            out[y, z, c] = x[int(row), int(across), c]
                    across += m[0]
            row += m[4]
        return
    ax, bx = int(np.floor(m[0] * FIXED + 0.5)), int(np.floor(m[1] * FIXED + 0.5))
    ay, by = int(np.floor(m[3] * FIXED + 0.5)), int(np.floor(m[4] * FIXED + 0.5))
    start_x = int(np.floor((m[2] + m[0] * 0.5 + m[1] * 0.5) * FIXED + 0.5))
    start_y = int(np.floor((m[5] + m[3] * 0.5 + m[4] * 0.5) * FIXED + 0.5))
    for y in range(H):
        at_x, at_y = start_x, start_y
        for z in range(W):
            u, v = at_x >> 16, at_y >> 16
            if 0 <= u < W and 0 <= v < H:
                for c in range(3):
                    out[y, z, c] = x[v, u, c]
            at_x += ax
            at_y += ay
        start_x += bx
        start_y += by


@njit(cache=True)
def operate(kind, x, table, numbers, fill, where, out):
    """One operation of `kind`: x_HWC to `out`. Which of `table` and `numbers` it uses depends on the kind."""
    H, W = x.shape[:2]
    pixels, done = x.reshape(H * W, 3), out.reshape(H * W, 3)
    if kind == TABLE:
        flat, made = x.ravel(), out.ravel()
        for q in range(len(flat)):
            made[q] = table[flat[q]]
    elif kind in (AUTOCONTRAST, EQUALIZE):
        own = np.empty((3, 256), np.uint8)
        for c in range(3):
            if kind == AUTOCONTRAST:
                stretched(pixels[:, c], own[c])
            else:
                equalized(pixels[:, c], own[c])
        for p in range(H * W):
            for c in range(3):
                done[p, c] = own[c, pixels[p, c]]
    elif kind == COLOR:
        colour(x, np.float32(numbers[0]), out)
    elif kind == CONTRAST:
        total = 0
        for p in range(H * W):
            total += luma(pixels[p, 0], pixels[p, 1], pixels[p, 2])
        own, mean = np.empty(256, np.uint8), int(total / (H * W) + 0.5)
        for v in range(256):
            own[v] = blend(mean, v, np.float32(numbers[0]))
        flat, made = x.ravel(), out.ravel()
        for q in range(len(flat)):
            made[q] = own[flat[q]]
    elif kind == SHARPNESS:
        sharpen(x, np.float32(numbers[0]), out)
    elif kind == AFFINE:
        affine(x, numbers, fill, out)
    elif kind == BILINEAR:
        bilinear(x, numbers, fill, out)
    else:
        copy(x, out)
        half, cy, cx = int(numbers[0]), int(where[0] * H), int(where[1] * W)
        out[max(0, cy - half) : max(0, min(H, cy + half)), max(0, cx - half) : max(0, min(W, cx + half))] = GREY


@njit(cache=True, nogil=True)
def randaugment(x_BHWC, operation_BL, sign_BL, where_BL2, kind_N, table_N2V, numbers_N26, fill):
    """The operations drawn for every image of a batch, in place. Of N operations the middle index is the drawn sign."""
    room = np.empty_like(x_BHWC[0])
    for b in range(len(x_BHWC)):
        here, there, swapped = x_BHWC[b], room, False
        for layer in range(operation_BL.shape[1]):
            n, s = operation_BL[b, layer], sign_BL[b, layer]
            if n != SKIPPED:
                operate(kind_N[n], here, table_N2V[n, s], numbers_N26[n, s], fill, where_BL2[b, layer], there)
                here, there, swapped = there, here, not swapped
        if swapped:
            copy(here, there)
