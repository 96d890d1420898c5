"""Tables that show well in a book, a notebook and a terminal."""

import re
from dataclasses import dataclass
from html import escape

import pandas as pd

from .block import LINK
from .plain import plain

FIGURE = re.compile(r"(\*\*)?[+\-\u2212]?[\d.,]+ ?[%\u00d7xMBh]?(\*\*)?")  # what a column of numbers holds, bold or not
LONGEST_NAME = 24  # letters in a first column that does not wrap: "EfficientNetV2-XL (21k)"


@dataclass(frozen=True)
class BookTable:
    """A data frame that displays as a numbered table in the book, as HTML in Jupyter and Colab, and as text.

    `name` is the label for `{numref}`. Cells are shown as they are, so format numbers before; in the book they are
    Markdown. Columns of numbers stand to the right. A column of "± x" belongs to the one before and has a blank head.
    `fold` names what is folded away, for tables that only some readers want; `wide` uses the page's margin, too.
    """

    frame: pd.DataFrame
    name: str
    caption: str
    fold: str = ""
    wide: bool = False

    def __post_init__(self):
        object.__setattr__(self, "frame", self.frame.astype(str))

    def markdown(self) -> str:
        def line(cells) -> str:
            return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"

        rules = ["--:" if numeric(self.frame.iloc[:, i]) else ":--" for i in range(self.frame.shape[1])]
        return "\n".join([line(self.frame.columns), line(rules), *map(line, self.frame.itertuples(index=False))])

    def notebook(self) -> str:
        """As HTML: no Markdown in the cells, numbers to the right."""
        sides = ["right" if numeric(self.frame.iloc[:, i]) else "left" for i in range(self.frame.shape[1])]

        def line(cells, tag: str) -> str:
            shown = (escape(LINK.sub("", plain(str(cell))).replace("**", "").replace("`", "")) for cell in cells)
            parts = (
                f'<{tag} style="text-align: {side}">{cell}</{tag}>' for cell, side in zip(shown, sides, strict=True)
            )
            return f"<tr>{''.join(parts)}</tr>"

        body = "".join(line(row, "td") for row in self.frame.itertuples(index=False))
        return f"<table><thead>{line(self.frame.columns, 'th')}</thead><tbody>{body}</tbody></table>"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        caption = plain(self.caption)
        names = self.frame.shape[1] > 0 and self.frame.iloc[:, 0].str.len().max() <= LONGEST_NAME
        kinds = " ".join(["sf-t", *(["sf-names"] if names else []), *(["sf-wide"] if self.wide else [])])
        table = f":::{{table}} {self.caption}\n:name: {self.name}\n:class: {kinds}\n\n{self.markdown()}\n:::"
        if self.fold:
            table = f"::::{{admonition}} {self.fold}\n:class: dropdown\n\n{table}\n::::"
        return {
            "text/plain": f"{caption}\n{self.frame.to_string(index=False)}",
            "text/html": f"<p><b>{caption}</b></p>{self.notebook()}",
            "text/markdown": table,
        }


def numeric(column: pd.Series) -> bool:
    """Whether a column's cells are numbers, but for those that say that there is none."""
    filled = [cell for cell in column if cell.strip() not in ("", "-", "not run")]
    return bool(filled) and all(FIGURE.fullmatch(cell.strip()) for cell in filled)
