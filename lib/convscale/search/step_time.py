"""How long a network's training step takes on the device at hand: measured once, and kept.

Protocol: `measure.timing`. A network is timed until the interval of its mean is small, by itself, so the clock's drift
between networks stays in; what is compared closely belongs into one session (`convscale search time`).
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from scipy import special

from ..devices import Device
from ..measure.speed import LEAST, WARMUP, Case, training_step
from ..measure.timing import seconds_by_round
from ..models.stages import ConvNetTable
from ..paths import CACHE

LEVEL = 0.95
NEAR = 0.03  # half-width of the interval over the mean; ours: S^-0.07 turns 3 % into 0.2 % of the reward
ROUNDS = 5  # at a time; ours
MOST = 30  # rounds; ours: what is not settled by then is noise of the machine, which more rounds do not cure


def settled(seconds: list[float]) -> bool:
    """Whether the 95 % t interval of the mean is within ±3 % of it."""
    half = float(special.stdtrit(len(seconds) - 1, (1 + LEVEL) / 2)) * np.std(seconds, ddof=1) / len(seconds) ** 0.5
    return bool(half <= NEAR * np.mean(seconds))


def until_settled(call: Callable[[], object], device: Device) -> list[float]:
    """Seconds of single calls, repeated until `settled`, at most `MOST` times."""
    least = 0.0 if device.kind == "cpu" else LEAST
    seconds: list[float] = []
    while len(seconds) < MOST and not (seconds and settled(seconds)):
        warmup = WARMUP if not seconds else (1 if least else 0)
        seconds += seconds_by_round({"call": call}, ROUNDS, warmup, device, least=least)["call"].tolist()
    return seconds


class Kept:
    """Seconds by what was timed, in one file a device, for all processes that look."""

    def __init__(self, device: Device, folder: Path = CACHE / "step-times"):
        where = f"{device.name}, {device.count}, torch {torch.__version__}"
        self.path = folder / f"{hashlib.sha256(where.encode()).hexdigest()[:16]}.jsonl"
        self.device = device
        self.known = self.read()

    def read(self) -> dict[str, float]:
        """What all processes have written; of several that timed the same at once, the first counts for all."""
        if not self.path.exists():
            return {}
        lines = (json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines() if line.endswith("}"))
        return {line["key"]: line["seconds"] for line in reversed(list(lines))}

    def seconds(self, values: dict, make: Callable[[], Callable[[], object]]) -> float:
        """The median for `values`, which say what `make` makes; measured now unless it is known."""
        key = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
        if key not in self.known:
            self.known = self.read()
        if key not in self.known:
            self.add({"key": key, "seconds": float(np.median(until_settled(make(), self.device)))})
            self.known = self.read()
        return self.known[key]

    def add(self, line: dict) -> None:
        """A line at the end of the file, whole: short writes of several processes do not mix."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def step_time(table: ConvNetTable, kept: Kept, *, image_size: int, batch: int, precision: str = "float32") -> float:
    """Seconds of a training step, as `measure.latency`: processor time on a CPU, one thread as in training."""
    values = asdict(replace(table, name="")) | dict(image_size=image_size, batch=batch, precision=precision)

    def make() -> Callable[[], object]:
        (call,) = training_step(Case(table, (image_size,), batch), kept.device, precision)
        return call

    return kept.seconds(values, make)
