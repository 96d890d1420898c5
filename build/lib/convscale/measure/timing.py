"""One timing protocol, for benchmarks and for the measurements that stand beside the papers' numbers.

Machines are shared and their clocks drift, so single times mean little; things timed in turn share the drift.

turns     all alternatives are called in turn within one process; the first rounds, warm-up, do not count
clock     on a CPU processor time of this process and its threads, which other processes disturb less; elsewhere wall
          time until the device has finished
values    one for each counted round, kept; shown are median, least and most. Two things are compared by the ratio in
          each round, of which the median counts
stated    rounds, clock, threads, device and, above one, how many calls a value is the mean of
"""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import torch

from ..devices import Device, pick

Work = Mapping[Any, Callable[[], object]]  # by names, or whatever else tells columns apart

PROTOCOL = "interleaved in one process, {warmup} warm-up and {rounds} counted rounds each, {threads} threads, {clock}"


def interleaved(work: Work, rounds: int = 7, warmup: int = 2, device: Device | None = None) -> pd.DataFrame:
    """Seconds of each function of `work`, called in turn: median, min and max over `rounds`.

    `ratio` is the median over rounds of (seconds of the first entry) / (seconds of this one): above 1 is faster than
    the first. `device` is the one that the functions use, by default the CPU.
    """
    times = seconds_by_round(work, rounds, warmup, device)
    table = pd.DataFrame({"median": times.median(), "min": times.min(), "max": times.max()})
    table["ratio"] = times.rdiv(times.iloc[:, 0], axis=0).median()
    table.attrs["protocol"] = protocol(rounds, warmup, device)
    return table


def seconds_by_round(
    work: Work,
    rounds: int = 7,
    warmup: int = 2,
    device: Device | None = None,
    *,
    least: float = 0.0,
    before: Work | None = None,
) -> pd.DataFrame:
    """Seconds of one call of each function: a line for each counted round, a column for each entry of `work`.

    Functions that take less than `least` seconds are called so often in each round, and the mean is taken. What
    `before` has for an entry is called ahead of each of its turns and not timed. Raises ValueError without a round.
    """
    if rounds < 1 or warmup < 0 or (least and not warmup):
        raise ValueError(f"{rounds} rounds, {warmup} warm-up: at least 1 round, and 1 warm-up to tell what is short")
    device = device or pick("cpu")
    clock = time.process_time if device.kind == "cpu" else time.perf_counter
    calls = dict.fromkeys(work, 1)
    before = before or {}

    def turn(name: str) -> float:
        if name in before:
            before[name]()
        device.wait()
        start = clock()
        for _ in range(calls[name]):
            result = work[name]()
        device.wait(result)
        return (clock() - start) / calls[name]

    lines = []
    for _ in range(warmup + rounds):
        lines.append({name: turn(name) for name in work})
        if len(lines) == warmup:
            calls = {name: max(1, math.ceil(least / max(seconds, 1e-9))) for name, seconds in lines[-1].items()}
    return pd.DataFrame(lines[warmup:]).rename_axis("round")


def protocol(rounds: int, warmup: int = 2, device: Device | None = None) -> str:
    """The conditions in words, to be printed beside the numbers."""
    wall = device and device.kind != "cpu"
    clock = "wall time, device synchronised" if wall else "processor time"
    text = PROTOCOL.format(warmup=warmup, rounds=rounds, threads=torch.get_num_threads(), clock=clock)
    return f"{text}, {device.name}" if device else text
