"""Claims of kind "ratio": speeds, times and memory of two networks, measured in turn.

Their evidence are records with `kind` "measurement". Such a record has, beside provenance (with the device's `kind`
and `name` and the date):

    table, row   the row of the paper's table that was measured, "v2:11" and "V2-S"
    quantity     what the claim names, such as "inference throughput"
    session      name of one interleaved measurement: round i of all its rows is the same turn
    rounds       the quantity in every round, in order
"""

from dataclasses import dataclass

import numpy as np

from .claims import table_name
from .names import DEVICES
from .statistics import median_interval
from .verdict import Verdict

SAME_SIZE = 1.5  # ratios that differ by less are of the same size


@dataclass(frozen=True)
class Session:
    """One measurement of both rows of a claim, in turn: the ratios by round, the device, the two records."""

    ratios: np.ndarray
    device: str
    records: tuple[dict, dict]


def rounds_by_session(claim: dict, row: str, records: list[dict], devices: list[str]) -> dict[str, dict]:
    """The measurement of `row` in each session on one of the kinds of device.

    Raises ValueError if a session has measured it twice.
    """
    wanted = {"kind": "measurement", "table": table_name(claim), "row": row, "quantity": claim["quantity"]}
    found: dict[str, dict] = {}
    for record in records:
        if any(record.get(field) != value for field, value in wanted.items()):
            continue
        if record["provenance"]["device"]["kind"] not in devices:
            continue
        if record["session"] in found:
            raise ValueError(f"two measurements of {row!r} in session {record['session']!r}: keep one")
        found[record["session"]] = record
    return found


def longest_session(claim: dict, records: list[dict], devices: list[str]) -> Session | None:
    """Of several sessions that with the most rounds, and of those the latest: never the most favourable.

    Raises ValueError if its rounds do not pair up.
    """
    first, second = (rounds_by_session(claim, claim[row], records, devices) for row in ("ratio_of", "to"))
    if not (both := first.keys() & second.keys()):
        return None
    session = max(both, key=lambda s: (len(first[s]["rounds"]), first[s]["provenance"]["date"], s))
    above, below = first[session], second[session]
    if len(above["rounds"]) != len(below["rounds"]):
        raise ValueError(
            f"session {session!r}: {len(above['rounds'])} rounds of {claim['ratio_of']!r}, {len(below['rounds'])} of "
            f"{claim['to']!r}; rounds measured in turn are as many"
        )
    ratios = np.divide(above["rounds"], below["rounds"])
    return Session(ratios, above["provenance"]["device"]["name"], (above, below))


def elsewhere(claim: dict, records: list[dict]) -> str:
    """What a CPU measured, where only other devices judge; "" if it did not, or judges itself."""
    if "cpu" in claim["devices"] or (found := longest_session(claim, records, ["cpu"])) is None:
        return ""
    judges = " or ".join(DEVICES[kind] for kind in claim["devices"])
    return f"measured on a CPU: {np.median(found.ratios):.2f}x; judged on {judges}"


def judge_ratio(claim: dict, records: list[dict]) -> Verdict:
    """Whether the median of the ratios, round by round, lies between the claim's bounds with its whole interval.

    Raises ValueError for a session with two measurements of one row, or with rounds that do not pair up.
    """
    aside = elsewhere(claim, records)
    if (session := longest_session(claim, records, claim["devices"])) is None:
        return Verdict("not run", aside or "no measurement of both networks in turn")
    ratios = session.ratios
    median, low, high = median_interval(ratios)
    least, most = claim["between"]
    bounds = f"{least:g} to {most:g}" if most is not None else f"{least:g} and more"
    most = np.inf if most is None else most
    if len(ratios) < claim["rounds"]:
        word, why = "inconclusive", f"{len(ratios)} of at least {claim['rounds']} rounds"
    elif least <= low and high <= most:
        word, why = "reproduced", f"the interval lies within {bounds}"
    elif high < least or low > most:
        word, why = "not reproduced", f"the interval lies outside {bounds}"
    else:
        word, why = "inconclusive", f"the interval contains an end of {bounds}"
    relative = median / claim["published"] if "published" in claim else None
    beside = ""
    if relative is not None:
        size = ", same size" if 1 / SAME_SIZE <= relative <= SAME_SIZE else ""
        beside = f"{relative:.2f} of the paper's{size}"
    notes = [why, beside, aside]
    return Verdict(
        word,
        "; ".join(filter(None, notes)),
        median,
        low,
        high,
        rounds=len(ratios),
        device=session.device,
        relative=relative,
    )
