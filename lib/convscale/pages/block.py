"""A piece of HTML that a cell shows: with its links in the book, without them in a notebook, in words elsewhere."""

import re
from dataclasses import dataclass

LINK = re.compile(r"</?a\b[^>]*>")


@dataclass(frozen=True)
class Block:
    """`html` is for the book, where its links lead to other pages; `text` says the same in words."""

    html: str
    text: str

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {
            "text/plain": self.text,
            "text/html": LINK.sub("", self.html),
            "text/markdown": f"```{{raw}} html\n{self.html}\n```",
        }
