"""The head of the ledger: how many claims got which verdict, group by group, and the filters."""

from html import escape

from ..drawing.glyphs import COLOURS, STATES, family
from ..drawing.symbols import shared_glyph
from ..evidence.claims import GROUPS
from ..evidence.findings import Finding
from ..evidence.verdict import VERDICTS
from .ledger_row import KIND_GROUPS, slug
from .sections import SHORT

# Folder of the pages -> authors and year, number on arXiv.
PAPERS = {
    "efficientnet": ("Tan & Le, 2019", "1905.11946"),
    "resnet_rs": ("Bello et al., 2021", "2103.07579"),
    "efficientnetv2": ("Tan & Le, 2021", "2104.00298"),
}
GROUP_TEXTS = {
    "measured here": ("Measured", "accuracy, speed and memory"),
    "counted": ("Counted", "networks, schedules, released code"),
    "the papers' own arithmetic": ("The papers' arithmetic", "sentences against the printed tables"),
}
ORDERS = {"": "as in the papers", "verdict": "by verdict", "kind": "by kind", "text": "by statement"}


def counts(found: list[Finding], group: str) -> dict[str, int]:
    """Verdict -> number of claims of a group, of the verdicts that occur, in their order."""
    words = [finding.found.shown_word for finding in found if finding.group == group]
    return {word: words.count(word) for word in VERDICTS if word in words}


def bars(found: list[Finding]) -> str:
    """One bar a group, all on one scale. Groups are never added up."""
    tables = {group: counts(found, group) for group in GROUPS}
    longest = max(sum(table.values()) for table in tables.values())
    lines = []
    for group, table in tables.items():
        name, about = GROUP_TEXTS[group]
        parts = "".join(
            f'<i class="c-{COLOURS[STATES[word]]} sf-b-{STATES[word]}" style="width:{100 * n / longest:.2f}%"></i>'
            for word, n in table.items()
        )
        words = " ".join(f"<span>{shared_glyph(word)} {n} {escape(word)}</span>" for word, n in table.items())
        lines.append(
            f'<li><span class="sf-bn"><b>{name}</b><small>{about}</small></span>'
            f'<span class="sf-br" aria-hidden="true">{parts}</span><span class="sf-bw">{words}</span></li>'
        )
    return f'<ul class="sf-bars">{"".join(lines)}</ul>'


def chip(name: str, value: str, label: str, count: int) -> str:
    return (
        f'<label class="sf-chip"><input type="checkbox" name="{name}" value="{value}">'
        f"<span>{label} <small>{count}</small></span></label>"
    )


def filters(found: list[Finding]) -> str:
    """Search, order, and a chip for each paper, kind and verdict; for scripts only."""
    papers = [finding.claim["paper"] for finding in found]
    groups = [finding.group for finding in found]
    words = [finding.found.shown_word for finding in found]
    chips = {
        "Paper": [chip("paper", short, family(short), papers.count(paper)) for paper, short in SHORT.items()],
        "Kind": [chip("kind", KIND_GROUPS[group], KIND_GROUPS[group], groups.count(group)) for group in GROUPS],
        "Verdict": [
            chip("verdict", slug(word), f"{shared_glyph(word)} {escape(word)}", words.count(word))
            for word in VERDICTS
            if word in words
        ],
    }
    sets = "".join(
        f'<fieldset><legend class="sf-hidden">{name}</legend>{"".join(parts)}</fieldset>'
        for name, parts in chips.items()
    )
    orders = "".join(f'<option value="{value}">{label}</option>' for value, label in ORDERS.items())
    return (
        '<form class="sf-filters sf-js-only" role="search" aria-label="Claims"><div class="sf-find">'
        '<input type="search" name="q" aria-label="Search statements and ids" placeholder="Search statements and ids">'
        f'<label>Order <select name="sort">{orders}</select></label>'
        f'<p class="sf-count"><span role="status">All {len(found)} claims</span> '
        f'<button type="reset" hidden>show all</button></p></div>{sets}</form>'
    )


def key() -> str:
    """How to read the small pictures."""
    return (
        "<p>Open a claim for its rule, its numbers and its records. Shaded is where a difference or ratio must lie for "
        "the claim to hold. Boxes stand for single numbers, filled where ours differs.</p>"
    )


def legend() -> str:
    """The heads of the columns."""
    return (
        '<div class="sf-head"><span></span><span>claim</span><span class="sf-pv">paper</span>'
        '<span class="sf-ov">ours</span><span>◇ paper ● ours</span></div>'
    )


def paper_head(paper: str) -> str:
    short, (authors, arxiv) = SHORT[paper], PAPERS[paper]
    return (
        f'<h2 class="c-{short}" id="ledger-{short}">{family(short)} '
        f'<small>{escape(authors)}, <a href="https://arxiv.org/abs/{arxiv}">arXiv {arxiv}</a></small></h2>'
    )
