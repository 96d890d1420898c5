"""The statistics of verdicts on simulated truth: errors at their level, power as computed, intervals that cover."""

import numpy as np
import pytest
from scipy import stats

from convscale.evidence import judge
from convscale.evidence.judge_trend import judge_trend, p_of, region
from convscale.evidence.statistics import holm, median_interval, paired_effect, welch_effect

SIMULATIONS = 2000
LEVEL = 0.05


def rate_is(hits, expected, simulations=SIMULATIONS):
    """A binomial test at 1 %, with fixed seeds: it fails if the rate is wrong, not if luck is bad."""
    return stats.binomtest(int(hits), simulations, expected).pvalue > 0.01


def at_most(hits, expected, simulations=SIMULATIONS):
    return stats.binomtest(int(hits), simulations, expected, alternative="greater").pvalue > 0.01


def test_effects_are_those_of_scipy():
    rng = np.random.default_rng(0)
    first, second = rng.normal(1, 1, 6), rng.normal(0, 3, 4)
    paired, theirs = paired_effect(first[:4] - second), stats.ttest_rel(first[:4], second)
    assert paired.p() == pytest.approx(theirs.pvalue)
    low, high = theirs.confidence_interval(0.95)
    assert (paired.mean - paired.half, paired.mean + paired.half) == pytest.approx((low, high))
    welch, theirs = welch_effect(first, second), stats.ttest_ind(first, second, equal_var=False)
    assert (welch.p(), welch.freedom) == pytest.approx((theirs.pvalue, theirs.df))
    assert welch.p(0.5) == pytest.approx(stats.ttest_ind(first - 0.5, second, equal_var=False).pvalue)


def test_single_and_equal_values_have_no_or_perfect_certainty():
    assert paired_effect(np.array([3.0])).half == welch_effect(np.array([3.0]), np.ones(5)).half == float("inf")
    assert paired_effect(np.array([3.0])).p() == 1
    same = welch_effect(np.full(3, 2.0), np.ones(3))
    assert (same.mean, same.half, same.p(), same.p(1.0)) == (1, 0, 0, 1)


def test_welch_errs_at_its_level_where_variances_and_sizes_differ():
    rng = np.random.default_rng(1)
    p = [welch_effect(rng.normal(0, 3, 4), rng.normal(0, 1, 8)).p() for _ in range(SIMULATIONS)]
    # Satterthwaite's freedom is an approximation: up to half a point off at samples this small
    share = np.mean(np.array(p) < LEVEL)
    assert stats.binomtest(int(share * SIMULATIONS), SIMULATIONS, LEVEL).proportion_ci(0.99).low < 0.055
    pooled = [stats.ttest_ind(rng.normal(0, 3, 4), rng.normal(0, 1, 8)).pvalue < LEVEL for _ in range(SIMULATIONS)]
    assert np.mean(pooled) > 0.1  # what it is there for


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
    """Five comparisons of one table on three seeds, which share their control; some of them are true."""
    rng = np.random.default_rng(5 + true_effects)
    errors = uncorrected = 0
    for _ in range(SIMULATIONS):
        control = rng.normal(0, 1, 3)
        arms = rng.normal(0, 1, (5, 3)) + np.where(np.arange(5) < true_effects, 10, 0)[:, None]
        p = [paired_effect(arm - control).p() for arm in arms]
        errors += min(holm(p)[true_effects:]) < LEVEL
        uncorrected += min(p[true_effects:]) < LEVEL
    assert at_most(errors, LEVEL)
    assert uncorrected / SIMULATIONS > 0.075  # without it the family errs more often


@pytest.mark.parametrize("rounds", [6, 15])
def test_interval_of_a_median_covers_skewed_times_with_outliers(rounds):
    """Lognormal rounds, one in ten of them three times as long: the median is that of the mixture."""
    rng = np.random.default_rng(rounds)
    slow = rng.random((SIMULATIONS, rounds)) < 0.1
    times = rng.lognormal(0, 0.2, (SIMULATIONS, rounds)) * np.where(slow, 3, 1)
    big = np.random.default_rng(99)
    truth = np.median(big.lognormal(0, 0.2, 10**6) * np.where(big.random(10**6) < 0.1, 3, 1))
    # Which of the ordered values are the ends depends on their number alone: those of 0, 1, 2, ... are the places.
    _, first, last = median_interval(np.arange(rounds))
    ordered = np.sort(times)
    lows, highs = ordered[:, int(first)], ordered[:, int(last)]
    for i in range(0, SIMULATIONS, 20):
        assert median_interval(times[i])[1:] == (lows[i], highs[i])
    covered = int(((lows <= truth) & (truth <= highs)).sum())
    shortfall = stats.binomtest(covered, SIMULATIONS, 0.95, alternative="less")
    assert shortfall.pvalue > 0.01


def test_five_rounds_make_no_interval():
    assert median_interval(np.arange(5.0)) == (2, -float("inf"), float("inf"))
    assert median_interval(np.arange(7.0)) == (3, 0, 6)


RATIO = {
    "id": "fast",
    "kind": "ratio",
    "paper": "efficientnetv2",
    "table": "11",
    "quantity": "inference throughput",
    "devices": ["cuda"],
    "ratio_of": "V2-S",
    "to": "V1-B5",
    "published": 3.1,
    "between": [2.5, 3.9],
    "rounds": 7,
}


def measured(row, rounds, *, session="one", kind="cuda", date="2026-11-21", **changes):
    device = {"kind": kind, "name": f"a {kind} device"}
    found = {"kind": "measurement", "table": "v2:11", "row": row, "quantity": "inference throughput", "scale": "small"}
    return {**found, "session": session, "rounds": rounds, "provenance": {"device": device, "date": date}, **changes}


def pair(ratios, **place):
    return [measured("V2-S", [100 * r for r in ratios], **place), measured("V1-B5", [100.0] * len(ratios), **place)]


@pytest.mark.parametrize(
    ("ratios", "verdict", "why"),
    [
        ([3.0, 3.1, 3.2, 3.1, 3.0, 3.1, 3.3], "reproduced", "within 2.5 to 3.9"),
        ([2.0, 2.1, 2.2, 2.1, 2.0, 2.1, 2.3], "not reproduced", "outside 2.5 to 3.9"),
        ([2.0, 2.6, 2.6, 2.6, 2.7, 2.6, 2.6], "inconclusive", "contains an end"),
        ([3.0, 3.1, 3.2, 3.1, 3.0, 3.1], "inconclusive", "6 of at least 7 rounds"),
    ],
)
def test_ratio_verdicts(ratios, verdict, why):
    found = judge(RATIO, pair(ratios))
    assert found.verdict == verdict and why in found.why
    assert found.rounds == len(ratios) and found.device == "a cuda device" and found.scale == "small"
    assert (found.low, found.estimate, found.high) == pytest.approx((min(ratios), np.median(ratios), max(ratios)))


def test_ratios_pair_rounds_so_that_drift_cancels():
    drift = np.linspace(1, 5, 9)
    runs = [measured("V2-S", list(3.1 * drift)), measured("V1-B5", list(drift))]
    assert judge(RATIO, runs).low == pytest.approx(3.1) == judge(RATIO, runs).high


def test_open_bounds_judge_a_direction():
    found = judge(RATIO | {"between": [1, None]}, pair([7.0] * 7))
    assert (found.verdict, found.why) == ("reproduced", "the interval lies within 1 and more")


def test_rounds_of_different_sessions_or_devices_are_not_paired():
    apart = [measured("V2-S", [3.0] * 7, session="one"), measured("V1-B5", [1.0] * 7, session="two")]
    assert judge(RATIO, apart).verdict == judge(RATIO, []).verdict == "not run"
    assert judge(RATIO, pair([3.0] * 7, kind="cpu")).verdict == "not run"
    assert judge(RATIO, [r | {"quantity": "latency"} for r in pair([3.0] * 7)]).verdict == "not run"


def test_the_longest_session_counts_then_the_latest():
    runs = pair([3.1] * 8, session="long") + pair([9.0] * 7, session="new", date="2026-11-22")
    assert judge(RATIO, runs).estimate == pytest.approx(3.1)
    runs = pair([3.1] * 7, session="new", date="2026-11-22") + pair([9.0] * 7, session="old")
    assert judge(RATIO, runs).estimate == pytest.approx(3.1)


def test_broken_sessions_are_refused():
    with pytest.raises(ValueError, match="two measurements of 'V2-S' in session 'one'"):
        judge(RATIO, pair([3.0] * 7) + pair([3.0] * 7))
    with pytest.raises(ValueError, match="session 'one': 7 rounds of 'V2-S', 8 of 'V1-B5'"):
        judge(RATIO, [measured("V2-S", [3.0] * 7), measured("V1-B5", [1.0] * 8)])


TREND = {"id": "a", "kind": "trend", "metric": "test_top1", "better": "new", "than": "old", "seeds": 3, "family": "f"}


def runs_of(record, **arms):
    return [record(arm, seed, test_top1=float(v)) for arm, values in arms.items() for seed, v in enumerate(values)]


def test_holm_or_the_interval_decides_as_the_claim_says(record):
    """Mean 2, standard deviation 0.6: t = 2 / (0.6 / sqrt(3)) = 5.77 with 2 degrees of freedom, p = 0.0287."""
    runs = runs_of(record, new=[51.4, 52, 52.6], old=[50, 50, 50])
    family = [TREND, TREND | {"id": "b", "better": "absent"}]
    found = judge_trend(TREND, runs, family)
    assert (found.p, found.adjusted) == pytest.approx((0.0287, 0.0574), abs=1e-4)
    assert (found.verdict, found.by_holm) == ("inconclusive", "inconclusive")
    assert found.why == "the interval leaves 0 out, but not after Holm's correction (p = 0.057)"
    older = judge_trend(TREND | {"decided_by": "interval"}, runs, family)
    assert (older.verdict, older.by_holm, older.why) == ("reproduced", "inconclusive", "the interval lies above 0")
    alone = judge_trend(TREND, runs, [])
    assert (alone.verdict, alone.by_holm, alone.adjusted) == ("reproduced", "", None)


@pytest.mark.parametrize(
    ("margin", "new", "verdict", "why"),
    [
        ({"no_worse_by": 1}, [49.7, 49.8, 49.9], "reproduced", "the interval lies above -1"),
        ({"no_worse_by": 1}, [47.7, 47.8, 47.9], "not reproduced", "the interval lies below -1"),
        (
            {"no_worse_by": 1},
            [48, 50, 52],
            "inconclusive",
            "the interval contains -1; such a difference takes about",
        ),
        ({"equal_within": 1}, [50.2, 50.3, 50.4], "reproduced", "the interval lies within ±1"),
        ({"equal_within": 1}, [52.2, 52.3, 52.4], "not reproduced", "the interval lies above 1"),
        ({"equal_within": 1}, [47.2, 47.3, 47.4], "not reproduced", "the interval lies below -1"),
        ({"equal_within": 1}, [50.2, 50.9, 51.5], "inconclusive", "the interval contains 1"),
    ],
)
def test_margins(record, margin, new, verdict, why):
    found = judge_trend(TREND | margin, runs_of(record, new=new, old=[50, 50, 50]), [])
    assert found.verdict == verdict and found.why.startswith(why)


def test_unpaired_arms_use_every_seed(record):
    runs = runs_of(record, new=[60, 61, 62, 63], old=[50, 51, 52])
    found = judge_trend(TREND | {"paired": False}, runs, [])
    theirs = stats.ttest_ind([60, 61, 62, 63], [50, 51, 52], equal_var=False)
    assert (found.estimate, found.p, found.seeds) == (pytest.approx(10.5), pytest.approx(theirs.pvalue), 3)
    assert found.verdict == "reproduced"


def test_runs_and_measurements_of_one_page_do_not_disturb_each_other(record):
    mixed = runs_of(record, new=[60, 61, 62.5], old=[50, 51, 52]) + pair([3.1] * 7)
    assert judge_trend(TREND, mixed, []).seeds == 3 and judge(RATIO, mixed).rounds == 7
