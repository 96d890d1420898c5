"""Shares of a whole, and speeds below a device's ceilings."""

import pandas as pd
import pytest

from convscale import drawing
from convscale.drawing.roof import Roof


def test_shares_sum_up_the_first_group(check):
    shares = {"Parameters": [0.01, 20.0, 79.99], "Time": [30.0, 45.0, 25.0]}
    rows = pd.DataFrame(
        [
            {"bar": bar, "part": f"stage {i}", "short": f"{i}", "share": share, "first": i < 3}
            for bar, values in shares.items()
            for i, share in enumerate(values, start=1)
        ]
    )
    figure = drawing.shares(rows, name="fig-x", title="Much", group=("stages 1 and 2", "others"), family="v1")
    titles = check(figure)
    assert titles[0] == "Parameters, stage 1: less than 0.1 %" and titles[-1] == "Time, stage 3: 25.0 %"
    assert ">stages 1 and 2: 20 %</text>" in figure.wide and ">stages 1 and 2: 75 %</text>" in figure.narrow


POINTS = pd.DataFrame(
    {
        "label": ["stage 1", "stage 2", "stage 1", "stage 2"],
        "short": ["1", "2", "1", "2"],
        "series": ["MBConv"] * 2 + ["Fused-MBConv"] * 2,
        "x": [2.0, 20.0, 30.0, 170.0],
        "y": [9.0, 30.0, 62.0, 100.0],
        "family": ["v1"] * 2 + ["v2"] * 2,
    }
)


def test_points_below_the_ceilings(check):
    figure = drawing.roofline(
        POINTS, name="r", title="t", x="multiply-adds a byte", y="G a second", peak=100, bandwidth=30
    )
    titles = check(figure)
    assert "ceilings: G a second 100, from 3.33 multiply-adds a byte on" in titles
    assert "MBConv, stage 1: multiply-adds a byte 2, G a second 9, 15 % of the ceiling" in titles
    assert figure.data["ceiling"].tolist() == [60.0, 100.0, 100.0, 100.0]
    for words in ("MBConv", "Fused-MBConv"):
        assert f">{words}</text>" in figure.wide and f">{words}</text>" in figure.narrow


def test_the_ridge_is_where_the_ceilings_meet():
    roof = Roof(peak=100, bandwidth=25)
    assert roof.ridge == 4 and roof.at(2) == 50 and roof.at(4) == roof.at(400) == 100
    with pytest.raises(ValueError, match="both must be above 0"):
        drawing.roofline(POINTS, name="r", title="t", x="x", y="y", peak=0, bandwidth=1)
