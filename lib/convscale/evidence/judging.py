"""Verdicts: the records that a claim is judged by, the judge of its kind, and the table of all claims."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pandas as pd

from ..errors import check_name
from ..experiments import get, records_of
from ..records import Store, published
from .claim_arms import check_arms
from .claim_fields import FILE
from .claims import (
    GROUPS,
    KINDS,
    claim_of,
    claims,
    command,
    decides,
    experiment,
    family,
    is_written,
    rule_date,
    shown_published,
    source,
    table_name,
)
from .counts import counts_of
from .entries import entry_of
from .judge_exact import judge_exact
from .judge_printed import judge_printed
from .judge_ratio import judge_ratio
from .judge_trend import judge_trend
from .names import paper_named
from .runs import experiment_at
from .verdict import VERDICTS, Verdict

# Nobody reaches the peak of a device, so hours at it are a lower bound. 312 TFLOP/s is bfloat16 on an A100 without
# sparsity (NVIDIA's data sheet); a multiply-add is 2 of them.
A100_MACS = 312e12 / 2
TRAINING_PASSES = 3  # forward, and backward by activations and by weights, which cost one forward pass each


def judge(claim: dict, records: list[dict]) -> Verdict:
    """The verdict on a claim: of the networks or the printed tables, or of `records`, which may be of every scale.

    Records of runs carry their `arm` and `scale`. Raises ValueError, with the claim's id, for an unknown kind and as
    the judges do.
    """
    judges: dict[str, Callable[[], Verdict]] = {
        "trend": lambda: judge_trend(claim, records, family(claim), experiment(claim)),
        "interaction": lambda: judge_trend(claim, records, family(claim), experiment(claim)),
        "ratio": lambda: judge_ratio(claim, records),
        "exact": lambda: judge_exact(claim),
        "release": lambda: judge_exact(claim),
        "printed": lambda: judge_printed(claim),
    }
    for mate in experiment(claim):  # its runs wait for theirs: a misspelt arm of one would keep all of them waiting
        with naming(mate):
            check_arms(mate)
    with naming(claim):
        check_arms(claim)
        return judges[check_name("kind of claim", claim["kind"], KINDS)]()


@contextmanager
def naming(claim: dict) -> Iterator[None]:
    """Whatever cannot be found for a claim is said with its id: it is there that a word is misspelt."""
    try:
        yield
    except (ValueError, ArithmeticError) as error:
        raise ValueError(f"claim {claim.get('id', 'without id')} of {FILE}: {error}") from None


class Reading:
    """What a store has for claims, each of its records read once; for as long as nothing is written to it."""

    def __init__(self, store: Store):
        self.runs = cache(lambda experiment, scale: records_of(get(experiment, scale), store))
        self.measurements = cache(lambda table: list(store.measurements(table)))

    def of(self, claim: dict) -> list[dict]:
        """What may judge a claim: the measurements of its table, or the runs, at every scale that may judge it, of its
        experiment and of those of its family."""
        if claim["kind"] == "ratio":
            return self.measurements(table_name(claim))
        mates = [claim, *family(claim)] if "scales" in claim else []
        asked = {(name, scale) for mate in mates for scale in mate["scales"] if (name := experiment_at(mate, scale))}
        with naming(claim):
            return [record for name, scale in sorted(asked) for record in self.runs(name, scale)]


def evidence_for(claim: dict, store: Store) -> list[dict]:
    """What a store has that may judge a claim."""
    return Reading(store).of(claim)


def multiply_adds(claim: dict) -> int | None:
    """Multiply-adds of the paper's own experiment with the claim's seeds, or None where its cost is not estimated.

    Images x 3 x those of a forward pass, for networks that train at one size. Evaluation is left out.
    """
    if "training" not in claim:
        return None
    training = claim["training"]
    forward = sum(counts_of(entry_of(entry)).multiply_adds for entry in training["networks"])
    return TRAINING_PASSES * training["images"] * training["epochs"] * forward * claim["scales"]["paper"]["seeds"]


def cost(claim: dict) -> str:
    """The paper's own experiment in words, e.g. "at least 1,900 A100-hours"; "" for claims that run nothing."""
    if claim["kind"] not in GROUPS["measured here"]:
        return ""
    if (total := multiply_adds(claim)) is None:
        return "not estimated"
    return f"at least {float(f'{total / A100_MACS / 3600:.2g}'):,.0f} A100-hours"


def summary(
    *,
    id: str | None = None,
    kind: str | None = None,
    paper: str | None = None,
    verdict: str | None = None,
    page: str | None = None,
    store: Store | None = None,
) -> pd.DataFrame:
    """One row a claim with its verdict by the published records, or those of `store`; the filters are exact.

    Columns: verdict (as shown), id, statement, kind, paper, source, published, estimate, relative (a ratio over the
    paper's), evidence, p, adjusted, why, since, history, page, written, command, decides (the seeds or rounds that a
    verdict takes, which the command makes), cost. The filter `paper` is a short name, "v2", or a long one. Raises
    ValueError for an unknown filter value, with those allowed.
    """
    paper = None if paper is None else paper_named(paper)
    wanted = {"kind": (kind, KINDS), "verdict": (verdict, VERDICTS)}
    for name, (value, allowed) in wanted.items():
        if value is not None:
            check_name(name, value, allowed)
    if page is not None:
        check_name("page of a claim", page, sorted({claim["page"] for claim in claims()}))
    reading = Reading(published() if store is None else store)
    rows = []
    for claim in claims(page) if id is None else [claim_of(id)]:
        if kind not in (None, claim["kind"]) or paper not in (None, claim["paper"]):
            continue
        rows.append(summary_row(claim, judge(claim, reading.of(claim))))
    table = pd.DataFrame(rows)
    return table if verdict is None else table[table["verdict"] == verdict].reset_index(drop=True)


def summary_row(claim: dict, found: Verdict) -> dict:
    """The columns of `summary` for one claim with its verdict."""
    return {
        "verdict": found.shown_word,
        "id": claim["id"],
        "statement": claim["statement"],
        "kind": claim["kind"],
        "paper": claim["paper"],
        "source": source(claim),
        "published": shown_published(claim),
        "estimate": found.shown,
        "relative": found.relative,
        "evidence": found.evidence,
        "p": found.p,
        "adjusted": found.adjusted,
        "why": found.why,
        "since": rule_date(claim),
        "history": "; ".join(claim.get("history", [])),
        "page": claim["page"],
        "written": is_written(claim["page"]),
        "command": command(claim),
        "decides": decides(claim),
        "cost": cost(claim),
    }


def tally(table: pd.DataFrame) -> pd.DataFrame:
    """How many claims of each kind got which verdict, from the table of `summary`.

    Kinds stand in the groups "measured here", "counted" and "the papers' own arithmetic" (column `group`), each with
    its own total, kind "all". There is no total over groups: they are not evidence of one sort.
    """
    counted = pd.crosstab(table["kind"], table["verdict"]).reindex(index=KINDS, columns=VERDICTS, fill_value=0)
    counted.insert(0, "claims", counted.sum(axis=1))
    parts = []
    for group, kinds in GROUPS.items():
        rows = counted.loc[list(kinds)]
        rows.loc["all"] = rows.sum()
        parts.append(rows.rename_axis(index="kind", columns=None).reset_index().assign(group=group))
    rows = pd.concat(parts, ignore_index=True)
    return rows[["group", *rows.columns.drop("group")]]
