"""Claims of kind "printed": whether a sentence, or a column, follows from the numbers the paper prints.

A printed 13 stands for anything from 12.5 to 13.5. A sentence follows if some numbers that print as the table's cells
give one that prints as the sentence's. Nothing is run: only the papers' own arithmetic is checked.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from math import prod

import pandas as pd

from ..errors import check_name
from .claims import cause_of, states_facts, table_name
from .paper import show_paper_table
from .statistics import rounding
from .verdict import Verdict

Interval = tuple[Fraction, Fraction]


@cache
def layout(table: str) -> pd.DataFrame:
    return show_paper_table(table).rename(columns=lambda heading: heading.split(" (")[0])


def cell(table: str, row: str, column: str) -> str:
    """A printed number without its spread. Raises ValueError for a cell that is empty or not there."""
    shown = layout(table)
    check_name(f"row of {table}", row, shown.index)
    check_name(f"column of {table}", column, shown.columns)
    number, *_ = shown.loc[row, column].split(" ")
    if not number:
        raise ValueError(f"{table}, row {row!r}, column {column!r} is empty")
    return number


def quotient(a: Interval, b: Interval) -> Interval:
    if b[0] <= 0 <= b[1]:
        raise ValueError(f"the divisor lies from {float(b[0]):g} to {float(b[1]):g}: needed is one that cannot be 0")
    return a[0] / b[1], a[1] / b[0]


def difference(a: Interval, b: Interval) -> Interval:
    return a[0] - b[1], a[1] - b[0]


def change(a: Interval, b: Interval) -> Interval:
    """From b to a, in per cent of b."""
    low, high = quotient(a, b)
    return 100 * (low - 1), 100 * (high - 1)


def greater(a: Interval, b: Interval) -> Interval:
    """1 if a is the greater, 0 if it is not; the interval from 0 to 1 where the printed digits leave it open."""
    return Fraction(a[0] >= b[1]), Fraction(a[1] > b[0])


def middle(a: Interval) -> Fraction:
    """The number as printed; of a difference, that of the printed numbers."""
    return (a[0] + a[1]) / 2


def greater_in_print(a: Interval, b: Interval) -> Interval:
    """1 if a is printed as the greater, else 0: what a reader of the table sees, for whom a tie is no lead."""
    shown = Fraction(middle(a) > middle(b))
    return shown, shown


def equal_in_print(a: Interval, b: Interval) -> Interval:
    """1 if both are printed as the same number, else 0."""
    shown = Fraction(middle(a) == middle(b))
    return shown, shown


def total_of(*values: Interval) -> Interval:
    return total(list(values))


def product(*values: Interval) -> Interval:
    """Of positive numbers."""
    low, high = (prod(ends, start=Fraction(1)) for ends in zip(*values, strict=True))
    return low, high


def geometric_mean(values: list[Interval]) -> Interval:
    low, high = (prod(float(end) for end in ends) ** (1 / len(values)) for ends in zip(*values, strict=True))
    return Fraction(low), Fraction(high)


def total(values: list[Interval]) -> Interval:
    low, high = (sum(ends) for ends in zip(*values, strict=True))
    return low, high


OPERATIONS: dict[str, Callable[..., Interval]] = {
    "ratio": quotient,
    "difference": difference,
    "change": change,
    "greater": greater,
    "greater in print": greater_in_print,
    "equal in print": equal_in_print,
    "sum": total_of,
    "product": product,
}
ANY_COUNT = ("sum", "product")  # the other operations take two numbers
SUMMARIES: dict[str, Callable[[list[Interval]], Interval]] = {
    "smallest": lambda values: (min(v[0] for v in values), min(v[1] for v in values)),
    "largest": lambda values: (max(v[0] for v in values), max(v[1] for v in values)),
    "geometric mean": geometric_mean,
    "number": total,
}


def operand(entry: str | dict, table: str, column: str) -> Interval:
    """What a number of a claim stands for: a cell of the table, or as data/claims.yml describes the other forms."""
    if isinstance(entry, str):
        return rounding(cell(table, entry, column))
    if "count" in entry:
        return Fraction(str(entry["count"])), Fraction(str(entry["count"]))
    if "text" in entry:
        return rounding(entry["text"])
    if "minus" in entry:
        if not isinstance(entry["minus"], list) or len(entry["minus"]) != 2:
            raise ValueError(f"minus = {entry['minus']!r}: a list of two is needed")
        first, second = (operand(part, table, column) for part in entry["minus"])
        return difference(first, second)
    if "times" in entry:
        return product(*(operand(part, table, column) for part in entry["times"]))
    if "row" not in entry:
        raise ValueError(f"entry {entry}: allowed: row, with column and table, or one of count, text, minus, times")
    return rounding(cell(entry.get("table", table), entry["row"], entry.get("column", column)))


def computed(claim: dict) -> dict[str, Interval]:
    """What the table gives for each of the claim's `pairs`, by label."""
    operation = OPERATIONS[check_name("operation", claim["operation"], OPERATIONS)]
    values = {}
    for label, rows in claim["pairs"].items():
        entries = rows or [label, label]
        if not isinstance(entries, list) or (len(entries) != 2 and claim["operation"] not in ANY_COUNT):
            raise ValueError(f"pair {label!r} = {rows!r}: {claim['operation']} needs a list of two, or an empty one")
        tables = claim.get("tables") or [table_name(claim) if "table" in claim else ""] * len(entries)
        columns = claim.get("columns") or [claim.get("column", "")] * len(entries)
        values[label] = operation(*(operand(*place) for place in zip(entries, tables, columns, strict=True)))
    return values


def deviation(value: float, printed: str) -> float:
    """By how many % `value` is off the printed number; infinite off a printed 0."""
    if (number := float(printed)) == 0:
        return float("inf") if value else 0.0
    return 100 * (value / number - 1)


def yes_or_no(rows: pd.DataFrame) -> bool:
    """Whether the rows are facts rather than numbers: 1 is printed for what should hold, 0 for what should not."""
    return set(rows["printed"]) <= {"0", "1"} and set(rows["ours"]) <= {0, 1}


def farthest(rows: pd.DataFrame) -> str:
    """The row that is farthest off, of those that disagree if any does: "V2-S: 21.46 against 22 (-2.5 %)"."""
    wrong = rows[rows["verdict"] != "reproduced"]
    if yes_or_no(rows):
        return f"does not hold: {', '.join(wrong['row'])}" if len(wrong) else ""
    row = (wrong if len(wrong) else rows).sort_values("deviation", key=abs, kind="stable").iloc[-1]
    digits = len(row["printed"].partition(".")[2]) + 2
    value = f"{row['ours']:.{digits}f}".rstrip("0").rstrip(".")
    off = f" ({row['deviation']:+.1f} %)" if abs(row["deviation"]) < float("inf") else ""
    return f"{row['row']}: {value} against {row['printed']}{off}"


def decide_printed(claim: dict) -> pd.DataFrame:
    """One line a number of the sentence: row, printed, low, high (what the table gives), ours (their middle), deviation
    (of the middle from the printed number, in %), verdict, cause.

    A claim names its numbers in `published`, by label or by one of `SUMMARIES`, or the column that holds them.
    """
    values = computed(claim)
    published = claim.get("published") or {
        label: cell(table_name(claim), label, claim["published_column"]) for label in values
    }
    rows = []
    for label, text in published.items():
        check_name("published label", label, [*values, *SUMMARIES])
        low, high = values[label] if label in values else SUMMARIES[label](list(values.values()))
        least, most = rounding(text)
        follows = high >= least and (low <= most or claim.get("bound") == "at least")
        rows.append(
            {
                "row": label,
                "printed": text,
                "low": float(low),
                "high": float(high),
                "ours": float(low + high) / 2,
                "deviation": deviation(float(low + high) / 2, text),
                "verdict": "reproduced" if follows else "not reproduced",
                "cause": "" if follows else cause_of(claim, label),
            }
        )
    return pd.DataFrame(rows)


def judge_printed(claim: dict) -> Verdict:
    """Reproduced if every number follows."""
    rows = decide_printed(claim)
    good = (rows["verdict"] == "reproduced").sum()
    word = "reproduced" if good == len(rows) else "not reproduced"
    worst = farthest(rows)
    if states_facts(claim):
        wrong = rows.loc[rows["verdict"] != "reproduced", "row"]
        worst = f"does not hold: {', '.join(wrong)}" if len(wrong) else ""
    what = "rows hold in" if states_facts(claim) else "numbers follow from"
    return Verdict(word, f"{good} of {len(rows)} {what} the printed table", worst=worst)
