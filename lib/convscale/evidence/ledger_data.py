"""The ledger as a data set: one tidy table that documents itself, and its files."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from .claims import rule_date, shown_published, states_facts
from .findings import Finding, findings
from .rule_dates import fixed_by
from .rule_words import condition_words, rule_words, unit_of

TITLE = "Smaller, Faster: the claims of EfficientNet, ResNet-RS and EfficientNetV2, and what was found"
LICENCE = "Apache-2.0"  # that of the repository
# Column -> what it holds. Text is "" and numbers are missing where a column does not apply.
COLUMNS = {
    "id": "name of the claim; #id is its address on the ledger's page",
    "paper": "efficientnet, resnet_rs or efficientnetv2",
    "source": "table, figure or section of the paper",
    "page": "page of this book for that section; some are planned",
    "statement": "what the paper says, in our words",
    "group": "measured here, counted, or the papers' own arithmetic: not to be added up",
    "kind": "trend, interaction, ratio: measured; exact, release: counted; printed: computed from printed tables",
    "verdict": "the verdict; runs below the paper's scale can show the same direction at most",
    "why": "what the verdict rests on",
    "published": "the paper's value as it is shown; - for whole tables and bare signs",
    "published_value": "the paper's value as a number, in `unit`",
    "unit": "of published_value, estimate, low and high: points of accuracy, loss (cross-entropy, nats), or a ratio",
    "estimate": "mean difference, positive as claimed, or median ratio",
    "low": "lower end of its 95 % interval",
    "high": "upper end",
    "relative": "estimate over published_value, of ratios",
    "p": "two-sided p of the decision, alone",
    "adjusted_p": "the same after Holm's correction among the comparisons of its table",
    "seeds": "seeds that every arm has",
    "rounds": "rounds of a measurement of speed, time or memory",
    "scale": "scale of the runs: small, medium or paper",
    "device": "name of the device",
    "rows": "numbers that the claim compares, of counted and printed claims",
    "agreeing": "how many of them agree",
    "numbers": "each of them: row, printed, ours, deviation (% of the printed number), agrees, cause (row of the "
    "discrepancies page)",
    "rule": "what decides, in words",
    "conditions": "what must hold besides",
    "since": "day from which the rule stands",
    "commit": "first commit of the repository in which the rule reads as it does",
    "history": "earlier verdicts, and why they changed",
    "records": "paths of the deciding records below data/records",
    "command": "what makes the evidence",
    "decides": "how much of it gives a verdict",
    "cost": "the paper's own experiment, with the seeds of the rule, at the peak of one A100",
}
COPIED = ("id", "paper", "source", "page", "statement", "kind", "verdict", "why", "command", "decides", "cost")
COUNTS = ("seeds", "rounds", "rows", "agreeing")  # whole numbers that may be missing


def number(value: float | None) -> float | None:
    """None for what is not known or has no end, so that JSON can hold it."""
    return float(value) if value is not None and np.isfinite(value) else None


def numbers(finding: Finding) -> list[dict]:
    """The rows of an finding as plain values. Of statements that are so or not, ours is 1 or 0 and nothing deviates."""
    facts = states_facts(finding.claim)
    return [
        {
            "row": row["row"],
            "printed": "" if facts else row["printed"],
            "ours": number(row["ours"]),
            "deviation": None if facts else number(row["deviation"]),
            "agrees": row["verdict"] == "reproduced",
            "cause": row["cause"],
        }
        for row in finding.rows.to_dict("records")
    ]


def line(finding: Finding) -> dict:
    """The row of the table for one finding."""
    claim, found = finding.claim, finding.found
    measured, counted = found.estimate is not None, len(finding.rows) > 0
    fixed = fixed_by(claim)
    paths = [path for of_arm in finding.records.values() for path in of_arm.values()]
    return {
        **{name: finding.shown[name] for name in COPIED},
        "group": finding.group,
        "published": shown_published(claim),
        "published_value": float(claim["published"]) if unit_of(claim) and "published" in claim else None,
        "unit": unit_of(claim),
        "estimate": number(found.estimate),
        "low": number(found.low) if measured else None,
        "high": number(found.high) if measured else None,
        "relative": number(found.relative),
        "p": number(found.p),
        "adjusted_p": number(found.adjusted),
        "seeds": found.seeds if measured and not found.rounds else None,
        "rounds": found.rounds if measured and found.rounds else None,
        "scale": found.scale if measured else "",
        "device": found.device if measured else "",
        "rows": len(finding.rows) if counted else None,
        "agreeing": finding.agreeing if counted else None,
        "numbers": numbers(finding),
        "rule": rule_words(claim),
        "conditions": condition_words(claim),
        "since": rule_date(claim),
        "commit": fixed[0] if fixed else "",
        "history": claim.get("history", []),
        "records": paths,
    }


def ledger_table(found: list[Finding] | None = None) -> pd.DataFrame:
    """The whole ledger, one row a claim, columns as in `COLUMNS`; `numbers`, `conditions`, `history` and `records` are
    lists. `attrs` holds title, licence and the meaning of every column, and pandas keeps it in Parquet.

    `found` are findings that were made before; None makes them of the published records.
    """
    table = pd.DataFrame([line(finding) for finding in (findings() if found is None else found)], columns=list(COLUMNS))
    table = table.astype(dict.fromkeys(COUNTS, "Int64"))
    floats = ("published_value", "estimate", "low", "high", "relative", "p", "adjusted_p")
    table = table.astype(dict.fromkeys(floats, "float64"))
    table.attrs = {"title": TITLE, "licence": LICENCE, "columns": COLUMNS}
    return table


def column_table() -> pd.DataFrame:
    """The data sheet: column and meaning."""
    return pd.DataFrame({"column": [f"`{name}`" for name in COLUMNS], "meaning": list(COLUMNS.values())})


def to_csv(table: pd.DataFrame) -> str:
    """The table with its lists as JSON."""
    lists = [name for name in table if table[name].map(type).eq(list).any()]
    return table.assign(**{name: table[name].map(as_json) for name in lists}).to_csv(index=False, lineterminator="\n")


def as_json(value: list) -> str:
    return json.dumps(value, ensure_ascii=False)


def to_json(table: pd.DataFrame) -> str:
    """{title, licence, columns, claims: [one object a claim]}; what is missing is null."""
    missing = table.isna()
    claims = [
        {name: None if missing.at[i, name] else value for name, value in row.items()}
        for i, row in zip(table.index, table.to_dict("records"), strict=True)
    ]
    return json.dumps(table.attrs | {"claims": claims}, ensure_ascii=False, indent=1) + "\n"


def write_ledger(table: pd.DataFrame, folder: Path) -> list[Path]:
    """Write ledger.csv, ledger.json and, where pyarrow is installed, ledger.parquet; returns what was written."""
    texts = {"ledger.csv": to_csv(table), "ledger.json": to_json(table)}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    written = [folder / name for name in texts]
    try:
        import pyarrow  # noqa: F401  # the extra "parquet"
    except ImportError:
        return written
    table.to_parquet(folder / "ledger.parquet", engine="pyarrow", index=False)
    return [*written, folder / "ledger.parquet"]
