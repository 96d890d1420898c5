"""V2 Table 6, how training starts and ends, beside what the released code does."""

import pandas as pd

from ..evidence.claims import claim_of
from ..evidence.judge_exact import decide
from .tables import BookTable

NETWORKS = ("S", "M", "L")
SETTINGS = {"image size": "image size, px", "RandAugment": "RandAugment", "mixup alpha": "mixup, alpha"}
FIRST, LAST = (
    {"S": f"v2-table6-{end}", "M": f"v2-table6-{end}-m", "L": f"v2-table6-{end}-l"} for end in ("first", "last")
)
DROPOUT = "v2-table6-dropout"  # the largest rate, which is the network's own


def ends(first: float, last: float) -> str:
    """ "128\u2013300", or one number where nothing grows."""
    return f"{first:g}" if first == last else f"{first:g}\u2013{last:g}"


def settings(network: str) -> pd.DataFrame:
    """First and last value of each setting: printed, ours (the release) and whether both ends agree, by setting."""
    first, last = (decide(claim_of(ids[network])).set_index("row") for ids in (FIRST, LAST))
    dropout = decide(claim_of(DROPOUT)).set_index("row").loc[[network]].rename(index={network: "dropout rate"})
    last = pd.concat([last, dropout])
    rows = {
        name: {side: ends(float(first.loc[name, side]), float(last.loc[name, side])) for side in ("printed", "ours")}
        | {"agrees": (first.loc[name, "verdict"], last.loc[name, "verdict"]) == ("reproduced", "reproduced")}
        for name in first.index
    }
    return pd.DataFrame(rows).T


def table6(*, name: str, caption: str, fold: str = "") -> BookTable:
    """A row a setting; for each network the paper's first and last value and the release's, bold where they differ."""
    found = {network: settings(network) for network in NETWORKS}
    frame = pd.DataFrame({"setting": [SETTINGS.get(row, row) for row in found["S"].index]})
    for network, rows in found.items():
        frame[f"{network}, paper"] = rows["printed"].to_numpy()
        frame[f"{network}, release"] = [
            ours if agrees else f"**{ours}**" for ours, agrees in zip(rows["ours"], rows["agrees"], strict=True)
        ]
    return BookTable(frame, name, caption, fold=fold)
