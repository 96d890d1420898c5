"""From tables of measured values to records: speeds, times and memory beside the papers' tables."""

import pandas as pd

from ..devices import Device
from .code import MEASURING
from .provenance import provenance
from .schema import SCHEMA, measurement_key


def records_of(measured: pd.DataFrame, device: Device, command: str) -> list[dict]:
    """One record for each row and session of `measured`, which has the columns `measure.sessions.COLUMNS`.

    `command` is what makes them again. Their format is in `store`; network, image_sizes, batch and precision
    stand beside it, and `images`, how many were tested, where `measured` says it.
    """
    made = provenance(device, command, parts=MEASURING)
    found = []
    for _, lines in measured.groupby(["session", "row"], sort=False):
        first = lines.iloc[0].to_dict()
        record = {
            "schema": SCHEMA,
            "kind": "measurement",
            **{name: first[name] for name in ("table", "row", "quantity", "session", "unit")},
            "value": float(lines["value"].median()),
            "rounds": lines.sort_values("round")["value"].tolist(),
            "protocol": first["protocol"],
            "network": first["network"],
            "image_sizes": list(first["image_sizes"]),
            "batch": int(first["batch"]),
            "precision": first["precision"],
            **({"images": int(first["images"])} if "images" in first else {}),
            "provenance": made,
        }
        found.append(record | {"key": measurement_key(record)})
    return found
