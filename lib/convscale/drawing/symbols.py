"""The marks of verdicts as shared symbols: a page that shows hundreds of them holds each drawing once."""

from html import escape

from .glyphs import COLOURS, SHAPES, STATES


def symbols() -> str:
    """The drawings, to stand once on a page before the first `shared_glyph`."""
    drawn = "".join(
        f'<symbol id="sf-g-{state}" viewBox="0 0 16 16">{shape}</symbol>' for state, shape in SHAPES.items()
    )
    return (
        f'<svg class="sf-symbols" width="0" height="0" aria-hidden="true" focusable="false"><defs>{drawn}</defs></svg>'
    )


def shared_glyph(verdict: str, title: str = "") -> str:
    """As `glyph`, by reference to the drawings of `symbols`."""
    state = STATES[verdict]
    name = f' role="img"><title>{escape(title)}</title>' if title else ' aria-hidden="true">'
    return f'<svg class="sf-g c-{COLOURS[state]}"{name}<use href="#sf-g-{state}"/></svg>'
