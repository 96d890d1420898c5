"""The verdict engine on simulated runs: how often it errs, how often it sees, and when it abstains."""

import numpy as np
import pytest
from scipy import stats

from convscale.evidence.claims import VERDICTS, claims, judge, load_claims, mean_interval, metric, paired
from convscale.evidence.paper import paper_table

CLAIM = {"kind": "trend", "metric": "test_top1", "better": "new", "than": "old", "seeds": 3, "published": 0.8}


def records(record, new, old, **control):
    """Records of seeds 0, 1, ... with the given accuracies of each arm."""
    arms = {"new": new, "old": old, **control}
    return [record(arm, seed, test_top1=float(v)) for arm, values in arms.items() for seed, v in enumerate(values)]


def test_interval_is_students():
    # 1, 2, 3, 4: mean 2.5, standard deviation 1.2910, t(0.975, 3) = 3.1824, so 3.1824 x 1.2910 / 2 = 2.0543
    assert mean_interval(np.array([1.0, 2, 3, 4])) == pytest.approx((2.5, 2.0543), abs=1e-4)
    assert mean_interval(np.array([7.0])) == (7, float("inf"))


@pytest.mark.parametrize(
    ("new", "verdict", "why"),
    [
        ([60, 61, 62], "reproduced", "the interval lies above 0"),
        ([40, 41, 42], "not reproduced", "the interval lies below 0"),
        ([40, 51, 62], "inconclusive", "the interval contains 0; such a difference takes more than 1000 seeds"),
        ([50, 51, 52], "inconclusive", "the interval contains 0; such a difference takes more than 1000 seeds"),
        # mean 1, standard deviation 1.7321: 2.1604 x 1.7321 / sqrt(14) = 1.00007, 2.1448 x 1.7321 / sqrt(15) = 0.9592
        ([53, 51.1, 51.9], "inconclusive", "the interval contains 0; such a difference takes about 15 seeds"),
        ([60, 61], "inconclusive", "2 of at least 3 seeds"),
        ([60], "inconclusive", "1 of at least 3 seeds"),
        ([], "not run", "no records of both arms"),
    ],
)
def test_verdicts(record, new, verdict, why):
    found = judge(CLAIM, records(record, new, [50.0, 51.1, 51.9] if new != [50, 51, 52] else new))
    assert (found.verdict, found.why, found.seeds) == (verdict, why, len(new))
    assert found.verdict in VERDICTS


def test_seeds_are_paired_with_themselves(record):
    """Seeds differ by ten points and the arms by one: without pairing nothing would be seen."""
    old = np.array([30.0, 40, 50, 60])
    found = judge(CLAIM, records(record, old + np.array([1.0, 1.1, 0.9, 1.0]), old))
    assert found.verdict == "reproduced" and found.difference == pytest.approx(1.0)
    reverse = [record("new", 3 - s, test_top1=v) for s, v in enumerate(old + 1)]
    assert judge(CLAIM, reverse + records(record, [], old)).verdict == "inconclusive"


def test_only_seeds_of_both_arms_count(record):
    some = [record("new", s, test_top1=60.0 + s) for s in (1, 2, 5)] + [record("old", s) for s in (0, 1, 2)]
    assert paired(some, ("new", "test_top1"), ("old", "test_top1")).tolist() == [11, 12]
    assert judge(CLAIM, some).seeds == 2


@pytest.fixture
def fast_judge(monkeypatch):
    """`judge` on plain numbers: thousands of records would only slow the simulation down."""

    def verdict_on(differences):
        monkeypatch.setattr("convscale.evidence.claims.paired", lambda *_: differences)
        return judge(CLAIM, []).verdict

    return verdict_on


@pytest.mark.parametrize("seeds", [3, 5])
def test_false_verdicts_come_at_their_level(fast_judge, seeds):
    """Without any effect, a two-sided 95 % interval lies above 0 in 2.5 % of the cases and below in 2.5 %."""
    rng = np.random.default_rng(seeds)
    found = [fast_judge(differences) for differences in rng.normal(0, 2, (4000, seeds))]
    for verdict in ("reproduced", "not reproduced"):
        assert stats.binomtest(found.count(verdict), 4000, 0.025).pvalue > 0.01, verdict
    assert found.count("inconclusive") + found.count("reproduced") + found.count("not reproduced") == 4000


@pytest.mark.parametrize(("seeds", "effect"), [(3, 3.0), (5, 1.5)])
def test_power_is_that_of_the_t_test(fast_judge, seeds, effect):
    """Effects are in standard deviations of the difference; the expected share comes from the noncentral t."""
    rng = np.random.default_rng(seeds)
    found = [fast_judge(differences) for differences in rng.normal(effect, 1, (2000, seeds))]
    power = 1 - stats.nct.cdf(stats.t.ppf(0.975, seeds - 1), seeds - 1, effect * np.sqrt(seeds))
    assert stats.binomtest(found.count("reproduced"), 2000, power).pvalue > 0.01
    assert power > 0.6


def with_condition(at_least):
    return CLAIM | {
        "conditions": [
            {"name": "it helps", "difference": ["new", "test_top1", "control", "test_top1"], "at_least": at_least}
        ]
    }


def test_condition_decides_between_reproduced_and_inconclusive(record):
    runs = records(record, [60, 61, 62], [50.0, 51.1, 51.9], control=[58, 59, 60])
    assert judge(with_condition(2), runs).verdict == "reproduced"
    found = judge(with_condition(2.5), runs)
    assert (found.verdict, found.why) == ("inconclusive", "condition fails: it helps (+2.0)")
    assert found.difference == pytest.approx(10.0)


def test_condition_that_was_not_run_fails(record):
    found = judge(with_condition(-100), records(record, [60, 61, 62], [50.0, 51.1, 51.9]))
    assert (found.verdict, found.why) == ("inconclusive", "condition fails: it helps (not run)")


def test_condition_does_not_soften_a_clear_no(record):
    runs = records(record, [40, 41, 42], [50.0, 51.1, 51.9], control=[90, 90, 90])
    assert judge(with_condition(2), runs).verdict == "not reproduced"


def test_metric_on_the_way_is_read_from_the_curve(record):
    runs = [record("new", 0)]  # points at steps 3, 6, 9, 12 with ten times the step
    assert metric(runs, "new", "test_top1@0.5").tolist() == [60]
    assert metric(runs, "new", "test_top1@0.7").tolist() == [90]
    assert metric(runs, "new", "test_top1@1").tolist() == [120]


def test_unknown_metric_is_refused(record):
    with pytest.raises(ValueError, match="unknown metric 'test_top5': did you mean test_top1"):
        metric([record("new", 0)], "new", "test_top5")


def test_two_different_runs_for_one_seed_are_refused(record):
    """Records of an earlier recipe must not slip in between those of the present one."""
    mixed = [record("new", 0, test_top1=60.0), record("new", 0, test_top1=70.0, epochs=8)]
    with pytest.raises(ValueError, match="two runs of arm 'new', seed 0: "):
        metric(mixed, "new", "test_top1")


def test_claims_are_complete_and_agree_with_the_papers():
    rows = claims()
    assert len({row["id"] for row in rows}) == len(rows) == len(load_claims())
    for row in rows:
        assert {"kind", "paper", "page", "statement"} <= row.keys()
        if row["kind"] != "trend":
            continue
        assert {"metric", "better", "than"} <= row.keys() and row["better"] != row["than"] and row["seeds"] >= 3
        for condition in row.get("conditions", []):
            assert condition["name"] and len(condition["difference"]) == 4 and "at_least" in condition
    change = paper_table("v2:13").query("column == 'change'").value.tolist()
    adaptive = paper_table("v2:13").query("column == 'adaptive'").set_index("row").value
    published = {row["id"]: row.get("published") for row in rows}
    assert [published["v2-table13-progressive"], published["v2-table13-random"]] == change
    assert published["v2-table13-progressive-over-random"] == pytest.approx(adaptive.max() - adaptive.min())


def test_claims_of_one_page():
    assert {row["page"] for row in claims("efficientnetv2/6-3-adaptive-regularization")} == {
        "efficientnetv2/6-3-adaptive-regularization"
    }
    assert claims("nothing") == []
