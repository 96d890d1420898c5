"""Speeds as a paper prints them, and as they were measured here: throughputs, and ratios to the first row."""

from collections.abc import Mapping

import pandas as pd

from ..evidence.paper import paper_table
from ..records import Store, published
from .tables import BookTable
from .words import TIMES


def speeds(
    label: str, table: str, quantity: str, columns: Mapping[str, str], *, caption: str, fold: str = ""
) -> BookTable:
    """`speed_rows` as a table of the page of this label."""
    rows = speed_rows(table, quantity, columns)
    return BookTable(rows, f"tbl-{label}-speeds-{table.replace(':', '-')}", caption, fold=fold)


def speed_rows(
    table: str, quantity: str, columns: Mapping[str, str], store: Store | None = None, base: str = ""
) -> pd.DataFrame:
    """One line a row of `table` ("v2:3"): the printed `columns`, name -> heading, each with its ratio to the row `base`
    (default: the first), then what a CPU measured of `quantity`, with its ratio round by round."""
    printed = paper_table(table)
    printed = printed[printed["column"].isin(columns)].pivot(index="row", columns="column", values="value")
    order = [row for row in dict.fromkeys(paper_table(table)["row"]) if row in printed.index]
    base = base or order[0]
    frame = pd.DataFrame({"network": order})
    for i, (column, heading) in enumerate(columns.items()):
        values = printed.loc[order, column]
        frame[heading] = [f"{value:.0f}" for value in values]
        frame[f"ratio{' ' * i}"] = [f"{value / values[base]:.2f}{TIMES}" for value in values]
    here = last_session(table, quantity, store)
    shown = [here.get(row) for row in order]
    frame["a CPU"] = [f"{pd.Series(rounds).median():.2f}" if rounds else "not run" for rounds in shown]
    frame[f"ratio{' ' * len(columns)}"] = [
        f"{(pd.Series(rounds) / pd.Series(here[base])).median():.2f}{TIMES}" if rounds else "" for rounds in shown
    ]
    return frame


def last_session(table: str, quantity: str, store: Store | None = None) -> dict[str, list[float]]:
    """Row -> rounds of the CPU session with the most of them, of several the latest; {} without one."""
    sessions: dict[str, dict[str, list[float]]] = {}
    for record in (published() if store is None else store).measurements(table):
        if record["quantity"] == quantity and record["provenance"]["device"]["kind"] == "cpu":
            sessions.setdefault(record["session"], {})[record["row"]] = record["rounds"]
    if not sessions:
        return {}
    best = max(sessions, key=lambda session: (min(map(len, sessions[session].values())), session))
    return sessions[best]
