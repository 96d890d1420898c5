"""V1 Table 4: seconds for one image on one core, as printed and as measured here."""

from math import nan

import pandas as pd

from ..drawing import Drawing, dots
from ..evidence.claims import claim_of
from ..evidence.judge_ratio import longest_session
from ..evidence.paper import paper_table
from ..measure.paper_tables import COMPARISONS
from ..records import Store, published
from ..words import plural
from .v1_imagenet import ratios

TABLE = "v1:4"


def latencies(store: Store | None = None) -> dict[str, dict]:
    """The measurements of Table 4's networks in the session that judges its claim, by row, or none."""
    store, claim = store or published(), claim_of("v1-table4-b1")
    records = list(store.measurements(TABLE))
    session = longest_session(claim, records, claim["devices"])
    if session is None:
        return {}
    name = session.records[0]["session"]
    return {record["row"]: record for record in records if record["session"] == name}


def latency_figure(*, name: str, store: Store | None = None) -> Drawing:
    """Seconds for one image on one core: the paper's Table 4, and measured here."""
    here, cells = latencies(store), paper_table(TABLE).query("column == 'latency'").set_index("row")["value"]
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
    (plan,) = (comparison for comparison in COMPARISONS if comparison.table == TABLE)
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
