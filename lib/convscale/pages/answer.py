"""The answer that a section page opens with, made from claims and records: what was found, how sure, at what cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from ..drawing import badge, family, glyph, interval
from ..drawing.ink import number
from ..evidence import Verdict, judge
from ..evidence.claims import claim_of, claims, shown_published
from ..evidence.judge_exact import decide
from ..evidence.judge_printed import decide_printed
from ..evidence.judging import Reading
from ..evidence.rule_words import unit_of
from ..evidence.runs import experiment_at
from ..experiments import get, records_of
from ..records import Store, published
from ..words import plural
from .block import Block
from .sections import address, section_of
from .words import duration, signed

TRAINED, COUNTED = ("trend", "interaction"), ("exact", "printed")


@dataclass(frozen=True)
class Fact:
    """One of the facts below the finding: its name, the value in bold, and what stands below in small print."""

    name: str
    value: str
    below: str = ""
    picture: str = ""  # SVG between the two

    @property
    def html(self) -> str:
        below = f"<span>{self.below}</span>" if self.below else ""
        return f"<div><dt>{self.name}</dt><dd><b>{self.value}</b>{self.picture}{below}</dd></div>"


def answer(
    page: str,
    subject: str = "",
    claim: str | None = None,
    store: Store | None = None,
    finding: str = "",
    on: str = "ImageNet",
) -> Block:
    """The strip of `page` from the published records, or those of `store`.

    `claim` is the one that the page is about; `subject` names what it compares, as the beginning of a sentence:
    "Regularization that grows with the image". Without a claim the strip counts the numbers that the page's claims
    compare. A `finding`, one sentence, is what the page itself has counted. It stands before what the claim says, and
    in place of that count. `on` is the data set of the paper's own number. Raises ValueError for an unknown page or
    claim.
    """
    store = published() if store is None else store
    section = section_of(page)
    reading = Reading(store)
    found = {row["id"]: judge(row, reading.of(row)) for row in claims(page)}
    if claim is None:
        head, said, facts = counted(found)
    else:
        chosen = claim_of(claim)
        verdict = found.get(claim) or judge(chosen, reading.of(chosen))
        head, (said, facts) = badge(verdict.shown_word), measured(chosen, subject, verdict, store, on)
    if finding:
        said = finding if claim is None else f"{finding} {said}"
    marks = "".join(
        f'<a href="{address(page, f"claims#{id}")}">'
        + glyph(verdict.shown_word, f"{verdict.shown_word}: {claim_of(id)['statement']}")
        + "</a>"
        for id, verdict in found.items()
    )
    kicker = f"{family(section.family)} §{section.section} <i>{escape(section.heading)}</i>"
    tally = f'<span class="sf-tally">{plural(len(found), "claim")}: {marks}</span>' if found else ""
    html = (
        f'<section class="sf sf-answer" aria-label="Answer"><p class="sf-kicker">{kicker}</p>'
        f'<div class="sf-top">{head}{tally}</div><p class="sf-finding">{escape(said)}</p>'
        f"<dl>{''.join(fact.html for fact in facts)}</dl></section>"
    )
    return Block(html, said)


def counted(found: dict[str, Verdict]) -> tuple[str, str, list[Fact]]:
    """Head, finding and facts of a page whose claims need no run: how many numbers agree, and which is farthest off."""
    networks, sentences = (
        [
            {"claim": claim_of(id)["statement"].rstrip(".")} | row
            for id in found
            if claim_of(id)["kind"] == kind
            for row in rows_of(claim_of(id)).to_dict("records")
        ]
        for kind, rows_of in (("exact", decide), ("printed", decide_printed))
    )
    facts = []
    if networks:
        facts.append(Fact("Counted", agreeing(networks), "to the printed digits"))
    if sentences:
        facts.append(Fact("The paper's numbers", agreeing(sentences), "of its text, with its own tables"))
    if trained_ids := [id for id in found if claim_of(id)["kind"] in TRAINED]:
        decided = sum(found[id].verdict != "not run" for id in trained_ids)
        facts.append(Fact("Trained", f"{decided} of {len(trained_ids)} decided", "claims that take training"))
    else:
        facts += [Fact("Scale", "none", "the same on any machine"), Fact("Cost", "seconds", "nothing is trained")]
    rows = networks or sentences
    finding = f"Of {plural(len(rows), 'number')} that can be counted here, {right(rows)} agree to the last digit."
    if not networks:
        finding = f"Of {plural(len(rows), 'number')} in the paper's sentences, {right(rows)} follow from its tables."
    wrong = [row for row in rows if row["verdict"] != "reproduced" and abs(row["deviation"]) < float("inf")]
    if wrong:
        worst = max(wrong, key=lambda row: abs(row["deviation"]))
        off = f"{worst['ours']:.4g}, not {worst['printed']} ({signed(worst['deviation'])} %)"
        finding += f" The farthest off: {worst['claim']}, {worst['row']}: {off}."
    if not (most := max(networks, sentences, key=len)):
        return "", "", facts  # its runs are told one by one
    agree = "agrees" if len(most) == 1 else "agree"
    return (
        f'<span class="sf-badge c-none">{right(most)} of {plural(len(most), "number")} {agree}</span>',
        finding,
        facts,
    )


def right(rows: list[dict]) -> int:
    return sum(row["verdict"] == "reproduced" for row in rows)


def agreeing(rows: list[dict]) -> str:
    return f"{right(rows)} of {len(rows)} agree"


def measured(claim: dict, subject: str, verdict: Verdict, store: Store, on: str) -> tuple[str, list[Fact]]:
    """Finding and facts of a claim that runs decide, or measurements of speed."""
    if claim["kind"] in TRAINED:
        return trained(claim, subject, verdict, store, on)
    if claim["kind"] in COUNTED:
        raise ValueError(f"claim {claim['id']!r} needs no run: give the page's answer without a claim")
    paper = f"paper {shown_published(claim)}" if "published" in claim else "the paper prints no number"
    if verdict.estimate is None:
        finding = f"{subject}: not measured yet on a device that may judge it."
        return finding, [Fact("The paper", shown_published(claim)), Fact("Here", "not measured", escape(verdict.why))]
    ratio = f"{number(verdict.estimate, 2)} times"
    ends = f"{number(verdict.low, 2)} to {number(verdict.high, 2)}"
    there = f", {shown_published(claim).replace('x', ' times')} in the paper" if "published" in claim else ""
    finding = f"{subject}: {ratio} here{there}."
    return finding, [
        Fact("Ratio", ratio, f"95 % interval {ends}<br>{paper}"),
        Fact("Rounds", str(verdict.rounds), "measured in turn"),
        Fact("Device", escape(verdict.device)),
    ]


def trained(claim: dict, subject: str, verdict: Verdict, store: Store, on: str) -> tuple[str, list[Fact]]:
    name = experiment_at(claim, verdict.scale)
    records = records_of(get(name, verdict.scale), store) if name else []
    rule = claim["scales"][verdict.scale]
    paper = f"paper {signed(claim['published'])}, on {on}" if "published" in claim else "the paper prints no number"
    if verdict.estimate is None:
        missing = f"At the {verdict.scale} scale {verdict.seeds} of {rule['seeds']} seeds are run"
        why = missing if verdict.seeds < rule["seeds"] else verdict.why
        finding = f"{subject}: not decided here yet. {why}."
        effect = Fact("Effect", "not known yet", paper)
    else:
        unit = "" if unit_of(claim) == "loss" else f" {unit_of(claim)}"
        size = f"{signed(verdict.estimate, verdict.digits)}{unit}"
        ends = f"{signed(verdict.low, verdict.digits)} to {signed(verdict.high, verdict.digits)}"
        finding = in_words(subject, verdict, unit)
        picture = interval(verdict.estimate, verdict.low, verdict.high, verdict.verdict)
        effect = Fact("Effect", size, f"95 % interval {ends}<br>{paper}", picture)
    seeds = Fact("Seeds", str(rule["seeds"]), f"paired, fixed beforehand<br>{verdict.seeds} are there")
    if verdict.estimate is not None:
        how = "paired, fixed beforehand" if rule["seeds"] > 1 else "of every network; the others give the error"
        seeds = Fact("Seeds", str(rule["seeds"]), how)
    return finding, [effect, seeds, *what_ran(name, verdict.scale, records)]


def in_words(subject: str, verdict: Verdict, unit: str) -> str:
    """One sentence, in the past tense, and how sure it is."""
    size = number(abs(verdict.estimate or 0.0), verdict.digits) + unit
    gained = "gained" if (verdict.estimate or 0.0) > 0 else "lost"
    sure = {
        "reproduced": "The whole interval is on the side of the claim.",
        "not reproduced": "The whole interval is on the other side of the claim.",
        "no difference seen": "That is less than the smallest effect of interest.",
        "inconclusive": f"{plural(verdict.seeds, 'seed')} cannot tell that from chance.",
    }
    return f"{subject} {gained} {size} here. {sure[verdict.verdict]}"


def what_ran(name: str | None, scale: str, records: Iterable[dict]) -> list[Fact]:
    """Scale and cost of the runs that are there, of those that the experiment has."""
    if name is None:
        return [Fact("Scale", scale, "no experiment makes these runs yet")]
    sweep, records = get(name, scale), list(records)
    base = sweep.about.base
    images = f"{base.train_images:,} images of {base.dataset}" if base.train_images else f"all of {base.dataset}"
    facts = [Fact("Scale", scale, f"{escape(base.model_name)}, {images}, {plural(base.epochs, 'epoch')}")]
    if not records:
        return [*facts, Fact("Cost", f"0 of {plural(len(sweep.jobs), 'run')}", f"{escape(sweep.about.cost)} each")]
    spent = sum(record["cost"]["cpu_seconds"] for record in records)
    each = f"{len(records)} of {plural(len(sweep.jobs), 'run')}, {duration(spent / len(records))} each"
    return [*facts, Fact("Cost", duration(spent), each)]
