"""What a claim may say, by kind, as the head of data/claims.yml describes it; whoever adds one and misspells a field
hears of it by the claim's id, before anything is judged."""

import datetime
from collections.abc import Callable, Iterable
from typing import Any

from ..errors import check_name
from ..experiments import JUDGED
from .names import BOUNDS, DEVICES, KINDS, PAPERS

FILE = "data/claims.yml"
PLACES = ("table", "figure", "section")
ALL = ("id", "paper", "page", "statement", "kind")
ANY = (*PLACES, "label", "since", "history", "published")
COUNTED = ("rows", "stages_of", "setting")
COUNTING = ("column", "quantity", "unit", "printed", "tolerance", "bound", "causes")
TRAINING = ("experiment", "family", "lower", "control", "conditions", "training")
MARGINS = ("smallest", "no_worse_by", "equal_within")

NEEDED: dict[str, tuple[str, ...]] = {
    "trend": ("metric", "better", "than", "scales"),
    "interaction": ("metric", "contrast", "scales"),
    "ratio": ("ratio_of", "to", "quantity", "devices", "rounds", "between"),
    "exact": (),
    "release": (),
    "printed": ("operation", "pairs"),
}
ALLOWED: dict[str, tuple[str, ...]] = {
    "trend": TRAINING,
    "interaction": TRAINING,
    "ratio": (),
    "exact": (*COUNTED, *COUNTING),
    "release": (*COUNTED, *COUNTING),
    "printed": ("column", "columns", "tables", "published_column", "bound", "causes"),
}
# Of each of these groups a claim of the kind has one field at least
SOME: dict[str, list[tuple[str, ...]]] = {
    "exact": [COUNTED],
    "release": [COUNTED],
    "printed": [("published", "published_column")],
}
AT_A_SCALE = ("seeds", *MARGINS, "metric", "better", "than", "contrast", "experiment", "lower", "control", "conditions")
CONDITION = ("name", "difference", "at_least")
COST = ("images", "epochs", "networks")


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


def is_range(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 2 or not is_number(value[0]):
        return False
    return value[1] is None or (is_number(value[1]) and value[0] < value[1])


def is_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


Test = Callable[[Any], bool]
TEXT: tuple[Test, str] = (lambda v: isinstance(v, str), 'a text, in quotes where it is a number ("13")')
NUMBER: tuple[Test, str] = (is_number, "a finite number")
MARGIN: tuple[Test, str] = (lambda v: is_number(v) and v > 0, "a finite number above 0")
COUNT: tuple[Test, str] = (lambda v: type(v) is int and v > 0, "a whole number from 1 on")
FLAG: tuple[Test, str] = (lambda v: type(v) is bool, "true or false")
DAY: tuple[Test, str] = (lambda v: type(v) is datetime.date, "a day such as 2026-11-28")
WORDS: tuple[Test, str] = (is_words, "a list of texts")
TEXTS: tuple[Test, str] = (
    lambda v: isinstance(v, dict) and all(isinstance(text, str) for text in v.values()),
    "names with texts, numbers in quotes",
)
NAMES: tuple[Test, str] = (lambda v: isinstance(v, dict) and bool(v), "names with values")
LIST: tuple[Test, str] = (lambda v: isinstance(v, list), "a list")

VALUES: dict[str, tuple[Test, str]] = {
    **dict.fromkeys((*ALL, *PLACES, "label", "metric", "better", "than", "experiment", "family", "control"), TEXT),
    **dict.fromkeys(("quantity", "column", "published_column", "ratio_of", "to"), TEXT),
    **dict.fromkeys(("stages_of", "setting", "operation", "name"), TEXT),
    **dict.fromkeys(("unit", "tolerance"), NUMBER),
    **dict.fromkeys(MARGINS, MARGIN),
    **dict.fromkeys(("rounds", "seeds", "images", "epochs"), COUNT),
    **dict.fromkeys(("history", "columns", "tables", "devices"), WORDS),
    **dict.fromkeys(("scales", "rows", "pairs", "training"), NAMES),
    **dict.fromkeys(("printed", "causes"), TEXTS),
    **dict.fromkeys(("conditions", "networks"), LIST),
    "since": DAY,
    "lower": FLAG,
    "contrast": (lambda v: isinstance(v, str) or (isinstance(v, dict) and all(map(is_number, v.values()))), "{arm: 1}"),
    "between": (is_range, "[least, most] with least < most, such as [1.1, null]"),
    "difference": (lambda v: is_words(v) and len(v) == 4, "[arm, metric, arm, metric]"),
    "at_least": (
        lambda v: is_number(v) or (isinstance(v, dict) and set(v) <= set(JUDGED) and all(map(is_number, v.values()))),
        f"a finite number, or one for each of {', '.join(JUDGED)}",
    ),
}


def check_fields(what: str, row: object, needed: Iterable[str], allowed: Iterable[str]) -> None:
    """Raise ValueError for a field that is unknown, missing or of another form."""
    if not isinstance(row, dict):
        raise ValueError(f"{what} = {row!r}: names with values are needed: {', '.join(needed)}")
    for name, value in row.items():
        check_name(f"field of {what}", name, allowed)
        if name in VALUES and not VALUES[name][0](value):
            raise ValueError(f"{name} = {value!r}: needed is {VALUES[name][1]}")
    for name in needed:
        if name not in row:
            raise ValueError(f"{what} has no {name!r}: needed are {', '.join(needed)}")


def check_claim(claim: dict) -> None:
    """Raise ValueError for what no judge could read, or would pass over."""
    if "kind" not in claim:
        raise ValueError(f"it has no 'kind': allowed: {', '.join(KINDS)}")
    kind = check_name("kind", claim["kind"], KINDS)
    needed = (*ALL, *NEEDED[kind])
    check_fields(f"a claim of kind {kind}", claim, needed, (*needed, *ANY, *ALLOWED[kind]))
    for group in SOME.get(kind, []):
        if not any(name in claim for name in group):
            raise ValueError(f"a claim of kind {kind} needs {' or '.join(group)}")
    if len(places := [name for name in PLACES if name in claim]) != 1:
        raise ValueError(f"places = {places}: needed is one of {', '.join(PLACES)}")
    check_name("paper", claim["paper"], [paper for paper, _ in PAPERS.values()])
    if "published" in claim:
        test, words = TEXTS if kind == "printed" else NUMBER
        if not test(claim["published"]):
            raise ValueError(f"published = {claim['published']!r}: needed is {words}")
    if "bound" in claim:
        check_name("bound", claim["bound"], BOUNDS[:1] if kind == "printed" else BOUNDS)
    for device in claim.get("devices", []):
        check_name("device", device, DEVICES)
    for scale, rule in claim.get("scales", {}).items():
        check_name("scale that may judge", scale, JUDGED)
        check_fields(f"scale {scale}", rule, ["seeds"], AT_A_SCALE)
        if len(margins := [name for name in MARGINS if name in rule]) > 1:
            raise ValueError(f"scale {scale} has {' and '.join(margins)}: keep one, they are different claims")
        sides = claim | rule
        if "better" in sides and sides["better"] == sides.get("than"):
            raise ValueError(f"better = than = {sides['better']!r} at {scale}: needed are two different arms")
    rules = [claim, *claim.get("scales", {}).values()]
    for condition in (condition for rule in rules for condition in rule.get("conditions", [])):
        check_fields("a condition", condition, CONDITION, CONDITION)
    if "training" in claim:
        check_fields("training", claim["training"], COST, COST)


def check_claims(rows: object) -> tuple[dict, ...]:
    """The claims of the file. Raises ValueError for the first that is wrong: its id, the value, what is allowed."""
    if not isinstance(rows, list):
        raise ValueError(f"{FILE}: a list of claims is needed, each with a '-' before its first field")
    before, seen = "the head", set()
    for row in rows:
        if not isinstance(row, dict) or not isinstance(id := row.get("id"), str):
            raise ValueError(f"{FILE}: what follows {before} has no id: a claim has one of its own, as a text")
        if id in seen:
            raise ValueError(f"{FILE}, claim {id}: another claim has this id: give it one of its own")
        try:
            check_claim(row)
        except ValueError as error:
            raise ValueError(f"{FILE}, claim {id}: {error}") from None
        seen.add(id)
        before = f"claim {id}"
    return tuple(rows)
