"""Claims of the papers as written in data/claims.yml, and what can be said of one without judging it."""

from functools import cache

import pandas as pd

from ..errors import check_name
from ..experiments import JUDGED
from ..files import text_of, yaml_at
from ..paths import CHECKOUT, DATA
from .claim_fields import FILE, check_claims
from .names import GROUPS as GROUPS
from .names import KINDS as KINDS
from .names import PAPERS
from .runs import experiment_at

TRAINED = ("trend", "interaction")
TRUTHS = ("greater", "greater in print", "equal in print")  # operations that come to 1 where it is so, and to 0 if not
# Since when a rule stands that does not say it: `printed` since the ledger began.
SINCE = dict.fromkeys(KINDS, "2026-11-28") | {"printed": "2026-11-21"}


@cache
def read() -> tuple[dict, ...]:
    return check_claims(yaml_at(text_of(DATA / "claims.yml", FILE), FILE))


def claims(page: str | None = None) -> list[dict]:
    """The claims as written in data/claims.yml, of one page or all. Raises ValueError where the file is wrong."""
    return [dict(row) for row in read() if page in (None, row["page"])]


def claim_of(id: str) -> dict:
    """The claim of this name. Raises ValueError for another one, with the nearest."""
    by_id = {row["id"]: row for row in read()}
    return dict(by_id[check_name("claim", id, by_id)])


def load_claims() -> pd.DataFrame:
    """All claims, one row each."""
    return pd.DataFrame(claims())


def family(claim: dict) -> list[dict]:
    """The comparisons that Holm's correction takes together with this one; [] if it stands alone."""
    return [row for row in claims() if row.get("family") == claim["family"]] if "family" in claim else []


def experiment(claim: dict) -> list[dict]:
    """The claims that share an experiment, at any scale, with this one or one of its family; [] if none is named."""
    mine = {name for mate in [claim, *family(claim)] for name in experiments_of(mate)}
    return [row for row in claims() if mine & experiments_of(row)] if mine else []


def experiments_of(claim: dict) -> set[str]:
    """The experiments that make the claim's runs, at whatever scale."""
    return {name for scale in claim.get("scales", ()) if (name := experiment_at(claim, scale))}


def decided_by(experiment: str, scale: str) -> tuple[str, ...]:
    """The ids of the claims that the runs of an experiment judge at this scale."""
    rules = ((row, row.get("scales", {}).get(scale)) for row in claims())
    return tuple(
        row["id"] for row, rule in rules if rule and rule.get("experiment", row.get("experiment")) == experiment
    )


def rule_date(claim: dict) -> str:
    """The day from which the claim's rule stands."""
    return str(claim.get("since", SINCE[claim["kind"]]))


def table_name(claim: dict) -> str:
    """The claim's table as `paper_table` takes it, e.g. "v2:7"."""
    short = next(name for name, (paper, _) in PAPERS.items() if paper == claim["paper"])
    return f"{short}:{claim['table']}"


def source(claim: dict) -> str:
    """Where the paper says it: "Table 13", "Figure 6" or "Section 3.3"."""
    kind = next(kind for kind in ("table", "figure", "section") if kind in claim)
    return f"{kind.capitalize()} {claim[kind]}"


def cause_of(claim: dict, row: str) -> str:
    """The line on the discrepancies page of a row that does not agree. Raises ValueError where the claim names none."""
    if row not in claim.get("causes", {}):
        raise ValueError(f"row {row!r} does not agree: its line on the discrepancies page is needed among `causes`")
    return claim["causes"][row]


def is_written(page: str) -> bool:
    """Whether the page of a claim exists in this checkout; the others are planned."""
    return CHECKOUT is not None and (CHECKOUT / "notebooks" / f"{page}.md").exists()


def command(claim: dict) -> str:
    """What makes the evidence of a claim that needs any; "" if it needs none or nothing makes it yet."""
    if claim["kind"] == "ratio":
        return f"convscale measure {table_name(claim)} --device {claim['devices'][0]}"
    for scale in reversed(JUDGED):
        if scale in claim.get("scales", ()) and (name := experiment_at(claim, scale)):
            return f"convscale experiment run {name} --scale {scale}"
    return ""


def decides(claim: dict) -> str:
    """How much of what `command` makes gives a verdict: "16 seeds at small" or "at least 5 rounds"; "" for no run."""
    if claim["kind"] == "ratio":
        return f"at least {claim['rounds']} rounds"
    for scale in reversed(JUDGED):
        if scale in claim.get("scales", ()) and experiment_at(claim, scale):
            return f"{claim['scales'][scale]['seeds']} seeds at {scale}"
    return ""


def states_facts(claim: dict) -> bool:
    """Whether a sentence says of each of its rows that something is so, and prints no number of them."""
    return (
        claim.get("operation") in TRUTHS
        and isinstance(claim.get("published"), dict)
        and "number" not in claim["published"]
    )


def shown_published(claim: dict) -> str:
    """The paper's value: "+0.8" points, "4.1x", the numbers of a sentence; "-" for whole tables and bare signs."""
    value = "-" if states_facts(claim) else claim.get("published", "-")
    if claim["kind"] in TRAINED and value != "-":
        return f"{value:+.{max(1, len(f'{value:g}'.partition('.')[2]))}f}"
    if claim["kind"] == "ratio" and value != "-":
        return f"{value:g}x"
    return ", ".join(value.values()) if isinstance(value, dict) else str(value)
