"""The statistics behind verdicts, as functions of plain arrays. Every interval and test is two-sided.

A claim is decided where its interval ends: 2.5 % of the error lies on either side, so a bound that is passed on one
side is the one-sided 97.5 % bound that non-inferiority is usually judged by.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy import stats

LEVEL = 0.95  # of every interval
COUNTS = np.arange(2, 1001)
HALF_WIDTHS = stats.t.ppf((1 + LEVEL) / 2, COUNTS - 1) / np.sqrt(COUNTS)  # for a standard deviation of 1


def rounding(text: str) -> tuple[Fraction, Fraction]:
    """The least and the greatest number that is printed as `text`: "9.2" is 9.15 to 9.25."""
    half = Fraction(1, 2 * 10 ** len(text.partition(".")[2]))
    return Fraction(text) - half, Fraction(text) + half


@dataclass(frozen=True)
class Effect:
    """A difference of means with its standard error and degrees of freedom (0 where one value is all there is)."""

    mean: float
    error: float
    freedom: float

    @property
    def half(self) -> float:
        """Half the width of the t interval; infinite without degrees of freedom."""
        return float(stats.t.ppf((1 + LEVEL) / 2, self.freedom)) * self.error if self.freedom > 0 else float("inf")

    def p(self, bound: float = 0.0) -> float:
        """Two-sided p of the t test that the true difference is `bound`; 1 without degrees of freedom."""
        if self.freedom <= 0:
            return 1.0
        if self.error == 0:
            return float(self.mean == bound)
        return float(2 * stats.t.sf(abs(self.mean - bound) / self.error, self.freedom))


def paired_effect(differences: np.ndarray) -> Effect:
    """Mean of differences, each of one seed: for arms that share data order and initial weights."""
    n = len(differences)
    return Effect(float(np.mean(differences)), float(np.std(differences, ddof=1) / np.sqrt(n)) if n > 1 else 0.0, n - 1)


def welch_effect(first: np.ndarray, second: np.ndarray) -> Effect:
    """Difference of the means of unpaired samples whose variances may differ, with Satterthwaite's freedom.

    Two values of either are needed; fewer give no degrees of freedom.
    """
    mean = float(np.mean(first) - np.mean(second))
    if min(len(first), len(second)) < 2:
        return Effect(mean, 0.0, 0)
    parts = [np.var(sample, ddof=1) / len(sample) for sample in (first, second)]
    variance = sum(parts)
    if variance == 0:
        return Effect(mean, 0.0, len(first) + len(second) - 2)
    shares = sum(part**2 / (len(sample) - 1) for part, sample in zip(parts, (first, second), strict=True))
    return Effect(mean, float(np.sqrt(variance)), float(variance**2 / shares))


def mean_interval(values: np.ndarray) -> tuple[float, float]:
    """Mean and half the width of its 95 % t interval (infinite for a single value)."""
    effect = paired_effect(values)
    return effect.mean, effect.half


def pairs_needed(differences: np.ndarray, bound: float = 0.0) -> str:
    """How many pairs of the same mean and standard deviation would put the 95 % interval off `bound`, in words."""
    enough = COUNTS[HALF_WIDTHS * np.std(differences, ddof=1) < abs(np.mean(differences) - bound)]
    return f"about {enough[0]}" if len(enough) else f"more than {COUNTS[-1]}"


def holm(p_values: list[float]) -> list[float]:
    """Holm's adjusted p values: rejecting those below 0.05 errs in 5 % of the cases for all of them together.

    A comparison that was not run is given as 1. Its later p can only lower the others, so that no later run takes
    back what was decided before.
    """
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(1, np.maximum.accumulate(factors * np.asarray(p_values, dtype=float)[order]))
    return adjusted.tolist()


def median_interval(values: np.ndarray) -> tuple[float, float, float]:
    """Median and a 95 % interval for it between two of the ordered values: the inverted sign test.

    Rounds of a timing are few, skewed, and now and then one is far off. The sign test asks only that rounds are
    independent and fall above the true median as often as below; it covers at least 95 % from 6 values on, where a
    bootstrap of so few covers less than it says. Infinite below 6 values: no two of them make 95 %.
    """
    values = np.asarray(values, dtype=float)
    interval = stats.quantile_test(values, q=0, p=0.5).confidence_interval(LEVEL)
    low, high = (
        (float(interval.low), float(interval.high)) if np.isfinite(interval.low) else (-float("inf"), float("inf"))
    )
    return float(np.median(values)), low, high
