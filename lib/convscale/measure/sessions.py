"""From the comparisons of `paper_tables` to numbers: one interleaved session each, as a tidy table."""

import gc
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import pandas as pd
import torch

from ..devices import Device
from .batches import largest_batches
from .comparison import Comparison
from .speed import WARMUP, Case, latency, peak_memory
from .stage_speed import stage_seconds
from .timing import protocol

COLUMNS = ["table", "row", "quantity", "unit", "session", "round", "value"]
COLUMNS += ["network", "image_sizes", "batch", "precision", "protocol"]

# From seconds, or bytes, of a batch to the unit of a comparison.
UNITS = {
    "s": lambda seconds, batch: seconds,
    "ms": lambda seconds, batch: 1000 * seconds,
    "ms/image": lambda seconds, batch: 1000 * seconds / batch,
    "images/s": lambda seconds, batch: batch / seconds,
    "GB": lambda allocated, batch: allocated / 1e9,
    "images": lambda images, batch: images,
}


def measure_together(comparison: Comparison, device: Device, rounds: int) -> pd.DataFrame:
    """One line for each row of the comparison and each round, with the columns COLUMNS.

    Where a GPU has too little memory, the whole session starts again with half the batch, so that its rows stay
    comparable. Raises torch.OutOfMemoryError if a batch of 1 does not fit, and ValueError as `speed.latency`.
    """
    # `comparisons_on` gives a CPU none without a batch for it
    asked = cast(int, comparison.cpu_batch) if device.kind == "cpu" else comparison.batch
    precision = {"cpu": "float32", "xla": "auto"}.get(device.kind, comparison.precision)
    batch = asked
    while (values := attempt(comparison, cases_of(comparison, batch, device.kind), device, precision, rounds)) is None:
        if batch == 1:
            raise torch.OutOfMemoryError(
                f"{comparison.table} {comparison.quantity}: a batch of 1 does not fit on {device.name}"
            )
        batch //= 2
    cases = cases_of(comparison, batch, device.kind)
    session = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"
    said = [
        f"{comparison.what}"
        + (f", batch {batch}" if comparison.what != "largest batch" else "")
        + (f" (of {asked} that did not fit the memory)" if batch < asked else ""),
        device.precision(precision, max(max(case.image_sizes) for case in cases.values())),
        "eager, channels last",
        f"{allocated_by(device)}, {rounds} rounds, {device.name}"
        if comparison.what in ("memory", "inference memory", "largest batch")
        else protocol(rounds, WARMUP, device),
        load(),
        *([comparison.note] if comparison.note else []),
    ]
    about: dict[str, Any] = dict(
        table=comparison.table,
        quantity=comparison.quantity,
        unit=comparison.unit,
        session=session,
    )
    about |= dict(batch=batch, precision=said[1], protocol="; ".join(said))
    lines = [
        about
        | dict(
            row=row, round=number, value=float(value), network=name_of(comparison, row), image_sizes=case.image_sizes
        )
        for row, case in cases.items()
        for number, value in enumerate(UNITS[comparison.unit](values[row], batch))
    ]
    return pd.DataFrame(lines, columns=COLUMNS)


def attempt(
    comparison: Comparison, cases: Mapping[str, Case], device: Device, precision: str, rounds: int
) -> pd.DataFrame | None:
    """Seconds, bytes or images, a column for each row; None if they do not fit the GPU's memory."""
    try:
        if comparison.what in ("memory", "inference memory"):
            training = comparison.what == "memory"
            return peak_memory(cases, device, training=training, precision=precision, rounds=rounds)
        if comparison.what == "largest batch":
            return largest_batches(cases, device, budget=comparison.budget, precision=precision, rounds=rounds)
        if comparison.what == "stages":
            return stage_seconds(cases, device, precision, rounds)
        return latency(cases, device, training=comparison.what == "training", precision=precision, rounds=rounds)
    except torch.OutOfMemoryError:
        return None
    finally:
        gc.collect()
        if device.kind == "cuda":
            torch.cuda.empty_cache()


def cases_of(comparison: Comparison, batch: int, kind: str) -> Mapping[str, Case]:
    """The rows measured on devices of `kind`."""
    chosen = comparison.cpu_rows if kind == "cpu" and comparison.cpu_rows else comparison.rows
    found = ((row, *comparison.rows[row]) for row in chosen)
    stages = comparison.stages
    return {
        row: Case(net, (size,) if isinstance(size, int) else size, batch, stages.get(row, -1))
        for row, net, size in found
    }


def allocated_by(device: Device) -> str:
    """What tells how much memory is taken."""
    return "by a new process's resident memory" if device.kind == "cpu" else "by torch's allocator"


def load() -> str:
    """How busy the machine is, this process included."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def name_of(comparison: Comparison, row: str) -> str:
    network = comparison.rows[row][0]
    return network if isinstance(network, str) else network.name
