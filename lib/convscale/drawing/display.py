"""A picture as the book, a notebook and a terminal show it: finding, what is drawn, both drawings, caption, data."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from .ink import NARROW, WIDE
from .pen import own_style

if TYPE_CHECKING:
    import pandas as pd

ROLE = re.compile(r"\{[\w:+.-]+\}`(?:([^`<]*?)\s*<[^`>]*>|([^`]*))`")  # {role}`text <target>` or {role}`text`
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")  # [text](address)
TITLE = re.compile(r"<title>[^<]*</title>")
MARKED = re.compile(r"`([^`]*)`|(?<!\w)([*_]{1,2})(\S.*?)\2(?!\w)")  # `text`, *text*, __text__


def plain(text: str) -> str:
    """MyST without its marks: what a role or a link shows, else its target."""
    text = LINK.sub(r"\1", ROLE.sub(lambda found: found[1] or found[2] or "", text))
    return MARKED.sub(lambda found: found[1] or found[3] or "", text)


def address(svg: str) -> str:
    """An SVG as the address of an image, without the titles that an image shows nowhere; it holds no single quote."""
    return "data:image/svg+xml," + quote(TITLE.sub("", svg), safe=' "/:=,;()')


@dataclass(frozen=True, eq=False)  # tables do not compare
class Drawing:
    """A figure that displays itself.

    `name` is its label for `{numref}`, `title` its finding, `subtitle` says what is drawn, `caption` (MyST, one
    paragraph) what one must know to read it. `draw(width)` returns the SVG for a page of that many px; `data` are the
    numbers it shows. `below` is HTML of the book under the drawing, for what needs a script. `page` is the width of the
    wide drawing, for pages whose column is wider than an article's.
    """

    name: str
    title: str
    subtitle: str
    caption: str
    draw: Callable[[int], str]
    data: pd.DataFrame
    below: str = ""
    page: int = WIDE

    @cached_property
    def wide(self) -> str:
        return self.drawn(self.page)

    @cached_property
    def narrow(self) -> str:
        return self.drawn(NARROW)

    def drawn(self, width: int) -> str:
        """The SVG, the same on every machine."""
        with own_style():
            return self.draw(width)

    @property
    def csv(self) -> str:
        return self.data.to_csv(index=False, lineterminator="\n")

    def markdown(self) -> str:
        """For the book: our directive `drawing` makes a numbered figure of it, with the data in its caption."""
        head = f'<p class="sf-ft">{escape(self.title, quote=False)}</p>'
        head += f'<p class="sf-fs">{escape(self.subtitle, quote=False)}</p>' if self.subtitle else ""
        data = base64.b64encode(self.csv.encode()).decode()
        return (
            f":::{{drawing}} {' '.join(self.caption.split())}\n:name: {self.name}\n:csv: {data}\n\n"
            f'<div class="sf">{head}{self.wide}{self.narrow}{self.below}</div>\n:::'
        )

    def html(self) -> str:
        """For Jupyter and Colab, whose pages have none of the book's style. The drawing is an image: of a notebook that
        was not run there, JupyterLab shows images, and of SVG only the words."""
        said = f"<p style='margin:0;color:#48566b'>{escape(self.subtitle, quote=False)}</p>" if self.subtitle else ""
        caption = escape(plain(" ".join(self.caption.split())), quote=False)
        image = f"<img alt='{escape(self.title)}' src='{address(self.wide)}' style='max-width:100%'>"
        return (
            "<div style='background:#fff;color:#222832;max-width:43rem;padding:8px;font:13px/1.5 system-ui,sans-serif'>"
            f"<p style='margin:0;font-size:16px'><b>{escape(self.title, quote=False)}</b></p>{said}{image}"
            f"<p style='margin:0;color:#48566b'>{caption}</p></div>"
        )

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {
            "text/plain": f"{self.title}\n{self.data.to_string(index=False)}",
            "text/html": self.html(),
            "text/markdown": self.markdown(),
        }
