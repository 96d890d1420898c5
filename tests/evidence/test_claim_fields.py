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
