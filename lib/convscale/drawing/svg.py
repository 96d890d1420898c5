"""From matplotlib's SVG to the book's: colours become tokens, text the page's font, and each mark says its numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from xml.etree.ElementTree import Element, fromstring

from .glyphs import COLOURS as GLYPH_COLOURS
from .glyphs import SHAPES as GLYPHS
from .ink import COLOURS, LABEL, var

NAMES = {value: name for name, value in COLOURS.items()}
# What a style of matplotlib's keeps, and SVG's own value of it, which needs no saying.
KEPT = {
    "fill": var("ink"),
    "stroke": "none",
    "stroke-width": "1",
    "stroke-dasharray": "none",
    "fill-opacity": "1",
    "stroke-opacity": "1",
    "opacity": "1",
    "font-size": f"{LABEL}px",
    "font-weight": "400",
    "text-anchor": "start",
}
LINES = {"stroke", "stroke-width", "stroke-dasharray", "stroke-opacity"}
WEIGHT = {"bold": "600", "normal": "400"}


@dataclass(frozen=True)
class Mark:
    """What belongs to the artists of one id: a title, or one for each point; the shape of points; data for scripts."""

    title: str = ""
    titles: tuple[str, ...] = ()
    shape: str = ""
    size: float = 0.0  # px, half of the shape's width
    data: dict[str, str] = field(default_factory=dict)


def short(number: str | float) -> str:
    """A coordinate to one decimal."""
    return f"{round(float(number), 1) + 0.0:.1f}".removesuffix(".0")  # + 0.0 takes the sign off a zero


def path(data: str) -> str:
    """Path data to one decimal and without the space that it does not need."""
    data = re.sub(r"-?\d+(\.\d+)?(e-?\d+)?", lambda match: short(match[0]), data)
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", " ".join(data.split()))


def attributes(style: str) -> dict[str, str]:
    """A style of matplotlib's as attributes, with tokens for colours. Raises KeyError for a colour that is no token."""
    found = dict(part.split(": ", 1) for part in style.split("; ") if part)
    for name in ("fill", "stroke"):
        if (colour := found.get(name, "none")) != "none":
            found[name] = var(NAMES[colour])
    if "font-weight" in found:
        found["font-weight"] = WEIGHT.get(found["font-weight"], found["font-weight"])
    if "stroke-dasharray" in found:
        found["stroke-dasharray"] = " ".join(short(part) for part in found["stroke-dasharray"].split(","))
    if found.get("stroke", "none") == "none":
        found = {name: value for name, value in found.items() if name not in LINES}
    return {name: found[name] for name, usual in KEPT.items() if name in found and found[name] != usual}


def tag(name: str, values: dict[str, str], inside: str = "") -> str:
    head = "".join(f' {key}="{escape(value)}"' for key, value in values.items())
    return f"<{name}{head}>{inside}</{name}>" if inside else f"<{name}{head}/>"


def point(shape: str, x: float, y: float, half: float) -> tuple[str, dict[str, str]]:
    """A marker of `half` its width about (x, y): the name of its element, and the attributes that give its form."""
    match shape:
        case "disc":
            return "circle", {"cx": short(x), "cy": short(y), "r": short(half)}
        case "square":
            side = short(2 * half)
            return "rect", {"x": short(x - half), "y": short(y - half), "width": side, "height": side}
        case "triangle":
            return "path", {"d": f"M{short(x)} {short(y - half)}l{short(half)} {short(2 * half)}h{short(-2 * half)}z"}
        case "diamond":
            h, back = short(half), short(-half)
            return "path", {"d": f"M{short(x)} {short(y - half)}l{h} {h} {back} {h} {back} {back}z"}
    raise KeyError(shape)


def shown(element: Element, mark: Mark, count: int) -> tuple[str, dict[str, str], dict[str, str], str]:
    """One path, text or point: its name, its form, its style, and what stands inside."""
    style, kind = attributes(element.get("style", "")), element.tag.rpartition("}")[2]
    if kind == "path":
        return "path", {"d": path(element.get("d", ""))}, style, ""
    x, y = (float(element.get(name, "0")) for name in "xy")
    if kind == "text":
        turned = element.get("transform", "")
        turn = {} if "rotate(-0 " in turned or not turned else {"transform": path(turned)}
        return "text", {"x": short(x), "y": short(y), **turn}, style, escape(element.text or "", quote=False)
    title = f"<title>{escape(mark.titles[count], quote=False)}</title>" if mark.titles else ""
    if mark.shape in GLYPHS:
        scale = mark.size / 8
        move = f"translate({short(x - mark.size)} {short(y - mark.size)}) scale({scale:.3g})"
        return "g", {"transform": move, "color": var(GLYPH_COLOURS[mark.shape])}, {}, title + GLYPHS[mark.shape]
    name, form = point(mark.shape, x, y, mark.size)
    return name, form, style, title


def walk(element: Element, marks: dict[str, Mark], gid: str = "") -> Iterator[tuple[str, Element]]:
    """Everything that is drawn, in order, with the id of its mark."""
    kind = element.tag.rpartition("}")[2]
    if kind in ("path", "text", "use"):
        yield gid, element
    elif kind not in ("defs", "metadata"):
        gid = element.get("id", "") if element.get("id", "") in marks else gid
        for child in element:
            yield from walk(child, marks, gid)


def book_svg(svg: str, marks: dict[str, Mark], label: str, kind: str) -> str:
    """The book's SVG of matplotlib's, without ids or clipping; `label` is what it shows in words, `kind` a class."""
    root = fromstring(svg)
    parts = []
    for gid, group in groupby(walk(root, marks), key=lambda found: found[0]):
        mark = marks.get(gid, Mark())
        drawn = [shown(element, mark, count) for count, (_, element) in enumerate(group)]
        same = drawn[0][2] if len(drawn) > 1 and all(style == drawn[0][2] for _, _, style, _ in drawn) else {}
        inside = "".join(tag(name, form | ({} if same else style), text) for name, form, style, text in drawn)
        title = f"<title>{escape(mark.title, quote=False)}</title>" if mark.title else ""
        data = {f"data-{name}": value for name, value in mark.data.items()}
        parts.append(tag("g", data | same, title + inside) if title or data or same else inside)
    _, _, width, height = root.get("viewBox", "").split()
    head = {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": f"sfx {kind}",
        "viewBox": f"0 0 {short(width)} {short(height)}",
        "width": short(width),
        "height": short(height),
        "role": "img",
        "aria-label": label,
        "fill": var("ink"),
        "stroke-linejoin": "round",
        "style": f"font:{LABEL}px var(--sf-text, system-ui, sans-serif);font-variant-numeric:tabular-nums;"
        "max-width:100%;height:auto",
    }
    return tag("svg", head, "".join(parts))
