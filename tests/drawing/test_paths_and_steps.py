import pandas as pd
import pytest

from convscale import drawing

LINES = pd.DataFrame(
    {
        "line": ["deeper"] * 4 + ["wider"] * 3,
        "label": ["50", "101", "", "400", "x1", "", "x2"],
        "x": [4.1, 7.8, 15, 29, 4.1, 8, 31],
        "y": [26, 45, 65, 125, 26, 51, 174],
        "family": ["rs"] * 4 + [""] * 3,
    }
)
FIELD = pd.DataFrame({"label": ["a", "b"], "x": [2.0, 60.0], "y": [9.0, 300.0]})


def test_lines_over_a_field(check):
    figure = drawing.paths(
        LINES, name="p", title="t", x="multiply-adds, billions", y="parameters, millions", log="xy", field=FIELD
    )
    titles = check(figure)
    assert "deeper: parameters, millions from 50 26 to 400 125" in titles
    assert "b: multiply-adds, billions 60, parameters, millions 300" in titles
    for word in ("deeper", "wider", "400", "x2"):
        assert f">{word}</text>" in figure.wide and f">{word}</text>" in figure.narrow
    assert figure.csv.count("\n") == 1 + len(LINES) + len(FIELD)


def test_a_line_of_two_points_has_no_marks(check):
    law = LINES.iloc[[0, 3]].assign(label="")
    titles = check(drawing.paths(law, name="p", title="t", x="x", y="error, %", field=FIELD))
    assert len(titles) == 1 + len(FIELD)


def test_more_lines_than_can_be_told_apart():
    many = pd.concat([LINES.assign(line=f"line {i}") for i in range(7)])
    with pytest.raises(ValueError, match="7 lines: at most 6"):
        drawing.paths(many, name="p", title="t", x="x", y="y")


def test_a_waterfall_goes_on_where_it_was(check):
    rows = pd.DataFrame(
        {
            "label": ["Before", "Cosine", "More epochs", "After"],
            "group": ["", "Training", "Training", ""],
            "start": [79.0, 79.0, 79.3, 78.8],
            "end": [79.0, 79.3, 78.8, 78.8],
        }
    )
    figure = drawing.waterfall(rows, name="w", title="t", unit="top-1, %", family="rs")
    assert check(figure) == ["Before: 79.0", "Cosine: +0.3, to 79.3", "More epochs: \u22120.5, to 78.8", "After: 78.8"]
    filled = [part for part in figure.wide.split("<path") if "<title>Cosine" in part or "<title>More" in part]
    assert len(filled) == 2 and "var(--sf-rs" in filled[0]
