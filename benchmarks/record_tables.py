"""How long a table of very many records takes, from files on disk to a data frame."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from convscale.recipes import V2_PAPER, Run, Schedule, canonical, progressive
from convscale.records import SCHEMA, Store, frame

POINTS = 20  # of a training curve, as runs have by default


def made_up(count: int) -> Iterator[dict]:
    """Records of `count` different runs, as long as real ones."""
    base = Run("efficientnetv2-s", "imagenet", V2_PAPER, Schedule(progressive()), epochs=350, eval_size=384, seed=0)
    point = {"step": 10, "epoch": 1.25, "image_size": 128, "train_loss": 4.5678901, "test_top1": 12.34567}
    origin = {"commit": "0" * 40, "state": "clean", "code": "0" * 16, "versions": {name: "1.2.3" for name in "abcdefg"}}
    device = {"kind": "cpu", "name": "no processor, these are made up", "count": 1, "threads": 1}
    for seed in range(count):
        run = replace(base, seed=seed)
        yield {
            "schema": SCHEMA,
            "key": run.key,
            "run": canonical(run),
            "metrics": {"test_top1": 50.0, "test_loss": 2.3456789, "train_top1": 60.0},
            "history": [point] * POINTS,
            "cost": {"seconds": 60.0, "cpu_seconds": 60.0, "images": 10**6, "peak_memory_bytes": 10**9},
            "provenance": origin | {"device": device, "date": "2026-01-01T00:00:00+00:00", "command": "none"},
        }


def time_record_tables(count: int = 100_000) -> pd.DataFrame:
    """One line: seconds to write `count` records, and wall and processor seconds to read all of them into a frame."""
    with TemporaryDirectory() as folder:
        store = Store(Path(folder))
        start = time.perf_counter()
        for record in made_up(count):
            store.write(record)
        written = time.perf_counter() - start
        times = []
        for _ in range(3):
            wall, cpu = time.perf_counter(), time.process_time()
            rows = len(frame(store.runs()))
            times.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = sorted(times)[1]
    table = pd.DataFrame([{"records": rows, "written in s": written, "read in s": wall, "of the processor": cpu}])
    table.attrs["protocol"] = "median of 3 readings, files just written"
    return table
