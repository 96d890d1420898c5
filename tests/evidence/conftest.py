"""Records made up for tests of what is done with records."""

from dataclasses import replace

import pytest

from convscale.learning.run import canonical


@pytest.fixture
def record(tiny):
    """`record(arm, seed, test_top1=...)`: a sound record of page "paper/section"."""

    def make(arm="adaptive", seed=0, *, page="paper/section", scale="small", history=None, epochs=4, **metrics) -> dict:
        run = replace(tiny(seed=seed, epochs=epochs), model=arm)
        points = [{"step": s, "epoch": s / 3, "test_top1": 10.0 * s, "train_loss": 1.0} for s in (3, 6, 9, 12)]
        return {
            "schema": 1,
            "key": run.key,
            "page": page,
            "scale": scale,
            "arm": arm,
            "run": canonical(run),
            "metrics": {"test_top1": 50.0, "test_loss": 1.5, "train_top1": 90.0, **metrics},
            "history": points if history is None else history,
            "cost": {"seconds": 60.0, "cpu_seconds": 120.0, "images": 6000, "peak_memory_bytes": 10**9},
            "provenance": {
                "commit": "a" * 40,
                "dirty": False,
                "versions": {"torch": "2.9.0"},
                "device": {"kind": "cpu", "name": "a processor", "count": 1, "threads": 1},
                "date": "2026-11-21T00:00:00+00:00",
                "command": "convscale page run",
            },
        }

    return make
