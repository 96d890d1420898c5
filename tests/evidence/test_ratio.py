"""Ratios of measurements: rounds in pairs, one session, an accelerator's floor, and what a CPU may say."""

import numpy as np
import pytest

from convscale.evidence import judge

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
    "between": [1.1, None],
    "rounds": 7,
}
BOUNDED = RATIO | {"between": [2.5, 3.9]}


def measured(row, rounds, *, session="one", kind="cuda", date="2026-11-21", **changes):
    device = {"kind": kind, "name": f"a {kind} device"}
    found = {"kind": "measurement", "table": "v2:11", "row": row, "quantity": "inference throughput"}
    return {**found, "session": session, "rounds": rounds, "provenance": {"device": device, "date": date}, **changes}


def pair(ratios, **place):
    return [measured("V2-S", [100 * r for r in ratios], **place), measured("V1-B5", [100.0] * len(ratios), **place)]


@pytest.mark.parametrize(
    ("claim", "ratios", "verdict", "why"),
    [
        (BOUNDED, [3.0, 3.1, 3.2, 3.1, 3.0, 3.1, 3.3], "reproduced", "within 2.5 to 3.9"),
        (BOUNDED, [2.0, 2.1, 2.2, 2.1, 2.0, 2.1, 2.3], "not reproduced", "outside 2.5 to 3.9"),
        (BOUNDED, [2.0, 2.6, 2.6, 2.6, 2.7, 2.6, 2.6], "inconclusive", "contains an end"),
        (BOUNDED, [3.0, 3.1, 3.2, 3.1, 3.0, 3.1], "inconclusive", "6 of at least 7 rounds"),
        (RATIO, [7.0] * 7, "reproduced", "the interval lies within 1.1 and more"),  # more than published holds
        (RATIO, [1.05] * 7, "not reproduced", "the interval lies outside 1.1 and more"),
    ],
)
def test_ratio_verdicts(claim, ratios, verdict, why):
    found = judge(claim, pair(ratios))
    assert found.verdict == found.shown_word == verdict and why in found.why
    assert found.rounds == len(ratios) and found.device == "a cuda device"
    assert found.evidence == f"{len(ratios)} rounds, a cuda device"
    assert (found.low, found.estimate, found.high) == pytest.approx((min(ratios), np.median(ratios), max(ratios)))


def test_ours_over_the_papers_is_information():
    near, far = judge(RATIO, pair([2.2] * 7)), judge(RATIO, pair([1.5] * 7))
    assert near.verdict == far.verdict == "reproduced"
    assert near.relative == pytest.approx(2.2 / 3.1) and near.why.endswith("0.71 of the paper's, same size")
    assert far.why.endswith("0.48 of the paper's")


def test_a_cpu_informs_but_judges_only_where_it_is_named():
    on_cpu = pair([3.05] * 7, kind="cpu")
    found = judge(RATIO | {"devices": ["cuda", "xla"]}, on_cpu)
    assert (found.verdict, found.shown, found.evidence) == ("not run", "-", "")
    assert found.why == "measured on a CPU: 3.05x; judged on a GPU or a TPU"
    both = judge(RATIO, on_cpu + pair([2.0] * 7, session="two"))
    assert both.estimate == 2 and both.why.endswith("; measured on a CPU: 3.05x; judged on a GPU")
    named = judge(RATIO | {"devices": ["cpu"]}, on_cpu)
    assert named.verdict == "reproduced" and "judged on" not in named.why


def test_ratios_pair_rounds_so_that_drift_cancels():
    drift = np.linspace(1, 5, 9)
    runs = [measured("V2-S", list(3.1 * drift)), measured("V1-B5", list(drift))]
    assert judge(RATIO, runs).low == pytest.approx(3.1) == judge(RATIO, runs).high


def test_rounds_of_different_sessions_or_devices_are_not_paired():
    apart = [measured("V2-S", [3.0] * 7, session="one"), measured("V1-B5", [1.0] * 7, session="two")]
    assert judge(RATIO, apart).why == judge(RATIO, []).why == "no measurement of both networks in turn"
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
