import numpy as np
import pytest
from scipy import stats

from convscale.evidence.power_law import power_law


def test_a_power_law_is_found_again():
    x = np.geomspace(1e6, 1e9, 7)
    found = power_law(x, 3 * x**-0.2)
    assert (found.exponent, found.at_one, found.scatter) == pytest.approx((-0.2, 3, 1))
    assert found(1e7) == pytest.approx(3 * 1e7**-0.2)


def test_the_interval_is_that_of_a_regression():
    x, noise = np.geomspace(1, 1000, 12), np.random.default_rng(3).normal(0, 0.1, 12)
    found = power_law(x, x**-0.3 * np.exp(noise))
    line = stats.linregress(np.log(x), np.log(x**-0.3 * np.exp(noise)))
    half = stats.t.ppf(0.975, 10) * line.stderr
    assert (found.exponent, found.low, found.high) == pytest.approx((line.slope, line.slope - half, line.slope + half))


@pytest.mark.parametrize("x, y", [([1, 2], [1, 2]), ([1, 2, 0], [1, 1, 1]), ([1, 2, 3], [1, -1, 1])])
def test_too_few_points_or_none_positive(x, y):
    with pytest.raises(ValueError, match="3 positive ones"):
        power_law(np.array(x), np.array(y))
