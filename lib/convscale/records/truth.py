"""How far records can be traced to the code that made them, in words for whoever publishes them."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from .schema import kind_of

NAMED = 3  # keys in a sentence


def state_of(made: dict) -> str:
    """ "clean", "dirty" or "unknown": what a record or an executed page says of the code it was made by.

    Those of before `state` said `dirty`, and said False also where git had no answer.
    """
    before = "dirty" if made.get("dirty") else "clean" if "dirty" in made else "unknown"
    state = made.get("state", before)
    return state if made.get("commit") and state in ("clean", "dirty") else "unknown"


def concerns(records: Iterable[dict]) -> list[str]:
    """Why `records`, a set to be judged together, cannot be traced to one known code: a sentence each, [] if they can.

    Each sentence says how many records it is about and names some by their keys.
    """
    records = list(records)
    most = usual_code(records)
    found = defaultdict(list)
    for record in records:
        made = record["provenance"]
        state, code, usual = state_of(made), made.get("code"), most.get(kind_of(record))
        if state == "dirty":
            found["made by code that differs from its commit"].append(record["key"])
        if state == "unknown":
            found["made by code of no known commit"].append(record["key"])
        if not made.get("command"):
            found["that no command makes"].append(record["key"])
        if code is None:
            found["without a digest of the code that made it"].append(record["key"])
        elif code != usual:
            found[f"made by other code ({code}) than most of these ({usual})"].append(record["key"])
    return [f"{len(keys)} of {len(records)} {fault}: {named(keys)}" for fault, keys in found.items()]


def origin(records: Iterable[dict]) -> str:
    """When records were made and by how many versions of the code, in words: "made from 2026-11-26 to 2026-11-28 by 3
    versions of the training code"; any change to a source file is a version."""
    made = [record["provenance"] for record in records]
    first, last = (end(each["date"][:10] for each in made) for end in (min, max))
    codes = len({each.get("code") for each in made})
    when = f"on {first}" if first == last else f"from {first} to {last}"
    return f"made {when} by {'one version' if codes == 1 else f'{codes} versions'} of the training code"


def usual_code(records: list[dict]) -> dict[str, str]:
    """The most frequent digest of code among the records of each kind; measurements are of more code than runs."""
    seen = Counter((kind_of(r), code) for r in records if (code := r["provenance"].get("code")))
    return {kind: code for (kind, code), _ in reversed(seen.most_common())}


def named(keys: list[str]) -> str:
    more = f" and {len(keys) - NAMED} others" if len(keys) > NAMED else ""
    return ", ".join(keys[:NAMED]) + more
