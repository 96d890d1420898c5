"""Where the published networks rank among random ones of the search's space, by step time and parameters.

A step's time is the sum of its blocks' times, which were measured alone; beside it stands how well the sum meets whole
networks that were measured, too.
"""

from functools import cache

import numpy as np
import pandas as pd

from ..drawing import Drawing, scatter
from ..experiments.papers import v2_search
from ..models.stages import ConvNetTable
from ..records import published
from ..search.block_times import UPDATE, params, total
from ..search.candidates import B4
from ..search.sessions import (
    BLOCK,
    LARGE,
    NETWORK,
    SMALL,
    TABLE,
    Setting,
    checked_networks,
    large_space,
    released,
)
from ..search.space import sample
from .search_space import looks
from .tables import BookTable

SAMPLES, SEED = 1000, 0  # V2 §3.3: "up to 1000 models"
NAMES = {"efficientnet-b4": ("B4", "v1"), "efficientnetv2-s": ("V2-S", "v2")}


@cache
def measured(quantity: str, px: int, kind: str = "cpu") -> dict[str, list[float]]:
    """Milliseconds of every round, by row, of the last session of a quantity at this size."""
    found = {}
    for record in sorted(published().measurements(TABLE), key=lambda record: record["session"]):
        same = record["quantity"] == quantity and record["image_sizes"] == [px]
        if same and record["provenance"]["device"]["kind"] == kind:
            found[record["row"]] = record["rounds"]
    return found


def summed(network: ConvNetTable, setting: Setting) -> float:
    """Milliseconds of a training step, by the blocks."""
    rounds = measured(BLOCK, setting.px)
    return total(
        network, setting.px, lambda part: float(np.median(rounds[part.words])), float(np.median(rounds[UPDATE]))
    )


BACKBONE = {
    LARGE: B4.name,
    SMALL: next(iter(v2_search.ARRAY.runs)),
}  # rewards take step times relative to that of one network


@cache
def check(setting: Setting) -> pd.DataFrame:
    """One row a network that was measured as a whole: its step time over the backbone's as measured and as summed from
    blocks, the error of the second (%), and that of the sum itself (`plain`, %)."""
    networks = checked_networks() if setting == LARGE else small_networks()
    whole = {row: float(np.median(rounds)) for row, rounds in measured(NETWORK, setting.px).items()}
    by_blocks = {row: summed(networks[row], setting) for row in whole}
    base = BACKBONE[setting]
    rows = [(row, whole[row] / whole[base], by_blocks[row] / by_blocks[base]) for row in whole]
    found = pd.DataFrame(rows, columns=["network", "measured", "summed"])
    found["error"] = 100 * (found["summed"] / found["measured"] - 1)
    found["plain"] = [100 * (by_blocks[row] / whole[row] - 1) for row in whole]
    return found


def small_networks() -> dict[str, ConvNetTable]:
    return {run: v2_search.network(levels) for run, levels in v2_search.ARRAY.runs.items()}


def error_said() -> str:
    """How far the sum of blocks is off, in sentences."""
    said = []
    for setting, what in ((SMALL, "small networks of the array"), (LARGE, "networks of B4's size")):
        rows = check(setting)
        said.append(
            f"for {len(rows)} {what} the median error is {rows['error'].abs().median():.1f} %, the largest "
            f"{rows['error'].abs().max():.0f} % (median of the sums themselves: {rows['plain'].abs().median():.1f} %)"
        )
    return f"Step times relative to one network, as the reward takes them: {'; '.join(said)}."


def check_figure(*, name: str, caption: str) -> Drawing:
    """Step times as measured and as summed from blocks."""
    rows = check(LARGE)
    points = looks(rows, x="measured", y="summed", names=NAMES).drop(columns="crowd")
    return scatter(
        points,
        name=name,
        title=f"Half of the steps are predicted within {rows['error'].abs().median():.1f} % by their blocks",
        subtitle=f"Training steps of {LARGE.batch} images at {LARGE.px} px, over that of B4",
        caption=caption,
        x="measured, times B4",
        y="sum of blocks, times B4",
        log="xy",
    )


@cache
def sampled() -> pd.DataFrame:
    """Random networks of the space around B4, then B4 and V2-S: network, step_time (ms), params (millions)."""
    space, rng = large_space(), np.random.default_rng(SEED)
    networks = [space.table(sample(space, rng)) for _ in range(SAMPLES)]
    rows = [(network.name, summed(network, LARGE), params(network) / 1e6) for network in [*networks, B4, released()]]
    return pd.DataFrame(rows, columns=["network", "step_time", "params"])


def rank_of(network: str, column: str) -> float:
    """How many of the random networks have less, in %."""
    rows = sampled()
    own = rows.loc[rows["network"] == network, column].iloc[0]
    return 100 * float((rows[column].iloc[:SAMPLES] < own).mean())


def rank_figure(*, name: str, caption: str) -> Drawing:
    """Step time and parameters of the random networks, and the published ones among them."""
    rows = sampled()
    points = looks(rows, x="params", y="step_time", names=NAMES)
    faster = rank_of("efficientnetv2-s", "step_time")
    return scatter(
        points,
        name=name,
        title=f"{100 - faster:.0f} % of random networks are slower than V2-S",
        subtitle=f"{SAMPLES:,} random networks of the space around B4; {LARGE.batch} images at {LARGE.px} px",
        caption=caption,
        x="parameters, millions",
        y="training step, ms",
        log="xy",
    )


def rank_table(*, name: str, caption: str) -> BookTable:
    """V2-S and B4 among the random networks."""
    rows = sampled().set_index("network")
    out = []
    for network, label in (("efficientnetv2-s", "EfficientNetV2-S"), ("efficientnet-b4", "EfficientNet-B4")):
        own = rows.loc[network]
        ranks = [f"{rank_of(network, column):.1f}" for column in ("step_time", "params")]
        out.append((label, f"{own['step_time']:.0f}", ranks[0], f"{own['params']:.1f}", ranks[1]))
    middle = rows.iloc[:SAMPLES].median()
    out.append(("the median of the random ones", f"{middle['step_time']:.0f}", "50", f"{middle['params']:.1f}", "50"))
    heads = ["network", "step, ms", "% are faster", "parameters, M", "% are smaller"]
    return BookTable(pd.DataFrame(out, columns=heads), name, caption)
