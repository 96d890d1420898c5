"""References labelled as the text cites them: "Tan and Le, 2019", not "TL19"."""

from collections.abc import Iterable, Iterator

from pybtex.database import Entry
from pybtex.style.formatting.plain import Style
from pybtex.style.labels import BaseLabelStyle

from .plain import named


class AuthorYear(BaseLabelStyle):
    def format_labels(self, entries: Iterable[Entry]) -> Iterator[str]:
        for entry in entries:
            yield ", ".join(named(entry))


class Labelled(Style):
    """pybtex's style `plain` with these labels; `bibtex_default_style: author_year` names it."""

    default_label_style = AuthorYear
