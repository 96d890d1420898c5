"""The papers' numbers beside ours: tables made of claims, records and what the papers print."""

from html import escape

import pandas as pd

from ..drawing.glyphs import STATES
from ..evidence import Verdict, judge
from ..evidence.claims import GROUPS, claim_of, claims, shown_published
from ..evidence.judge_exact import decide
from ..evidence.judging import Reading
from ..evidence.paper import printed
from ..evidence.statistics import mean_interval
from ..experiments import Sweep
from ..records import published
from .sections import address
from .words import signed, typeset

ABSENT, NO_BREAK = "not run", "\u00a0"
UNITS = {"params": "M", "FLOPs": "B", "image size": "px"}  # of the columns of the papers' tables


def mean_and_spread(values: pd.Series, digits: int = 1) -> tuple[str, str]:
    """("62.1", "± 0.8"): mean, and half of the 95 % interval where there is one."""
    if not len(values):
        return ABSENT, ""
    mean, half = mean_interval(values.to_numpy())
    return f"{mean:.{digits}f}", f"±{NO_BREAK}{half:.{digits}f}" if len(values) > 1 else ""


def arm_rows(sweep: Sweep, runs: pd.DataFrame, metrics: dict[str, str]) -> pd.DataFrame:
    """One row an arm of an experiment: the paper's number, then those of `runs`, a table of `records.frame`.

    `metrics` maps a metric to the head of its column. An arm that the paper does not have says so.
    """
    rows = []
    for name, arm in sweep.experiment.arms.items():
        if name not in sweep.arms:
            continue
        of_arm = runs[runs["arm"] == name]
        number, _, spread = printed(sweep.experiment.table, *arm.cell).partition(" ") if arm.cell else ("", "", "")
        row = [name, arm.about + (" (ours)" if arm.control else ""), number, spread.replace(" ", NO_BREAK)]
        for metric in metrics:
            values = of_arm[metric] if metric in of_arm else pd.Series(dtype=float)
            row += mean_and_spread(values)
        minutes = of_arm["cpu_seconds"].median() / 60 if len(of_arm) else None
        rows.append([*row, f"{minutes:.1f}" if minutes else ""])
    heads = ["arm", "what it does", "paper", " "]
    for i, head in enumerate(metrics.values(), start=2):
        heads += [head, " " * i]
    table = pd.DataFrame(rows, columns=[*heads, "core-minutes a run"])
    return table.loc[:, [any(table[head] != "") for head in table]]


def differing(off: float, cause: str) -> str:
    """ "**-1.0 %**, B11": by how much a number is off, and the discrepancy that says why; "" where it agrees."""
    return f"**{signed(off)} %** {{disc}}`{cause}`" if pd.notna(off) else ""


def exact_rows(claim_ids: list[str]) -> pd.DataFrame:
    """The rows of counted claims, formatted: the printed number, ours to one digit more, the difference with its cause.

    Claims of the same networks stand side by side.
    """
    parts: list[pd.DataFrame] = []
    for id in claim_ids:
        claim, blank = claim_of(id), " " * len(parts)  # heads that repeat differ by blanks, which nobody sees
        rows, column = decide(claim), claim.get("column", "")
        what = " ".join(filter(None, [column, UNITS.get(column, "")]))
        digits = [len(text.partition(".")[2]) + 1 for text in rows["printed"]]
        off = rows["deviation"].where(rows["verdict"] != "reproduced")
        parts.append(
            pd.DataFrame(
                {
                    "network": rows["row"],
                    f"{what}, paper": rows["printed"],
                    f"ours{blank}": [f"{value:.{d}f}" for value, d in zip(rows["ours"], digits, strict=True)],
                    f"off by{blank}": [differing(*row) for row in zip(off, rows["cause"], strict=True)],
                }
            ).set_index("network")
        )
    table = pd.concat(parts, axis=1).fillna("").reset_index()
    return table.loc[:, [any(table[head] != "") for head in table]]


def here(claim: dict, found: Verdict) -> str:
    """What was found of a claim: the effect, or how many rows agree, or the row that is farthest off."""
    if claim["kind"] not in GROUPS["measured here"] and holds(found):
        return found.why.partition(" rows")[0].partition(" numbers")[0].replace(" ", NO_BREAK)  # "9 of 9"
    return found.shown.replace(" ± ", f"{NO_BREAK}±{NO_BREAK}") if found.shown != "-" else ""


def holds(found: Verdict) -> bool:
    """Whether the paper, or what it says of the released code, is right: its verdict needs no reason beside it."""
    return STATES[found.verdict] == "yes" or found.verdict == "agrees"


def verdict_rows(page: str) -> pd.DataFrame:
    """The verdict of the published records on every claim of `page`, each a link to its row of the ledger."""
    rows, reading = [], Reading(published())
    for claim in claims(page):
        found = judge(claim, reading.of(claim))
        link, paper = address(page, f"claims#{claim['id']}"), shown_published(claim)
        rows.append(
            {
                "claim": f'<a href="{link}">{escape(claim["statement"].rstrip("."))}</a>',
                "paper": typeset(paper) if paper != "-" else "",
                "here": typeset(here(claim, found)),
                "verdict": found.shown_word if holds(found) else f"{found.shown_word}: {found.why}",
            }
        )
    table = pd.DataFrame(rows).astype(str)
    return table.loc[:, [any(table[head] != "") for head in table]]


def cost_rows(runs: pd.DataFrame, arms: list[str]) -> pd.DataFrame:
    """Processor minutes and images per processor second of each of `arms` that was run: medians over its runs.

    Empty without runs.
    """
    runs = runs[runs["arm"].isin(arms)] if len(runs) else runs  # an empty one has no columns
    if runs.empty:
        return pd.DataFrame()
    groups = runs.assign(arm=pd.Categorical(runs["arm"], arms)).groupby("arm", observed=True)
    return pd.DataFrame(
        {
            "runs": groups.size(),
            "core-minutes a run": (groups["cpu_seconds"].median() / 60).map("{:.1f}".format),
            "images a core-second": (groups["images"].median() / groups["cpu_seconds"].median()).map("{:.0f}".format),
        }
    ).reset_index()
