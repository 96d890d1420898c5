"""A table of a paper as a whole: what it prints, and beside parameters and multiply-adds what is counted here."""

from collections.abc import Callable, Mapping

import pandas as pd

from ..evidence import show_paper_table
from ..evidence.claims import claim_of
from ..evidence.judge_exact import decide

Claims = Mapping[str, tuple[str, ...]]  # column of the paper's table -> the counted claims that hold its rows
HEADS = {
    "top-1": "top-1, %",
    "params": "params, M",
    "FLOPs": "FLOPs, B",
    "train-time": "training, h",
    "infer-time": "inference, ms",
    "throughput": "V100, images/s",
}
NO_NETWORK = "not in timm"


def printed(table: str) -> pd.DataFrame:
    """A paper's table as printed, its columns without units."""
    return show_paper_table(table).rename(columns=lambda head: head.split(" (")[0])


def counted(claims: Claims) -> pd.DataFrame:
    """The rows of counted claims by network: for each column "ours params" and so on; NaN where it has no such row."""
    parts = [
        pd.concat([decide(claim_of(id)) for id in ids]).set_index("row").add_suffix(f" {column}")
        for column, ids in claims.items()
    ]
    return pd.concat(parts, axis=1)


def compared(
    table: str, claims: Claims, columns: tuple[str, ...], same: Callable[[str], str | None] = lambda row: row
) -> pd.DataFrame:
    """The rows of a paper's table with `columns` of it, formatted; after each that `claims` count, ours.

    Ours has one digit more, and is bold where it does not round to the printed number; the last column names the cause.
    `same` names the row of the claims that a row shares its network with, None where neither we nor timm have one.
    """
    ours, whole, rows = counted(claims), printed(table), []
    for row in whole.index:
        name, cells, causes = same(row), [row], []
        for column in columns:
            text = whole.loc[row, column]
            cells.append(text)
            if column not in claims:
                continue
            if name is None or pd.isna(ours.loc[name, f"ours {column}"]):
                cells.append("")
                continue
            value = f"{ours.loc[name, f'ours {column}']:.{len(text.partition('.')[2]) + 1}f}"
            agrees = ours.loc[name, f"verdict {column}"] == "reproduced"
            cells.append(value if agrees else f"**{value}**")
            causes += [f"{{disc}}`{ours.loc[name, f'cause {column}']}`"] if not agrees else []
        rows.append([*cells, NO_NETWORK if name is None else ", ".join(dict.fromkeys(causes))])
    heads, blanks = ["network"], ""
    for column in columns:
        heads.append(HEADS[column])
        if column in claims:
            heads.append(f"ours{blanks}")  # heads that repeat differ by blanks, which nobody sees
            blanks += " "
    return pd.DataFrame(rows, columns=[*heads, "cause"])
