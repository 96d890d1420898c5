import base64
import io
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from convscale import drawing
from convscale.drawing.display import plain
from convscale.drawing.ink import COLOURS
from convscale.paths import checkout

NAN = float("nan")
ROWS = pd.DataFrame(
    {
        "label": ["Adaptive beats vanilla", "Growing beats random sizes", "Adaptive against minimum", "At 600 px"],
        "detail": ["images grow", "both adaptive", "", "EfficientNetV2-M, ImageNet, 350 epochs & more"],
        "group": ["What the paper claims", "What the paper claims", "Our controls", "The paper's own experiment"],
        "mean": [1.2875, 4.505, -0.04, NAN],
        "low": [-1.0, 1.08, NAN, NAN],
        "high": [3.57, 7.93, NAN, NAN],
        "seeds": [[2.53, 0.56, -0.38, 2.44], [3.03, 3.2, 4.14, 7.65], [-0.04], None],
        "paper": [0.8, 0.9, NAN, NAN],
        "family": ["v2", "rs", "v2", "v1"],
        "verdict": ["inconclusive", "reproduced", "", ""],
    }
)


def forest(rows=ROWS, **more):
    return drawing.forest(
        rows, name="fig-forest", title="One of two & more", subtitle="Dots", caption="Read it.", **more
    )


def test_forest_draws_every_row(check):
    titles = check(forest())
    assert "Adaptive beats vanilla, images grow: +1.3 (\u22121.0 to +3.6), paper +0.8, inconclusive" in titles
    assert "At 600 px, EfficientNetV2-M, ImageNet, 350 epochs &amp; more: not run" in titles
    assert sum("one seed" in title for title in titles) == 9 and sum("the paper:" in title for title in titles) == 2


def test_forest_of_a_ratio_where_less_is_better(check):
    rows = pd.DataFrame({"label": ["Steps", "Hours"], "mean": [0.5, 2.0], "low": [0.4, 1.5], "high": [0.6, 2.5]})
    ratio = forest(rows, better="lower", reference=1.0, suffix="\u00d7", unit="times as long", digits=2)
    assert "Steps: 0.50\u00d7 (0.40\u00d7 to 0.60\u00d7)" in check(ratio)
    ground, line = re.search(r'd="M([\d.]+) \d+L([\d.]+)[^>]*yes-tint', ratio.wide).groups()
    assert float(ground) == 232 < float(line)  # from the panel's left end to the line at 1


def test_data_are_the_numbers_that_came_in():
    data = pd.read_csv(io.StringIO(forest().csv))
    assert data["mean"].tolist()[:3] == ROWS["mean"].tolist()[:3] and data["verdict"].tolist()[3] == "not run"
    assert data.filter(like="difference_").iloc[1].tolist() == ROWS["seeds"][1]
    markdown = forest().markdown()
    assert base64.b64decode(re.search(r":csv: (\S+)", markdown)[1]).decode() == forest().csv


def test_the_slider_knows_what_was_run():
    marks = re.findall(r'data-m="([^"]*)" data-sd="([^"]*)" data-n="(\d+)"', forest().wide)
    assert [(float(m), int(n)) for m, _, n in marks] == [(1.2875, 4), (4.505, 4)]
    assert float(marks[0][1]) == pytest.approx(pd.Series(ROWS["seeds"][0]).std(), rel=1e-5)
    assert 'min="4"' in forest().below and forest(ROWS.iloc[2:]).below == ""


def test_the_slider_has_the_quantiles_of_t():
    script = (checkout() / "book/_static/figures.js").read_text()
    table = json.loads(re.search(r"const T = (\[[^\]]*\])", script)[1])
    assert table == [round(float(stats.t.ppf(0.975, df)), 3) for df in range(1, 40)]


def test_shown_in_book_and_notebook_and_terminal():
    shown = forest()._repr_mimebundle_()
    assert shown["text/markdown"].startswith(":::{drawing} Read it.\n:name: fig-forest\n:csv: ")
    assert shown["text/markdown"].count("<svg") == 2 and shown["text/html"].count("src='data:image/svg") == 1
    assert "<svg" not in shown["text/html"]  # JupyterLab shows the words alone, where it has not run the notebook
    assert "One of two &amp; more" in shown["text/html"] and 'class="sf"' not in shown["text/html"]
    assert shown["text/plain"].startswith("One of two & more\n")


def test_a_notebook_shows_no_roles():
    text = "See {numref}`fig-a`, {cite:t}`tan2019`, {ref}`the rule <rule>` and [*code*](a.md) with `x_y`."
    assert plain(text) == "See fig-a, tan2019, the rule and code with x_y."


def test_colours_are_those_of_the_book():
    tokens = Path(checkout() / "book/_static/tokens.css").read_text().split('html[data-theme="dark"]')[0]
    for name, value in COLOURS.items():
        found = re.search(rf"--sf-{name}:[^;]*?(#[0-9a-f]+)", tokens)[1]
        assert found in (value, "#" + value[1::2]), name
