"""The table of runs of `own` and of timm's settings, and what is read off it."""

import math

import pandas as pd
import pytest

from convscale.pages.against_timm import PAIR, answer, by_set, differences, judged, numbers, runs

GAINS = {"fixed": 0.0, "sizes": -2.0, "own": 4.0, "longer": 6.0}  # points
TIMES = {"fixed": 10.0, "sizes": 8.0, "own": 6.0, "longer": 10.0}  # s


@pytest.fixture
def found():
    """Two seeds of one set and network; seed 1 is 10 points and twice as slow, `own` 2 points better still."""
    return pd.DataFrame(
        dict(set="s", model="m", seed=seed, arm=arm, top1=50 + 10 * seed + gain + 2 * seed * (arm == "own"))
        | dict(seconds=TIMES[arm] * (1 + seed))
        for seed in (0, 1)
        for arm, gain in GAINS.items()
    )


def test_pairs_are_compared_within_a_seed(found):
    row = judged(found).iloc[0]
    assert (row["arm"], row["against"], row["pairs"]) == ("own", "fixed", 2)
    assert row["points"] == pytest.approx(5) and row["seconds"] == pytest.approx(0.6)
    half = 12.7062 * math.sqrt(2) / math.sqrt(2)  # t of one degree of freedom, deviation of (4, 6), two pairs
    assert row["high"] - row["points"] == pytest.approx(half, abs=1e-3)
    assert row["cells"] == pytest.approx([5])


def test_the_answer_is_cautious_where_the_interval_has_nothing(found):
    assert answer(found) == "No clear difference in accuracy from timm's settings, in 0.60 of their time"
    sure = found.assign(top1=found["top1"].where(found["seed"] == 0, found["top1"] - 2 * (found["arm"] == "own")))
    assert answer(sure) == "4.0 points more than timm's settings, in 0.60 of their time"


def test_a_run_without_its_pair_does_not_count(found):
    assert judged(found.drop(index=found.index[-1]))["pairs"].tolist() == [1] * 4


def test_figure_and_table_have_a_row_for_each_comparison(found):
    drawing = differences(found, name="f", title="t", caption="c")
    assert drawing.data["mean"].tolist() == pytest.approx([5, 7, 6, 8])
    table = numbers(found, name="t", caption="c").frame
    assert table["time"].tolist()[0] == "0.60 (0.60 to 0.60)" and len(table) == 4


def test_a_set_has_the_means_of_all_arms(found):
    table = by_set(found.assign(epochs=8), name="t", caption="c").frame
    assert table.iloc[0].tolist() == ["s", "m", "8", "55.0 %", "53.0 %", "60.0 %", "61.0 %"]


def test_published_runs_are_whole():
    """Each set, network and seed has all arms, once."""
    table = runs()
    assert (table.groupby(PAIR)["arm"].agg(lambda arms: "+".join(sorted(arms))) == "fixed+longer+own+sizes").all()
    assert table["state"].eq("clean").all() and table["top1"].between(0, 100).all()
