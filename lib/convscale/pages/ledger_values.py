"""What a line of the ledger shows of a claim: the paper's value, ours, a small picture, and its rows as a table."""

from html import escape

import pandas as pd

from ..drawing.glyphs import COLOURS, STATES
from ..drawing.ledger_marks import effect_mark, number_marks
from ..drawing.symbols import shared_glyph
from ..evidence.claims import TRAINED, shown_published, states_facts
from ..evidence.findings import Finding
from ..evidence.judge_trend import region
from ..evidence.rule_words import unit_of
from ..evidence.runs import rule_at
from .words import TIMES, typeset

DASH = "\u2013"  # between the ends of a range


def decimals(rows: pd.DataFrame) -> int:
    """Digits after the point for our numbers of a table: two more than are printed, none for whole numbers."""
    ends = [rows[name].astype(float) for name in ("low", "high") if name in rows] or [rows["ours"].astype(float)]
    whole = all((values - values.round()).abs().max() < 1e-9 for values in ends)
    printed = max(len(text.partition(".")[2]) for text in rows["printed"])
    return printed if whole else printed + 2


def our_number(row: pd.Series, digits: int) -> str:
    """Ours, or what it lies between where the printed digits leave it open."""
    if "low" not in row:
        return typeset(f"{row['ours']:.{digits}f}")
    low, high = f"{row['low']:.{digits}f}", f"{row['high']:.{digits}f}"
    if low == high:
        return typeset(low)
    return f"{typeset(low)} to {typeset(high)}" if low.startswith("-") else f"{low}{DASH}{high}"


def values(finding: Finding) -> tuple[str, str]:
    """The paper's value and ours, a few letters each, as HTML; "" where there is none."""
    claim, found, rows = finding.claim, finding.found, finding.rows
    if not len(rows):
        published = shown_published(claim)
        paper = "" if published == "-" else typeset(published).replace("x", TIMES)
        if found.estimate is None:
            return paper, ""
        if claim["kind"] not in TRAINED:
            return paper, f"{found.estimate:.2f}{TIMES}"
        half = (found.high - found.low) / 2
        return paper, f"{typeset(f'{found.estimate:+.{found.digits}f}')} <i>± {half:.{found.digits}f}</i>"
    if states_facts(claim):
        if len(rows) == 1:
            return "", "holds" if finding.agreeing else "does not hold"
        return f"{len(rows)} pairs", f"{finding.agreeing} hold{'s' if finding.agreeing == 1 else ''}"
    if len(rows) == 1:
        row = rows.iloc[0]
        return typeset(row["printed"]), our_number(row, max(decimals(rows) - 1, len(row["printed"].partition(".")[2])))
    return f"{len(rows)} numbers", f"{finding.agreeing} agree"


def picture(finding: Finding) -> str:
    """The small picture: an effect with its interval, or a box for each number."""
    claim, found = finding.claim, finding.found
    if len(finding.rows):
        agree = (finding.rows["verdict"] == "reproduced").tolist()
        return number_marks(f"{finding.agreeing} of {len(agree)} {'hold' if states_facts(claim) else 'agree'}", agree)
    if claim["kind"] in TRAINED:
        bounds = region(rule_at(claim, found.scale or next(iter(claim["scales"]))))
    else:
        bounds = (claim["between"][0], float("inf") if claim["between"][1] is None else claim["between"][1])
    colour = COLOURS[STATES[found.shown_word]]
    ours = None if found.estimate is None else (found.estimate, found.low, found.high)
    published = claim.get("published")
    words = [f"the paper {shown_published(claim)}" if published is not None else "", "not run" if ours is None else ""]
    if ours is not None:
        words.append(f"ours {found.estimate:.{2 if found.rounds else found.digits}f}")
        words.append(f"95 % interval {found.low:.2f} to {found.high:.2f}")
    return effect_mark(typeset(", ".join(filter(None, words))), colour, unit_of(claim), bounds, published, ours)


def cause_link(cause: str) -> str:
    """A row of the discrepancies page, as a link."""
    return f'<a href="discrepancies.html#disc-{cause}">{cause}</a>' if cause else ""


def row_table(finding: Finding) -> str:
    """Every number that was compared: the paper's, ours, how far off, and the row of the discrepancies that says why.

    Rows that differ have a mark.
    """
    rows, facts = finding.rows, states_facts(finding.claim)
    digits = decimals(rows)
    caused = rows["cause"].ne("").any()
    heads = ["row", *([] if facts else ["paper", "ours", "off"]), *(["cause"] if caused else [])]
    lines = []
    for _, row in rows.iterrows():
        mark = "" if row["verdict"] == "reproduced" else shared_glyph("not reproduced", "differs") + " "
        cells = [mark + escape(row["row"], quote=False)]
        if not facts:
            off = "" if abs(row["deviation"]) == float("inf") else typeset(f"{row['deviation']:+.1f} %")
            cells += [typeset(row["printed"]), our_number(row, digits), off]
        if caused:
            cells.append(cause_link(row["cause"]))
        lines.append("".join(f"<td>{cell}</td>" for cell in cells))
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><tr>{head}</tr>{body}</table>"
