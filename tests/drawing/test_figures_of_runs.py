import io
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from convscale import drawing

ARMS = {"b": "adaptive", "a": "a control with a long name", "c": "minimum", "absent": "absent"}
ARMS_OF_STEPS = {"b": "adaptive", "a": "vanilla", "c": "final"}


def runs(arms="abc", seeds=4, epochs=(1, 2, 3)):
    random = np.random.default_rng(0)
    rows = [(arm, s, e, 20.0 * e + random.normal()) for arm in arms for s in range(seeds) for e in epochs]
    return pd.DataFrame(rows, columns=["arm", "seed", "epoch", "test_top1"])


def curves(data, **more):
    return drawing.curves(data, name="fig-curves", title="No lead", arms=ARMS, **more)


def numbers(figure):
    return pd.read_csv(io.StringIO(figure.csv))


def test_a_curve_is_the_mean_over_seeds_with_its_t_interval(check):
    figure = curves(runs())
    assert len(check(figure)) == 3
    shown = numbers(figure)
    assert list(shown["line"].unique()) == list(ARMS.values())[:3]
    values = runs().query("arm == 'b' and epoch == 2")["test_top1"]
    row = shown.query("line == 'adaptive' and epoch == 2").iloc[0]
    half = stats.t.ppf(0.975, 3) * values.std() / 2
    assert (row["mean"], row["low"], row["high"]) == pytest.approx(
        (values.mean(), values.mean() - half, values.mean() + half)
    )


def test_the_lower_panel_is_paired_by_seed(check):
    figure = curves(runs(), against="a", spans=[(0, 2, "20 px"), (2, 3, "28 px")], at=(2, "inconclusive"))
    assert any("at epoch 2: " in title and title.endswith("inconclusive") for title in check(figure))
    table = runs().pivot(index=["seed", "epoch"], columns="arm", values="test_top1")
    expected = (table["b"] - table["a"]).groupby("epoch").mean()
    shown = numbers(figure)
    difference = shown[shown["line"].str.contains("minus")]
    assert difference["mean"].tolist() == pytest.approx(expected.tolist())


def test_one_seed_has_no_band_and_one_point_is_a_disc(check):
    figure = curves(runs("b", seeds=1, epochs=(3,)), against="a")
    check(figure)
    assert "<circle" in figure.wide and "opacity" not in figure.wide


def test_no_arm_or_too_many_is_an_error():
    with pytest.raises(ValueError, match="0 of the arms"):
        curves(runs("x"))
    many = {letter: letter for letter in "abcdefg"}
    with pytest.raises(ValueError, match="7 of the arms"):
        drawing.curves(runs("abcdefg"), name="n", title="t", arms=many)


def test_steps_share_a_line_where_arms_do_the_same(check):
    rows = [
        {
            "arm": arm,
            "start": 50 * i,
            "end": 50 * i + 50,
            "image_size": px,
            "dropout": [0.1, 0.3][i if arm == "b" else 1],
        }
        for arm in "bac"
        for i, px in enumerate((20, 28))
    ]
    panels = {"image_size": "Image size, px", "dropout": "Dropout, rate"}
    figure = drawing.steps(pd.DataFrame(rows), name="fig-steps", title="It grows", arms=ARMS_OF_STEPS, panels=panels)
    assert check(figure)[0] == "Image size, px, all arms: 20, 28"
    assert "Dropout, rate, vanilla, final: 0.3" in check(figure)
    assert numbers(figure)["dropout"].tolist() == [0.1, 0.3, 0.3, 0.3, 0.3, 0.3]


def test_every_counted_number_is_a_mark(check):
    rows = pd.DataFrame(
        {
            "family": ["v1", "v1", "rs", "v2"] + ["v2"] * 60,
            "label": ["FLOPs of B0", "size of stage 6", "FLOPs of B4", "layers of S"] + ["settings"] * 60,
            "printed": "1.8",
            "counted": "1.45",
            "deviation": [-19.0, -50.0, 4.8, 0.0] + [0.0] * 60,
            "agrees": [False, False, False, True] + [True] * 60,
            "note": ["", "stage 6 sees 14 px, not 28", "", ""] + [""] * 60,
        }
    )
    figure = drawing.strip(rows, name="fig-strip", title="Most agree", page=936)
    titles = [title for title in check(figure) if "printed" in title]
    assert len(titles) == len(rows)
    assert "EfficientNet, size of stage 6: printed 1.8, counted 1.45 (\u221250.0 %), differs" in titles
    assert "stage 6 sees 14 px, not 28</text>" in figure.wide and "stage 6 sees 14 px, not 28</text>" in figure.narrow


def test_marks_of_a_swarm_keep_apart():
    from convscale.drawing.swarm import packed

    places = [0.0] * 40 + [1.0, 2.0, 30.0, 31.0]
    marks = packed(places, [place == 0 for place in places], 6)
    assert all(math.dist(a, b) >= 6 - 1e-3 for i, a in enumerate(marks) for b in marks[:i])
    assert marks == packed(places, [place == 0 for place in places], 6)
    assert [x for x, _ in marks[40:]] == places[40:]
