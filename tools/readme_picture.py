"""The README's picture: all claims of the three papers by verdict, one bar a group. `make drawings` writes it.

An SVG file of its own, which follows the reader's light or dark theme; colours are those of the book.
"""

import re
from html import escape
from pathlib import Path

from convscale.drawing.glyphs import COLOURS, SHAPES, STATES
from convscale.evidence.claims import GROUPS
from convscale.evidence.judging import summary

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "book/_static/verdicts.svg"
TOKENS = ROOT / "book/_static/tokens.css"
USED = ("bg", "ink", "soft", "rule", "yes", "no", "open", "none")
WIDTH, LEFT, BAR, ROW, TOP = 640, 8, 22, 92, 40  # px; ours: words stay legible on a phone, which shows it at 340 px
LETTER = 7.4  # px of a letter of 14 px, on average
# Beside full bars: nearly reproduced, not run, and what is no verdict on a paper
PAINTS = {"near": 'fill-opacity=".4"', "none": 'fill-opacity="0" stroke-dasharray="3 3"', "plain": 'fill-opacity="0"'}


def colours(block: str) -> dict[str, str]:
    """Names of tokens that are used here -> colours, of a block of tokens.css; a theme's variable by its fallback."""
    found = dict(re.findall(r"--sf-([\w-]+):\s*(?:var\([^,]+,\s*)?(#\w+)", block))
    return {name: found[name] for name in USED if name in found}


def style() -> str:
    light, dark = TOKENS.read_text(encoding="utf-8").split('html[data-theme="dark"]')

    def rules(tokens: dict[str, str]) -> str:
        return "".join(f"--sf-{name}:{value};" for name, value in tokens.items())

    ground = {"bg": "#121212", "ink": "#e6e6e6", "soft": "#b3b9c1"}  # as the book's theme has them in the dark
    return (
        f"svg{{{rules(colours(light))}font:14px system-ui,sans-serif;fill:var(--sf-ink)}}"
        f"@media(prefers-color-scheme:dark){{svg{{{rules(ground | colours(dark))}}}}}"
        ".yes{color:var(--sf-yes)}.no{color:var(--sf-no)}.open{color:var(--sf-open)}.none{color:var(--sf-none)}"
        ".soft{fill:var(--sf-soft)}.head{font-weight:600}"
    )


def row(group: str, counts: dict[str, int], top: int) -> str:
    """A bar of the verdicts of a group, its name above and the verdicts with their numbers below."""
    whole, x, parts = sum(counts.values()), float(LEFT), []
    released = counts.get("agrees", 0) + counts.get("differs", 0)
    note = f", {released} of them on the released code, which agrees or differs" if released else ""
    head = f'<tspan class="head">{escape(group[0].upper() + group[1:])}</tspan>'
    parts.append(f'<text x="{LEFT}" y="{top}">{head} <tspan class="soft">{whole}{note}</tspan></text>')
    label = float(LEFT)
    for verdict, count in counts.items():
        state, width = COLOURS[STATES[verdict]], (WIDTH - 2 * LEFT) * count / whole
        paint = PAINTS.get(STATES[verdict], "") + ' stroke="currentColor"'
        inner = f'x="{x + 1:.1f}" y="{top + 9}" width="{max(width - 2, 1):.1f}" height="{BAR}"'
        bar = f'<rect {inner} rx="2" fill="currentColor" {paint}/>'
        parts.append(f'<g class="{state}"><title>{count} {escape(verdict)}</title>{bar}</g>')
        mark = f'<svg x="{label:.1f}" y="{top + 38}" width="14" height="14" viewBox="0 0 16 16">'
        parts.append(f'<g class="{state}">{mark}{SHAPES[STATES[verdict]]}</svg></g>')
        words = f"{count} {verdict}"
        parts.append(f'<text x="{label + 19:.1f}" y="{top + 50}">{escape(words)}</text>')
        x, label = x + width, label + 34 + LETTER * len(words)
    return "".join(parts)


def picture() -> str:
    """The SVG, of the verdicts that the published records give now."""
    found = summary()
    decided = int((~found["verdict"].isin(["not run", "inconclusive"])).sum())
    title = f"{decided} of {len(found)} statements of three papers are checked"
    rows, said = [], []
    for i, (group, kinds) in enumerate(GROUPS.items()):
        verdicts = found[found["kind"].isin(kinds)]["verdict"].value_counts()
        counts = {verdict: int(verdicts[verdict]) for verdict in STATES if verdict in verdicts}
        rows.append(row(group, counts, TOP + 26 + i * ROW))
        said.append(f"{group}: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    height = TOP + len(GROUPS) * ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title + ". " + "; ".join(said))}"><style>{style()}</style>'
        f'<rect width="{WIDTH}" height="{height}" fill="var(--sf-bg)"/>'
        f'<text x="{LEFT}" y="28" style="font-size:19px" class="head">{escape(title)}</text>{"".join(rows)}</svg>\n'
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
