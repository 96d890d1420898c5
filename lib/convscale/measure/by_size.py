"""Accuracy of one network with fixed weights over the size of its test images, above and below that of its training."""

from datetime import UTC, datetime
from uuid import uuid4

import pandas as pd

from ..devices import Device
from ..learning.evaluation import evaluate, to_evaluate
from .sessions import COLUMNS

TABLE = "v2:2"  # whose text applies FixRes: train on smaller images than are tested
BATCH = 64


def quantity_of(network: str) -> str:
    """What the records of `network` are called."""
    return f"top-1 of {network} over the size of test images"


def top1_by_size(
    network: str, weights: str, data: str, sizes: list[int], device: Device, identity: str
) -> pd.DataFrame:
    """One line for each size in px, with the columns of `sessions.COLUMNS` and `images`, how many were tested.

    `data` is as `convscale evaluate` takes it, `identity` what it is called in records. Images are shown as the release
    does at each size. Raises ValueError and DataMissing as `learning.evaluation.to_evaluate` does.
    """
    session = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"
    lines = []
    for size in sizes:
        trained, images, words = to_evaluate(data, network, weights, size)
        found = evaluate(trained.model, images, trained.pixels, device, batch_size=BATCH)
        lines.append(
            {
                "table": TABLE,
                "row": f"{size} px",
                "quantity": quantity_of(network),
                "unit": "%",
                "session": session,
                "round": 0,
                "value": found["top1"],
                "network": network,
                "image_sizes": (size,),
                "batch": BATCH,
                "precision": "float32",
                "protocol": f"{trained.pixels.words}; weights {weights}; {words}; data {identity}",
                "images": found["images"],
            }
        )
    return pd.DataFrame(lines, columns=[*COLUMNS, "images"])
