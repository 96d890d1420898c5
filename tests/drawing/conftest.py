"""What every picture must hold, whatever it shows."""

import re
from itertools import combinations
from xml.etree.ElementTree import fromstring

import pytest

from convscale.drawing.ink import COLOURS, NARROW, width_of

SVG = "{http://www.w3.org/2000/svg}"
TOKEN = re.compile(r"var\(--sf-([\w-]+), (#[0-9a-f]{6})\)")


def boxes_of(svg):
    """Left, right, top and bottom of every text, by the narrower of the fonts that readers have."""
    for text in svg.iter(f"{SVG}text"):
        if "rotate" in text.get("transform", ""):
            continue
        size = float(text.get("font-size", "13px").removesuffix("px"))
        width = width_of(text.text, size, text.get("font-weight") == "600") / 1.1
        left = float(text.get("x")) - {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor", "start")] * width
        baseline = float(text.get("y"))
        yield left, left + width, baseline - 0.72 * size, baseline + 0.2 * size, text.text


def check_svg(text: str, width: int) -> None:
    svg = fromstring(text)
    assert svg.get("viewBox").split()[:3] == ["0", "0", str(width)] and svg.get("width") == str(width)
    height = float(svg.get("height"))
    assert svg.get("role") == "img" and len(svg.get("aria-label")) > 20
    assert " id=" not in text and "clip-path" not in text and "metadata" not in text
    assert {(name, COLOURS[name]) for name in dict(TOKEN.findall(text))} == set(TOKEN.findall(text))
    assert not re.search(r"#[0-9a-fA-F]{3,8}", TOKEN.sub("", text).replace("var(--sf-bg, #fff)", ""))
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)', text)]
    assert min(sizes, default=13) >= 12
    places = [part.get(name, "") for part in svg.iter() for name in ("d", "x", "y", "cx", "cy", "width", "height")]
    assert not [place for place in places if re.search(r"\.\d\d", place) and "a6.6" not in place]
    boxes = list(boxes_of(svg))
    for left, right, top, bottom, words in boxes:
        assert left >= -0.5 and right <= width + 0.5 and top >= -0.5 and bottom <= height + 0.5, words
    for one, two in combinations(boxes, 2):
        apart = one[1] <= two[0] or two[1] <= one[0] or one[3] <= two[2] or two[3] <= one[2]
        assert apart, (one[4], two[4])


@pytest.fixture
def check():
    """`check(drawing)` for what holds of all figures; returns the titles of its marks on the wide page."""

    def check(drawing) -> list[str]:
        check_svg(drawing.wide, drawing.page)
        check_svg(drawing.narrow, NARROW)
        assert (drawing.draw(drawing.page), drawing.draw(NARROW)) == (drawing.wide, drawing.narrow)
        titles = [re.findall(r"<title>(.*?)</title>", svg) for svg in (drawing.wide, drawing.narrow)]
        assert sorted(titles[0]) == sorted(titles[1]) and all(titles[0])
        return titles[0]

    return check
