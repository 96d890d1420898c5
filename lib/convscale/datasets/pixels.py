"""Decoded images in one stretch of memory."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np


@dataclass(frozen=True, eq=False)
class Decoded:
    """RGB images row by row, one after the other. Image i begins at `start_N[i]`; `size_N2`: heights and widths, px."""

    pixels: np.ndarray  # uint8
    start_N: np.ndarray  # int64
    size_N2: np.ndarray  # int64
    file: Path | None = None  # that `pixels` are mapped from

    def __reduce__(self):
        """A worker that is spawned, as on macOS, maps the file anew instead of being sent all pixels."""
        if self.file is None:
            return Decoded, (self.pixels, self.start_N, self.size_N2)
        return of_file, (self.file, self.start_N, self.size_N2)

    def take(self, chosen: np.ndarray) -> "Decoded":
        """These images, in this order, of the same pixels."""
        return replace(self, start_N=self.start_N[chosen], size_N2=self.size_N2[chosen])

    def image(self, i: int) -> np.ndarray:
        """x_HWC of image `i`."""
        height, width = self.size_N2[i]
        return self.pixels[self.start_N[i] : self.start_N[i] + 3 * height * width].reshape(height, width, 3)


def of_file(file: Path, start_N: np.ndarray, size_N2: np.ndarray) -> Decoded:
    return Decoded(mapped(file), start_N, size_N2, file)


def mapped(file: Path) -> np.ndarray:
    """Copy on write: numba takes a read-only array for another type and would compile everything twice."""
    return np.asarray(np.memmap(file, np.uint8, "c"))
