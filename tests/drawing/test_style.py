"""A drawing is the same whatever this person's matplotlib is told."""

import matplotlib as mpl
import pandas as pd

from convscale.drawing import dots

POINTS = pd.DataFrame({"label": ["a", "b"], "paper": [1.0, 2.0], "ours": [1.5, 2.5], "family": ["v1", "v2"]})
STRANGE = {"font.size": 20, "font.family": "monospace", "axes.grid": True, "lines.linestyle": "--", "text.usetex": True}


def drawn():
    figure = dots(POINTS, name="f", title="t", subtitle="s", unit="%", caption="c", heads=("paper", "ours"))
    return figure.wide, figure.narrow


def test_a_matplotlibrc_changes_no_drawing_and_no_drawing_changes_it():
    expected = drawn()
    with mpl.rc_context(STRANGE):
        assert drawn() == expected
        assert mpl.rcParams["font.size"] == 20
