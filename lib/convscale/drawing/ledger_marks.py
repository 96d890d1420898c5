"""Pictures of one claim in a line of text: a forest plot of one effect, and a box for each number that was compared.

Both are 132 by 20 px. What is drawn follows the book's style by class: `sf-m` and its parts in ledger.css.
"""

import math
from html import escape

WIDTH, HEIGHT = 132, 20  # px, as in ledger.css
ZERO = 52.0  # px from the left: most effects are positive as claimed
EDGE = 4.0  # px that a mark keeps from either side
# px a unit, so that what the papers print (up to 4 points, ratios up to 6) and intervals twice as wide have room.
SCALES = {"points": 8.0, "%": 4.0, "loss": 80.0, "norm": 20.0, "ratio": 22.0}  # of a ratio for each doubling
BOX, GAP = 7.0, 2.0  # px of a box where there is room, and between boxes


def place(value: float, unit: str) -> float:
    """Where a value stands, in px from the left; beyond the picture at its edge."""
    shift = math.log2(value) if unit == "ratio" and value > 0 else value
    x = ZERO + SCALES[unit] * shift if math.isfinite(shift) else math.copysign(math.inf, shift)
    return round(min(max(x, EDGE), WIDTH - EDGE), 1)


def px(x: float) -> str:
    return f"{x:.1f}".removesuffix(".0")


def svg(title: str, inside: str, colour: str = "") -> str:
    """The style gives the size, WIDTH by HEIGHT: repeated in every picture it would be a tenth of a page of them."""
    look = f"sf-m c-{colour}" if colour else "sf-m"
    return f'<svg class="{look}" role="img"><title>{escape(title)}</title>{inside}</svg>'


def effect_mark(
    title: str,
    colour: str,
    unit: str,
    region: tuple[float, float],
    published: float | None = None,
    found: tuple[float, float, float] | None = None,
) -> str:
    """A forest plot of one effect: its claimed `region` shaded, no effect as a line, the paper's value as a diamond,
    ours, (estimate, low, high), as a disc with its interval.

    `unit` is "points", "loss" or "ratio"; `colour` that of the verdict: "yes", "no", "open" or "none".
    """
    none = 1.0 if unit == "ratio" else 0.0
    left, right = (place(end, unit) for end in region)
    zero = px(place(none, unit))
    parts = [
        f'<path class="sf-mr" d="M{px(left)} 2H{px(right)}V18H{px(left)}z"/><path class="sf-mz" d="M{zero} 2V18"/>'
    ]
    if published is not None:
        x = place(published, unit)
        parts.append(f'<path class="sf-mp" d="M{px(x)} 6l4 4-4 4-4-4z"/>')
    if found is not None:
        x, low, high = (place(value, unit) for value in found)
        parts.append(f'<path class="sf-mi" d="M{px(low)} 10H{px(high)}"/><circle cx="{px(x)}" cy="10" r="3.6"/>')
    return svg(title, "".join(parts), colour)


def number_marks(title: str, agree: list[bool]) -> str:
    """A box for each number, in order: an outline where it agrees, filled where it does not."""
    step = min(BOX + GAP, (WIDTH - 2) / len(agree))
    width = px(step - min(GAP, step / 4))

    def drawn(wanted: bool) -> str:
        return "".join(
            f"M{px(1.5 + i * step)} 5.5h{width}v9h-{width}z" for i, agrees in enumerate(agree) if agrees == wanted
        )

    parts = [
        f'<path class="sf-m{name}" d="{path}"/>' for name, path in (("y", drawn(True)), ("x", drawn(False))) if path
    ]
    return svg(title, "".join(parts))
