"""One network, many numbers: top-1 of B0 to B7 as three papers and the released code print it."""

from functools import cache

import pandas as pd

from ..drawing import Drawing, series
from ..drawing.glyphs import FAMILIES
from ..drawing.ink import SHAPE_OF
from ..evidence.paper import paper_table
from .choices import released

TABLE, OURS = "v1:2", "EfficientNet-B"
README = "tensorflow/tpu models/official/efficientnet/README.md"  # in published_results.csv
CODE = "released code"
TRAININGS = ("baseline preprocessing", "AutoAugment", "RandAugment")  # of its rows, those without further data


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
