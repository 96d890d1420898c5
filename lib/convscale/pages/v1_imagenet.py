"""V1 Tables 2 and 4 as wholes: 24 networks as printed and as counted here, their ratios, and latencies on one core."""

from functools import cache
from math import nan

import pandas as pd
from numpy import exp, log

from ..drawing import Drawing, dots, scatter, series
from ..drawing.glyphs import FAMILIES
from ..drawing.ink import SHAPE_OF
from ..drawing.plane import frontier
from ..evidence.claims import claim_of
from ..evidence.judge_ratio import longest_session
from ..evidence.paper import paper_table
from ..measure.paper_tables import COMPARISONS
from ..records import Store, published
from . import compared
from .choices import released
from .tables import BookTable
from .words import plural

TABLE, LATENCIES = "v1:2", "v1:4"
CLAIMS = {  # our counts of a column
    "params": ("v1-table2-params", "v1-table2-params-others"),
    "FLOPs": ("v1-table2-flops", "v1-table2-flops-others"),
}
COSTS = {"params": ("parameters", "millions", "Figure 1"), "FLOPs": ("multiply-adds", "billions", "Figure 5")}
OURS = "EfficientNet-B"
README = "tensorflow/tpu models/official/efficientnet/README.md"  # in published_results.csv
CODE = "released code"
TRAININGS = ("baseline preprocessing", "AutoAugment", "RandAugment")  # of its rows, those without further data
ORDER = 10  # "an order of magnitude" (V1 Table 2's caption, §5.2, §7)


@cache
def printed() -> pd.DataFrame:
    """The table as printed, a row a network, in its order; "" where it has no number."""
    return compared.printed(TABLE)


@cache
def counted() -> pd.DataFrame:
    """The rows of the counted claims, by network: for params and FLOPs ours, deviation (%), verdict and cause."""
    return compared.counted(CLAIMS)


def same(row: str) -> str | None:
    """The row itself where its network is public and counted, else None."""
    return row if row in counted().index else None


def not_public() -> list[str]:
    """The networks of the table that nobody can build."""
    return [row for row in printed().index if same(row) is None]


def points(x: str) -> pd.DataFrame:
    """Printed top-1 (y) over a cost, as `drawing.scatter` takes it: EfficientNet first.

    x is our count where there is one, with the printed number beside it if the two differ; else the printed number.
    Networks whose cost is not printed are left out.
    """
    rows = []
    for row, cells in printed().to_dict("index").items():
        if not cells[x]:
            continue
        ours = row.startswith(OURS)
        point = {"label": row.replace(OURS, "B"), "x": float(cells[x]), "y": float(cells["top-1"])}
        point |= {"family": "v1" if ours else "", "line": "EfficientNet" if ours else ""}
        point |= {"printed_x": nan, "printed_y": nan}
        if name := same(row):
            if counted().loc[name, f"verdict {x}"] != "reproduced":
                point |= {"printed_x": point["x"], "printed_y": point["y"]}
            point["x"] = round(counted().loc[name, f"ours {x}"], 3)
        rows.append(point)
    found = pd.DataFrame(rows)
    return found.iloc[(found["family"] != "v1").argsort(kind="stable")].reset_index(drop=True)


def finding(x: str) -> str:
    """What a figure over `x` shows: how many of the networks that none beats are EfficientNets."""
    best = frontier(points(x))
    ours = int((best["family"] == "v1").sum())
    of = f"All {len(best)}" if ours == len(best) else f"{ours} of the {len(best)}"
    return f"{of} best by {COSTS[x][0]} are EfficientNets"


def figure(x: str, *, name: str) -> Drawing:
    """Printed top-1 over parameters or multiply-adds, the paper's Figure 1 or 5."""
    words, unit, number = COSTS[x]
    shown = [row for row in not_public() if printed().loc[row, x]]
    caption = (
        f"Compare the paper's {number}. Accuracies are printed, {words} counted here; hollow where another number is "
        f"printed. These networks are not public and stand as printed: {', '.join(shown)}."
    )
    return scatter(
        points(x),
        name=name,
        title=finding(x),
        subtitle=f"ImageNet top-1 as the paper's Table 2 prints it; {words} on a logarithmic axis",
        x=f"{words}, {unit}",
        y="top-1, %",
        caption=caption,
        log="x",
        joined=True,
    )


@cache
def ratios() -> pd.DataFrame:
    """How many times the cost of the EfficientNet of its group a network has: for each column as printed, and as ours
    where both are counted (NaN elsewhere). Index: the network; `to` is the EfficientNet."""
    rows, leader = {}, ""
    for row, cells in printed().to_dict("index").items():
        if row.startswith(OURS):
            leader = row
            continue
        found: dict[str, object] = {"to": leader}
        for x in COSTS:
            text = cells[f"{x} ratio"]
            found[f"printed {x}"] = float(text) if text else nan
            ours = counted()[f"ours {x}"]
            found[f"ours {x}"] = ours[row] / ours[leader] if same(row) else nan
        rows[row] = found
    return pd.DataFrame.from_dict(rows, orient="index")


def reached(x: str, counts: bool) -> tuple[int, int]:
    """How many of the ratios of a column reach an order of magnitude, and how many there are: as printed, or with
    `counts` ours where both networks are counted."""
    values = ratios()[f"printed {x}"].dropna()
    if counts:
        values = ratios()[f"ours {x}"].reindex(values.index).fillna(values)
    return int((values >= ORDER).sum()), len(values)


def mean(x: str) -> float:
    """The geometric mean of a column's printed ratios."""
    return float(exp(log(ratios()[f"printed {x}"].dropna().astype(float)).mean()))


def order_of_magnitude(counts: bool = False) -> str:
    """How many of the ratios reach ten, in a sentence."""
    (params, of_params), (flops, of_flops) = (reached(x, counts) for x in ("params", "FLOPs"))
    return (
        f"{params} of {of_params} networks have ten times the parameters of their EfficientNet, "
        f"{flops} of {of_flops} ten times the multiply-adds"
    )


def ratio_figure(*, name: str, caption: str) -> Drawing:
    """Ratios of each network to its EfficientNet, on one axis: counted where both are public, else as printed."""
    rows = []
    for row, cells in ratios().to_dict("index").items():
        shown = []
        for column, (words, *_) in COSTS.items():
            if pd.isna(stated := cells[f"printed {column}"]):
                continue
            ours = cells[f"ours {column}"]
            value = stated if pd.isna(ours) else ours
            counts = "not counted" if pd.isna(ours) else f"counted {ours:.1f}"
            said = f"{row}: {stated:g} times the {words} of {cells['to']} in print, {counts}"
            shown.append({"label": row, "value": value, "kind": words, "said": said, "hollow": pd.isna(ours)})
        detail = cells["to"].replace("EfficientNet-", "over ")
        rows += [point | {"detail": detail} for point in shown]
    return series(
        pd.DataFrame(rows),
        kinds={"parameters": ("soft", "disc"), "multiply-adds": ("v1", "triangle")},
        name=name,
        title=order_of_magnitude(counts=True),
        subtitle="Times the EfficientNet of similar accuracy; filled: counted, hollow: the paper's Table 2",
        unit="times the EfficientNet's",
        reference=(ORDER, "an order of magnitude", True),
        caption=f"{caption} The printed ratios are {mean('params'):.1f} and {mean('FLOPs'):.1f} in the geometric mean.",
    )


def latencies(store: Store | None = None) -> dict[str, dict]:
    """The measurements of Table 4's networks in the session that judges its claim, by row, or none."""
    store, claim = store or published(), claim_of("v1-table4-b1")
    records = list(store.measurements(LATENCIES))
    session = longest_session(claim, records, claim["devices"])
    if session is None:
        return {}
    name = session.records[0]["session"]
    return {record["row"]: record for record in records if record["session"] == name}


def latency_figure(*, name: str, store: Store | None = None) -> Drawing:
    """Seconds for one image on one core: the paper's Table 4, and measured here."""
    here, cells = latencies(store), paper_table(LATENCIES).query("column == 'latency'").set_index("row")["value"]
    groups = {"ResNet-152": "B1 against ResNet-152", "GPipe": "B7 against GPipe"}
    rows, group = [], ""
    for row, value in cells.items():
        group = groups.get(str(row), group)
        ours = here[row]["value"] if row in here else nan
        rows.append({"label": row, "group": group, "paper": value, "ours": ours, "family": "v1"})
    title = "Not measured here yet"
    machine = protocol = ""
    if here:
        faster = here["ResNet-152"]["value"] / here["EfficientNet-B1"]["value"]
        stated = cells["ResNet-152"] / cells["EfficientNet-B1"]
        title = f"B1 is {faster:.1f} times faster than ResNet-152 here, {stated:.1f} times in the paper"
        machine = f" Here: {here['EfficientNet-B1']['provenance']['device']['name']}"
        protocol = f", the median of {plural(len(here['EfficientNet-B1']['rounds']), 'round')} in turn."
    (plan,) = (comparison for comparison in COMPARISONS if comparison.table == LATENCIES)
    return dots(
        pd.DataFrame(rows),
        name=name,
        title=title,
        subtitle="One image, one core of a CPU, logarithmic axis",
        unit="seconds",
        caption=f"The paper: Intel Xeon E5-2690, the mean of 20 runs.{machine}{protocol} By multiply-adds B1 would be "
        f"{ratios().loc['ResNet-152', 'ours FLOPs']:.1f} times faster. GPipe: {plan.left_out['GPipe']}.",
        log=True,
        digits=3,
    )


@cache
def sources() -> pd.DataFrame:
    """Top-1 of B0 to B7 wherever the three papers and the released code print it, for training on ImageNet alone.

    Columns: network, value (%), kind (who prints it), and where: the table, or the row of the code's list.
    """
    places = [("EfficientNet", TABLE, OURS), ("ResNet-RS", "rs:2", OURS)]
    places += [("EfficientNetV2", f"v2:{n}", start) for n, start in ((1, OURS), (7, OURS), (11, "V1-B"))]
    rows = []
    for kind, name, start in places:
        cells = paper_table(name).query("column == 'top-1'")
        for row, value in cells[cells["row"].str.startswith(start)][["row", "value"]].itertuples(index=False):
            number = name.partition(":")[2]
            rows.append({"network": f"B{row.removeprefix(start)}", "value": value, "kind": kind, "where": number})
    code = released().query("source == @README")
    for model, value in code[["model", "top1"]].itertuples(index=False):
        network, _, training = model.removeprefix("EfficientNet-").partition(" ")
        if training in TRAININGS:
            rows.append({"network": network, "value": value, "kind": CODE, "where": training})
    return pd.DataFrame(rows)


def sources_figure(*, name: str, caption: str) -> Drawing:
    """How far each printed top-1 of B0 to B7 is from that of the paper's own Table 2."""
    found, rows = sources(), []
    own = found[found["kind"] == "EfficientNet"].set_index("network")["value"]
    for network in own.index:
        of_network = found[found["network"] == network]
        low, high = of_network["value"].min(), of_network["value"].max()
        for row in of_network.itertuples():
            table = row.where if row.kind == CODE else f"Table {row.where}"
            rows.append(
                {
                    "label": network,
                    "detail": f"{low:.1f} to {high:.1f} %",
                    "value": row.value - own[network],
                    "kind": row.kind,
                    "said": f"{network}: {row.value:.1f} % in {row.kind}, {table}",
                    "hollow": False,
                }
            )
    most = max(rows, key=lambda row: row["value"])
    return series(
        pd.DataFrame(rows),
        kinds={**{FAMILIES[f]: (f, SHAPE_OF[f]) for f in FAMILIES}, CODE: ("soft", "diamond")},
        name=name,
        title=f"Later sources print up to {most['value']:.1f} points more for the same network",
        subtitle="ImageNet top-1 of B0 to B7, less that of the paper's Table 2",
        unit="difference, points",
        reference=(0.0, "as in Table 2", False),
        caption=caption,
    )


def table(*, name: str, fold: str = "") -> BookTable:
    """The whole of Table 2, our counts beside it."""
    frame = compared.compared(TABLE, CLAIMS, ("top-1", *COSTS), same)
    caption = "The paper's Table 2 beside our counts. Bold: it does not round to the printed number."
    return BookTable(frame, name, caption, fold=fold, wide=True)


def answer() -> str:
    """The answer of §5.2, in two sentences."""
    best = finding("params")
    return f"By the paper's accuracies, {best[0].lower()}{best[1:]}. But {order_of_magnitude()}."
