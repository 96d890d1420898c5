"""One claim of the ledger as HTML: a line that opens to all there is to know about it, without scripts."""

import re
from dataclasses import dataclass
from html import escape

from ..drawing.glyphs import COLOURS, STATES
from ..drawing.symbols import shared_glyph
from ..evidence.claims import experiment, is_written, rule_date
from ..evidence.findings import Finding
from ..evidence.rule_dates import fixed_by
from ..evidence.rule_words import condition_words, rule_words
from ..evidence.runs import arms_of, experiment_at, rule_at
from ..words import plural
from .ledger_values import picture, row_table, values
from .sections import Section
from .words import typeset

KIND_GROUPS = {"measured here": "measured", "counted": "counted", "the papers' own arithmetic": "arithmetic"}
MOST_ARMS = 16  # whose records are linked one by one; ours: designs have 32 and more, and fill the page
DISCREPANCY = re.compile(r"\brow ([A-Z]\d+)\b")


@dataclass(frozen=True)
class Place:
    """Where a claim stands: the section of its page, the paper's name, and the repository's address and branch."""

    section: Section
    paper: str
    url: str
    branch: str


def section_name(section: Section) -> str:
    """ "§6.3 Adaptive regularization"."""
    return f"§{section.section} {section.menu}"


def prose(text: str) -> str:
    """Text as HTML: `names` as code, and rows of the discrepancies as links."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(typeset(text), quote=False))
    return DISCREPANCY.sub(r'<a href="discrepancies.html#disc-\1">row \1</a>', text)


def slug(verdict: str) -> str:
    """A verdict in an address: "not-run", "within-3"."""
    return verdict.replace(" %", "").replace(" ", "-")


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def where(finding: Finding, place: Place) -> str:
    section = place.section
    page = f'<a href="{section.page}.html">{escape(section_name(section))}</a>'
    if not is_written(section.page):
        page = f'<span class="sf-planned">{escape(section_name(section))}, page planned</span>'
    return f"{finding.shown['source']} of {place.paper} · {page}"


def rule(finding: Finding, place: Place) -> str:
    claim = finding.claim
    if fixed := fixed_by(claim):
        since = f'Fixed in <a href="{place.url}/commit/{fixed[0]}">{fixed[0][:7]}</a>, {fixed[1]}.'
    else:
        since = f"Stands since {rule_date(claim)}."
    return f"{prose(rule_words(claim))} <small>{since}</small>"


def verdict(finding: Finding) -> str:
    found = finding.found
    why = sentence(prose(found.why))
    if found.p is not None:
        why += f" p = {found.p:.2g}"
        why += f", {found.adjusted:.2g} after Holm's correction." if found.adjusted is not None else "."
    colour = COLOURS[STATES[found.shown_word]]
    return f'<b class="c-{colour}">{sentence(escape(found.shown_word))}</b> {why}'


def evidence(finding: Finding, place: Place) -> str:
    """What was measured on what, with a link to the file of every record of the claim's own arms. Others share their
    error and are linked by the claims that name them; a design of many arms is linked as the experiment."""
    if not finding.records:
        return ""
    base = f"{place.url}/blob/{place.branch}/data/records"
    if len(finding.records) > MOST_ARMS:
        runs = sum(map(len, finding.records.values()))
        file = f"lib/convscale/experiments/papers/{experiment_at(finding.claim, finding.found.scale)}.py"
        link = f'<a href="{place.url}/blob/{place.branch}/{file}">the design</a>'
        return f"{escape(finding.found.evidence)}<br>{runs:,} runs, all of {link}"
    own, arms = own_arms(finding), []
    for arm in own:
        of_arm = finding.records[arm]
        links = " ".join(f'<a href="{base}/{path}">{escape(name)}</a>' for name, path in of_arm.items())
        arms.append(f"<br><code>{escape(arm)}</code> {links}")
    if others := len(finding.records) - len(own):
        arms.append(f"<br>the error also rests on {plural(others, 'other arm')} of the experiment")
    return escape(finding.found.evidence) + "".join(arms)


def own_arms(finding: Finding) -> list[str]:
    """Those of the arms with records that the claim's rule names; the rows of a table of speeds are all its own."""
    if "scales" not in finding.claim:
        return list(finding.records)
    named = arms_of(rule_at(finding.claim, finding.found.scale))
    return [arm for arm in finding.records if arm in named]


def command(finding: Finding) -> str:
    """What makes the evidence, and how much of it decides: an experiment has the seeds of its rules, no more."""
    if not (text := finding.shown["command"]):
        return ""
    shared = 1
    if "scales" in finding.claim:
        scale = text.split()[-1]
        shared = len([mate for mate in experiment(finding.claim) if scale in mate["scales"]])
    claims = f" {shared} claims together" if shared > 1 else ""
    return f"<code>{escape(text)}</code> <small>{finding.shown['decides']} decide{claims}</small>"


def details(finding: Finding, place: Place) -> str:
    claim = finding.claim
    terms = {
        "Where": where(finding, place),
        "Rule": rule(finding, place),
        "Also needed": "<br>".join(sentence(prose(words)) for words in condition_words(claim)),
        "Verdict": verdict(finding),
        "Numbers": row_table(finding) if len(finding.rows) else "",
        "Records": evidence(finding, place),
        "Run it": command(finding),
        "Paper's scale": escape(sentence(finding.shown["cost"])) if finding.shown["cost"] else "",
        "Before": "<br>".join(sentence(prose(words)) for words in claim.get("history", [])),
        "Cite": f'Smaller, Faster, claim <a href="#{claim["id"]}">{claim["id"]}</a>',
    }
    return "".join(f"<dt>{term}</dt><dd>{text}</dd>" for term, text in terms.items() if text)


def claim_row(finding: Finding, place: Place) -> str:
    """The claim's line, and what it opens to."""
    claim, word = finding.claim, finding.found.shown_word
    paper, ours = values(finding)
    data = f'data-k="{KIND_GROUPS[finding.group]}" data-v="{slug(word)}"'
    return (
        f'<details class="sf-c" id="{claim["id"]}" {data}><summary>{shared_glyph(word, word)}'
        f'<span class="sf-st">{escape(claim["statement"].removesuffix("."), quote=False)}</span>'
        f'<span class="sf-pv">{paper}</span><span class="sf-ov">{ours}</span>{picture(finding)}</summary>'
        f"<dl>{details(finding, place)}</dl></details>"
    )
