import pandas as pd
import pytest

from convscale import drawing
from convscale.drawing.several import lanes

KINDS = {"parameters": ("soft", "disc"), "multiply-adds": ("v1", "triangle"), "never": ("v2", "square")}
ROWS = pd.DataFrame(
    {
        "label": ["SENet", "SENet", "GPipe"],
        "detail": ["over B4", "over B4", "over B7"],
        "value": [7.7, 10.0, 8.4],
        "kind": ["parameters", "multiply-adds", "parameters"],
        "said": ["SENet: 7.7 times", "SENet: 10 times", "GPipe: 8.4 times"],
        "hollow": [False, True, False],
    }
)


def test_marks_that_touch_stand_above_each_other_about_the_middle():
    assert lanes([10, 200, 14, 18]) == [-1, 0, 0, 1]
    assert lanes([10, 10]) == [-0.5, 0.5] and lanes([]) == []
    assert lanes([0, 9, 17.9]) == [0, -0.5, 0.5]


@pytest.mark.parametrize("log", [False, True])
def test_numbers_of_a_row_on_one_axis(check, log):
    reference = (10.0, "an order of magnitude", True)
    figure = drawing.series(ROWS, kinds=KINDS, name="s", title="t", unit="times", reference=reference, log=log)
    titles = check(figure)
    assert {"SENet: 7.7 times", "SENet: 10 times", "GPipe: 8.4 times", "SENet: over B4"} <= set(titles)
    for text in ("SENet", "GPipe", "over B4", "over B7", "parameters", "multiply-adds", "an order of magnitude"):
        assert f">{text}</text>" in figure.wide, text
    assert ">never</text>" not in figure.wide  # a kind that no mark has
    assert "hollow" not in figure.csv and figure.csv.startswith("label,detail,value,kind\n")
    assert figure.wide == drawing.series(
        ROWS, kinds=KINDS, name="s", title="t", unit="times", reference=reference, log=log
    ).draw(688)


def test_without_a_line_to_compare_with(check):
    check(drawing.series(ROWS, kinds=KINDS, name="s", title="t", unit="times"))
