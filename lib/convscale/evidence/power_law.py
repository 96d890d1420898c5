"""A power law through points, as a straight line on logarithmic axes."""

from dataclasses import dataclass

import numpy as np
from scipy import special  # and not scipy.stats, which takes twice as long to import as pandas

from .statistics import LEVEL


@dataclass(frozen=True)
class PowerLaw:
    """y = `at_one` * x ^ `exponent`, with the 95 % t interval of the exponent.

    `scatter` is the standard deviation of the points about the line, as a factor: 1.1 means that a point lies typically
    10 % above or below it.
    """

    exponent: float
    low: float
    high: float
    at_one: float
    scatter: float
    points: int

    def __call__(self, x: float) -> float:
        return self.at_one * x**self.exponent


def power_law(x: np.ndarray, y: np.ndarray) -> PowerLaw:
    """The least-squares line through log y over log x, as RS Figure 2 fits it.

    Raises ValueError for fewer than three points, or values that are not positive.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if len(x) < 3 or (x <= 0).any() or (y <= 0).any():
        raise ValueError(f"{len(x)} points, the smallest numbers {x.min()} and {y.min()}: 3 positive ones are needed")
    u, v = np.log(x), np.log(y)
    (slope, intercept), freedom = np.polyfit(u, v, 1), len(u) - 2
    spread = float(np.sqrt(((v - slope * u - intercept) ** 2).sum() / freedom))
    error = spread / float(np.sqrt(((u - u.mean()) ** 2).sum()))
    half = float(special.stdtrit(freedom, (1 + LEVEL) / 2)) * error
    return PowerLaw(float(slope), slope - half, slope + half, float(np.exp(intercept)), float(np.exp(spread)), len(u))
