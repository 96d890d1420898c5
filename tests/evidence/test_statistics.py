"""The statistics of verdicts against closed forms and on simulated truth: errors at their level, power as computed."""

import numpy as np
import pytest
from scipy import stats

from convscale.evidence.judge_trend import p_of, region
from convscale.evidence.statistics import (
    contrast_effect,
    holm,
    mean_interval,
    median_interval,
    paired_effect,
    seeds_needed,
)

SIMULATIONS = 2000
LEVEL = 0.05


def rate_is(hits, expected, simulations=SIMULATIONS):
    """A binomial test at 1 %, with fixed seeds: it fails if the rate is wrong, not if luck is bad."""
    return stats.binomtest(int(hits), simulations, expected).pvalue > 0.01


def at_most(hits, expected, simulations=SIMULATIONS):
    return stats.binomtest(int(hits), simulations, expected, alternative="greater").pvalue > 0.01


def test_interval_is_students():
    # 1, 2, 3, 4: mean 2.5, standard deviation 1.2910, t(0.975, 3) = 3.1824, so 3.1824 x 1.2910 / 2 = 2.0543
    assert mean_interval(np.array([1.0, 2, 3, 4])) == pytest.approx((2.5, 2.0543), abs=1e-4)
    assert mean_interval(np.array([7.0])) == (7, float("inf"))


def test_paired_effects_are_those_of_scipy():
    rng = np.random.default_rng(0)
    first, second = rng.normal(1, 1, 5), rng.normal(0, 3, 5)
    paired, theirs = paired_effect(first - second), stats.ttest_rel(first, second)
    assert paired.p() == pytest.approx(theirs.pvalue)
    low, high = theirs.confidence_interval(0.95)
    assert (paired.mean - paired.half, paired.mean + paired.half) == pytest.approx((low, high))
    assert paired.p(0.5) == pytest.approx(stats.ttest_rel(first - 0.5, second).pvalue)
    both = contrast_effect(np.array([first, second]), np.array([1.0, -1]))  # two arms: nothing else to pool
    assert (both.mean, both.error, both.freedom) == pytest.approx((paired.mean, paired.error, 4))


def test_single_and_equal_values_have_no_or_perfect_certainty():
    assert paired_effect(np.array([3.0])).half == float("inf") and paired_effect(np.array([3.0])).p() == 1
    same = paired_effect(np.ones(3))
    assert (same.mean, same.half, same.p(), same.p(1.0)) == (1, 0, 0, 1)
    same = contrast_effect(np.repeat([[2.0], [1.0], [0.0]], 4, axis=1), np.array([1.0, -1, 0]))
    assert (same.mean, same.half, same.p()) == (1, 0, 0)


@pytest.mark.parametrize("coefficients", [[1, -1, 0, 0], [1, -1, -1, 1]])
def test_pooled_error_is_that_of_least_squares(coefficients):
    """Arms and seeds as factors of a linear model, solved by numpy; the error of the contrast from its covariance."""
    arms, seeds = 4, 6
    values = np.random.default_rng(2).normal(0, 1, (arms, seeds)) + np.arange(seeds) * 3
    design = np.zeros((arms * seeds, arms + seeds - 1))
    for row, (arm, seed) in enumerate(np.ndindex(arms, seeds)):
        design[row, arm] = 1
        if seed:
            design[row, arms + seed - 1] = 1
    solution, residual, _, _ = np.linalg.lstsq(design, values.ravel(), rcond=None)
    freedom = arms * seeds - design.shape[1]
    covariance = residual.item() / freedom * np.linalg.inv(design.T @ design)
    contrast = np.array([*coefficients, *[0] * (seeds - 1)], dtype=float)
    found = contrast_effect(values, np.array(coefficients, dtype=float))
    assert (found.mean, found.error, found.freedom) == pytest.approx(
        (contrast @ solution, np.sqrt(contrast @ covariance @ contrast), freedom)
    )


def test_a_contrast_that_scatters_more_than_the_rest_has_its_own_error():
    values = np.random.default_rng(2).normal(0, [[9.0], [9], [1], [1], [1]], (5, 8))
    loud, quiet = (contrast_effect(values, np.array(c, dtype=float)) for c in ([1, -1, 0, 0, 0], [0, 0, 0, 1, -1]))
    assert (loud.freedom, quiet.freedom) == (7, 28)
    assert loud.error == pytest.approx(paired_effect(values[0] - values[1]).error)


def test_coefficients_must_sum_to_zero():
    with pytest.raises(ValueError, match="coefficients of a contrast sum to 0, not to 1"):
        contrast_effect(np.ones((2, 3)), np.array([1.0, 0.0]))


# Scatter of seven arms on top of what they share: alike; twice as large in the first two, which are compared; and half
# as large in those.
SCATTERS = {"alike": [1.0] * 7, "louder": [2.0, 2, 1, 1, 1, 1, 1], "quieter": [0.5, 0.5, 1, 1, 1, 1, 1]}


@pytest.mark.parametrize("scatter", SCATTERS)
def test_pooled_error_errs_at_its_level_or_less(scatter):
    """No effect: seven arms on 16 shared seeds. Pooled alone, a loud contrast would err in 18 % of the cases."""
    rng = np.random.default_rng(3)
    block = rng.normal(0, 2, (SIMULATIONS, 1, 16))
    arms = block + rng.normal(0, np.array(SCATTERS[scatter])[:, None], (SIMULATIONS, 7, 16))
    contrast = np.array([1.0, -1, 0, 0, 0, 0, 0])
    assert at_most(sum(contrast_effect(values, contrast).p() < LEVEL for values in arms), LEVEL)


@pytest.mark.parametrize(("margin", "truth", "expected"), [({"no_worse_by": 1.0}, -1.0, 0.025), ({}, 0.0, 0.025)])
def test_false_reproductions_at_the_edge_of_the_region_come_at_half_the_level(margin, truth, expected):
    rng = np.random.default_rng(2)
    effects = [paired_effect(d) for d in rng.normal(truth, 1, (SIMULATIONS, 5))]
    low, high = region(margin)
    hits = sum(e.mean > low and p_of(e, low, high) < LEVEL for e in effects)
    assert rate_is(hits, expected)


def test_equivalence_is_rarely_found_at_the_edge_and_usually_in_the_middle():
    rng = np.random.default_rng(3)
    low, high = region({"equal_within": 1.0})

    def found(truth):
        effects = [paired_effect(d) for d in rng.normal(truth, 0.5, (SIMULATIONS, 8))]
        return sum(low < e.mean < high and p_of(e, low, high) < LEVEL for e in effects)

    assert rate_is(found(1.0), 0.025)
    # in the middle each of two tests has this power, both together at least twice it less 1
    power = 1 - stats.nct.cdf(stats.t.ppf(0.975, 7), 7, 2 * np.sqrt(8))
    assert power > 0.98 and found(0.0) / SIMULATIONS > 2 * power - 1.01


def rejections(rng, effect, seeds, comparisons=1, arms=2, simulations=20_000):
    """How often a true effect, in standard deviations of a seed, is seen on its own side; vectorised."""
    freedom = (arms - 1) * (seeds - 1)
    means = rng.normal(effect, 1 / np.sqrt(seeds), simulations)
    errors = np.sqrt(rng.chisquare(freedom, simulations) / freedom / seeds)
    return np.sum(means / errors > stats.t.isf(0.025 / comparisons, freedom))


@pytest.mark.parametrize(
    ("effect", "comparisons", "arms", "expected"),
    # Two of the usual tables of the t test: 1.0 takes 10 pairs, 0.5 takes 34. After Holm and pooled by simulation.
    [(1.0, 1, 2, 10), (0.5, 1, 2, 34), (1.0, 3, 2, 14), (1.0, 3, 7, 11)],
)
def test_seeds_for_power_have_it_in_simulation_and_one_less_has_not(effect, comparisons, arms, expected):
    rng = np.random.default_rng(4)
    assert seeds_needed(effect, 1.0, comparisons, arms) == expected
    assert seeds_needed(3 * effect, 3.0, comparisons, arms) == expected
    enough, fewer = (rejections(rng, effect, n, comparisons, arms) / 20_000 for n in (expected, expected - 1))
    assert enough > 0.79 and fewer < 0.81 and enough > fewer


def test_power_out_of_reach_and_at_once():
    assert seeds_needed(0.0, 1.0) is seeds_needed(-1.0, 1.0) is seeds_needed(0.01, 1.0) is None
    assert seeds_needed(1.0, 0.0) == seeds_needed(1e6, 1.0) == 2


def test_holm_is_the_textbook_example():
    # 0.01, 0.04, 0.03: times 3, 1, 2 in their order 0.01, 0.03, 0.04, never decreasing
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.2, 1.0]) == pytest.approx([0.4, 1.0]) and holm([0.5]) == [0.5]


def test_a_later_run_takes_no_decision_back():
    rng = np.random.default_rng(4)
    for p in rng.uniform(0, 0.1, (200, 4)):
        before, after = holm([*p[:3], 1.0]), holm(list(p))
        assert all(b >= a for a, b in zip(after[:3], before[:3], strict=True))


@pytest.mark.parametrize("true_effects", [0, 2])
def test_holm_controls_the_error_of_the_whole_family(true_effects):
    """Five comparisons of one table on eight seeds, which share their control; some of them are true."""
    rng = np.random.default_rng(5 + true_effects)
    control = rng.normal(0, 1, (SIMULATIONS, 1, 8))
    arms = rng.normal(0, 1, (SIMULATIONS, 5, 8)) + np.where(np.arange(5) < true_effects, 10, 0)[:, None]
    p = stats.ttest_1samp(arms - control, 0, axis=2).pvalue
    errors = sum(min(holm(list(one))[true_effects:]) < LEVEL for one in p)
    assert at_most(errors, LEVEL)
    assert np.mean(p[:, true_effects:].min(axis=1) < LEVEL) > 0.075  # without it the family errs more often


@pytest.mark.parametrize("rounds", [6, 15])
def test_interval_of_a_median_covers_skewed_times_with_outliers(rounds):
    """Lognormal rounds, one in ten of them three times as long: the median is that of the mixture."""
    rng = np.random.default_rng(rounds)
    slow = rng.random((SIMULATIONS, rounds)) < 0.1
    times = rng.lognormal(0, 0.2, (SIMULATIONS, rounds)) * np.where(slow, 3, 1)
    big = np.random.default_rng(99)
    truth = np.median(big.lognormal(0, 0.2, 10**6) * np.where(big.random(10**6) < 0.1, 3, 1))
    covered = sum(low <= truth <= high for _, low, high in map(median_interval, times))
    shortfall = stats.binomtest(covered, SIMULATIONS, 0.95, alternative="less")
    assert shortfall.pvalue > 0.01


def test_five_rounds_make_no_interval():
    assert median_interval(np.arange(5.0)) == (2, -float("inf"), float("inf"))
    assert median_interval(np.arange(7.0)) == (3, 0, 6)


@pytest.mark.parametrize("rounds", range(6, 30))
def test_interval_of_the_median_is_that_of_scipy(rounds):
    values = np.random.default_rng(rounds).lognormal(size=rounds)
    theirs = stats.quantile_test(values, q=0, p=0.5).confidence_interval(0.95)
    assert median_interval(values) == (np.median(values), theirs.low, theirs.high)
