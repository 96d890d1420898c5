"""From which commit on the rule of a claim reads as it does today.

data/rules.csv says it (columns id, rule, commit, date), made by tools/rules.py of the repository's history. A rule that
has changed since then has another digest, so it has no line until the tool is run again: nothing false can be read.
"""

import csv
import hashlib
import json
from functools import cache

from ..paths import DATA

# What is no part of a rule: words, places, earlier verdicts, causes of what was found, and the cost.
BESIDE = ("id", "statement", "page", "history", "causes", "since", "training", "label")


def rule_digest(claim: dict) -> str:
    """Twelve hexadecimal digits of all that decides the claim."""
    rule = {field: value for field, value in claim.items() if field not in BESIDE}
    return hashlib.sha256(json.dumps(rule, sort_keys=True, default=str).encode()).hexdigest()[:12]


@cache
def lines() -> dict[str, dict[str, str]]:
    with (DATA / "rules.csv").open(encoding="utf-8", newline="") as file:
        return {line["id"]: line for line in csv.DictReader(file)}


def fixed_by(claim: dict) -> tuple[str, str] | None:
    """Commit and date, "2026-11-28", of the first version of data/claims.yml that has the claim's present rule.

    None where the table does not know the rule, as after a change that is not committed yet.
    """
    line = lines().get(claim["id"])
    return (line["commit"], line["date"]) if line and line["rule"] == rule_digest(claim) else None
