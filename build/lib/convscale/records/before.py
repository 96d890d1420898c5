"""Records of schema 1, told in the words of schema 2.

There a record belonged to a page and a scale, a run was an arm of a page's table, and the state of the code was
`dirty`, true or false. What they said of their place is kept in the provenance, as `made_for`.
"""

from .schema import SCHEMA, kind_of, measurement_key

PLACE = ("page", "scale", "arm")
STATES = {False: "clean", True: "dirty"}


def renewed(record: dict) -> dict:
    """A record of schema 1 as one of SCHEMA; any other as it is."""
    if record.get("schema") != 1 or not isinstance(record.get("provenance"), dict):
        return record
    made = dict(record["provenance"])
    dirty = made.pop("dirty", None)
    made["state"] = STATES.get(dirty, "unknown") if made.get("commit") else "unknown"
    made["made_for"] = {name: record[name] for name in PLACE if name in record}
    kept = {name: value for name, value in record.items() if name not in PLACE}
    found = kept | {"schema": SCHEMA, "provenance": made}
    if kind_of(record) == "measurement":
        found["key"] = measurement_key(found)
    return found
