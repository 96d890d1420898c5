"""V2 §6.1, EfficientNetV2 against EfficientNet: the speed-up as a product, and Table 11 with what was measured here."""

import math

import numpy as np
import pandas as pd

from ..drawing import Drawing, dots, scatter, spans
from ..evidence.claims import claim_of
from ..evidence.counts import counts_of
from ..evidence.entries import entry_of
from ..evidence.judge_exact import decide
from ..evidence.judge_printed import cell
from ..evidence.judge_ratio import Session, longest_session
from ..evidence.statistics import median_interval
from ..records import Store, published
from .compared import compared
from .tables import BookTable

B7, M = "V1-B7", "V2-M (ours)"  # rows of V2 Table 10
SPEEDUPS = {  # claims of V2 Table 11, and the pair in words
    "v2-table11-b0": "V2-B0 over B1",
    "v2-table11-b1": "V2-B1 over B2",
    "v2-table11-b3": "V2-B3 over B4",
    "v2-table11-s": "V2-S over B5",
}
COUNTED = "v2-table11-flops"


def factors() -> pd.DataFrame:
    """From the hours of B7 as first trained to those of V2-M, step by step, as `drawing.spans` takes them.

    The network's factor is split by our counts: fewer multiply-adds an image at the networks' own sizes, and more of
    them a second, which is what is left of it.
    """
    fixed, grown, new = (
        float(cell(*place, "train-time")) for place in (("v2:7", "EfficientNet-B7"), ("v2:10", B7), ("v2:10", M))
    )
    old_macs, new_macs = (
        counts_of(entry_of(network)).multiply_adds for network in ("efficientnet-b7", "efficientnetv2-m")
    )
    less = grown * new_macs / old_macs
    steps = [
        ("Progressive learning", "B7: images that grow", fixed, grown, "filled"),
        ("The network", "V2-M in place of B7", grown, new, "filled"),
        ("of it: fewer multiply-adds", "counted, at 600 and 480 px", grown, less, "outlined"),
        ("of it: more of them a second", "what is left", less, new, "outlined"),
        ("Together", "the paper says 11 times", fixed, new, "total"),
    ]
    rows = [
        {
            "label": label,
            "detail": detail,
            "start": start,
            "end": end,
            "words": f"{start / end:.{1 if look == 'total' else 2}f}\u00d7",
            "look": look,
        }
        for label, detail, start, end, look in steps
    ]
    return pd.DataFrame(rows).assign(family="v2")


def finding() -> str:
    """The answer of §6.1, from the paper's hours and our counts."""
    ratios = [row.start / row.end for row in factors().itertuples()]
    training, network, less, faster, both = (f"{ratio:.{1 if ratio > 10 else 2}f}" for ratio in ratios)
    return (
        f"By the paper's hours V2-M trains {both} times faster than B7: {training} times by its training, {network} "
        f"times by the network. The network's share is {less} for less to compute, times {faster} for computing it "
        "faster."
    )


def waterfall(*, name: str, caption: str) -> Drawing:
    """The factors of the speed-up, end to end."""
    rows = factors()
    first, second, *_, both = (words.removesuffix("\u00d7") for words in rows["words"])
    return spans(
        rows,
        name=name,
        title=f"{both} times faster: {first} by the training, {second} by the network",
        subtitle="Hours on 32 TPU cores as printed, on a logarithmic axis, where factors are lengths",
        unit="hours of training",
        caption=caption,
        joined=True,
    )


def session(claim: dict, store: Store | None = None) -> Session | None:
    """The longest measurement of both networks of a claim on a CPU."""
    return longest_session(claim, list((store or published()).measurements("v2:11")), ["cpu"])


def speedups(store: Store | None = None) -> pd.DataFrame:
    """The pairs of Table 11: label, the paper's ratio, ours on a CPU with its 95 % interval (NaN: not measured), and
    by how much fewer multiply-adds the new network has, counted."""
    macs = decide(claim_of(COUNTED)).set_index("row")["ours"]
    rows = []
    for id, label in SPEEDUPS.items():
        claim = claim_of(id)
        found = session(claim, store)
        median, low, high = median_interval(found.ratios) if found else (np.nan,) * 3
        fewer = macs[claim["to"]] / macs[claim["ratio_of"]]
        rows.append((label, claim["published"], median, low, high, fewer))
    return pd.DataFrame(rows, columns=["label", "paper", "ours", "low", "high", "fewer"])


def against_cpu(*, name: str, caption: str) -> Drawing:
    """Speed-ups in inference: printed for a V100, measured here on one core of a CPU."""
    rows = speedups()
    smaller = int((rows["ours"] < rows["paper"]).sum())
    return dots(
        rows[["label", "paper", "ours"]].assign(family="v2").round(3),
        name=name,
        title=f"On a CPU V2 is ahead by less, in {smaller} of {len(rows)} pairs",
        subtitle="How many times more images a second than the EfficientNet of about its accuracy",
        unit="times faster in inference",
        caption=caption,
        digits=2,
        heads=("V100, paper", "CPU, here"),
    )


def ratio_table(*, name: str, caption: str) -> BookTable:
    """The numbers of `against_cpu`, beside the ratios of multiply-adds."""
    rows = []
    for row in speedups().itertuples():
        ours = ["not measured", ""]
        if math.isfinite(row.ours):
            ours = [f"{row.ours:.2f}", f"{row.low:.2f} to {row.high:.2f}"]
        rows.append([row.label, f"{row.fewer:.2f}", f"{row.paper:.2f}", *ours])
    heads = ["pair", "multiply-adds", "V100, paper", "CPU", "95 %"]
    return BookTable(pd.DataFrame(rows, columns=heads), name, caption)


def table10(*, name: str, caption: str) -> BookTable:
    """The whole of Table 10, our counts beside it."""
    claims = {"params": ("v2-table10-params",), "FLOPs": ("v2-table10-flops",)}
    frame = compared("v2:10", claims, ("top-1", "params", "FLOPs", "train-time", "infer-time"))
    return BookTable(frame, name, caption, wide=True)


def table11(*, name: str, caption: str, store: Store | None = None) -> BookTable:
    """The whole of Table 11, our counts beside it, and images a second on a CPU (medians of the longest session)."""
    ours: dict[str, float] = {}
    for id in SPEEDUPS:
        if found := session(claim_of(id), store):
            ours |= {record["row"]: record["value"] for record in found.records}
    claims = {"params": ("v2-table11-params",), "FLOPs": (COUNTED,)}
    frame = compared("v2:11", claims, ("top-1", "params", "FLOPs", "throughput"))
    speeds = [f"{ours[row]:.1f}" if row in ours else "not measured" for row in frame["network"]]
    frame.insert(frame.columns.get_loc("cause"), "one CPU core, images/s", speeds)
    return BookTable(frame, name, caption, wide=True)


def scaled_down(*, name: str, caption: str) -> BookTable:
    """How much of B0 to B3 a scaled S has."""
    rows = decide(claim_of("v2-section6-1-scaled-down"))
    frame = pd.DataFrame(
        {
            "network": rows["row"].str.removeprefix("stages of "),
            "stages": rows["printed"],
            "those of a scaled S": rows["ours"].map("{:.0f}".format),
        }
    )
    return BookTable(frame, name, caption)


def protocol(store: Store | None = None) -> str:
    """How the CPU's numbers were measured, in the words of their records."""
    found = session(claim_of("v2-table11-s"), store)
    return "" if found is None else found.records[0]["protocol"]


def plane() -> pd.DataFrame:
    """Table 11 as points: counted parameters in millions, printed top-1."""
    counted = decide(claim_of("v2-table11-params"))
    points = pd.DataFrame(
        {
            "label": counted["row"].str.removeprefix("V1-"),
            "x": counted["ours"].round(2),
            "y": [float(cell("v2:11", row, "top-1")) for row in counted["row"]],
            "family": counted["row"].str[:2].str.lower(),
        }
    )
    return points.sort_values(["family", "x"], ignore_index=True)


def above_v1() -> pd.Series:
    """By how many points each V2 lies above V1's line at its own parameters, interpolated over their logarithm.

    A network smaller or larger than all of V1's has no place on the line and is left out.
    """
    points = plane()
    old, new = (points[points["family"] == family] for family in ("v1", "v2"))
    line = np.interp(np.log(new["x"]), np.log(old["x"]), old["y"], left=np.nan, right=np.nan)
    return pd.Series(new["y"].to_numpy() - line, index=new["label"]).dropna()


def parameter_efficiency(*, name: str, caption: str) -> Drawing:
    """Printed top-1 over counted parameters, both families."""
    above = above_v1()
    return scatter(
        plane(),
        name=name,
        title=f"At equal parameters V2 is {above.min():.1f} to {above.max():.1f} points above V1's line",
        subtitle="The paper's Table 11: printed top-1, trained without progressive learning; counted parameters",
        x="parameters, millions",
        y="top-1, %",
        caption=caption,
        log="x",
        joined=True,
    )
