"""EfficientNet §3.3 in figures: compound scaling drawn, its cost and its receptive field counted, any phi looked up."""

import math
from collections.abc import Mapping

import pandas as pd

from ..drawing import Drawing, lines, rulers, shapes
from ..measure.layers import layers, receptive_field
from ..models.efficientnet import COEFFICIENTS, EFFICIENTNET_B0
from ..models.scaling import COMPOUND, Coefficients, compound, cost_factor
from ..models.stages import ConvNetTable, scale
from ..models.tables import table
from .tables import BookTable

FAMILY = [f"b{i}" for i in range(8)]  # of the paper
SINGLE = {  # the paper's Table 7: the networks of Figure 2, drawn with B0
    "B0": Coefficients(1, 1, 1),
    "width \u00d7 2": Coefficients(1, 2, 1),
    "depth \u00d7 4": Coefficients(4, 1, 1),
    "size \u00d7 2": Coefficients(1, 1, 2),
    "all three": Coefficients(1.4, 1.2, 1.3),
}
DEEP, LARGE = SINGLE["depth \u00d7 4"], SINGLE["size \u00d7 2"]
FIGURE4 = {  # V1 Figure 4: text and caption
    "d = 1.0, r = 1.0": Coefficients(1, 1, 1),
    "d = 1.0, r = 1.3": Coefficients(1, 1, 1.3),
    "d = 2.0, r = 1.0": Coefficients(2, 1, 1),
    "d = 2.0, r = 1.3": Coefficients(2, 1, 1.3),
}


def scaled(factors: Coefficients) -> ConvNetTable:
    """B0 scaled by the released rounding rules."""
    return scale(EFFICIENTNET_B0, name="scaled", **factors._asdict())


def multiply_adds(network: ConvNetTable) -> int:
    """Of one image of the network's own size."""
    return sum(layer.multiply_adds for layer in layers(network))


def times_b0(network: ConvNetTable) -> float:
    return multiply_adds(network) / multiply_adds(EFFICIENTNET_B0)


def released(name: str) -> ConvNetTable:
    network = table(f"efficientnet-{name}")
    assert isinstance(network, ConvNetTable)
    return network


def answer() -> str:
    """What the page finds, in two sentences."""
    rows = field_rows()
    grown = rows[(rows["line"] == "B0 to B7") & (rows["label"] != "B0")]["y"]
    deep, large = (receptive_field(network) / network.eval_size for network in map(scaled, (DEEP, LARGE)))
    return (
        f"From B1 to B7 the receptive field stays at {grown.min():.1f} to {grown.max():.1f} image widths. "
        f"Four times the depth alone makes it {deep:.1f}, twice the image size alone {large:.1f}."
    )


def silhouettes(*, name: str, caption: str) -> Drawing:
    """V1 Figure 2, drawn from B0's table: images and blocks of the networks of Table 7."""
    rows = []
    for label, factors in SINGLE.items():
        network = scaled(factors)
        rows.append({"network": label, "kind": "image", "size": network.eval_size})
        blocks = [stage.width for stage in network.stages for _ in range(stage.depth)]
        rows += [{"network": label, "kind": "block", "size": width} for width in blocks]
    title = "Each of the four costs about four times B0; only compound scaling spreads it over all three"
    return shapes(
        pd.DataFrame(rows),
        name=name,
        title=title,
        subtitle="Above: the image, px. Below: every MBConv block, as wide as it has channels",
        caption=caption,
    )


def cost_rows() -> pd.DataFrame:
    """Counted over ruled growth of the multiply-adds of B0 scaled in one dimension: line, x (ruled), y (the ratio)."""
    steps = {
        "size": [Coefficients(1, 1, 1 + i / 14) for i in range(15)],  # 16 px apart
        "width": [Coefficients(1, 1 + i / 20, 1) for i in range(21)],
        "depth": [Coefficients(1 + i / 12, 1, 1) for i in range(37)],
    }
    return pd.DataFrame(
        [
            {"line": line, "x": cost_factor(c), "y": times_b0(scaled(c)) / cost_factor(c)}
            for line, factors in steps.items()
            for c in factors
        ]
    )


def proportional(*, name: str, caption: str) -> Drawing:
    """How far the multiply-adds of a scaled B0 are from d, w^2, r^2."""
    rows = cost_rows()
    worst = rows.loc[rows["y"].sub(1).abs().idxmax()]
    title = f"The square rules hold for size; rounding up makes depth cost up to {100 * (worst['y'] - 1):.0f} % more"
    return lines(
        rows,
        name=name,
        title=title,
        subtitle="B0 scaled in one dimension, by the released rounding",
        x="growth by the rule: d, w² or r²",
        y="counted growth over ruled growth",
        at=(1.0, "as the rule says"),
        caption=caption,
    )


def field_rows() -> pd.DataFrame:
    """Receptive field in image widths: line, x (multiply-adds over B0's), y, label."""

    def row(line: str, network: ConvNetTable, label: str = "") -> dict:
        share = receptive_field(network) / network.eval_size
        return {"line": line, "x": times_b0(network), "y": share, "label": label}

    rows = [row("B0 to B7", released(name), name.upper()) for name in FAMILY]
    for line, factors in {
        "depth alone": [Coefficients(d, 1, 1) for d in (1, 2, 3, 4, 6, 8)],
        "width alone": [Coefficients(1, w, 1) for w in (1, 1.4, 2, 2.8)],
        "size alone": [Coefficients(1, 1, r) for r in (1, 1.25, 1.5, 2, 2.5, 3)],
    }.items():
        marked: dict[float, str] = {4: "\u00d7 4"} if line == "depth alone" else {}
        rows += [row(line, scaled(c), marked.get(c.depth, "")) for c in factors]
    return pd.DataFrame(rows)


def fields(*, name: str, caption: str) -> Drawing:
    """The intuition of V1 §3.3: what a number of the last map sees of the image."""
    rows = field_rows()
    grown = rows[(rows["line"] == "B0 to B7") & (rows["label"] != "B0")]["y"]
    title = f"From B1 to B7 the receptive field stays at {grown.min():.2f} to {grown.max():.2f} image widths"
    return lines(
        rows,
        name=name,
        title=title,
        subtitle="Theoretical receptive field of the last feature map; both axes logarithmic",
        x="multiply-adds, times B0's",
        y="receptive field, image widths",
        log="xy",
        caption=caption,
    )


def phi_of(factors: Coefficients) -> Coefficients:
    """For each factor the phi whose power of alpha, beta or gamma it is."""
    return Coefficients(*(math.log(f) / math.log(base) for f, base in zip(factors, COMPOUND, strict=True)))


def factors_of(name: str) -> Coefficients:
    width, depth, size, _ = COEFFICIENTS[name]
    return Coefficients(depth, width, size / EFFICIENTNET_B0.eval_size)


def lookup(*, name: str, caption: str) -> Drawing:
    """Any phi read off without a computer, and the phi that each factor of a released network would have."""
    alpha, beta, gamma = COMPOUND
    names = [f"depth, times B0's: {alpha}^φ", f"width, times B0's: {beta}^φ", f"image size, px: 224 · {gamma}^φ"]
    cost = "multiply-adds by the rule, times B0's"
    ticks: dict[str, list[tuple[float, str]]] = {
        names[0]: [(math.log(v, alpha), f"{v:g}") for v in (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4)],
        names[1]: [(math.log(v, beta), f"{v:g}") for v in (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2)],
        names[2]: [(math.log(v / 224, gamma), f"{v}") for v in (224, 250, 300, 350, 400, 450, 500, 550, 600, 650)],
        cost: [(math.log(v, cost_factor(COMPOUND)), f"{v}") for v in (1, 2, 5, 10, 20, 50, 100)],
    }
    marks = []
    for variant in FAMILY:
        factors, label = factors_of(variant), variant.upper()
        phis = phi_of(factors)
        shown = (f"{factors.depth:g} times", f"{factors.width:g} times", f"{released(variant).eval_size} px")
        marks += [
            {"ruler": ruler, "x": phi, "label": label, "value": value}
            for ruler, phi, value in zip(names, phis, shown, strict=True)
        ]
        growth = times_b0(released(variant))
        phi = math.log(growth, cost_factor(COMPOUND))
        marks.append({"ruler": cost, "x": phi, "label": label, "value": f"{growth:.1f} times, counted"})
    return rulers(
        pd.DataFrame(marks),
        name=name,
        title="No single φ gives all three factors of any of B1 to B7",
        subtitle="Read straight down from a φ. Dots: where the released networks lie",
        ticks=ticks,
        axis="φ",
        ends=(0, 8),
        caption=caption,
    )


def growth_table(*, name: str, caption: str, fold: str = "") -> BookTable:
    """Eq. 3 at whole phi: factors, size, and multiply-adds by the rule and as built."""
    rows = []
    for phi in range(8):
        factors = compound(phi)
        network = scaled(factors)
        ruled, counted = cost_factor(factors), times_b0(network)
        rows.append(
            [
                phi,
                f"{factors.depth:.2f}",
                f"{factors.width:.2f}",
                network.eval_size,
                2**phi,
                f"{ruled:.1f}",
                f"{counted:.1f}",
            ]
        )
    heads = ["φ", "depth", "width", "px", "2^φ", "by the rule", "counted"]
    return BookTable(pd.DataFrame(rows, columns=heads), name, caption, fold=fold)


def released_table(*, name: str, caption: str, fold: str = "") -> BookTable:
    """For each factor of B1 to B7 the phi that it would need."""
    rows = []
    for variant in FAMILY[1:]:
        factors = factors_of(variant)
        phis = phi_of(factors)
        shown: Mapping[str, object] = {
            "network": variant.upper(),
            "depth": f"{factors.depth:g}",
            "φ of it": f"{phis.depth:.2f}",
            "width": f"{factors.width:g}",
            "φ of it ": f"{phis.width:.2f}",
            "size, px": released(variant).eval_size,
            "φ of it  ": f"{phis.resolution:.2f}",
        }
        rows.append(shown)
    return BookTable(pd.DataFrame(rows), name, caption, fold=fold)


def figure4_table(*, name: str, caption: str) -> BookTable:
    """The four settings of V1 Figure 4 as built: layers, size, and multiply-adds at three widths."""
    rows = []
    for label, factors in FIGURE4.items():
        network = scaled(factors)
        wide = [multiply_adds(scaled(factors._replace(width=width))) / 1e9 for width in (1, 2)]
        layers_of = sum(row.layers for row in network.rows())
        field = receptive_field(network) / network.eval_size
        rows.append([label, layers_of, network.eval_size, f"{field:.1f}", *(f"{value:.2f}" for value in wide)])
    heads = ["setting", "layers", "px", "field", "w = 1", "w = 2"]
    return BookTable(pd.DataFrame(rows, columns=heads), name, caption)
