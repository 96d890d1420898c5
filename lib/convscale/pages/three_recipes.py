"""The three papers' ImageNet recipes side by side, read from their presets: what differs, and how much does not."""

import pandas as pd

from ..drawing import Drawing, paths
from ..recipes import preset
from ..recipes.presets import Preset
from ..recipes.presets.text import written
from ..recipes.schedule import lr_share
from .tables import BookTable

# Networks of like accuracy that the papers compare: RS Table 2 pairs the first two, V2 Table 7 has all three.
CHOSEN = {"EfficientNet-B5": "v1-b5:paper", "ResNet-RS-270": "rs-270-256:paper", "EfficientNetV2-S": "v2-s:paper"}
# Of the network or of the judging, and no part of how it is trained.
NO_RECIPE = ("model", "dataset", "weights", "classes", "eval_size", "validate", "steps", "eval_crop", "precision")
STEPS = 100  # an epoch, for the figure: only shares of training show there
FROM_CODE = "\u2020"


def recipes() -> dict[str, Preset]:
    """Network -> its paper's preset."""
    return {network: preset(name) for network, name in CHOSEN.items()}


def side_by_side() -> pd.DataFrame:
    """Every setting of training, a row each, indexed by name: the three values in words. A dagger marks one that the
    paper does not give, so that it is the release's."""
    chosen = recipes()
    names = [name for name in next(iter(chosen.values())).values() if name not in NO_RECIPE]
    cells = {
        network: [cell(one.values()[name]) + FROM_CODE * (name in one.unstated) for name in names]
        for network, one in chosen.items()
    }
    return pd.DataFrame(cells, index=pd.Index(names, name="setting"))


def cell(value) -> str:
    """A value in words; of four stages the first and the last, of names how many."""
    if isinstance(value, tuple) and len(value) > 2:
        if isinstance(value[0], str):
            return f"{len(value)} of them"
        return f"{written(value[0])} to {written(value[-1])}"
    return written(value).replace("e-0", "e-")


def differing() -> pd.DataFrame:
    """The rows of `side_by_side` that are not the same in all three papers."""
    table = side_by_side()
    plain = table.map(lambda text: text.rstrip(FROM_CODE))
    return table[plain.nunique(axis=1) > 1]


def shared_with_efficientnet() -> dict[str, int]:
    """How many settings of training each later paper has as EfficientNet has them."""
    plain = side_by_side().map(lambda text: text.rstrip(FROM_CODE))
    first, *others = plain.columns
    return {other: int((plain[first] == plain[other]).sum()) for other in others}


def finding() -> str:
    """What the comparison comes to, in a sentence."""
    count, shared = len(side_by_side()), shared_with_efficientnet()
    rs, v2 = shared.values()
    return (
        f"Of {count} settings of training ResNet-RS shares {rs} with EfficientNet, and EfficientNetV2 {v2}. Optimizer, "
        "learning rate, weight decay and augmentation are what ResNet-RS changed."
    )


def differences_table(name: str, caption: str) -> BookTable:
    table = differing().reset_index()
    table["setting"] = table["setting"].str.replace("_", " ")
    return BookTable(table, name, caption)


def shared_table(name: str, caption: str, fold: str) -> BookTable:
    every = side_by_side()
    same = every.drop(index=differing().index).iloc[:, 0].str.rstrip(FROM_CODE)
    rows = pd.DataFrame({"setting": same.index.str.replace("_", " "), "in all three": same.to_numpy()})
    return BookTable(rows, name, caption, fold=fold)


def rates_figure(name: str, caption: str) -> Drawing:
    """The learning rate over training, as a share of its peak."""
    lines = []
    shown = (("ResNet-RS", "rs-270-256:paper", "rs"), ("EfficientNet, EfficientNetV2", "v1-b5:paper", "v1"))
    for line, of, family in (*shown, ("ResNet-RS, first release", "rs-270-256:tf1", "")):
        chosen = preset(of)
        steps = chosen.epochs * STEPS
        epochs = [epoch for epoch in range(0, chosen.epochs + 1, 2)]
        shares = [100 * lr_share(chosen.recipe, min(e * STEPS, steps - 1), steps, STEPS) for e in epochs]
        lines.append(pd.DataFrame({"line": line, "label": "", "x": epochs, "y": shares, "family": family}))
    return paths(
        pd.concat(lines, ignore_index=True),
        name=name,
        title="The same 350 epochs, spent at other learning rates",
        subtitle="Learning rate as a share of its peak",
        x="epoch",
        y="learning rate, % of the peak",
        caption=caption,
    )
