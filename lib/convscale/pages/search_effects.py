"""What the search's choices do to accuracy, step time and size: the orthogonal array of 64 trained networks."""

from functools import cache
from math import log

import numpy as np
import pandas as pd

from ..drawing import Drawing, scatter, shares
from ..evidence.effects import effects
from ..evidence.search_reward import log_reward, network_of, step_times
from ..experiments import get, records_of
from ..experiments.papers.v2_search import ARRAY, MEANING
from ..measure.layers import layers
from ..records import published
from ..search.sessions import SMALL
from .block import Block
from .tables import BookTable
from .words import signed

SHOWN = 3  # best networks of each device; ours
SHORT = {
    "fused-early": "early Fused",
    "fused-late": "late Fused",
    "kernel-5": "5x5",
    "expand-6": "expansion 6",
    "deeper-early": "layer in 2",
    "deeper-middle": "layer in 4",
    "deeper-late": "layer in 6",
    "seventh": "stage 7",
}
NAMED = {  # the same in sentences
    "fused-early": "Fused-MBConv in early stages",
    "fused-late": "Fused-MBConv in late stages",
    "kernel-5": "kernels of 5x5",
    "expand-6": "expansion 6",
    "deeper-early": "more layers in stage 2",
    "deeper-middle": "more layers in stage 4",
    "deeper-late": "more layers in stage 6",
    "seventh": "a last stage of stride 1",
}
TOGETHER = {  # said in one where all have the same sign
    ("fused-early", "fused-late"): "Fused-MBConv in all stages",
    ("deeper-early", "deeper-middle", "deeper-late"): "more layers",
}
# Levels of EfficientNetV2-S (V2 Table 4) where it has one: its expansion is 4 or 6 by stage.
OF_V2_S = {"fused-early": 1, "fused-late": -1, "kernel-5": -1, "seventh": -1}


@cache
def trained() -> pd.DataFrame:
    """One row a network: arm, seed, accuracy (%, unseen images), step_time (ms), params, multiply_adds, reward (%).

    100 times the logarithm of step time and parameters stand as log_step and log_params.
    """
    times = step_times()
    rows = []
    for record in records_of(get("v2_search", "small"), published()):
        found = layers(network_of(record), SMALL.px)
        params = sum(layer.params for layer in found)
        step = times.get(record["arm"], float("nan"))
        rows.append(
            {
                "arm": record["arm"],
                "seed": record["run"]["seed"],
                "accuracy": record["metrics"]["unseen_top1"],
                "step_time": step,
                "params": params,
                "multiply_adds": sum(layer.multiply_adds for layer in found),
                "reward": log_reward(record),
                "log_step": 100 * log(step),
                "log_params": 100 * log(params),
            }
        )
    return pd.DataFrame(rows)


def half(row: pd.Series, digits: int = 1) -> str:
    return f"±\u00a0{(row['high'] - row['low']) / 2:.{digits}f}"


def with_interval(row: pd.Series, digits: int = 1) -> tuple[str, str]:
    """An effect, in bold where its interval leaves 0 out, and half of the interval's width."""
    text = signed(row["estimate"], digits)
    return (f"**{text}**" if row["low"] > 0 or row["high"] < 0 else text), half(row, digits)


def mains(metric: str) -> pd.DataFrame:
    """Main effects by factor."""
    found = effects(ARRAY, trained(), metric)
    return found[found["factors"] == 1].set_index("effect").loc[list(ARRAY.factors)]


def effects_table(*, name: str, caption: str) -> BookTable:
    """What accuracy, step time, size and the reward of all three prefer, factor by factor."""
    accuracy, reward = mains("accuracy"), mains("reward")
    step, params = mains("log_step"), mains("log_params")
    rows = [
        (
            MEANING[factor],
            *with_interval(accuracy.loc[factor]),
            signed(100 * np.expm1(step.loc[factor, "estimate"] / 100), 0),
            signed(100 * np.expm1(params.loc[factor, "estimate"] / 100), 0),
            *with_interval(reward.loc[factor]),
        )
        for factor in ARRAY.factors
    ]
    heads = ["choice", "top-1, points", "", "step time, %", "parameters, %", "reward, %", " "]
    return BookTable(pd.DataFrame(rows, columns=heads), name, caption)


def decided() -> dict[str, int]:
    """The level that the reward prefers beyond chance, +1 or -1, by factor; 0 where it is open."""
    reward = mains("reward")
    return {f: int(reward.loc[f, "low"] > 0) - int(reward.loc[f, "high"] < 0) for f in ARRAY.factors}


def named(factors: set[str]) -> list[str]:
    """Choices in words, those of `TOGETHER` as one."""
    found = []
    for group, words in TOGETHER.items():
        if factors >= set(group):
            found.append(words)
            factors = factors - set(group)
    return found + [NAMED[factor] for factor in ARRAY.factors if factor in factors]


def listed(names: list[str]) -> str:
    """ "a, b and c"."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0] if names else "none"


def finding() -> str:
    """Which choices the reward prefers here, in a sentence."""
    signs = decided()
    wanted, unwanted, open_ = (named({f for f, sign in signs.items() if sign == level}) for level in (1, -1, 0))
    said = [f"the reward prefers {listed(wanted)}"] if wanted else []
    said += [f"is lowered by {listed(unwanted)}"] if unwanted else []
    start = ", and ".join(said) or "no choice is preferred beyond chance"
    rest = f" Not decided: {listed(open_)}." if open_ else ""
    return f"In 64 small networks {start}.{rest}"


def against_v2_s() -> Block:
    """Where the reward here and the released network agree, in a sentence."""
    signs = {factor: sign for factor, sign in decided().items() if factor in OF_V2_S and sign}
    same = [NAMED[f] for f, sign in signs.items() if sign == OF_V2_S[f]]
    other = [NAMED[f] for f, sign in signs.items() if sign != OF_V2_S[f]]
    words = f"V2-S decided alike on {listed(same)}."
    words += f" It decided otherwise on {listed(other)}." if other else ""
    return Block(f'<p class="sf sf-note">{words}</p>', words)


def trials(*, name: str, caption: str) -> Drawing:
    """Accuracy over step time, with the networks that none beats."""
    rows = trained()
    best = rows.loc[rows["reward"].idxmax(), "arm"]
    points = pd.DataFrame(
        {
            "label": [arm if arm == best else "" for arm in rows["arm"]],
            "x": rows["step_time"],
            "y": rows["accuracy"],
            "family": "",
        }
    )
    points["label"] = ["most rewarded" if label else "" for label in points["label"]]
    ratio = rows["step_time"].max() / rows["step_time"].min()
    apart = rows["accuracy"].max() - rows["accuracy"].min()
    return scatter(
        points,
        name=name,
        title=f"Step times differ {ratio:.1f}-fold, top-1 by {apart:.0f} points",
        subtitle="64 networks of the search's space, 10 epochs each on 2,000 images",
        caption=caption,
        x="training step of 64 images, ms",
        y="top-1 on unseen images, %",
        log="x",
        pareto=True,
    )


def explained(metric: str) -> pd.DataFrame:
    """The share of a metric's variance over the 64 networks that each main effect explains, in %; and all pairs."""
    found = effects(ARRAY, trained(), metric)
    whole = trained()[metric].var(ddof=0)
    found["share"] = 100 * (found["estimate"] / 2) ** 2 / whole  # two halves, ± half the effect about the mean
    pairs = found["factors"] > 1
    found.loc[pairs, "share"] /= 4  # a pair's effect is a difference of differences, twice as long
    return found


def importance(*, name: str, caption: str) -> Drawing:
    """What each choice explains of the networks' differences in accuracy, step time, size and reward."""
    bars = {"accuracy": "Top-1", "log_step": "Step time", "log_params": "Parameters", "reward": "Reward"}
    rows = []
    for metric, bar in bars.items():
        found = explained(metric)
        main = found[found["factors"] == 1].set_index("effect")["share"]
        for factor in ARRAY.factors:
            rows.append((bar, MEANING[factor], SHORT[factor], main[factor], factor.startswith("fused")))
        pairs = float(found.loc[found["factors"] == 2, "share"].sum())
        rows.append((bar, "pairs of choices", "pairs", pairs, False))
        rows.append((bar, "more than two choices, and chance", "rest", max(0.0, 100 - main.sum() - pairs), False))
    table = pd.DataFrame(rows, columns=["bar", "part", "short", "share", "first"])
    of_operator = table[table["first"]].groupby("bar")["share"].sum()
    return shares(
        table,
        name=name,
        title=f"Operators: {of_operator['Top-1']:.0f} % of top-1, {of_operator['Step time']:.0f} % of step time",
        subtitle="Share of the variance over the 64 networks that each choice explains",
        caption=caption,
        group=("the operator", "everything else"),
        family="v2",
    )


def rewards_by_cost() -> dict[str, pd.Series]:
    """The reward in % with what a step costs on different devices: as measured, or by arithmetic alone."""
    rows = trained().set_index("arm")
    base = 100 * np.log(rows["accuracy"]) - 0.05 * rows["log_params"]
    found = {"step time on this CPU": base - 0.07 * rows["log_step"]}
    if gpu := step_times("cuda"):
        found["step time on a GPU"] = base - 7 * np.log(rows.index.map(gpu))
    found["multiply-adds instead of time"] = base - 7 * np.log(rows["multiply_adds"])
    found["accuracy alone"] = 100 * np.log(rows["accuracy"])
    return found


def winners(*, name: str, caption: str) -> BookTable:
    """The best networks by each cost, and which sign each cost gives to the choice of Fused-MBConv early."""
    rows = []
    for cost, reward in rewards_by_cost().items():
        values = pd.DataFrame({"arm": reward.index, "seed": 0, "value": reward.to_numpy()})
        found = effects(ARRAY, values, "value").set_index("effect")
        best = reward.sort_values(ascending=False).index[:SHOWN]
        rows.append((cost, *(words(arm) for arm in best), *with_interval(found.loc["fused-early"])))
    heads = ["the reward's cost", "best", "second", "third", "Fused-MBConv early, %", ""]
    return BookTable(pd.DataFrame(rows, columns=heads), name, caption)


def winner_said() -> Block:
    """Whether the best network depends on the cost, in a sentence."""
    best = {cost: reward.idxmax() for cost, reward in rewards_by_cost().items()}
    first = next(iter(best.values()))
    others = [cost for cost, arm in best.items() if arm != first]
    said = f"it is another by {listed(others)}" if others else f"it is the same by all {len(best)} costs"
    said = f"The best network by step time here takes {words(first)}; {said}."
    return Block(f'<p class="sf sf-note">{said}</p>', said)


def words(arm: str) -> str:
    """The high factors of a run, in short."""
    return ", ".join(SHORT[factor] for factor, level in ARRAY.runs[arm].items() if level > 0) or "none"
