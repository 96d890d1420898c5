import subprocess
import sys
from xml.etree.ElementTree import fromstring

import pytest

from convscale import drawing


def shapes(svg):
    return [child.tag for child in fromstring(svg)]


def test_mini_shades_the_claimed_side_and_keeps_all_inside():
    svg = drawing.mini(title="+1.3, paper +0.8", mean=1.3, low=-1.0, high=3.6, paper=0.8, verdict="inconclusive")
    assert shapes(svg) == ["title", "rect", "line", "line", "circle", "path"]
    other = drawing.mini(title="t", mean=1.3, verdict="inconclusive", better="lower")
    assert '<rect x="0"' in other and '<rect x="0"' not in svg


def test_mini_of_a_claim_that_was_not_run_is_dashed():
    svg = drawing.mini(title="not run, paper 5.65", paper=5.65, family="v1", reference=1)
    assert "stroke-dasharray" in svg and "<circle" not in svg and "--sf-v1" in svg


def test_interval_without_bounds_is_a_dot():
    assert shapes(drawing.interval(1.0, -1.0, 3.0, "inconclusive")) == ["line", "line", "circle"]
    assert shapes(drawing.interval(1.0, float("-inf"), float("inf"), "inconclusive")) == ["line", "circle"]


@pytest.mark.parametrize("count", [1, 14, 29, 60])
def test_boxes_one_a_row_within_the_picture(count):
    svg = drawing.boxes([i % 3 == 0 for i in range(count)], title="some differ")
    assert shapes(svg).count("rect") == count and svg.count("--sf-no") == (count + 2) // 3
    rects = fromstring(svg).findall("rect")
    assert all(float(r.get("y")) >= 0 and float(r.get("y")) + float(r.get("height")) <= 22 for r in rects)
    assert all(float(r.get("x")) + float(r.get("width")) <= 132 for r in rects)


def test_small_pictures_need_no_matplotlib():
    script = (
        "import sys; sys.modules['matplotlib'] = sys.modules['pandas'] = None\n"
        "from convscale.drawing import boxes, glyph, interval, mini\n"
        "glyph('reproduced'), mini(title='t'), boxes([True], title='t'), interval(1, 0, 2, 'reproduced')"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
