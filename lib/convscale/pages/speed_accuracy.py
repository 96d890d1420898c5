"""ResNet-RS §7.1: the printed times and memory of its Table 2, what orders them, and what was measured here."""

from functools import cache

import pandas as pd

from ..drawing import Drawing, scatter
from ..evidence import paper_table
from ..evidence.claims import claim_of
from ..evidence.counts import counts_of
from ..evidence.entries import entry_of
from ..evidence.judge_printed import cell
from ..records import Store, published
from .tables import BookTable

TABLE, NETWORKS = "rs:2", "rs-table2-params"  # the claim that says which network of ours each row is
AXES = {
    "params": "parameters, millions",
    "FLOPs": "FLOPs, billions",
    "activations": "activations of an image, millions",
    "V100 latency": "latency on a V100, s",
    "V100 rate": "ms on a V100 for a billion FLOPs",
    "intensity": "multiply-adds for each activation",
    "top-1": "ImageNet top-1, %",
}
SMALL, LARGE = "EfficientNet-B6", "ResNet-RS-350 @256"  # the two whose memory the paper compares
EFFICIENTNETS = tuple(f"EfficientNet-B{i}" for i in range(8))


@cache
def networks() -> pd.DataFrame:
    """The rows of Table 2, EfficientNets first. Printed: params (M), FLOPs (B), V100 latency (s), TPUv3 latency (ms),
    top-1 (%). Counted: activations (M) and intensity, multiply-adds for each of them. Of both: V100 rate, ms for a
    billion FLOPs."""
    found = paper_table(TABLE).pivot(index="row", columns="column", values="value")
    found = found.loc[[*EFFICIENTNETS, *(row for row in claim_of(NETWORKS)["rows"] if row not in EFFICIENTNETS)]]
    counts = [counts_of(entry_of(claim_of(NETWORKS)["rows"][row])) for row in found.index]
    found["activations"] = [c.activations / 1e6 for c in counts]
    found["intensity"] = [c.multiply_adds / c.activations for c in counts]
    found["V100 rate"] = 1000 * found["V100 latency"] / found["FLOPs"]
    found["family"] = ["v1" if row in EFFICIENTNETS else "rs" for row in found.index]
    found["label"] = [row.removeprefix("EfficientNet-").removeprefix("ResNet-RS-") for row in found.index]
    return found


def rank_correlation(x: str, y: str = "V100 latency") -> float:
    """Spearman's, over the rows of the table."""
    return float(networks()[x].rank().corr(networks()[y].rank()))


def rates() -> dict[str, tuple[float, float]]:
    """Family -> the least and the greatest ms on a V100 for a billion FLOPs."""
    return {family: (rows.min(), rows.max()) for family, rows in networks().groupby("family")["V100 rate"]}


def how_much_longer() -> str:
    """How many times as long EfficientNet takes for the same FLOPs: the nearest two networks, and the farthest."""
    (least, most), (low, high) = rates()["v1"], rates()["rs"]
    return f"{least / high:.0f} to {most / low:.0f} times"


def answer() -> str:
    """The answer of §7.1: what orders the printed latencies, and what does not."""
    orders = {name: f"{rank_correlation(name):.2f}" for name in ("activations", "FLOPs", "params")}
    return (
        f"For the same FLOPs EfficientNet takes {how_much_longer()} as long on the paper's V100. The activations that "
        f"we count order its latencies (rank correlation {orders['activations']}); FLOPs ({orders['FLOPs']}) and "
        f"parameters ({orders['params']}) do so less."
    )


def plane(x: str, y: str, *, name: str, title: str, subtitle: str, caption: str, log: str = "xy", **more) -> Drawing:
    """The networks by two columns of `networks`, each family joined in the order of the table."""
    shown = networks()[["label", x, y, "family"]].rename(columns={x: "x", y: "y"}).round(4)
    return scatter(
        shown, name=name, title=title, subtitle=subtitle, caption=caption, x=AXES[x], y=AXES[y], log=log, **more
    )


def accuracies(*, name: str, caption: str) -> Drawing:
    """Top-1 over latency, the paper's Figure 4 drawn from its Table 2."""
    return plane(
        "V100 latency",
        "top-1",
        name=name,
        title="ResNet-RS is ahead up to 10 seconds, and ends below the best EfficientNet",
        subtitle="As printed: ImageNet top-1 over the time of a V100, logarithmic",
        caption=caption,
        log="x",
        joined=True,
    )


def against(x: str, *, name: str, title: str, caption: str) -> Drawing:
    """Latency over what a network has ("FLOPs", "activations"), with the rank correlation of the two."""
    return plane(
        x,
        "V100 latency",
        name=name,
        title=title,
        subtitle=f"Rank correlation {rank_correlation(x):.2f}; both axes logarithmic",
        caption=caption,
        joined=True,
    )


def intensities(*, name: str, caption: str) -> Drawing:
    """Time of a FLOP over multiply-adds an activation: the paper's "operational intensity"."""
    return plane(
        "intensity",
        "V100 rate",
        name=name,
        title=f"EfficientNet moves more data for each FLOP, and takes {how_much_longer()} as long for it",
        subtitle="Printed latency by printed FLOPs, over counted multiply-adds by counted activations; logarithmic",
        caption=caption,
    )


def memories(*, name: str, caption: str) -> Drawing:
    """Activations over parameters: what training keeps, and what a network is."""
    large, small = networks().loc[LARGE], networks().loc[SMALL]
    return plane(
        "params",
        "activations",
        name=name,
        title=f"RS-350 has {large['params'] / small['params']:.1f} times the parameters of B6, and "
        f"{small['activations'] / large['activations']:.1f} times fewer activations",
        subtitle="Counted activations over printed parameters, rank correlation "
        f"{rank_correlation('params', 'activations'):.2f}",
        caption=caption,
        joined=True,
    )


def measured(quantity: str, kind: str, store: Store | None = None) -> dict[str, dict]:
    """Row -> the latest measurement of `quantity` on devices of `kind`: rows of one day, one machine."""
    records = [
        record
        for record in (store or published()).measurements(TABLE)
        if record["quantity"] == quantity and record["provenance"]["device"]["kind"] == kind
    ]
    return {record["row"]: record for record in sorted(records, key=lambda record: record["provenance"]["date"])}


def times(*, name: str, caption: str, fold: str = "") -> BookTable:
    """Table 2's times, and those of a training step for each image on devices of ours that were measured."""
    frame = pd.DataFrame(
        {
            "network": networks().index,
            "px": [cell(TABLE, row, "image resolution") for row in networks().index],
            "FLOPs, B": [cell(TABLE, row, "FLOPs") for row in networks().index],
            "V100, s": [cell(TABLE, row, "V100 latency") for row in networks().index],
            "ms a GFLOP": networks()["V100 rate"].map("{:.0f}".format).to_list(),
            "TPUv3, ms": [cell(TABLE, row, "TPUv3 latency") for row in networks().index],
            "activations, M": networks()["activations"].map("{:.1f}".format).to_list(),
        }
    )
    for kind, head in (("cuda", "a GPU here"), ("xla", "a TPU here"), ("cpu", "a CPU core here")):
        records = measured("training step", kind)
        if not records:
            continue
        each = {row: record["value"] / record["batch"] for row, record in records.items()}
        frame[f"{head}, s an image"] = [f"{each[row]:.3g}" if row in each else "" for row in networks().index]
        rate = {row: 1000 * seconds / networks().loc[row, "FLOPs"] for row, seconds in each.items()}
        frame[f"{head}, ms a GFLOP"] = [f"{rate[row]:.0f}" if row in rate else "" for row in networks().index]
    return BookTable(frame, name, caption, fold=fold, wide=True)


def memory_rows(*, name: str, caption: str) -> BookTable:
    """Memory of training and of inference as measured, of both networks that the paper compares, and its ratio.

    What training takes beside 16 bytes a parameter (weights, gradients, two numbers of the optimizer, float32) is what
    it keeps of each image.
    """
    rows = []
    for quantity, printed in (("training memory", "2.3"), ("inference memory", "")):
        for kind in ("cuda", "cpu"):
            records = measured(quantity, kind)
            if not {SMALL, LARGE} <= records.keys():
                continue
            first, second = records[SMALL], records[LARGE]
            count = "one image" if first["batch"] == 1 else f"{first['batch']} images"
            about = f"{first['provenance']['device']['name']}, {count}"
            values = first["value"], second["value"]
            rows.append([quantity, about, *values, printed])
            if quantity.startswith("training") and first["precision"] == "float32":
                kept = (
                    v - 16e-3 * networks().loc[row, "params"] for v, row in zip(values, (SMALL, LARGE), strict=True)
                )
                rows.append(["training, less 16 bytes a parameter", about, *kept, printed])
    frame = pd.DataFrame(rows, columns=["what", "where", "B6, GB", "RS-350, GB", "paper, B6 / RS-350"])
    frame.insert(4, "B6 / RS-350", (frame["B6, GB"] / frame["RS-350, GB"]).map("{:.2f}".format))
    for head in ("B6, GB", "RS-350, GB"):
        frame[head] = frame[head].map("{:.2f}".format)
    return BookTable(frame, name, caption)
