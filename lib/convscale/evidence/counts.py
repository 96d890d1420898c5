"""Exact counts of the networks that claims name, kept in data/counts.csv so that nobody needs torch to read a verdict.

`python tools/counts.py` writes the file from built networks. A test builds all of them again and compares. A network
that is not in the file, such as that of a new claim, is built and counted when it is asked for.
"""

import csv
from collections.abc import Callable, Iterable
from functools import cache
from io import StringIO
from typing import Any, NamedTuple

from ..paths import DATA
from .claims import claims
from .entries import Entry, entry_of

FILE = DATA / "counts.csv"
KEY = ("network", "changes", "image_size")


class Counts(NamedTuple):
    """Learnable parameters, and multiply-adds and activations of one image, as `measure.counting` has them."""

    params: int
    multiply_adds: int
    activations: int


# What claims ask of a network that only a built one tells, in the unit of the papers' columns: millions and billions.
QUANTITIES: dict[str, Callable[[Counts], float]] = {
    "params": lambda counts: counts.params / 10**6,
    "FLOPs": lambda counts: counts.multiply_adds / 10**9,
    "activations": lambda counts: counts.activations / 10**6,
    "multiply-adds an activation": lambda counts: counts.multiply_adds / counts.activations,
}
# RS §6.1 compares a block more in one group with a block more in the group before: the network, and with each.
BOTTLENECKS = (Entry("resnet-50"), *(Entry("resnet-50", changes=(("deeper", group),)) for group in range(4)))
# Pages show these, and no claim names them: V2-B2, which no paper prints, and rows of V1 Table 3 whose factors it
# does not print, with those that it prints for MobileNetV1.
COMPOUND = (("depth", 1.4), ("width", 1.2), ("resolution", 1.3))
UNCLAIMED = (
    Entry("efficientnetv2-b2"),
    *(Entry(network, changes=COMPOUND) for network in ("mobilenetv2", "resnet-50")),
)


@cache
def kept() -> dict[tuple[str, str, int], Counts]:
    """The rows of data/counts.csv by their key."""
    with FILE.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {
        (row["network"], row["changes"], int(row["image_size"])): Counts(*(int(row[name]) for name in Counts._fields))
        for row in rows
    }


@cache
def counts_of(entry: Entry) -> Counts:
    """From the file; counted anew, in a second or two, where the file has no such row."""
    return kept().get(entry.key) or count(entry)


def count(entry: Entry) -> Counts:
    """Of the network as it is built now."""
    from ..measure import count_activations, count_macs, count_params

    net = entry.built()
    return Counts(count_params(net), count_macs(net, entry.px), count_activations(net, entry.px))


def needed_by(claim: dict[str, Any]) -> list[Entry]:
    """The entries of a claim whose counts its verdict or its cost is made of."""
    written = list(claim["training"]["networks"]) if "training" in claim else []
    if claim.get("quantity", claim.get("column")) in QUANTITIES and "rows" in claim:
        for entry in claim["rows"].values():
            written += entry if isinstance(entry, list) else [entry]
    others = BOTTLENECKS if claim.get("setting") == "bottleneck blocks" else ()
    return [*map(entry_of, written), *others]


def needed() -> dict[tuple[str, str, int], Entry]:
    """The entries of all claims, and the unclaimed ones, by their key, sorted."""
    found = {entry.key: entry for entry in UNCLAIMED} | {e.key: e for claim in claims() for e in needed_by(claim)}
    return dict(sorted(found.items()))


def text_of(entries: Iterable[Entry]) -> str:
    """data/counts.csv with these entries, all of them counted now."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*KEY, *Counts._fields])
    writer.writerows([*entry.key, *count(entry)] for entry in entries)
    return text.getvalue()
