"""The ledger as written: complete claims, the papers' own differences and ratios, rules that can decide."""

import datetime

import pytest

from convscale.evidence.claims import GROUPS, KINDS, TRAINED, claim_of, claims, decided_by, load_claims, rule_date
from convscale.evidence.paper import PAPERS, paper_table
from convscale.evidence.runs import DERIVED, arms_of, contrast_of, experiment_at, registered, rule_at
from convscale.experiments import JUDGED, get
from convscale.experiments.registry import experiments

NEEDED = {
    "exact": set(),
    "release": set(),
    "printed": {"operation", "pairs"},
    "ratio": {"ratio_of", "to", "quantity", "devices", "rounds", "between"},
    "trend": {"metric", "better", "than", "scales"},
    "interaction": {"metric", "contrast", "scales"},
}
TRAINED_CLAIMS = [claim for claim in claims() if claim["kind"] in TRAINED]


def test_every_claim_is_complete():
    rows = claims()
    assert len({row["id"] for row in rows}) == len(rows) == len(load_claims())
    for row in rows:
        assert {"paper", "page", "statement"} | NEEDED[row["kind"]] <= row.keys(), row["id"]
        assert row["paper"] in [paper for paper, _ in PAPERS.values()]
        assert len({"table", "figure", "section"} & row.keys()) == 1, row["id"]
        assert datetime.date.fromisoformat(rule_date(row)) and all(isinstance(h, str) for h in row.get("history", []))
        if row["kind"] == "ratio":
            assert row["ratio_of"] != row["to"] and row["rounds"] >= 6  # fewer give no 95 % interval of a median
            assert row["between"][0] > 1 and row["between"][1] is None  # a direction, with a floor


def rules():
    """Every rule of a trained claim at every scale that may judge it."""
    return [(claim, scale, rule_at(claim, scale)) for claim in TRAINED_CLAIMS for scale in claim["scales"]]


def test_every_scale_of_a_trained_claim_has_a_whole_rule():
    """Seeds, and a smallest effect or a margin with its control; contrasts sum to 0; conditions are whole."""
    for claim, scale, rule in rules():
        by_design = rule["seeds"] == 1 and experiments()[rule["experiment"]].design  # the array gives the error
        assert scale in JUDGED and (rule["seeds"] >= 4 or by_design), claim["id"]
        margins = {"no_worse_by", "equal_within"} & rule.keys()
        assert len(margins) == (0 if "smallest" in rule else 1), claim["id"]
        assert bool(margins) == ("control" in rule), claim["id"]
        contrast = contrast_of(rule)
        assert len(contrast) >= 2 and sum(contrast.values()) == 0 and any(contrast.values()), claim["id"]
        for condition in claim.get("conditions", []):
            assert condition["name"] and len(condition["difference"]) == 4 and "at_least" in condition


def test_claims_of_an_experiment_ask_for_the_same_seeds():
    for claim, scale, rule in rules():
        if name := experiment_at(claim, scale):
            mates = [m for m, at, _ in rules() if at == scale and experiment_at(m, at) == name]
            assert {mate["scales"][scale]["seeds"] for mate in mates} == {rule["seeds"]}, claim["id"]


def test_table_13_is_judged_by_its_seven_arms():
    table13 = [claim for claim in TRAINED_CLAIMS if claim.get("experiment") == "v2_table13"]
    arms = set.union(*(arms_of(rule_at(claim, "small")) for claim in table13))
    schedules = {f"{sizes}-{how}" for sizes in ("progressive", "random") for how in ("vanilla", "adaptive", "minimum")}
    assert arms == schedules | {"fixed-size"}
    premise = [claim for claim in table13 if claim.get("family") == "v2-premise"]
    assert {claim["better"] for claim in premise} == {"fixed-size"}  # all of them of vanilla: §4.1's premise
    assert [claim["than"] for claim in premise] == ["progressive-vanilla", "random-vanilla"]
    assert {claim["scales"]["small"]["seeds"] for claim in table13} == {16} and len(table13) >= 6
    assert all(claim["history"] for claim in table13 if claim not in premise)


METRICS = {"test_top1", "test_loss", "train_top1", "early_loss", "weight_norm", *DERIVED}


def test_every_metric_of_a_claim_is_one_that_runs_have():
    for claim, _, rule in rules():
        names = {rule["metric"], *(name for c in rule["conditions"] for name in c["difference"][1::2])}
        assert names <= METRICS, claim["id"]


def test_experiments_make_what_their_claims_ask_for():
    """Both say which claims, scales, seeds and arms belong together, and every metric is one that the runs report."""
    asked = {}
    for claim, scale, rule in rules():
        if name := experiment_at(claim, scale):
            asked.setdefault(name, set()).add(claim["id"])
            sweep = get(name, scale)
            assert list(registered(rule["seeds"])) == list(sweep.seeds), claim["id"]
            assert arms_of(rule) <= sweep.arms.keys(), claim["id"]
            names = {rule["metric"], *(name for c in rule["conditions"] for name in c["difference"][1::2])}
            for run in sweep.arms.values():
                assert run.early_loss or "early_loss" not in names, claim["id"]
                assert run.test_sizes or "test_top1@best" not in names, claim["id"]
    assert asked == {name: set(e.claims) for name, e in experiments().items() if e.claims}


@pytest.mark.parametrize("scale", JUDGED)
def test_claims_are_found_by_the_experiment_that_decides_them(scale):
    """Also where one scale alone names the experiment."""
    for name in experiments():
        wanted = [claim["id"] for claim, at, _ in rules() if at == scale and experiment_at(claim, scale) == name]
        assert list(decided_by(name, scale)) == wanted, name


def test_groups_have_every_kind_once():
    assert sorted(kind for kinds in GROUPS.values() for kind in kinds) == sorted(KINDS) == sorted(NEEDED)


INTERACTIONS = {
    "v2-section4-1-interaction": (
        "v2:5",
        {
            ("RandAug magnitude=15", "size=300"): "size-300-magnitude-15",
            ("RandAug magnitude=5", "size=300"): "size-300-magnitude-5",
            ("RandAug magnitude=15", "size=128"): "size-128-magnitude-15",
            ("RandAug magnitude=5", "size=128"): "size-128-magnitude-5",
        },
    ),
    "rs-section5-2-interaction-50": (
        "rs:1r",
        {
            ("ResNet-50 RA-LS-DO", "weight decay 4e-5"): "resnet-50-ra-ls-do-4e-5",
            ("ResNet-50 RA-LS-DO", "weight decay 1e-4"): "resnet-50-ra-ls-do-1e-4",
            ("ResNet-50 None", "weight decay 4e-5"): "resnet-50-none-4e-5",
            ("ResNet-50 None", "weight decay 1e-4"): "resnet-50-none-1e-4",
        },
    ),
    "rs-section5-2-interaction-200": (
        "rs:1r",
        {
            ("ResNet-200 RA-LS-SD-DO", "weight decay 4e-5"): "resnet-200-ra-ls-sd-do-4e-5",
            ("ResNet-200 RA-LS-SD-DO", "weight decay 1e-4"): "resnet-200-ra-ls-sd-do-1e-4",
            ("ResNet-200 None", "weight decay 4e-5"): "resnet-200-none-4e-5",
            ("ResNet-200 None", "weight decay 1e-4"): "resnet-200-none-1e-4",
        },
    ),
}


@pytest.mark.parametrize("id", INTERACTIONS)
def test_published_interactions_are_those_of_their_tables(id):
    table, cells = INTERACTIONS[id]
    claim, values = claim_of(id), paper_table(table).set_index(["row", "column"])["value"]
    assert set(cells.values()) == claim["contrast"].keys()
    total = sum(claim["contrast"][arm] * values[cell] for cell, arm in cells.items())
    assert claim["published"] == pytest.approx(total)


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


def test_additive_studies_publish_every_printed_change():
    changes = paper_table("rs:1l").query("column == 'change'").value.abs().tolist()
    assert [c["published"] for c in claims("resnet_rs/5-1-additive-study") if c["kind"] == "trend"] == changes


def test_claims_of_one_page():
    assert {row["page"] for row in claims("efficientnetv2/6-3-adaptive-regularization")} == {
        "efficientnetv2/6-3-adaptive-regularization"
    }
    assert claims("nothing") == []
