"""One timing protocol: alternatives in turn within one process, warm-up first, medians and ratios of pairs.

Machines are shared and their clocks drift, so single times mean little; two things timed in turn share the drift.
"""

import time
from collections.abc import Callable

import pandas as pd
import torch

PROTOCOL = "interleaved in one process, {warmup} warm-up and {rounds} counted rounds each, {threads} threads, {clock}"


def interleaved(work: dict[str, Callable[[], object]], rounds: int = 7, warmup: int = 2) -> pd.DataFrame:
    """Seconds of each function of `work`, called in turn: median, min and max over `rounds`.

    `ratio` is the median over rounds of (seconds of the first entry) / (seconds of this one): above 1 is faster than
    the first. Wall time where CUDA is used (synchronised), else processor time, which other processes disturb less.
    """
    cuda = torch.cuda.is_available()
    clock = time.perf_counter if cuda else time.process_time

    def seconds(function: Callable[[], object]) -> float:
        start = clock()
        function()
        if cuda:
            torch.cuda.synchronize()
        return clock() - start

    times = pd.DataFrame([{name: seconds(f) for name, f in work.items()} for _ in range(warmup + rounds)])[warmup:]
    table = pd.DataFrame({"median": times.median(), "min": times.min(), "max": times.max()})
    table["ratio"] = times.rdiv(times.iloc[:, 0], axis=0).median()
    table.attrs["protocol"] = PROTOCOL.format(
        warmup=warmup,
        rounds=rounds,
        threads=torch.get_num_threads(),
        clock="wall time" if cuda else "processor time",
    )
    return table
