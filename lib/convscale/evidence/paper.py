"""The papers' numbers: every numeric table of EfficientNetV2, ResNet-RS and EfficientNet, as printed.

One CSV per table in `data/paper/`, one line per number. The tables are transcribed, never corrected: where a
printed number contradicts another one, the `note` of that line says so.
"""

import pandas as pd

from ..errors import check_name
from ..paths import DATA
from .names import PAPERS as PAPERS

UNITS = {
    "%": "per cent; of a `... change` column, per cent of the value it is compared with",
    "pp": "percentage points, the difference of two numbers in %",
    "M": "millions of parameters",
    "B": "billions of operations: multiply-adds in EfficientNet and EfficientNetV2, 2 x multiply-adds in ResNet-RS",
    "ms": "milliseconds",
    "s": "seconds",
    "h": "hours",
    "px": "pixels, of a square image's side",
    "x": "a ratio",
    "images/s": "images per second",
    "images": "images of a dataset",
    "count": "layers, channels, classes or epochs",
    "number": "a setting without a unit, such as a stride or a dropout rate",
}

_FILES = {
    f"{short}:{table}": f"{paper}_{table if table.startswith('figure') else f'table{table}'}.csv"
    for short, (paper, tables) in PAPERS.items()
    for table in tables
}


def list_paper_tables() -> list[str]:
    """Return the names of all tables: `v2:1` to `v2:13`, `rs:1l`, `rs:1r`, `rs:2` to `rs:5`, `v1:1` to `v1:7`.

    `v2` is EfficientNetV2 (arXiv 2104.00298; `figure1b` is the table in its Figure 1), `rs` ResNet-RS (arXiv
    2103.07579; `1l` and `1r` are the left and right part of its Table 1), `v1` EfficientNet (arXiv 1905.11946).
    """
    return list(_FILES)


def paper_table(name: str) -> pd.DataFrame:
    """Return one table of the papers in tidy form: one line per printed number, in the order of printing.

    Columns: `paper`, `table`, `row`, `column` (text), `value` (float), `unit` (a key of `UNITS`), `spread` (float: the
    printed ± in the unit of `value`, NaN where none is printed) and `note` (empty where there is nothing to say).
    A printed "-" has no line. `ValueError` if `name` is not in `list_paper_tables()`.

    >>> paper_table("v2:13").query("column == 'change'").value.tolist()
    [0.8, 0.7]
    """
    return _read(name).assign(value=lambda t: t["value"].astype(float), spread=lambda t: pd.to_numeric(t["spread"]))


def show_paper_table(name: str) -> pd.DataFrame:
    """Return one table of the papers laid out as printed: its rows, its columns, each cell as text ("84.3 ± 0.14").

    Digits are the printed ones ("85.0" stays "85.0"). The unit stands in the column's heading, or in the cells where
    the rows of one column differ in unit. A change carries its sign; a cell without a number is "".
    `ValueError` if `name` is not in `list_paper_tables()`.
    """
    tidy = _read(name)
    rows = list(dict.fromkeys(tidy["row"]))
    shown = pd.DataFrame("", index=pd.Index(rows, name="row"), columns=_printed_order(tidy), dtype=object)
    units = {column: set(cells["unit"]) for column, cells in tidy.groupby("column")}
    for cell in tidy.itertuples():
        signed = cell.unit == "pp" or cell.column.endswith("change")
        text = f"+{cell.value}" if signed and float(cell.value) > 0 else cell.value
        text += f" ± {cell.spread}" if cell.spread else ""
        text += _suffix(cell.unit) if len(units[cell.column]) > 1 else ""
        shown.loc[cell.row, cell.column] = text
    return shown.rename(columns=lambda column: _heading(column, units[column]))


def printed(name: str, row: str, column: str) -> str:
    """Return one cell of a paper's table as it is printed, with its spread, "84.2 ± 0.10"; "" if it is empty.

    `KeyError` if the table has no such row or column.
    """
    return show_paper_table(name).rename(columns=lambda heading: heading.split(" (")[0]).loc[row, column]


def _read(name: str) -> pd.DataFrame:
    """Return the table's CSV with every cell as text."""
    file = DATA / "paper" / _FILES[check_name("paper table", name, _FILES)]
    with file.open(encoding="utf-8") as lines:
        return pd.read_csv(lines, dtype=str, keep_default_na=False)


def _printed_order(tidy: pd.DataFrame) -> list[str]:
    """Return the columns as printed; one that is absent from the first rows comes after its left neighbour."""
    order: list[str] = []
    for _, cells in tidy.groupby("row", sort=False):
        left = 0
        for column in cells["column"]:
            if column not in order:
                order.insert(left, column)
            left = order.index(column) + 1
    return order


def _heading(column: str, units: set[str]) -> str:
    unit = _suffix(min(units)).strip() if len(units) == 1 else ""
    return f"{column} ({unit})" if unit else column


def _suffix(unit: str) -> str:
    return "" if unit in ("count", "number", "images") else f" {unit}"
