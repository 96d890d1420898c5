"""Findings: a claim with its verdict, its rows one by one, and the records that decide it."""

from dataclasses import dataclass

import pandas as pd

from ..records import Store, published
from .claims import GROUPS, TRAINED, claims, experiment
from .judge_exact import decide
from .judge_printed import decide_printed
from .judge_ratio import longest_session
from .judging import Reading, judge, summary_row
from .runs import choose
from .verdict import Verdict


@dataclass(frozen=True)
class Finding:
    """One claim and all that was found on it.

    `shown` is its line of `judging.summary`. `rows` has one line a number of a counted or printed claim, with the
    columns of their judges, and none of a measured claim. `records` names the records behind a measured verdict:
    for each arm, or row of a table of speeds, the seed (or the session) and the record's path in the store.
    """

    claim: dict
    found: Verdict
    shown: dict
    rows: pd.DataFrame
    records: dict[str, dict[str, str]]

    @property
    def group(self) -> str:
        return next(group for group, kinds in GROUPS.items() if self.claim["kind"] in kinds)

    @property
    def agreeing(self) -> int:
        """How many rows agree."""
        return int((self.rows["verdict"] == "reproduced").sum()) if len(self.rows) else 0


def decided_rows(claim: dict) -> pd.DataFrame:
    """The rows of a claim that is counted or computed; an empty table for one that is measured."""
    if claim["kind"] in GROUPS["measured here"]:
        return pd.DataFrame()
    return decide_printed(claim) if claim["kind"] == "printed" else decide(claim)


def records_behind(claim: dict, found: Verdict, records: list[dict], store: Store) -> dict[str, dict[str, str]]:
    """Arm -> seed -> path below the store's root, of the records that the verdict rests on; {} where there are none."""
    if found.estimate is None:
        return {}

    def place(record: dict) -> str:
        return store.path(record).relative_to(store.root).as_posix()

    if claim["kind"] in TRAINED:
        runs = choose(claim, records, experiment(claim)).runs
        return {arm: {str(seed): place(runs[arm][seed]) for seed in sorted(runs[arm])} for arm in sorted(runs)}
    session = longest_session(claim, records, claim["devices"])
    return {record["row"]: {record["session"]: place(record)} for record in session.records} if session else {}


def findings(store: Store | None = None) -> list[Finding]:
    """All claims in the order of data/claims.yml, judged by the published records or those of `store`."""
    store = published() if store is None else store
    reading, found = Reading(store), []
    for claim in claims():
        records = reading.of(claim)
        verdict = judge(claim, records)
        behind = records_behind(claim, verdict, records, store)
        found.append(Finding(claim, verdict, summary_row(claim, verdict), decided_rows(claim), behind))
    return found
