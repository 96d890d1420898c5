import pandas as pd
import pytest

from convscale import drawing

ROWS = pd.DataFrame(
    [
        {"row": "Pascal segmentation", "label": "RS", "value": 8.2, "family": "rs", "shape": ""},
        {"row": "Pascal segmentation", "label": "SimCLR", "value": 2.2, "family": "", "shape": "disc"},
        {"row": "Depth", "label": "RS", "value": 2.2, "family": "rs", "shape": ""},
        {"row": "Depth", "label": "SimCLR", "value": 2.3, "family": "", "shape": "disc"},
        {"row": "Depth", "label": "SimCLRv2", "value": -0.8, "family": "", "shape": "triangle"},
    ]
)


def test_lanes_have_a_mark_a_value_and_words_where_there_is_room(check):
    titles = check(drawing.lanes(ROWS, name="fig-x", title="More", unit="points", zero=True))
    assert "Depth, SimCLRv2: \u22120.8 points" in titles and len(titles) == len(ROWS)


def test_a_step_has_a_line_from_where_it_starts(check):
    steps = ROWS.iloc[:3].assign(start=[7.0, float("nan"), 2.0])
    titles = check(drawing.lanes(steps, name="fig-x", title="More", unit="points", height=30))
    assert titles.count("Pascal segmentation, RS: from 7.0 8.2 points") == 2  # the line and the mark
    assert titles.count("Pascal segmentation, SimCLR: 2.2 points") == 1


def test_rows_of_no_room_are_no_error():
    many = pd.concat([ROWS.assign(value=1.0)] * 3)
    assert drawing.lanes(many, name="fig-x", title="More", unit="points").narrow.count("<svg") == 1


@pytest.mark.parametrize("zero", [True, False])
def test_zero_is_on_the_axis_only_where_it_is_asked_for(zero):
    rows = ROWS.assign(value=[78.2, 77.9, 77.4, 76.4, 76.3])
    ticks = drawing.lanes(rows, name="fig-x", title="More", unit="%", zero=zero).wide
    assert (">0</text>" in ticks) == zero
