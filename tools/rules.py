"""Write data/rules.csv: for every claim the first commit in which its rule reads as it does today. Run after a commit
that changes rules: `python tools/rules.py`."""

import csv
import io
import subprocess

from convscale.evidence.claims import claims
from convscale.evidence.rule_dates import rule_digest
from convscale.files import parse_yaml
from convscale.paths import CHECKOUT, DATA


def git(*command: str) -> str:
    return subprocess.run(["git", *command], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout


def first_commits() -> dict[tuple[str, str], tuple[str, str]]:
    """(id, digest of the rule) -> commit and date of its first appearance, of all that there ever were."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for line in git("log", "--reverse", "--date-order", "--format=%H %as", "--", "data/claims.yml").splitlines():
        commit, date = line.split()
        for claim in parse_yaml(git("show", f"{commit}:data/claims.yml")):
            found.setdefault((claim["id"], rule_digest(claim)), (commit[:10], date))
    return found


def table() -> str:
    """The CSV. Rules that are not committed yet have no line."""
    found, text = first_commits(), io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    write.writerow(["id", "rule", "commit", "date"])
    for claim in claims():
        if origin := found.get((claim["id"], rule_digest(claim))):
            write.writerow([claim["id"], rule_digest(claim), *origin])
    return text.getvalue()


if __name__ == "__main__":
    (DATA / "rules.csv").write_text(table(), encoding="utf-8")
