"""Claims of kind "ratio": speeds, times and memory of two networks, measured in turn.

Their evidence are records with `kind` "measurement", of the claim's page. Such a record has, beside scale and
provenance (with the device's `kind` and `name` and the date):

    table, row   the row of the paper's table that was measured, "v2:11" and "V2-S"
    quantity     what the claim names, such as "inference throughput"
    session      name of one interleaved measurement: round i of all its rows is the same turn
    rounds       the quantity in every round, in order
    value        their median
"""

import numpy as np

from .claims import table_name
from .statistics import median_interval
from .verdict import Verdict


def rounds_by_session(claim: dict, row: str, records: list[dict]) -> dict[str, dict]:
    """The measurement of `row` in each session on one of the claim's kinds of device.

    Raises ValueError if a session has measured it twice.
    """
    wanted = {"kind": "measurement", "table": table_name(claim), "row": row, "quantity": claim["quantity"]}
    found: dict[str, dict] = {}
    for record in records:
        if any(record.get(field) != value for field, value in wanted.items()):
            continue
        if record["provenance"]["device"]["kind"] not in claim["devices"]:
            continue
        if record["session"] in found:
            raise ValueError(f"two measurements of {row!r} in session {record['session']!r}: keep one")
        found[record["session"]] = record
    return found


def judge_ratio(claim: dict, records: list[dict]) -> Verdict:
    """Whether the median of the ratios, round by round, lies between the claim's bounds with its whole interval.

    Of several sessions that with the most rounds counts, and of those the latest: never the most favourable.
    Raises ValueError if the rounds of a session do not pair up.
    """
    first, second = (rounds_by_session(claim, claim[row], records) for row in ("ratio_of", "to"))
    if not (both := first.keys() & second.keys()):
        return Verdict("not run", "no measurement of both networks in turn")
    session = max(both, key=lambda s: (len(first[s]["rounds"]), first[s]["provenance"]["date"], s))
    above, below = first[session], second[session]
    if len(above["rounds"]) != len(below["rounds"]):
        raise ValueError(
            f"session {session!r}: {len(above['rounds'])} rounds of {claim['ratio_of']!r}, {len(below['rounds'])} of "
            f"{claim['to']!r}; rounds measured in turn are as many"
        )
    ratios = np.divide(above["rounds"], below["rounds"])
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
    device = above["provenance"]["device"]["name"]
    return Verdict(word, why, median, low, high, rounds=len(ratios), scale=above["scale"], device=device)
