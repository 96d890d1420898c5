"""Claims of kind "exact" and "release": printed counts and settings against what networks and schedules really have."""

from collections.abc import Callable
from fractions import Fraction
from functools import partial

import pandas as pd

from ..errors import check_name
from ..models.scaling import COMPOUND, compound_grid, round_depth, round_width
from ..models.stages import ConvNetTable, Stage
from ..models.tables import NetworkTable, table
from ..recipes.presets import preset
from .claims import cause_of, table_name
from .counts import BOTTLENECKS, counts_of
from .counts import QUANTITIES as COUNTED
from .entries import Entry, entry_of
from .image_sizes import growth, smallest_lead
from .judge_printed import cell, deviation, farthest
from .names import BOUNDS
from .paper import paper_table
from .recipe_settings import RECIPE_SETTINGS
from .scaling_settings import SCALING
from .stage_settings import STAGE_SETTINGS
from .statistics import rounding
from .verdict import Verdict

NEAR = 3  # % that a row may be off for the verdict "within 3 %"


def stages(network: NetworkTable) -> tuple[Stage, ...]:
    """Stages of an EfficientNet or MobileNet."""
    assert isinstance(network, ConvNetTable)
    return network.stages


def mean_expansion(entry: Entry) -> float:
    rows = stages(entry.table)
    return sum(s.expand * s.depth for s in rows) / sum(s.depth for s in rows)


# Columns of the papers' tables, in their units: px, and rates. None of them needs the network.
TABLED: dict[str, Callable[[Entry], float]] = {
    "image size": lambda entry: entry.px,
    "stages": lambda entry: len(stages(entry.table)),
    "layers": lambda entry: sum(row.layers for row in entry.table.rows()),
    "expansion": mean_expansion,  # of the layers
    "dropout": lambda entry: entry.table.dropout,
    "drop path": lambda entry: entry.table.drop_path_rate,
    "batch-norm momentum": lambda entry: 1 - entry.table.bn_momentum,  # TensorFlow's, as the papers print it
    "training smaller than inference": lambda entry: 100 * (1 - entry.table.train_size / entry.table.eval_size),  # %
}


def quantity(name: str, entry: Entry) -> float:
    """A column of the papers' tables for a network. Raises ValueError for an unknown one."""
    if name in COUNTED:
        return COUNTED[name](counts_of(entry))
    return TABLED[check_name("quantity", name, [*COUNTED, *TABLED])](entry)


def size_at(network: NetworkTable, stage: int) -> int:
    """Size in px at which the input of row `stage` of the network's table arrives."""
    size = network.eval_size
    for row in network.rows()[:stage]:
        size = -(-size // row.stride)
    return size


STAGE_COLUMNS: dict[str, Callable[[NetworkTable, int], float]] = {
    "stride": lambda network, i: network.rows()[i].stride,
    "channels": lambda network, i: network.rows()[i].channels,
    "layers": lambda network, i: network.rows()[i].layers,
    "resolution": size_at,
    "kernel": lambda network, i: stages(network)[i - 1].kernel,
    "expansion": lambda network, i: stages(network)[i - 1].expand,
    "squeeze": lambda network, i: stages(network)[i - 1].se,
    "fused": lambda network, i: stages(network)[i - 1].op == "fused",
}


def bottlenecks() -> dict[str, float]:
    """What a further block of each group of ResNet-50 costs, over one of the group before."""
    plain, *deeper = map(counts_of, BOTTLENECKS)
    blocks = [(more.params - plain.params, more.multiply_adds - plain.multiply_adds) for more in deeper]
    found = {}
    for group in (1, 2, 3):
        for what, here, before in zip(("parameters", "multiply-adds"), blocks[group], blocks[group - 1], strict=True):
            found[f"{what} of a block of c{group + 2} / c{group + 1}"] = here / before
    return found


def layers_added() -> dict[str, float]:
    """From EfficientNetV2-S to L, in its last two stages over the four before."""
    small, large = (stages(table(f"efficientnetv2-{size}")) for size in "sl")
    added = [b.depth - a.depth for a, b in zip(small, large, strict=False)]  # the seventh stage of L is not in S
    return {"layers added to stages 5 and 6 / to stages 1 to 4": sum(added[4:]) / sum(added[:4])}


def of_small_scaled() -> dict[str, float]:
    """How many of the six stages of B0 to B3 a scaled EfficientNetV2-S has, at the factors that give most of them."""
    small, factors = stages(table("efficientnetv2-s")), [i / 100 for i in range(40, 121)]
    found: dict[str, float] = {}
    for size in ("b0", "b1", "b2", "b3"):
        pairs = list(enumerate(zip(small, stages(table(f"efficientnetv2-{size}")), strict=True)))
        wide = {frozenset(i for i, (s, b) in pairs if round_width(s.width * f) == b.width) for f in factors}
        deep = {frozenset(i for i, (s, b) in pairs if round_depth(s.depth * f) == b.depth) for f in factors}
        found[f"stages of {size.upper()}"] = max(len(widths & depths) for widths in wide for depths in deep)
    return found


def without_classifier() -> dict[str, float]:
    """Millions of parameters but for those of ImageNet's 1,000 classes, of V1 Table 5's public networks."""
    features = {  # before the classifier; timm nasnet.py and inception_v4.py
        "ResNet-152": ("resnet-152", 2048),
        "NASNet-A": ("timm:nasnetalarge@331", 4032),
        "Inception-v4": ("timm:inception_v4@299", 1536),
    }
    for size in ("b0", "b3", "b4", "b5", "b6", "b7"):
        network = table(f"efficientnet-{size}")
        assert isinstance(network, ConvNetTable)
        features[f"EfficientNet-{size.upper()}"] = (network.name, network.head)
    return {
        row: (counts_of(entry_of(name)).params - 1000 * (width + 1)) / 10**6 for row, (name, width) in features.items()
    }


def released_stage(network: str, number: int) -> dict[str, float]:
    """What a stage of the released training sets, but for its dropout where that is the network's own."""
    stage = preset(f"v2-{network}:release").schedule.stages[number]
    return {row: getattr(stage, field) for row, field in RAMP_FIELDS.items() if number == 0 or row != "dropout rate"}


RAMP_FIELDS = {
    "image size": "image_size",
    "RandAugment": "randaugment",
    "mixup alpha": "mixup",
    "dropout rate": "dropout",
}
SETTINGS: dict[str, Callable[[], dict[str, float]]] = {
    "bottleneck blocks": bottlenecks,
    "layers from S to L": layers_added,
    "growth of image sizes": growth,
    "lead of image sizes": smallest_lead,
    "S scaled down": of_small_scaled,
    **STAGE_SETTINGS,
    "networks without classifier": without_classifier,
    "grid of 0.05": lambda: {"1.2, 1.1, 1.15 among its points": compound_grid(0.05).count(COMPOUND)},
    **SCALING,
    **RECIPE_SETTINGS,
    **{
        f"{which} stage of v2-{network}:release": partial(released_stage, network, number)
        for network in "sml"
        for which, number in (("first", 0), ("last", -1))
    },
}


def agrees(printed: str, count: float, tolerance: float | None = None, bound: str | None = None) -> bool:
    """Whether `count`, in the printed number's unit, rounds to its printed digits ("9.2" holds 9.15 to 9.25).

    With a `tolerance` in that unit, whether it is so near instead. With a `bound`, "at least" or "at most", whether it
    is beyond. Raises ValueError for another bound.
    """
    low, high = rounding(printed)
    if tolerance is not None:
        low, high = (Fraction(printed) + sign * Fraction(tolerance) for sign in (-1, 1))
    if bound is not None:
        return low <= Fraction(count) if check_name("bound", bound, BOUNDS) == "at least" else Fraction(count) <= high
    return low <= Fraction(count) <= high


def ours(claim: dict) -> list[tuple[str, str, int | None, float]]:
    """(row, network, px, our number) of each row of the claim; settings have no network and px."""
    if "setting" in claim:
        values = SETTINGS[check_name("setting", claim["setting"], SETTINGS)]()
        return [(row, "", None, value) for row, value in values.items()]
    if "stages_of" in claim:
        entry = entry_of(claim["stages_of"])
        of_stage = STAGE_COLUMNS[check_name("column of stages", claim["column"], STAGE_COLUMNS)]
        printed_rows = paper_table(table_name(claim)).groupby("row", sort=False)["column"].agg(set).items()
        wanted = claim.get("printed")
        places = [
            (i, row)
            for i, (row, columns) in enumerate(printed_rows)
            if (claim["column"] in columns if wanted is None else row in wanted)
        ]
        return [(row, entry.model, size_at(entry.table, i), of_stage(entry.table, i)) for i, row in places]
    name = claim["quantity"] if "quantity" in claim else claim["column"]
    found: list[tuple[str, str, int | None, float]] = []
    for row, written in claim["rows"].items():
        first, *second = map(entry_of, written if isinstance(written, list) else [written])
        value = quantity(name, first)
        for divisor in second:
            value /= quantity(name, divisor)
        found.append((row, first.model, first.px, value * claim.get("unit", 1)))
    return found


def decide(claim: dict) -> pd.DataFrame:
    """One line a row of the claim: row, model, image_size, printed, ours, deviation (ours from the printed one, in
    %), verdict, cause (its line of the discrepancies page, or empty)."""
    rows = []
    for row, model, size, value in ours(claim):
        if "printed" in claim:
            text = claim["printed"][check_name("row in print", row, claim["printed"])]
        else:
            text = cell(table_name(claim), row, claim["column"])
        equal = agrees(text, value, claim.get("tolerance"), claim.get("bound"))
        rows.append(
            {
                "row": row,
                "model": model,
                "image_size": size,
                "printed": text,
                "ours": value,
                "deviation": deviation(value, text),
                "verdict": "reproduced" if equal else "not reproduced",
                "cause": "" if equal else cause_of(claim, row),
            }
        )
    return pd.DataFrame(rows)


def judge_exact(claim: dict) -> Verdict:
    """Reproduced if every row agrees, "within 3 %" if all others are so near; of the release: whether it agrees."""
    rows = decide(claim)
    wrong, worst = rows[rows["verdict"] != "reproduced"], farthest(rows)
    word = "not reproduced" if len(wrong) else "reproduced"
    if claim["kind"] == "release":
        word = "differs" if len(wrong) else "agrees"
    elif len(wrong) and wrong["deviation"].abs().max() <= NEAR:
        word = "within 3 %"
    rule = f"are {claim['bound']} the printed number" if "bound" in claim else "agree to the printed digits"
    return Verdict(word, f"{len(rows) - len(wrong)} of {len(rows)} rows {rule}", worst=worst)
