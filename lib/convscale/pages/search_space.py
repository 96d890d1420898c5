"""The spaces of the searches as figures and sentences: what may be chosen, and where the published networks lie."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from ..drawing import Drawing, lines, options
from ..measure.layers import layers
from ..models.stages import ConvNetTable, Stage
from ..models.tables import table
from ..search.candidates import B4
from ..search.objective import accuracy_and_cost, training_aware
from ..search.space import Choice, OutsideSpace, Stages, size
from ..search.spaces import SE, mnasnet_space, v2_space
from .tables import BookTable

SAME_AS = 80.0  # top-1 in % of the network whose reward the contours have
OPERATORS = {"mbconv": "MBConv", "fused": "Fused-MBConv", "conv": "convolution", "separable": "depthwise separable"}
OPERATORS |= {"mbconv3": "MBConv3", "mbconv6": "MBConv6"}


def convnet(name: str) -> ConvNetTable:
    """A network of ours that a stage table describes."""
    found = table(name)
    assert isinstance(found, ConvNetTable)
    return found


def looks(rows: pd.DataFrame, *, x: str, y: str, names: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """Networks as `drawing.scatter` takes them: those of `names` (network -> label, family) stand out of the crowd."""
    found = [names.get(network, ("", "")) for network in rows["network"]]
    return pd.DataFrame(
        {
            "label": [label for label, _ in found],
            "x": rows[x],
            "y": rows[y],
            "family": [family for _, family in found],
            "crowd": [not label for label, _ in found],
        }
    )


def power(number: int) -> str:
    """1.06e14 as "10^14": how large a space is, to the power of ten."""
    return f"$10^{{{len(str(number)) - 1}}}$"


def stage_or_none(network: ConvNetTable, number: int) -> Stage | None:
    return network.stages[number - 1] if number <= len(network.stages) else None


def took(space: Stages, group: str, choice: Choice, stage: Stage | None) -> bool:
    """Whether a stage has this option, whatever its channels are."""
    if stage is None:
        return False
    if group == "operator":
        kind = space.operators[str(choice)]
        return kind.op == stage.op and kind.expand in (None, stage.expand)
    return choice == {"kernel": stage.kernel, "expansion": stage.expand, "gate": stage.se}[group]


def words(group: str, choice: Choice) -> str:
    if group == "gate":
        return "with SE" if choice else "without SE"
    return OPERATORS.get(str(choice), f"{choice}x{choice}" if group == "kernel" else str(choice))


def option_rows(space: Stages, networks: tuple[ConvNetTable, ConvNetTable], short: tuple[str, str]) -> pd.DataFrame:
    """Every option of a space by stage, and whether the two networks have it, as `drawing.options` takes them."""
    groups: dict[str, tuple[Choice, ...]] = {"operator": tuple(space.operators), "kernel": space.kernels}
    groups |= {"expansion": space.expansions} if len(space.expansions) > 1 else {}
    groups |= {"gate": space.se} if len(space.se) > 1 else {}
    rows = []
    for number, layer_choices in enumerate(space.layers, start=1):
        part, stages = f"stage {number}", [stage_or_none(network, number) for network in networks]
        for group, choices in groups.items():
            for choice in choices:
                has = [took(space, group, choice, stage) for stage in stages]
                rows.append((part, group, words(group, choice), *has, ""))
        said = {"layers": (str(layer_choices[0]), str(layer_choices[-1]))}
        if len(space.widths) > 1:
            widths = sorted({row.width for row in space.rows(number) if row})
            said["channels"] = (str(widths[0]), str(widths[-1]))
        for group, (least, most) in said.items():
            rows.append((part, group, "from", False, False, least))
            rows.append((part, group, "to", False, False, most))
            for k, (name, stage) in enumerate(zip(short, stages, strict=True)):
                value = 0 if stage is None else stage.depth if group == "layers" else stage.width
                rows.append((part, group, name, k == 0, k == 1, str(value)))
    return pd.DataFrame(rows, columns=["part", "group", "option", "first", "second", "text"])


def v2_picture(*, name: str, caption: str) -> Drawing:
    """The space of V2 §3.3 around EfficientNet-B4, with what V2-S and B4 chose."""
    rows = option_rows(v2_space(B4), (convnet("efficientnetv2-s"), B4), ("V2-S", "B4"))
    return options(
        rows,
        name=name,
        title=changed(rows),
        subtitle="What the search may choose for each stage",
        caption=caption,
        names=("EfficientNetV2-S", "EfficientNet-B4"),
    )


def v1_picture(*, name: str, caption: str) -> Drawing:
    """MnasNet's space, with what B0 and MnasNet-A1 have; both have stages whose channels it does not offer."""
    space, b0 = mnasnet_space(), convnet("efficientnet-b0")
    outside = [number for number in range(1, 8) if f"stage {number} has channels" in fault(b0, space)]
    return options(
        option_rows(space, (b0, mnasnet_a1()), ("B0", "A1")),
        name=name,
        title=f"B0 lies in MnasNet's space but for the channels of stages {' and '.join(map(str, outside))}",
        subtitle="What the search may choose for each stage, relative to MobileNetV2",
        caption=caption,
        names=("EfficientNet-B0", "MnasNet-A1"),
        family="v1",
    )


def mnasnet_a1() -> ConvNetTable:
    """MnasNet-A1 as a table, read from timm's network."""
    from .mnasnet import MNASNETS, stages_of

    b0 = convnet("efficientnet-b0")
    stages = [
        replace(base, expand=s.expand, kernel=s.kernel, width=s.channels, depth=s.depth, se=SE if s.gated else 0.0)
        for base, s in zip(b0.stages, stages_of(MNASNETS["MnasNet-A1"]), strict=True)
    ]
    return replace(b0, name="mnasnet-a1", stages=tuple(stages))


def changed(rows: pd.DataFrame) -> str:
    """How many choices of the second network the first one keeps, in a sentence."""
    marked = rows[rows["text"] == ""]
    picked = marked[marked["second"] & marked["part"].isin(marked.loc[marked["first"], "part"])]
    other = int((~picked["first"]).sum())
    return f"V2-S takes another operator, kernel or expansion than B4 in {other} of {len(picked)} choices"


def sizes_table(*, name: str, caption: str) -> BookTable:
    """How large the spaces are."""
    spaces = {
        "V2 §3.3, around EfficientNet-B4": v2_space(B4),
        "V2 §3.3, around EfficientNet-B0": v2_space(convnet("efficientnet-b0")),
        "MnasNet's, as V1 §4": mnasnet_space(),
    }
    rows = [(what, len(space.decisions), power(size(space)), power(space.distinct)) for what, space in spaces.items()]
    return BookTable(pd.DataFrame(rows, columns=["space", "decisions", "points", "different networks"]), name, caption)


POINTS = {  # the published results of searches, and the space that each should lie in
    "EfficientNetV2-S": ("efficientnetv2-s", "V2 around B4", lambda: v2_space(B4)),
    "EfficientNetV2-B0": ("efficientnetv2-b0", "V2 around B0", lambda: v2_space(convnet("efficientnet-b0"))),
    "EfficientNet-B4": ("efficientnet-b4", "V2 around B4", lambda: v2_space(B4)),
    "EfficientNet-B0": ("efficientnet-b0", "MnasNet's", mnasnet_space),
    "MnasNet-A1": ("mnasnet-a1", "MnasNet's", mnasnet_space),
}


def fault(network: ConvNetTable, space: Stages) -> str:
    """Why a network is no point of a space; "" if it is one."""
    try:
        space.point(network)
    except OutsideSpace as error:
        return str(error).partition(": ")[2]
    return ""


def points_table(*, name: str, caption: str) -> BookTable:
    """Whether the published networks are points of the spaces that the papers say they come from."""
    rows = []
    for label, (network, where, space) in POINTS.items():
        why = fault(mnasnet_a1() if network == "mnasnet-a1" else convnet(network), space())
        rows.append((label, where, "no" if why else "yes", why or "-"))
    return BookTable(pd.DataFrame(rows, columns=["network", "space", "a point?", "what breaks"]), name, caption)


def v2_contours(*, name: str, caption: str) -> Drawing:
    """The accuracy that buys a slower step, at several sizes: lines of one reward."""
    reward = training_aware(SAME_AS, 1, 1)
    times = [0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4]
    rows = [
        {
            "line": f"{params:g}x the parameters" if params != 1 else "as many parameters",
            "x": step,
            "y": SAME_AS * reward / training_aware(SAME_AS, step, params),
            "label": "the backbone" if params == step == 1 else "",
        }
        for params in (1, 0.5, 2, 4)
        for step in times
    ]
    double = SAME_AS * reward / training_aware(SAME_AS, 2, 1)
    return lines(
        pd.DataFrame(rows),
        name=name,
        title=f"Twice the step time costs {double - SAME_AS:.1f} points",
        subtitle=f"Accuracy that has the reward of a backbone with {SAME_AS:g} %",
        caption=caption,
        x="step time, times the backbone's",
        y="top-1 of the same reward, %",
        log="x",
        family="v2",
    )


def v1_contours(*, name: str, caption: str) -> Drawing:
    """As `v2_contours`, for V1's reward, which knows multiply-adds alone."""
    reward = accuracy_and_cost(SAME_AS, 400, 400)
    counted = {
        label: sum(layer.multiply_adds for layer in layers(convnet(network))) / 1e6
        for label, network in (("B0", "efficientnet-b0"), ("B1", "efficientnet-b1"), ("MobileNetV2", "mobilenetv2"))
    }
    places = sorted([100, 150, 200, 300, 400, 600, 800, 1200, *counted.values()])
    words = {value: label for label, value in counted.items()}
    rows = [
        {
            "line": "same reward",
            "x": x,
            "y": SAME_AS * reward / accuracy_and_cost(SAME_AS, x, 400),
            "label": words.get(x, ""),
        }
        for x in places
    ]
    double = SAME_AS * reward / accuracy_and_cost(SAME_AS, 800, 400)
    return lines(
        pd.DataFrame(rows),
        name=name,
        title=f"Twice the multiply-adds cost {double - SAME_AS:.1f} points",
        subtitle=f"Accuracy that has the reward of {SAME_AS:g} % at the target of 400 million",
        caption=caption,
        x="multiply-adds, millions",
        y="top-1 of the same reward, %",
        log="x",
        family="v1",
    )
