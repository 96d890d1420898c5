"""PIL's antialiased resize of a box, bilinear and bicubic, and a mirror: libImaging/Resample.c in its fixed point."""

import math

import numpy as np
from numba import njit

BITS = 22  # Resample.c PRECISION_BITS = 32 - 8 - 2
ONE, HALF = 1 << BITS, 1 << (BITS - 1)
FILTERS = {"bilinear": 0, "bicubic": 1}
REACH = (1.0, 2.0)  # of each filter, in px of the larger of the two grids


@njit(cache=True)
def weight(kind, x):
    """Resample.c `bilinear_filter` and `bicubic_filter` (a = -0.5)."""
    x = abs(x)
    if kind == 0:
        return 1.0 - x if x < 1.0 else 0.0
    if x < 1.0:
        return ((-0.5 + 2.0) * x - (-0.5 + 3.0)) * x * x + 1.0
    return (((x - 5.0) * x + 8.0) * x - 4.0) * -0.5 if x < 2.0 else 0.0


@njit(cache=True)
def taps(size_out, kind, low, high):
    """The most pixels that one of `size_out` from [low, high) is made of."""
    return math.ceil(REACH[kind] * max((high - low) / size_out, 1.0)) * 2 + 1


@njit(cache=True)
def axis(low, high, size_in, size_out, kind, first, count, weights, line):
    """Where each of `size_out` pixels begins in `size_in`, of how many it is made, and their weights in 1/2^22.

    Resample.c `precompute_coeffs` and `normalize_coeffs_8bpc`. `line` is room for floats.
    """
    scale = (high - low) / size_out
    stretch = max(scale, 1.0)
    reach, shrink = REACH[kind] * stretch, 1.0 / stretch
    for o in range(size_out):
        centre = low + (o + 0.5) * scale
        a, b = max(int(centre - reach + 0.5), 0), min(int(centre + reach + 0.5), size_in)
        total = 0.0
        for j in range(b - a):
            line[j] = weight(kind, (j + a - centre + 0.5) * shrink)
            total += line[j]
        for j in range(b - a):
            w = line[j] / total if total != 0.0 else line[j]
            weights[o, j] = int(w * ONE - 0.5) if w < 0 else int(w * ONE + 0.5)
        first[o], count[o] = a, b - a


@njit(cache=True)
def is_tall(height, width, size_out):
    """Whether Pillow from 13 on resizes rows before columns: a height reduced by over twice as much as the width."""
    return height > size_out and height - size_out > 2 * (width - size_out)


def rows_before_columns() -> bool:
    """Whether the Pillow that is installed does so; the order of the two passes decides how sums are rounded."""
    from PIL import Image

    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 8, 3), np.uint8))
    both = image.resize((16, 16), Image.Resampling.BILINEAR)
    return both == image.resize((8, 16), Image.Resampling.BILINEAR).resize((16, 16), Image.Resampling.BILINEAR)


TALL_FIRST = rows_before_columns()


@njit(cache=True)
def byte(v):
    v >>= BITS
    return np.uint8(0 if v < 0 else 255 if v > 255 else v)


@njit(cache=True)
def across(pixels, at, first, count, weights, mirror, row):
    """One line of an image, beginning at `at` of `pixels`, to the `row` of size_out * 3 bytes."""
    S = len(first)
    for o in range(S):
        to = 3 * (S - 1 - o if mirror else o)
        r = g = v = np.int32(HALF)
        line = pixels[at + 3 * first[o] : at + 3 * (first[o] + count[o])]
        for j in range(count[o]):
            k = weights[o, j]
            r += line[3 * j] * k
            g += line[3 * j + 1] * k
            v += line[3 * j + 2] * k
        row[to], row[to + 1], row[to + 2] = byte(r), byte(g), byte(v)


@njit(cache=True)
def down(pixels, at, stride, count, weights, total, row):
    """`count` lines of `pixels`, from `at` on and `stride` apart, summed up to `row`."""
    total[:] = HALF
    for j in range(count):
        k, line = weights[j], pixels[at + j * stride : at + j * stride + len(row)]
        for q in range(len(row)):
            total[q] += line[q] * k
    for q in range(len(row)):
        row[q] = byte(total[q])


@njit(cache=True, nogil=True)
def resize(pixels, start_B, size_B2, box_B4, mirror_B, kind, tall_first, x_BHWC):
    """Fill uint8 `x_BHWC` with boxes (left, upper, right, lower, px) of images that lie in `pixels`.

    Image b begins at `start_B[b]` and has height and width `size_B2[b]`. `tall_first` is `TALL_FIRST`.
    """
    B, S = x_BHWC.shape[0], x_BHWC.shape[1]
    H, W = size_B2[:, 0].max(), size_B2[:, 1].max()
    most = 1
    for b in range(B):
        most = max(most, taps(S, kind, box_B4[b, 0], box_B4[b, 2]), taps(S, kind, box_B4[b, 1], box_B4[b, 3]))
    weights_x, weights_y = np.empty((S, most), np.int32), np.empty((S, most), np.int32)
    first_x, count_x = np.empty(S, np.int64), np.empty(S, np.int64)
    first_y, count_y = np.empty(S, np.int64), np.empty(S, np.int64)
    line, between = np.empty(most), np.empty(max(H, W) * S * 3, np.uint8)
    total = np.empty(max(S, W) * 3, np.int32)
    for b in range(B):
        h, w = size_B2[b, 0], size_B2[b, 1]
        axis(box_B4[b, 0], box_B4[b, 2], w, S, kind, first_x, count_x, weights_x, line)
        axis(box_B4[b, 1], box_B4[b, 3], h, S, kind, first_y, count_y, weights_y, line)
        if tall_first and is_tall(h, w, S):
            for o in range(S):
                lines = start_B[b] + first_y[o] * w * 3
                down(pixels, lines, w * 3, count_y[o], weights_y[o], total, between[o * w * 3 : (o + 1) * w * 3])
            for o in range(S):
                across(between, o * w * 3, first_x, count_x, weights_x, mirror_B[b], x_BHWC[b, o].ravel())
            continue
        for y in range(first_y[0], first_y[S - 1] + count_y[S - 1]):
            row = between[y * S * 3 : (y + 1) * S * 3]
            across(pixels, start_B[b] + y * w * 3, first_x, count_x, weights_x, mirror_B[b], row)
        for o in range(S):
            down(between, first_y[o] * S * 3, S * 3, count_y[o], weights_y[o], total, x_BHWC[b, o].ravel())


@njit(cache=True, nogil=True)
def weights_of(size_B2, box_B4, mirror_B, kind, tall_first, first_2BS, weights_2BST, turned_B):
    """Fill in what each output pixel is made of, across and down, where another device does the sums.

    A tall image is turned: its axes change places, so that the first of them always comes first. `weights_2BST` is 0.
    """
    S, T = weights_2BST.shape[2:]
    count, line, weights = np.empty(S, np.int64), np.empty(T), np.empty((S, T), np.int32)
    for b in range(len(size_B2)):
        turned_B[b] = tall_first and is_tall(size_B2[b, 0], size_B2[b, 1], S)
        for x in range(2):  # 1 is across
            low, high, size = box_B4[b, 1 - x], box_B4[b, 3 - x], size_B2[b, x]
            to = (0 if x else 1) ^ turned_B[b]
            axis(low, high, size, S, kind, first_2BS[to, b], count, weights, line)
            for o in range(S):
                weights_2BST[to, b, o, : count[o]] = weights[o, : count[o]]
            if x and mirror_B[b]:
                first_2BS[to, b] = first_2BS[to, b, ::-1].copy()
                weights_2BST[to, b] = weights_2BST[to, b, ::-1].copy()
