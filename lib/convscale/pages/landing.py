"""The first page: every counted number in one figure, what was measured, all sections with their verdicts."""

from html import escape

import pandas as pd

from ..drawing import Drawing, family, glyph, mini, strip
from ..drawing.glyphs import STATES
from ..drawing.symbols import shared_glyph, symbols
from ..evidence import Verdict, judge
from ..evidence.claims import GROUPS, claims, is_written, shown_published
from ..evidence.judge_exact import decide
from ..evidence.judge_printed import yes_or_no
from ..evidence.judging import Reading
from ..experiments import get, records_of
from ..records import published
from ..words import plural
from .block import Block
from .sections import SHORT, Section, sections
from .sources import repository
from .words import TIMES, typeset

LANDING = 936  # px, the column of a page without a contents list at 1280 px
NOTES = 4  # marks of a lane that have their words beside them; more would hide the others
PAPERS = {"efficientnet": "Tan & Le, 2019", "resnet_rs": "Bello et al., 2021", "efficientnetv2": "Tan & Le, 2021"}


def counted_numbers() -> pd.DataFrame:
    """One row a number that can be counted, as `drawing.strip` takes them; the farthest off have a note."""
    parts = []
    for claim in claims():
        if claim["kind"] != "exact" or "bound" in claim:  # "more than 3" is no number to be off from
            continue
        rows = decide(claim)
        if yes_or_no(rows):
            continue
        rows = rows[rows["deviation"].abs() < float("inf")].rename(columns={"ours": "counted"})
        about = f"{claim['statement'].rstrip('.')}: " + rows["row"]
        rows["counted"] = rows["counted"].map("{:.4g}".format)
        rows = rows.assign(family=SHORT[claim["paper"]], label=about, agrees=rows["verdict"] == "reproduced")
        parts.append(rows[["family", "row", "label", "printed", "counted", "deviation", "agrees"]])
    table = pd.concat(parts, ignore_index=True)
    off = table["deviation"].abs().where(~table["agrees"])
    noted = off.groupby(table["family"]).rank(ascending=False, method="first") <= NOTES
    notes = table["row"] + ": " + table["counted"] + ", not " + table["printed"]
    return table.assign(note=notes.where(noted, "")).drop(columns="row")


def hero() -> Drawing:
    """Every number of the papers that can be counted, against what the networks have."""
    rows = counted_numbers()
    good = int(rows["agrees"].sum())
    return strip(
        rows,
        page=LANDING,
        name="fig-counted",
        title=f"Of {len(rows)} numbers that can simply be counted, {good} agree with the papers as printed",
        subtitle="Parameters, multiply-adds, layers, sizes and settings: counted against printed.",
        caption="A mark beside the line can still agree: a printed 9.2 stands for 9.15 to 9.25. Every difference has "
        "[its cause](discrepancies).",
    )


def verdicts() -> dict[str, Verdict]:
    """Claim id -> verdict by the published records."""
    reading = Reading(published())
    return {claim["id"]: judge(claim, reading.of(claim)) for claim in claims()}


def measured(found: dict[str, Verdict]) -> Block:
    """Every claim that needs runs and has a verdict: statement, ours, the paper's, and both as a picture."""
    asked = [claim for claim in claims() if claim["kind"] in GROUPS["measured here"]]
    done = [claim for claim in asked if found[claim["id"]].estimate is not None]
    rows = "".join(measured_row(claim, found[claim["id"]]) for claim in done)
    words = (
        f"Counting is cheap, runs are not. Of {plural(len(asked), 'claim')} that need them, {len(done)} have a verdict."
    )
    return Block(f'<div class="sf sf-measured"><p>{words}</p><ul>{rows}</ul></div>', words)


def measured_row(claim: dict, verdict: Verdict) -> str:
    ours, paper = (text.split(" [")[0].replace("x", TIMES) for text in (verdict.shown, shown_published(claim)))
    timed = claim["kind"] == "ratio"
    value = claim.get("published")
    picture = mini(
        title=f"{verdict.shown}, paper {shown_published(claim)}",
        verdict=verdict.verdict,
        mean=verdict.estimate,
        low=verdict.low,
        high=verdict.high,
        paper=value if isinstance(value, int | float) else None,
        family=SHORT[claim["paper"]],
        reference=1.0 if timed else 0.0,
    )
    return (
        f'<li>{glyph(verdict.shown_word, verdict.shown_word)}<a href="claims.html#{claim["id"]}">'
        f"{escape(claim['statement'].rstrip('.'))}</a><b>{typeset(ours)}</b>"
        f"<span>paper {paper.replace('-', 'none')}</span>{picture}</li>"
    )


def marks(section: Section, found: dict[str, Verdict]) -> str:
    """The verdicts of a section's claims, each a link to the ledger."""
    return "".join(
        f'<a href="claims.html#{claim["id"]}">'
        + shared_glyph(found[claim["id"]].shown_word, f"{found[claim['id']].shown_word}: {claim['statement']}")
        + "</a>"
        for claim in claims(section.page)
    )


def colab(page: str) -> str:
    """Where Colab opens the page."""
    home = repository()
    place = home["url"].partition("github.com/")[2]
    return f"https://colab.research.google.com/github/{place}/blob/{home['branch']}/book/{page}.ipynb"


def runs_of(section: Section) -> str:
    """How many of the runs that decide the section's claims are published, at the smallest scale that may judge."""
    names = {name for claim in claims(section.page) if (name := claim.get("experiment")) and "small" in claim["scales"]}
    sweeps = [get(name, "small") for name in sorted(names)]
    have = sum(len(records_of(sweep, published())) for sweep in sweeps)
    return f"{have} of {plural(sum(len(sweep.jobs) for sweep in sweeps), 'run')} made" if sweeps else ""


def card(section: Section, found: dict[str, Verdict]) -> str:
    name, more, state = escape(section.menu), "", " sf-planned"
    if is_written(section.page):
        name, state = f'<a href="{section.page}.html">{name}</a>', ""
        links = [f'<a href="{colab(section.page)}">Colab</a>', *filter(None, [runs_of(section)])]
        more = f'<span class="sf-more-of">{", ".join(links)}</span>'
    return (
        f'<li class="sf-card{state}"><span class="sf-no">§{section.section}</span><span class="sf-name">{name}</span>'
        f'<span class="sf-marks">{marks(section, found) or "no claim of its own"}</span>{more}</li>'
    )


def contents(found: dict[str, Verdict]) -> Block:
    """All sections of the three papers with a mark for each claim; those without a page in grey."""
    columns = []
    for paper, about in PAPERS.items():
        cards = "".join(card(section, found) for section in sections().values() if section.paper == paper)
        head = f"<h3>{family(SHORT[paper])}</h3><p>{escape(about)}</p>"
        columns.append(f'<div class="sf-paper c-{SHORT[paper]}">{head}<ul>{cards}</ul></div>')
    words = legend(found)
    html = f'<div class="sf sf-map">{symbols()}<p>{words}</p><div class="sf-columns">{"".join(columns)}</div></div>'
    return Block(html, f"{len(found)} claims in {plural(len(sections()), 'section')}")


def legend(found: dict[str, Verdict]) -> str:
    """What the marks mean, and how many claims have each."""
    words: dict[str, int] = {}
    for verdict in found.values():
        words[verdict.shown_word] = words.get(verdict.shown_word, 0) + 1
    said = [f"{glyph(word)} {words[word]} {word}" for word in STATES if word in words]
    planned = "" if all(is_written(page) for page in sections()) else " Sections in grey have no page yet."
    return f"One mark for each claim: {', '.join(said)}.{planned}"
