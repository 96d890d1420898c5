"""Claims about trained arms: every word can be reached, each for its reason, and only by the registered runs."""

import numpy as np
import pytest
from scipy import stats

from convscale.evidence.judge_trend import judge_trend
from convscale.evidence.runs import FIRST_SEED, metric, registered
from convscale.experiments.papers.rs_factorial import DESIGN

SIMULATIONS = 2000
CLAIM = {
    "id": "a",
    "kind": "trend",
    "metric": "test_top1",
    "better": "new",
    "than": "old",
    "scales": {"small": {"seeds": 4, "smallest": 1.0}},
}
WAVES = np.array([-0.15, -0.05, 0.05, 0.15])  # mean 0, standard deviation 0.129: half a 95 % interval of 0.205


def runs(first=FIRST_SEED, scale="small", key="", **arms):
    """The least that a record of each arm is made of, with the given test accuracies of seeds 10, 11, ..."""
    return [
        {
            "key": f"{arm}{seed}{key}",
            "arm": arm,
            "scale": scale,
            "run": {"seed": seed},
            "metrics": {"test_top1": float(value), "train_top1": 90.0},
            "provenance": {"device": {"name": "a processor"}},
        }
        for arm, values in arms.items()
        for seed, value in enumerate(values, first)
    ]


def around(*means, of=WAVES):
    """Records of `new`, with these means over `old`'s 50, and of further arms a, b, ..."""
    names = ("new", "a", "b")[: len(means)]
    return runs(old=[50.0] * len(of), **{arm: 50 + mean + of for arm, mean in zip(names, means, strict=True)})


@pytest.mark.parametrize(
    ("records", "verdict", "shown", "why"),
    [
        (around(2), "reproduced", "+2.0 ± 0.2", "the interval lies above 0"),
        (around(-2), "not reproduced", "-2.0 ± 0.2", "the interval lies below 0"),
        (around(0.1), "no difference seen", "+0.1 ± 0.2", "lies within ±1, the smallest effect of interest"),
        (
            around(0.5),
            "reproduced",
            "+0.5 ± 0.2",
            "above 0, all of it nearer to 0 than the smallest effect of interest, 1",
        ),
        (
            around(1, of=20 * WAVES),
            "inconclusive",
            "+1.0 ± 4.1",
            "the interval contains 0; seeds that give 80 % power: ",
        ),
        (around(2, of=WAVES[:3]), "not run", "-", "3 of 4 seeds at small"),
        ([], "not run", "-", "0 of 4 seeds at small"),
    ],
)
def test_every_word_is_reached(records, verdict, shown, why):
    found = judge_trend(CLAIM, records)
    assert (found.verdict, found.shown) == (verdict, shown) and why in found.why
    assert found.shown_word == ("same direction" if verdict == "reproduced" else verdict)
    assert found.evidence == ("" if verdict == "not run" else "small, 4 seeds, a processor")
    assert (found.p is None) == (verdict == "not run")  # nothing is computed before all runs are there


def test_seeds_are_blocks():
    """Seeds differ by ten points and the arms by one: unpaired nothing would be seen."""
    old = np.array([30.0, 40, 50, 60])
    assert judge_trend(CLAIM, runs(old=old, new=old + 1 + WAVES)).verdict == "reproduced"
    assert judge_trend(CLAIM, runs(old=old, new=old[::-1] + 1 + WAVES)).verdict == "inconclusive"


def test_pilots_further_seeds_and_other_records_judge_nothing():
    judged = around(2)
    others = runs(0, new=[0.0] * 10, old=[90.0] * 10) + runs(14, new=[0.0] * 9, old=[90.0] * 9)
    others += [*runs(scale="smoke", new=[0.0] * 4, old=[90.0] * 4), {"kind": "measurement", "rounds": []}]
    assert judge_trend(CLAIM, judged + others) == judge_trend(CLAIM, judged)
    assert judge_trend(CLAIM, others).why == "0 of 4 seeds at small" and registered(4) == range(10, 14)


def test_level_is_kept_because_nothing_is_looked_at_before_its_time():
    """No effect. Looking after every seed from 3 to 8 errs often; here no verdict is given before the eighth."""
    rng = np.random.default_rng(0)
    claim = CLAIM | {"scales": {"small": {"seeds": 8, "smallest": 0.1}}}
    differences = rng.normal(0, 1, (SIMULATIONS, 8))
    means, errors = (
        np.array([f(differences[:, :n]) for n in range(3, 9)])
        for f in (lambda d: d.mean(axis=1), lambda d: d.std(axis=1, ddof=1) / np.sqrt(d.shape[1]))
    )
    crossed = np.abs(means / errors) > stats.t.ppf(0.975, np.arange(2, 8))[:, None]
    assert crossed.any(axis=0).mean() > 0.12
    early = [judge_trend(claim, runs(new=d[:n], old=[0.0] * n)) for d in differences[:20] for n in range(8)]
    assert {found.verdict for found in early} == {"not run"}
    final = [judge_trend(claim, runs(new=d, old=[0.0] * 8)).verdict for d in differences[:300]]
    assert [word in ("reproduced", "not reproduced") for word in final] == crossed[-1][:300].tolist()
    assert stats.binomtest(int(crossed[-1].sum()), SIMULATIONS, 0.05, alternative="greater").pvalue > 0.01


LARGER = CLAIM | {"scales": {s: {"seeds": 4, "smallest": 1.0} for s in ("small", "medium", "paper")}}


def test_the_largest_scale_with_all_runs_judges():
    small, stray = around(2), runs(scale="paper", new=[40.0])
    assert judge_trend(LARGER, small + stray).scale == "small"
    medium = [record | {"scale": "medium"} for record in around(-2)]
    assert (found := judge_trend(LARGER, small + medium + stray)).scale == "medium" and found.estimate == -2
    paper = judge_trend(LARGER, small + [record | {"scale": "paper"} for record in small])
    assert (paper.scale, paper.shown_word) == ("paper", "reproduced")
    assert judge_trend(LARGER, around(2, of=WAVES[:3]) + stray).why == "0 of 4 seeds at paper"
    assert judge_trend(CLAIM, stray).why == "0 of 4 seeds at small"  # a scale that the claim does not name


def test_two_different_runs_for_one_seed_are_refused():
    with pytest.raises(ValueError, match="two runs of arm 'new', seed 10: new10 and new10b; keep the records of one"):
        judge_trend(CLAIM, around(2) + runs(key="b", new=[60.0]))
    assert judge_trend(CLAIM, around(2) * 2).verdict == "reproduced"  # the same twice is no contradiction


def margin(**rule):
    return CLAIM | {"scales": {"small": {"seeds": 4, **rule}}}


@pytest.mark.parametrize(
    ("rule", "mean", "verdict", "why"),
    [
        ({"no_worse_by": 1}, -0.2, "reproduced", "the interval lies above -1"),
        ({"no_worse_by": 1}, -2.2, "not reproduced", "the interval lies below -1"),
        ({"no_worse_by": 1}, -0.9, "inconclusive", "the interval contains -1"),
        ({"equal_within": 1}, 0.3, "reproduced", "the interval lies within ±1"),
        ({"equal_within": 1}, 2.3, "not reproduced", "the interval lies above 1"),
        ({"equal_within": 1}, -2.7, "not reproduced", "the interval lies below -1"),
        ({"equal_within": 1}, 0.9, "inconclusive", "the interval contains 1"),
    ],
)
def test_margins(rule, mean, verdict, why):
    found = judge_trend(margin(**rule), around(mean))
    assert found.verdict == verdict and found.why.startswith(why)


@pytest.mark.parametrize(("bad", "verdict"), [(-3, "reproduced"), (-1.1, "inconclusive"), (0, "inconclusive")])
def test_no_worse_means_nothing_before_the_control_is_seen(bad, verdict):
    """Its distance must exceed the margin, 1, with the whole interval of ±0.2."""
    claim = margin(no_worse_by=1) | {"control": "a"}
    found = judge_trend(claim, around(0, bad))
    assert found.verdict == verdict and ("the control was not seen (old - a: " in found.why) == (bad > -2)
    assert judge_trend(claim, around(0)).why == "0 of 4 seeds at small"  # the control was not run


def test_conditions_need_their_whole_interval():
    def claim(at_least):
        condition = {"name": "it helps", "difference": ["new", "test_top1", "a", "test_top1"], "at_least": at_least}
        return LARGER | {"conditions": [condition]}

    records = around(2, 0, of=WAVES) + runs(b=[0.0])
    records = [r if r["arm"] != "a" else r | {"metrics": {"test_top1": 50.0}} for r in records]
    assert judge_trend(claim(1.7), records).verdict == "reproduced"
    found = judge_trend(claim(1.9), records)  # the mean, 2, would do
    assert (found.verdict, found.why) == ("inconclusive", "condition fails: it helps (+2 ± 0.21)")
    assert judge_trend(claim({"small": 1.9}), records).verdict == "inconclusive"
    assert judge_trend(claim({"paper": 1.9}), records).verdict == "reproduced"  # no threshold at small
    down = [r | {"metrics": {"test_top1": 100 - r["metrics"]["test_top1"]}} for r in records]
    assert judge_trend(claim(1.9), down).verdict == "not reproduced"  # a condition does not soften a clear no


def test_an_interaction_is_a_contrast_of_contrasts():
    claim = CLAIM | {"kind": "interaction", "contrast": {"new": 1, "old": -1, "a": -1, "b": 1}}
    found = judge_trend(claim, around(3, 1, 0, of=WAVES))
    assert found.estimate == pytest.approx(2) and found.verdict == "reproduced"
    assert judge_trend(claim | {"lower": True}, around(3, 1, 0)).estimate == pytest.approx(-2)


def test_a_scale_may_have_an_experiment_and_a_named_contrast_of_its_own():
    """Of 32 arms, 16 with label smoothing; arms of the same names in another experiment are other arms."""
    scales = {"small": {"seeds": 4, "smallest": 1.0, "experiment": "rs_factorial", "contrast": "label smoothing"}}
    claim = CLAIM | {"scales": {"paper": {"seeds": 4, "smallest": 0.2}} | scales}
    gains = {arm: 50 + (2.5 if levels["smoothing"] > 0 else 0) + WAVES for arm, levels in DESIGN.runs.items()}
    records = [record | {"experiment": "rs_factorial"} for record in runs(**gains)]
    others = [record | {"experiment": "another"} for record in runs(key="b", **gains)]
    found = judge_trend(claim, records + others, (), [claim])
    assert found.estimate == pytest.approx(2.5) and (found.verdict, found.scale) == ("reproduced", "small")
    assert judge_trend(claim, others).why == "0 of 4 seeds at small"
    with pytest.raises(ValueError, match="unknown contrast of rs_factorial 'label smoothin': did you mean"):
        judge_trend(claim | {"scales": {"small": scales["small"] | {"contrast": "label smoothin"}}}, records)


def test_holm_decides_among_the_claims_of_the_family_that_the_scale_knows():
    """Mean 2, standard deviation 1.1: t = 2 / (1.1 / 2) = 3.64 with 3 degrees of freedom, p = 0.036."""
    records = around(2, of=8.5 * WAVES)
    other = CLAIM | {"id": "b", "better": "absent"}
    found = judge_trend(CLAIM, records, [CLAIM, other])
    assert (found.p, found.adjusted) == pytest.approx((0.0356, 0.0713), abs=2e-4)
    assert (found.verdict, found.why) == (
        "inconclusive",
        "the interval leaves 0 out, but not after Holm's correction (p = 0.071)",
    )
    at_paper = other | {"scales": {"paper": {"seeds": 4}}}
    assert judge_trend(CLAIM, records, [CLAIM, at_paper]).verdict == judge_trend(CLAIM, records).verdict == "reproduced"


def test_claims_of_an_experiment_wait_for_all_its_arms_and_share_their_error():
    mate = CLAIM | {"id": "b", "better": "a"}
    assert judge_trend(CLAIM, around(2), (), [CLAIM, mate]).why == "0 of 4 seeds at small"
    noise = np.random.default_rng(0).normal(0, 1, (3, 4))
    records = runs(old=50 + noise[0], new=52 + noise[1], a=50 + noise[2], unnamed=[0.0] * 4)
    pooled = judge_trend(CLAIM, records, (), [CLAIM, mate])
    residuals = noise - noise.mean(axis=0) - noise.mean(axis=1, keepdims=True) + noise.mean()
    error = np.sqrt((residuals**2).sum() / 6 * 2 / 4)  # (3 - 1)(4 - 1) degrees of freedom
    assert pooled.high - pooled.estimate == pytest.approx(stats.t.ppf(0.975, 6) * error)


def test_inconclusive_says_what_it_would_take():
    """Mean 1, standard deviation 2.58: 55 seeds see 1.0, and 84 see 0.8, in 80 % of the cases (t test)."""
    found = judge_trend(CLAIM | {"published": 0.8}, around(1, of=20 * WAVES))
    assert found.why.endswith(
        "seeds that give 80 % power: 84 if the true effect is the published one, 55 if the true effect is the one found"
    )
    family = [CLAIM, CLAIM | {"id": "b"}]
    assert (
        "seeds that give 80 % power after Holm's correction: 66 if"
        in judge_trend(CLAIM, around(1, of=20 * WAVES), family).why
    )


def test_lower_is_better_where_the_claim_says_so():
    claim = CLAIM | {"metric": "early_loss", "lower": True}
    faster = [r | {"metrics": {"early_loss": r["metrics"]["test_top1"] / 100}} for r in around(-2)]
    found = judge_trend(claim, faster)
    assert (found.verdict, found.shown) == ("reproduced", "+0.020 ± 0.002")


def test_the_best_size_is_the_best_of_those_tested():
    metrics = {"test_top1": 43.0, "test_top1@16": 45.0, "test_top1@24": 41.0, "train_top1": 99.0}
    assert metric({"metrics": metrics}, "test_top1@best") == 45 and metric({"metrics": metrics}, "test_top1") == 43
    with pytest.raises(ValueError, match="unknown metric 'test_top5': did you mean test_top1"):
        metric({"metrics": metrics}, "test_top5")
