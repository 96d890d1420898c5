"""Verdicts as they are shown: the table of all claims, the count by kind, what a run would cost."""

import pytest

from convscale.evidence import judge
from convscale.evidence.claims import claim_of, command
from convscale.evidence.judging import cost, multiply_adds, summary, tally
from convscale.evidence.rule_words import unit_of
from convscale.evidence.verdict import Verdict
from convscale.experiments import get
from convscale.recipes import canonical
from convscale.records import Store

PAGE = "efficientnetv2/6-3-adaptive-regularization"
ARMS = {"progressive-vanilla": 50.0, "progressive-adaptive": 60.0, "progressive-minimum": 55.0}
ARMS |= {"random-vanilla": 45.0, "random-adaptive": 50.0, "random-minimum": 48.0, "fixed-size": 52.0}


@pytest.fixture
def table13(record, tmp_path):
    """A store with all runs that Table 13 asks for at small, seeds 10 to 25."""
    store = Store(tmp_path / "store")
    for job in get("v2_table13", "small").jobs:
        number, top1 = job.run.seed - 10, ARMS[job.arm]
        noisy = top1 + number / 10 + (number + len(job.arm)) % 3
        metrics = {"test_top1": noisy, "test_top1@24": top1 + 2, "early_loss": 3 - top1 / 100 + number / 1000}
        base = record(job.arm, job.run.seed, **metrics)
        store.write(base | {"key": job.run.key, "run": canonical(job.run)})
    return store


def test_summary_names_scale_device_seeds_and_interval(table13):
    table = summary(page=PAGE, kind="trend", store=table13).set_index("id")
    row = table.loc["v2-table13-progressive"]
    assert (row["verdict"], row["published"]) == ("same direction", "+0.8") and row["estimate"].startswith("+10.")
    assert row["evidence"] == "small, 16 seeds, a processor" and row["adjusted"] >= row["p"]
    assert row["since"] == "2026-11-28" and row["history"].startswith("inconclusive until 2026-11-28")
    assert row["command"] == "convscale experiment run v2_table13 --scale small"
    waits = table[table["verdict"] == "not run"].index.tolist()  # for runs of another experiment
    assert waits == ["v2-section6-3-blocks"] and table.loc["v2-figure6-faster", "estimate"].startswith("+0.1")
    assert len(summary(page=PAGE, kind="trend", store=table13, verdict="same direction")) == len(table) - 1 == 4
    counted = tally(table.reset_index()).set_index(["group", "kind"])
    assert counted.loc[("measured here", "trend"), "same direction"] == 4
    assert (
        counted.loc[("measured here", "all")].tolist() == [5, 0, 4, 0, 0, 0, 0, 1, 0, 0]
        and counted["claims"].sum() == 10
    )


def test_one_missing_run_and_all_wait(table13):
    job = next(job for job in get("v2_table13", "small").jobs if (job.arm, job.run.seed) == ("random-minimum", 25))
    table13.run_path(job.run.key).unlink()
    found = summary(page=PAGE, kind="trend", store=table13).set_index("id").drop("v2-section6-3-blocks")
    assert set(found["verdict"]) == {"not run"} and set(found["why"]) == {"15 of 16 seeds at small"}
    assert set(found["estimate"]) == {"-"} and found["p"].isna().all() and set(found["evidence"]) == {""}


def test_published_records_of_earlier_seeds_judge_nothing():
    assert set(summary(page=PAGE, kind="trend")["why"]) == {"0 of 16 seeds at small"}


def test_counted_claims_show_the_row_that_is_farthest_off():
    table = summary(kind="exact", page="efficientnet/5-2-imagenet").set_index("id")
    row = table.loc["v1-table2-params"]
    assert (row["verdict"], row["estimate"]) == ("within 3 %", "EfficientNet-B2: 9.11 against 9.2 (-1.0 %)")
    assert row["why"] == "9 of 10 rows agree to the printed digits"
    row = summary(id="v2-section6-1-inference").iloc[0]
    assert (row["verdict"], row["estimate"]) == ("not reproduced", "B7 / M: 2.983 against 3.1 (-3.8 %)")


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"kind": "trends"}, "unknown kind 'trends': did you mean trend"),
        ({"paper": "v4"}, "unknown paper 'v4': .*allowed: v2, rs, v1"),
        ({"verdict": "maybe"}, "unknown verdict 'maybe'"),
        ({"page": "efficientnetv2/6-3"}, "unknown page of a claim 'efficientnetv2/6-3': did you mean"),
    ],
)
def test_unknown_filters_are_refused(filters, message):
    with pytest.raises(ValueError, match=message):
        summary(**filters)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="unknown kind of claim 'guess'"):
        judge({"kind": "guess"}, [])


def test_the_command_of_a_claim_is_that_of_its_experiment_at_the_smallest_scale():
    claim = {"kind": "trend", "scales": {"paper": {"seeds": 5}, "small": {"seeds": 8}}}
    assert command(claim) == ""  # nothing makes its runs yet
    assert command(claim | {"experiment": "x"}) == "convscale experiment run x --scale small"
    assert command({"kind": "exact"}) == ""
    ratio = {"kind": "ratio", "paper": "efficientnetv2", "table": "11", "devices": ["cuda", "xla"]}
    assert command(ratio) == "convscale measure v2:11 --device cuda"


def test_cost_is_images_times_three_forward_passes():
    # ResNet-50 at 224 px: 4,089,184,256 multiply-adds forward
    training = {"images": 1000, "epochs": 10, "networks": ["resnet-50@224"]}
    claim = {"kind": "trend", "scales": {"paper": {"seeds": 2}}, "training": training}
    assert multiply_adds(claim) == 3 * 1000 * 10 * 2 * 4_089_184_256
    # 350 epochs of ImageNet, one run: 5.5e18 multiply-adds at 1.56e14 a second are 9.8 hours
    imagenet = {"images": 1_281_167, "epochs": 350, "networks": ["resnet-50@224"]}
    assert cost(claim | {"scales": {"paper": {"seeds": 1}}, "training": imagenet}) == "at least 10 A100-hours"
    assert cost({"kind": "trend"}) == "not estimated" and cost({"kind": "printed"}) == ""


def test_verdict_shows_its_estimate():
    assert Verdict("not run", "").shown == "-" and Verdict("not run", "").evidence == ""
    assert Verdict("reproduced", "", 4.1, 4.0, 4.25, rounds=7).shown == "4.10x [4.00, 4.25]"
    assert Verdict("reproduced", "", 0.0412, 0.03, 0.05, seeds=8, digits=3).shown == "+0.041 ± 0.010"
    words = {scale: Verdict("reproduced", "", scale=scale).shown_word for scale in ("small", "medium", "paper", "")}
    assert words == {"small": "same direction", "medium": "same direction", "paper": "reproduced", "": "reproduced"}


def test_gaps_of_accuracy_are_points_and_losses_are_not():
    assert unit_of(claim_of("rs-section6-1-overfitting")) == "points"  # of train_test_gap
    assert unit_of(claim_of("v2-figure6-faster")) == "loss"
