"""The ledger of claims as one piece of HTML: counts, filters, and one line a claim in the order of the papers."""

from html import escape

from ..drawing.glyphs import FAMILIES
from ..drawing.symbols import symbols
from ..evidence.claims import is_written
from ..evidence.findings import Finding, findings
from .block import MARKS
from .ledger_head import bars, filters, key, legend, paper_head
from .ledger_row import Place, claim_row, section_name
from .sections import SHORT, Section, sections
from .sources import repository


def anchor(section: Section) -> str:
    """The address of a section on the ledger's page."""
    return f"ledger-{section.page.replace('/', '-')}"


def section_html(section: Section, found: list[Finding], home: dict[str, str]) -> str:
    """The claims of one section under its heading."""
    place = Place(section, FAMILIES[section.family], home["url"], home["branch"])
    rows = "".join(claim_row(finding, place) for finding in found)
    name = escape(section_name(section))
    page = '<small class="sf-planned">page planned</small>'
    if is_written(section.page):
        page = f'<small><a href="{section.page}.html" aria-label="read the page: {name}">read the page</a></small>'
    return f'<section><h3 id="{anchor(section)}">{name} {page}</h3>{rows}</section>'


def ledger_html(found: list[Finding] | None = None) -> str:
    """The whole ledger. `found` are findings that were made before; None makes them of the published records.

    Raises KeyError for a claim whose page is not in data/sections.csv.
    """
    found, home = findings() if found is None else found, repository()
    by_page: dict[str, list[Finding]] = {}
    for finding in found:
        by_page.setdefault(finding.claim["page"], []).append(finding)
    parts = []
    for paper, short in SHORT.items():
        of_paper = [section for section in sections().values() if section.paper == paper and section.page in by_page]
        claimed = [(section, by_page.pop(section.page)) for section in of_paper]
        blocks = "".join(section_html(section, of_page, home) for section, of_page in claimed)
        parts.append(f'<div class="sf-family" data-p="{short}">{paper_head(paper)}{blocks}</div>')
    if by_page:
        raise KeyError(f"no section for the claims of {', '.join(sorted(by_page))}: add it to data/sections.csv")
    head = (
        f'<style>{MARKS}</style>{symbols()}{bars(found)}{key()}<div class="sf-stick">{filters(found)}{legend()}</div>'
    )
    return f'<div class="sf sf-wide sf-ledger">{head}{"".join(parts)}</div>'
