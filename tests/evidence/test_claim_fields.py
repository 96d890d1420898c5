"""data/claims.yml as people edit it: a mistake is one sentence with the claim's id, the value and what is allowed."""

import pytest

from convscale.evidence import claims, judge
from convscale.evidence.claim_fields import ALLOWED, NEEDED, check_claims
from convscale.evidence.judging import Reading
from convscale.evidence.names import KINDS
from convscale.records import Store

TREND = """\
- id: a-claim
  paper: efficientnetv2
  table: "13"
  page: efficientnetv2/6-3-adaptive-regularization
  statement: One beats the other.
  kind: trend
  metric: test_top1
  better: one
  than: other
  since: 2026-11-28
  scales: {small: {seeds: 8, smallest: 1.0}}
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("better:", "beter:", "claim a-claim: unknown field of a claim of kind trend 'beter': did you mean better"),
        ("kind: trend", "kind: trends", "claim a-claim: unknown kind 'trends': did you mean trend"),
        ("  than: other\n", "", "claim a-claim: a claim of kind trend has no 'than': needed are id, paper"),
        ("  kind: trend\n", "", "claim a-claim: it has no 'kind': allowed: trend, interaction"),
        ("efficientnetv2\n", "v2\n", "claim a-claim: unknown paper 'v2'"),
        ('"13"', "13", "claim a-claim: table = 13: needed is a text, in quotes"),
        ("seeds: 8", "seeds: many", "claim a-claim: seeds = 'many': needed is a whole number"),
        ("seeds: 8", "seed: 8", "claim a-claim: unknown field of scale small 'seed': did you mean seeds"),
        ("smallest: 1.0", "smallest: 0", "claim a-claim: smallest = 0: needed is a finite number above 0"),
        ("smallest: 1.0", "smallest: .nan", "claim a-claim: smallest = nan: needed is a finite number above 0"),
        ("smallest: 1.0", "no_worse_by: .inf", "claim a-claim: no_worse_by = inf: needed is a finite number above 0"),
        ("smallest: 1.0", "smallest: 1, equal_within: 1", "claim a-claim: scale small has smallest and equal_within"),
        ("than: other", "than: one", "claim a-claim: better = than = 'one' at small: needed are two different arms"),
        ("small:", "smoke:", "claim a-claim: unknown scale that may judge 'smoke': .*small"),
        ("2026-11-28", "soon", "claim a-claim: since = 'soon': needed is a day such as 2026-11-28"),
        ("2026-11-28", "2026-11-31", r"line 10: no YAML: day is out of range for month"),
        ("  table", "  section: 3.3\n  table", "claim a-claim: section = 3.3"),
        ("  table", '  section: "3.3"\n  table', r"claim a-claim: places = \['table', 'section'\]: needed is one of"),
        ("than: other", "than: other\n  better: two", "line 10: no YAML: 'better' stands twice"),
        ("than: other", "than: ot: her", "line 9: no YAML: mapping values"),
        ("than: other", "than: é", "line 9: byte 0xe9 is no UTF-8"),
        ("id: a-claim", "id: 3", "what follows the head has no id"),
        (TREND, "id: a-claim\n", "a list of claims is needed"),
        (TREND, 2 * TREND, "claim a-claim: another claim has this id"),
    ],
)
def test_a_mistake_in_the_file_is_named(old, new, words, tmp_path, monkeypatch):
    (tmp_path / "claims.yml").write_text(TREND.replace(old, new), encoding="latin-1")
    monkeypatch.setattr(claims, "DATA", tmp_path)
    with pytest.raises(ValueError, match=rf"^data/claims.yml.*{words}") as raised:
        claims.read.__wrapped__()
    assert len(str(raised.value).splitlines()) == 1


PRINTED = dict(
    id="b", paper="resnet_rs", section="5", page="p", statement="s", kind="printed", operation="ratio", pairs={"x": []}
)
RATIO = dict(
    id="c", paper="efficientnet", table="4", page="p", statement="s", kind="ratio", quantity="latency", ratio_of="x"
) | dict(to="y", rounds=6, devices=["cpu"], between=[1.1, None])
EXACT = dict(id="d", paper="efficientnet", table="2", page="p", statement="s", kind="exact", column="params")


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (PRINTED, "claim b: a claim of kind printed needs published or published_column"),
        (PRINTED | {"published": 3}, "claim b: published = 3: needed is names with texts"),
        (PRINTED | {"published": {"x": "3"}, "bound": "at most"}, "claim b: unknown bound 'at most': .*at least"),
        (RATIO | {"devices": ["gpu"]}, "claim c: unknown device 'gpu'"),
        (RATIO | {"between": [1.1]}, r"claim c: between = \[1.1\]: needed is \[least, most\]"),
        (
            RATIO | {"between": [1.2, 1.1]},
            r"claim c: between = \[1.2, 1.1\]: needed is \[least, most\] with least < most",
        ),
        (RATIO | {"between": [float("nan"), None]}, r"claim c: between = \[nan, None\]"),
        (EXACT, "claim d: a claim of kind exact needs rows or stages_of or setting"),
    ],
)
def test_every_kind_says_what_it_needs(claim, words):
    with pytest.raises(ValueError, match=words):
        check_claims([claim])
    assert set(NEEDED) == set(ALLOWED) == set(KINDS)


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (PRINTED | {"operation": "ration"}, "claim b of data/claims.yml: unknown operation 'ration'"),
        (PRINTED | {"pairs": {"x": [{"rwo": "x"}, {"count": 1}]}, "table": "2"}, r"claim b .*entry \{'rwo': 'x'\}"),
        (PRINTED | {"pairs": {"x": ["x"]}, "table": "2"}, r"claim b .*pair 'x' = \['x'\]: ratio needs a list of two"),
        (PRINTED | {"pairs": {"x": [{"count": 1}, {"count": 0}]}}, "claim b .*the divisor lies from 0 to 0"),
        (PRINTED | {"pairs": {"x": [{"minus": [{"count": 1}]}, {"count": 1}]}}, "claim b .*a list of two is needed"),
        (EXACT | {"rows": {"EfficientNet-B9": "efficientnet-b0"}}, "claim d .*unknown row of v1:2 'EfficientNet-B9'"),
        (EXACT | {"rows": {"EfficientNet-B0": "efficientnet-b7"}}, "claim d .*row 'EfficientNet-B0' does not agree"),
        (EXACT | {"rows": {"EfficientNet-B0": {"depth": 4}}}, r"claim d .*entry \{'depth': 4\}: it names no model"),
        (EXACT | {"setting": "grid"}, "claim d .*unknown setting 'grid'"),
    ],
)
def test_what_a_judge_cannot_find_is_said_with_the_claim(claim, words):
    with pytest.raises(ValueError, match=words):
        judge(claim, [])


def test_an_unknown_experiment_is_said_with_the_claim(tmp_path):
    claim = dict(id="e", kind="trend", experiment="v2_tabel13", scales={"small": {"seeds": 8}})
    with pytest.raises(ValueError, match=r"claim e of data/claims.yml: unknown experiment 'v2_tabel13'"):
        Reading(Store(tmp_path)).of(claim)


ARMS = dict(id="f", kind="trend", experiment="v2_table13", metric="test_top1") | dict(
    better="progressive-adaptive", than="progressive-vanilla", scales={"small": {"seeds": 16, "smallest": 1.0}}
)
OVERFITS = dict(name="n", at_least=0, difference=["progressive-adaptive", "test_top1", "vanila", "test_top1"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"better": "progresive-adaptive"}, "'progresive-adaptive': did you mean progressive-adaptive.*allowed: "),
        ({"than": "vanila"}, "unknown arm of v2_table13 at small 'vanila'"),
        ({"control": "vanila"}, "unknown arm of v2_table13 at small 'vanila'"),
        ({"conditions": [OVERFITS]}, "unknown arm of v2_table13 at small 'vanila'"),
        ({"kind": "interaction", "contrast": {"vanila": 1}}, "unknown arm of v2_table13 at small 'vanila'"),
        ({"contrast": "label smoothin"}, "unknown contrast of v2_table13 'label smoothin'"),
        ({"experiment": "v2_tabel13"}, "unknown experiment 'v2_tabel13'"),
        ({"scales": {"small": {"seeds": 17}}}, "seeds = 17 at small: v2_table13 has 16 there"),
        ({"scales": {"small": {"seeds": 1}}}, "seeds = 1 at small: needed are 2 or more"),
    ],
)
def test_what_the_experiment_does_not_have_is_no_run_to_wait_for(change, words):
    assert judge(ARMS, []).why == "0 of 16 seeds at small"
    with pytest.raises(ValueError, match=rf"^claim f of data/claims.yml: .*{words}"):
        judge(ARMS | change, [])
