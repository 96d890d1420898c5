"""Values that a frozen dataclass may have, one line a field, and one error that names all that are wrong.

    def __post_init__(self):
        check_fields(self, epochs=whole(1), dropout=number(0, below=1), steps=optional(whole(1)))

NaN, infinity and True are no numbers; numpy's numbers are.
"""

import math
from collections.abc import Callable
from numbers import Real
from typing import NamedTuple


class Rule(NamedTuple):
    """What a value has to be: a test, and the words for it."""

    holds: Callable[[object], bool]
    words: str


def is_number(value: object) -> bool:
    """Whether `value` is a finite number."""
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def whole(least: int, most: int | None = None) -> Rule:
    """Whole numbers from `least` on, at most `most`; 5.0 is one."""
    to = "on" if most is None else f"to {most:,}"

    def holds(value) -> bool:
        return is_number(value) and value == int(value) and least <= value and (most is None or value <= most)

    return Rule(holds, f"a whole number from {least} {to}")


def number(least: float | None = None, *, above: float | None = None, below: float | None = None, most=None) -> Rule:
    """Finite numbers within these bounds."""
    bounds = {"at least": least, "above": above, "below": below, "at most": most}
    words = " and ".join(f"{name} {value:g}" for name, value in bounds.items() if value is not None)

    def holds(value) -> bool:
        return (
            is_number(value)
            and (least is None or value >= least)
            and (above is None or value > above)
            and (below is None or value < below)
            and (most is None or value <= most)
        )

    return Rule(holds, f"a number {words}".strip())


def of(*kinds: type) -> Rule:
    """Values of these types."""
    return Rule(lambda value: isinstance(value, kinds), " or ".join(kind.__name__ for kind in kinds))


def optional(rule: Rule) -> Rule:
    """None, or what `rule` says."""
    return Rule(lambda value: value is None or rule.holds(value), f"{rule.words}, or None")


def each(rule: Rule, least: int = 0) -> Rule:
    """Tuples of `least` or more values that `rule` describes."""

    def holds(value) -> bool:
        return isinstance(value, tuple) and len(value) >= least and all(map(rule.holds, value))

    return Rule(holds, f"a tuple of {f'{least} or more of ' if least else ''}{rule.words}")


def check_fields(value: object, **rules: Rule) -> None:
    """Raise one ValueError with all fields of `value` that are not what their rules say."""
    check_values(type(value).__name__, **{name: (getattr(value, name), rule) for name, rule in rules.items()})


def check_values(of_what: str, **values: tuple[object, Rule]) -> None:
    """The same for values that are no dataclass's: `check_values("train", epochs=(epochs, whole(1)))`."""
    wrong = [f"{name} = {value!r}: {rule.words}" for name, (value, rule) in values.items() if not rule.holds(value)]
    if wrong:
        raise ValueError(f"{of_what}: {'; '.join(wrong)} is needed")
