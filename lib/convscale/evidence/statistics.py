"""The statistics behind verdicts, as functions of plain arrays. Every interval and test is two-sided.

A claim is decided where its interval ends: 2.5 % of the error lies on either side, so a bound that is passed on one
side is the one-sided 97.5 % bound that non-inferiority is usually judged by.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy import special  # and not scipy.stats, which takes twice as long to import as pandas

LEVEL = 0.95  # of every interval
POWER = 0.8  # that a number of seeds is to have
UNLIKE = 0.25  # level at which a contrast scatters too much for the pooled error
COUNTS = np.arange(2, 1001)


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
        return float(special.stdtrit(self.freedom, (1 + LEVEL) / 2)) * self.error if self.freedom > 0 else float("inf")

    def p(self, bound: float = 0.0) -> float:
        """Two-sided p of the t test that the true difference is `bound`; 1 without degrees of freedom."""
        if self.freedom <= 0:
            return 1.0
        if self.error == 0:
            return float(self.mean == bound)
        return float(2 * special.stdtr(self.freedom, -abs(self.mean - bound) / self.error))


def paired_effect(differences: np.ndarray) -> Effect:
    """Mean of differences, each of one seed: for arms that share data order and initial weights."""
    n = len(differences)
    return Effect(float(np.mean(differences)), float(np.std(differences, ddof=1) / np.sqrt(n)) if n > 1 else 0.0, n - 1)


def contrast_effect(values: np.ndarray, coefficients: np.ndarray) -> Effect:
    """The sum of coefficient x mean over arms, with seeds as blocks.

    `values` has one row an arm and one column a seed; the coefficients, one an arm, sum to 0 (else ValueError). The
    error is pooled: the residuals of arm + seed, with (arms - 1)(seeds - 1) degrees of freedom. Pooling presumes that
    all arms scatter alike. Where the contrast itself scatters more than the rest (F test at 25 %), its own error
    counts, with seeds - 1.
    """
    if abs(coefficients.sum()) > 1e-9:
        raise ValueError(f"coefficients of a contrast sum to 0, not to {coefficients.sum():g}")
    arms, seeds = values.shape
    own = paired_effect(coefficients @ values)
    if (rest := (arms - 2) * (seeds - 1)) <= 0:
        return own
    residuals = values - values.mean(axis=0) - values.mean(axis=1, keepdims=True) + values.mean()
    squares, length = float(np.sum(residuals**2)), float(coefficients @ coefficients)
    mine = own.error**2 * seeds * (seeds - 1) / length  # the contrast's part of `squares`
    if mine * rest > (squares - mine) * (seeds - 1) * special.fdtri(seeds - 1, rest, 1 - UNLIKE):
        return own
    freedom = (arms - 1) * (seeds - 1)
    return Effect(own.mean, float(np.sqrt(squares / freedom * length / seeds)), freedom)


def mean_interval(values: np.ndarray) -> tuple[float, float]:
    """Mean and half the width of its 95 % t interval (infinite for a single value)."""
    effect = paired_effect(values)
    return effect.mean, effect.half


def seeds_needed(distance: float, deviation: float, comparisons: int = 1, arms: int = 2) -> int | None:
    """Fewest seeds that see a true effect `distance` off the bound in 80 % of the cases; None for more than 1,000.

    `deviation` is the standard deviation of the effect in one seed, in the same unit. Holm's first step divides the
    level by `comparisons`; the error is pooled over `arms`. From the noncentral t distribution.
    """
    if distance <= 0:
        return None
    if deviation == 0:
        return int(COUNTS[0])
    freedom = (arms - 1) * (COUNTS - 1)
    bound = -special.stdtrit(freedom, (1 - LEVEL) / 2 / comparisons)
    enough = COUNTS[special.nctdtr(freedom, distance / deviation * np.sqrt(COUNTS), bound) <= 1 - POWER]
    return int(enough[0]) if len(enough) else None


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
    ordered = np.sort(np.asarray(values, dtype=float))
    # that k values or fewer of so many fall below the median, for every k: rises to 1
    chances = special.bdtr(np.arange(len(ordered)), len(ordered), 0.5)
    outside = int(np.sum(chances <= (1 - LEVEL) / 2))  # values left out on either side
    low, high = (ordered[outside - 1], ordered[-outside]) if outside else (-np.inf, np.inf)
    return float(np.median(ordered)), float(low), float(high)
