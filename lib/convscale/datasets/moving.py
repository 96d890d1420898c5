"""Clips of handwritten digits that move, for video where nothing can be downloaded.

They show that code runs. What they ask is made up, so nothing follows from how well it is answered.
"""

import numpy as np

from .sources import load

DIRECTIONS = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}  # px a frame, down and right
SCALE = 2  # px for each of the digits' own


def moving_digits(count: int, frames: int, px: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """`count` clips (N, T, H, W) uint8 of one digit each, and which of DIRECTIONS it goes (N,).

    What leaves the picture comes back on the other side, so no single frame tells the direction.
    """
    random, digits = np.random.default_rng(seed), load("digits", "train")
    labels = random.integers(len(DIRECTIONS), size=count)
    clips_NTHW = np.zeros((count, frames, px, px), np.uint8)
    for clip_THW, label in zip(clips_NTHW, labels, strict=True):
        digit_HW = np.kron(digits.items[int(random.integers(len(digits)))], np.ones((SCALE, SCALE), np.uint8))
        down, right = tuple(DIRECTIONS.values())[label]
        start = random.integers(px, size=2)
        canvas_HW = np.zeros((px, px), np.uint8)
        canvas_HW[: digit_HW.shape[0], : digit_HW.shape[1]] = digit_HW
        for t in range(frames):
            clip_THW[t] = np.roll(canvas_HW, (start[0] + t * down, start[1] + t * right), axis=(0, 1))
    return clips_NTHW, labels
