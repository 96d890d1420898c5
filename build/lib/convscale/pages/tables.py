"""The paper's numbers beside ours, and tables that show well in a book, a notebook and a terminal."""

import pandas as pd

from ..evidence import judge
from ..evidence.claims import claim_of, claims, shown_published
from ..evidence.judge_exact import decide
from ..evidence.judging import evidence_for
from ..evidence.paper import printed
from ..evidence.statistics import mean_interval
from ..records import published

ABSENT = "not run"


class BookTable:
    """A data frame that displays as a numbered table in the book, as HTML in Jupyter and Colab, and as text.

    `name` is the label for `{numref}`; cells are shown as they are, so format numbers before.
    """

    def __init__(self, frame: pd.DataFrame, *, name: str, caption: str):
        self.frame, self.name, self.caption = frame.astype(str), name, caption

    def markdown(self) -> str:
        def line(cells) -> str:
            return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"

        rows = [line(row) for row in self.frame.itertuples(index=False)]
        return "\n".join([line(self.frame.columns), line([":--"] * self.frame.shape[1]), *rows])

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {
            "text/plain": f"{self.caption}\n{self.frame.to_string(index=False)}",
            "text/html": f"<p><b>{self.caption}</b></p>{self.frame.to_html(index=False, border=0)}",
            "text/markdown": f":::{{table}} {self.caption}\n:name: {self.name}\n\n{self.markdown()}\n:::",
        }


def mean_and_interval(values: pd.Series) -> str:
    """ "62.1 ± 0.8 (5)": mean, half of the 95 % interval, number of values."""
    if not len(values):
        return ABSENT
    mean, half = mean_interval(values.to_numpy())
    return f"{mean:.1f} ± {half:.1f} ({len(values)})" if len(values) > 1 else f"{mean:.1f} (1)"


def compare(
    table: str, cells: dict[str, tuple[str, str] | None], ours: dict[str, pd.DataFrame], metric: str = "test_top1"
) -> pd.DataFrame:
    """One row an arm: the paper's value, and that of each of `ours`, tables of runs by the head of their column.

    `cells` maps an arm to its (row, column) in the paper's `table` ("v2:13"), or to None for a control of ours;
    the tables are those of `records.frame`. Ours read: mean ± half of the 95 % interval (seeds).
    """

    def value(runs: pd.DataFrame, arm: str) -> str:
        return mean_and_interval(runs.loc[runs["arm"] == arm, metric]) if metric in runs else ABSENT

    return pd.DataFrame(
        [
            {"arm": arm, "paper": printed(table, *cell) if cell else "-"}
            | {head: value(runs, arm) for head, runs in ours.items()}
            for arm, cell in cells.items()
        ]
    )


def costs(frame: pd.DataFrame, arms: list[str]) -> pd.DataFrame:
    """Processor minutes and images per processor second of each of `arms` that was run: median over its runs."""
    if frame.empty:
        return pd.DataFrame(columns=["arm", "runs", "core-minutes", "images / core-second"])
    groups = frame.assign(arm=pd.Categorical(frame["arm"], arms)).groupby("arm", observed=True)
    return pd.DataFrame(
        {
            "runs": groups.size(),
            "core-minutes": (groups["cpu_seconds"].median() / 60).map("{:.1f}".format),
            "images / core-second": (groups["images"].median() / groups["cpu_seconds"].median()).map("{:.0f}".format),
        }
    ).reset_index()


def exact_rows(claim_id: str) -> pd.DataFrame:
    """The rows of an exact claim, formatted: the printed number, ours to one digit more, verdict and cause."""
    rows = decide(claim_of(claim_id))
    digits = [len(printed.partition(".")[2]) + 1 for printed in rows["printed"]]
    rows["ours"] = [f"{value:.{d}f}" for value, d in zip(rows["ours"], digits, strict=True)]
    return rows.rename(columns={"image_size": "px", "printed": "paper"})


def verdict_rows(page: str) -> pd.DataFrame:
    """The verdict of the published records on every claim of `page`: what was found, with its evidence, and why."""
    rows = []
    for claim in claims(page):
        found = judge(claim, evidence_for(claim, published()))
        rows.append(
            {
                "claim": claim["statement"],
                "paper": shown_published(claim),
                "ours": found.shown,
                "evidence": found.evidence or "-",
                "verdict": f"{found.shown_word}: {found.why}",
            }
        )
    table = pd.DataFrame(rows).astype(str)
    return table.loc[:, (table != "-").any()]  # nothing is run for exact claims
