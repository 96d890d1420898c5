"""The verdict engine on simulated runs: how often it errs, how often it sees, and when it abstains."""

import numpy as np
import pandas as pd
import pytest
from convscale.pages.plain import plan
from scipy import stats

from convscale.evidence.claims import claim_of, claims, command, is_written, load_claims
from convscale.evidence.judge_trend import metric, paired
from convscale.evidence.judging import cost, judge, multiply_adds, summary, tally
from convscale.evidence.paper import PAPERS, paper_table
from convscale.evidence.statistics import mean_interval
from convscale.evidence.verdict import VERDICTS, Verdict
from convscale.records import Store

CLAIM = {
    "kind": "trend",
    "metric": "test_top1",
    "better": "new",
    "than": "old",
    "seeds": 3,
    "published": 0.8,
}


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
    assert found.verdict == "reproduced" and found.estimate == pytest.approx(1.0)
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
        values = {"new": pd.Series(differences), "old": pd.Series(0.0, range(len(differences)))}
        monkeypatch.setattr("convscale.evidence.judge_trend.metric", lambda _, arm, __: values[arm])
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
    assert found.estimate == pytest.approx(10.0)


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


NEEDED = {
    "exact": set(),
    "release": set(),
    "printed": {"operation", "pairs"},
    "ratio": {"ratio_of", "to", "quantity", "devices", "rounds", "published", "between"},
    "trend": {"metric", "better", "than"},
    "interaction": {"metric", "contrast"},
}


def seeds_asked_for(claim):
    """At each scale that names them, or at all."""
    scales = claim["scales"] if isinstance(claim.get("scales"), dict) else {"all": claim}
    return {scale: rule["seeds"] for scale, rule in scales.items()}


def test_every_claim_is_complete():
    rows = claims()
    assert len({row["id"] for row in rows}) == len(rows) == len(load_claims())
    for row in rows:
        assert {"paper", "page", "statement"} | NEEDED[row["kind"]] <= row.keys(), row["id"]
        assert row["paper"] in [paper for paper, _ in PAPERS.values()]
        assert len({"table", "figure", "section"} & row.keys()) == 1, row["id"]
        if row["kind"] == "trend":
            assert row["better"] != row["than"] and min(seeds_asked_for(row).values()) >= 3
            for condition in row.get("conditions", []):
                assert condition["name"] and len(condition["difference"]) == 4 and "at_least" in condition
        if row["kind"] == "interaction":
            assert sum(row["contrast"].values()) == 0 and len(row["contrast"]) > 2, row["id"]
            assert min(seeds_asked_for(row).values()) >= 3
        if row["kind"] == "ratio":
            assert row["ratio_of"] != row["to"] and row["rounds"] >= 6  # fewer give no 95 % interval of a median


def test_bounds_of_ratios_are_a_factor_of_the_published_one():
    for row in (r for r in claims() if r["kind"] == "ratio" and r["between"][1] is not None):
        assert row["between"] == [round(row["published"] / 1.25, 2), round(row["published"] * 1.25, 2)], row["id"]


@pytest.mark.parametrize(
    ("prefix", "table", "column"),
    [
        ("v2-table11-", "v2:11", "throughput"),
        ("v2-table3-fused3-tpu", "v2:3", "TPU throughput"),
        ("v2-table3-fused7-gpu", "v2:3", "V100 throughput"),
        ("v2-table7-", "v2:7", "infer-time"),
        ("v2-table10-training", "v2:10", "train-time"),
        ("v1-table4-", "v1:4", "latency"),
        ("rs-table2-gpu-", "rs:2", "V100 latency"),
        ("rs-table2-tpu-", "rs:2", "TPUv3 latency"),
    ],
)
def test_published_ratios_are_those_of_their_tables(prefix, table, column):
    values = paper_table(table).query("column == @column").set_index("row")["value"]
    rows = [c for c in claims() if c["kind"] == "ratio" and c["id"].startswith(prefix)]
    assert rows
    for claim in rows:
        assert claim["published"] == pytest.approx(values[claim["ratio_of"]] / values[claim["to"]], abs=0.006)


def test_published_changes_are_those_of_table_13():
    change = paper_table("v2:13").query("column == 'change'").value.tolist()
    adaptive = paper_table("v2:13").query("column == 'adaptive'").set_index("row").value
    published = {row["id"]: row.get("published") for row in claims()}
    assert [published["v2-table13-progressive"], published["v2-table13-random"]] == change
    assert published["v2-table13-progressive-over-random"] == pytest.approx(adaptive.max() - adaptive.min())


@pytest.mark.parametrize(
    ("table", "column", "first", "second", "claim"),
    [
        ("v2:12", "top-1", "progressive", "baseline", "v2-table12-resnet152-380"),
        ("v2:7", "top-1", "EfficientNetV2-L", "EfficientNetV2-M", "v2-table7-l-m"),
        ("v2:5", "size=300", "RandAug magnitude=15", "RandAug magnitude=5", "v2-table5-300"),
        ("v2:8", "CIFAR-100", "EfficientNetV2-L", "EfficientNet-B7", "v2-table8-cifar100-l-b7"),
        ("v1:7", "top-1", "Compound Scale (d=1.4, w=1.2, r=1.3)", "Scale model by width (w=2)", "v1-table7-width"),
    ],
)
def test_published_differences_are_those_of_their_tables(table, column, first, second, claim):
    tidy = paper_table(table)
    if table == "v2:12":
        values = tidy[tidy["row"] == "ResNet152 (380)"].set_index("column")["value"]
        difference = values[f"{first} {column}"] - values[f"{second} {column}"]
    else:
        values = tidy[tidy["column"] == column].set_index("row")["value"]
        difference = values[first] - values[second]
    assert next(c for c in claims() if c["id"] == claim)["published"] == pytest.approx(difference)


@pytest.mark.parametrize(
    ("table", "claim", "cells"),
    [
        (
            "v2:5",
            "v2-section4-1-interaction",
            {
                ("RandAug magnitude=15", "size=300"): "size-300-magnitude-15",
                ("RandAug magnitude=5", "size=300"): "size-300-magnitude-5",
                ("RandAug magnitude=15", "size=128"): "size-128-magnitude-15",
                ("RandAug magnitude=5", "size=128"): "size-128-magnitude-5",
            },
        ),
        (
            "rs:1r",
            "rs-section5-2-interaction-50",
            {
                ("ResNet-50 RA-LS-DO", "weight decay 4e-5"): "resnet-50-ra-ls-do-4e-5",
                ("ResNet-50 RA-LS-DO", "weight decay 1e-4"): "resnet-50-ra-ls-do-1e-4",
                ("ResNet-50 None", "weight decay 4e-5"): "resnet-50-none-4e-5",
                ("ResNet-50 None", "weight decay 1e-4"): "resnet-50-none-1e-4",
            },
        ),
        (
            "rs:1r",
            "rs-section5-2-interaction-200",
            {
                ("ResNet-200 RA-LS-SD-DO", "weight decay 4e-5"): "resnet-200-ra-ls-sd-do-4e-5",
                ("ResNet-200 RA-LS-SD-DO", "weight decay 1e-4"): "resnet-200-ra-ls-sd-do-1e-4",
                ("ResNet-200 None", "weight decay 4e-5"): "resnet-200-none-4e-5",
                ("ResNet-200 None", "weight decay 1e-4"): "resnet-200-none-1e-4",
            },
        ),
    ],
)
def test_published_interactions_are_those_of_their_tables(table, claim, cells):
    found = claim_of(claim)
    values = paper_table(table).set_index(["row", "column"])["value"]
    assert set(cells.values()) == found["contrast"].keys()
    total = sum(found["contrast"][arm] * values[cell] for cell, arm in cells.items())
    assert found["published"] == pytest.approx(total)


def test_an_interaction_without_runs_is_not_run():
    assert judge(claim_of("v2-section4-1-interaction"), []).verdict == "not run"


def test_additive_studies_publish_every_printed_change():
    changes = paper_table("rs:1l").query("column == 'change'").value.abs().tolist()
    assert [c["published"] for c in claims("resnet_rs/5-1-additive-study") if c["kind"] == "trend"] == changes


def test_claims_of_one_page():
    assert {row["page"] for row in claims("efficientnetv2/6-3-adaptive-regularization")} == {
        "efficientnetv2/6-3-adaptive-regularization"
    }
    assert claims("nothing") == []


PAGE = "efficientnetv2/6-3-adaptive-regularization"


def test_summary_names_scale_device_seeds_and_interval(record, tmp_path):
    store = Store(tmp_path / "store")
    for seed in range(3):
        for arm, top1 in (("progressive-adaptive", 60 + seed), ("random-adaptive", 50 + seed / 2)):
            store.write(record(arm, seed, page=PAGE, test_top1=float(top1)))
    table = summary(page=PAGE, kind="trend", store=store).set_index("id")
    row = table.loc["v2-table13-progressive-over-random"]
    # 10, 10.5, 11: standard deviation 0.5, t(0.975, 2) = 4.3027, so 4.3027 x 0.5 / sqrt(3) = 1.24
    assert (row["verdict"], row["estimate"], row["published"]) == ("reproduced", "+10.5 ± 1.2", "+0.9")
    assert row["evidence"] == "small, 3 seeds, a processor"
    assert row["adjusted"] == pytest.approx(3 * row["p"])  # two of three comparisons were not run
    assert row["command"] == f"convscale page run {PAGE} -p scale=small -p seeds=3"
    assert summary(page=PAGE, kind="trend", store=store, verdict="reproduced")["id"].tolist() == [row.name]
    counted = tally(table.reset_index()).set_index("kind")
    assert counted.loc["trend"].tolist() == counted.loc["all"].tolist() == [4, 1, 0, 0, 3]


def test_smoke_records_judge_nothing(record, tmp_path):
    store = Store(tmp_path / "store")
    for arm in ("progressive-adaptive", "random-adaptive"):
        store.write(record(arm, page=PAGE, scale="smoke"))
    assert set(summary(page=PAGE, kind="trend", store=store)["verdict"]) == {"not run"}


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"kind": "trends"}, "unknown kind 'trends': did you mean trend"),
        ({"paper": "v2"}, "unknown paper 'v2': .*allowed: efficientnetv2"),
        ({"verdict": "maybe"}, "unknown verdict 'maybe'"),
        ({"page": "efficientnetv2/6-3"}, "unknown page of a claim 'efficientnetv2/6-3': did you mean"),
    ],
)
def test_unknown_filters_are_refused(filters, message):
    with pytest.raises(ValueError, match=message):
        summary(**filters)


def test_a_page_that_is_not_written_has_no_command():
    claim = {"kind": "trend", "page": "efficientnetv2/9-nothing", "seeds": 3}
    assert command(claim) == "" and command(claim | {"page": PAGE}) != ""
    assert command({"kind": "exact", "page": PAGE}) == ""


def test_cost_is_images_times_three_forward_passes():
    # ResNet-50 at 224 px: 4,089,184,256 multiply-adds forward
    claim = {"kind": "trend", "seeds": 2, "training": {"images": 1000, "epochs": 10, "networks": ["resnet-50@224"]}}
    assert multiply_adds(claim) == 3 * 1000 * 10 * 2 * 4_089_184_256
    # 350 epochs of ImageNet, one run: 5.5e18 multiply-adds at 1.56e14 a second are 9.8 hours
    imagenet = {"images": 1_281_167, "epochs": 350, "networks": ["resnet-50@224"]}
    assert cost(claim | {"seeds": 1, "training": imagenet}) == "at least 10 A100-hours"
    assert cost({"kind": "trend"}) == "not estimated" and cost({"kind": "printed"}) == ""


def test_verdict_shows_its_estimate():
    assert Verdict("not run", "").shown == "-" and Verdict("not run", "").evidence == ""
    assert Verdict("reproduced", "", 4.1, 4.0, 4.25, rounds=7).shown == "4.10x [4.00, 4.25]"


def test_the_largest_scale_that_has_records_judges(record, tmp_path):
    store = Store(tmp_path / "store")
    for scale, top1 in (("small", 60.0), ("paper", 40.0)):
        for seed in range(3):
            for arm, value in (("progressive-adaptive", top1), ("random-adaptive", 50.0)):
                store.write(record(arm, seed, page=PAGE, scale=scale, test_top1=value + seed / 10))
        row = summary(id="v2-table13-progressive-over-random", store=store).iloc[0]
        assert row["evidence"].startswith(scale) and row["estimate"].startswith("+" if top1 > 50 else "-")


METRICS = {"test_top1", "test_loss", "train_top1"}  # of every record; "test_top1@0.5" reads one on the way


def arms_and_metrics(claim: dict) -> list[tuple[str, str]]:
    arms = claim["contrast"] if claim["kind"] == "interaction" else (claim["better"], claim["than"])
    found = [(arm, claim["metric"]) for arm in arms]
    for condition in claim.get("conditions", []):
        arm1, metric1, arm2, metric2 = condition["difference"]
        found += [(arm1, metric1), (arm2, metric2)]
    return found


def test_every_metric_of_a_claim_is_one_that_records_have():
    for claim in claims():
        if claim["kind"] in ("trend", "interaction"):
            for _, name in arms_and_metrics(claim):
                name, _, share = name.partition("@")
                assert name in METRICS and (not share or 0 < float(share) <= 1), claim["id"]


@pytest.mark.parametrize(
    "page", sorted({c["page"] for c in claims() if c["kind"] == "trend" and is_written(c["page"])})
)
def test_every_arm_of_a_claim_is_one_that_its_page_runs(page):
    arms = {job.arm for job in plan(page, {})}
    named = {arm for claim in claims(page) if claim["kind"] == "trend" for arm, _ in arms_and_metrics(claim)}
    assert named and named <= arms
