"""A piece of HTML that a cell shows: as the book has it, as a notebook without the book's style, in words elsewhere."""

import re
from dataclasses import dataclass

from ..drawing.ink import COLOURS

LINK = re.compile(r"</?a\b[^>]*>")
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)  # all are for the book's scripts
# What the book's style says of marks (theme.css, ledger.css), for pages without it: a browser draws an SVG without a
# size as wide as the page. `:where` gives way to every rule of the book.
MARKS = ":where(.sf-g){width:1em;height:1em}:where(.sf-m){width:132px;height:20px}" + "".join(
    f":where(.c-{ink}){{color:{COLOURS[ink]}}}" for ink in ("yes", "no", "open", "none", "v1", "rs", "v2")
)
# Things in a row stand apart, one below the other come apart, and what needs the book's scripts is not there.
LAYOUT = ".sf-badge,.sf li>*{margin-right:.6em}.sf-answer dd span,.sf th :is(code,small){display:block}"
LAYOUT += ".sf-js-only{display:none}"


@dataclass(frozen=True)
class Block:
    """`html` is for the book, where its links lead to other pages; `text` says the same in words."""

    html: str
    text: str

    def notebook(self) -> str:
        """For Jupyter and Colab, whose pages have none of the book's style: marks have white below them, as their
        colours ask. JupyterLab shows only the words of a notebook that was not run there, so they stand apart."""
        html = LINK.sub("", FORM.sub("", self.html)).replace("><", "> <").replace("</svg>", "</svg> ")
        if "<svg" not in html:
            return html
        card = f"background:#fff;color:{COLOURS['ink']};padding:8px"
        return f"<style>{MARKS}{LAYOUT}</style><div style='{card}'>{html}</div>"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {
            "text/plain": self.text,
            "text/html": self.notebook(),
            "text/markdown": f"```{{raw}} html\n{self.html}\n```",
        }
