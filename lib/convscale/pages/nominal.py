"""What a factor is said to cost and what it costs: networks of EfficientNet's Figure 3, at full and at small size."""

import pandas as pd

from ..drawing import Drawing, dots
from ..experiments.papers.small_b0 import TINY
from ..experiments.papers.v1_figure3 import DEPTHS, RESOLUTIONS, WIDTHS
from ..measure.layers import CLASSES, layers
from ..models.efficientnet import EFFICIENTNET_B0
from ..models.scaling import Coefficients, cost_factor
from ..models.stages import ConvNetTable, scale

TIMES = "\u00d7"
CIFAR10 = 10  # classes


def multiply_adds(network: ConvNetTable, classes: int) -> int:
    """Of one image; in a narrow network the classifier counts."""
    *others, classifier = layers(network)
    return sum(layer.multiply_adds for layer in others) + classifier.inp * classes


def growth(base: ConvNetTable, factors: Coefficients) -> float:
    """Multiply-adds of the scaled network over those of `base`, each with as many classes as its data have."""
    classes = CLASSES if base is EFFICIENTNET_B0 else CIFAR10
    scaled = scale(base, name="scaled", **factors._asdict())
    return multiply_adds(scaled, classes) / multiply_adds(base, classes)


def cost_rows() -> pd.DataFrame:
    """Of each factor what the rule d, w^2 or r^2 says, and the count: of B0, of the small network, and as run here."""
    single = {f"width {TIMES} {w:g}": Coefficients(1, w, 1) for w in WIDTHS}
    single |= {f"depth {TIMES} {d:g}": Coefficients(d, 1, 1) for d in DEPTHS}
    large = {f"size {TIMES} {r:g}": Coefficients(1, 1, r) for r in RESOLUTIONS}
    rows = [
        {"group": group, "label": label, "paper": cost_factor(factors), "ours": growth(base, factors)}
        for group, base, chosen in (
            ("EfficientNet-B0, 224 px", EFFICIENTNET_B0, single | large),
            ("The small network, 24 px, at the same factors", TINY, single),
        )
        for label, factors in chosen.items()
    ]
    wanted = {1.4: 2.0, 2.0: 4.0, 2.8: 8.0}  # of the multiply-adds: each step doubles them
    rows += [
        {
            "group": "The small network as it is run",
            "label": f"width {TIMES} {factor:g}",
            "paper": wanted[nominal],
            "ours": growth(TINY, Coefficients(1, factor, 1)),
        }
        for nominal, factor in WIDTHS.items()
    ]
    return pd.DataFrame(rows)


def nominal_costs(*, name: str, caption: str) -> Drawing:
    """Ruled and counted growth side by side."""
    rows = cost_rows()
    worst = rows.iloc[(rows["ours"] / rows["paper"] - 1).abs().argmax()]
    title = f"In a small network {worst['label']} costs {worst['ours']:.1f} times, not {worst['paper']:.1f}"
    return dots(
        rows.assign(family="v1"),
        name=name,
        title=title,
        subtitle="Multiply-adds, times those of the base; logarithmic axis",
        unit="multiply-adds, times the base's",
        log=True,
        heads=("rule", "counted"),
        caption=caption,
    )
