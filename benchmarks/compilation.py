"""torch.compile: how long it takes for one image size, and what it saves at each step afterwards."""

import pandas as pd
import torch

from convscale.devices import Device
from convscale.measure.speed import Case, compile_time, model_of, steps_of
from convscale.measure.timing import protocol, seconds_by_round

# Small on a CPU, where a network of the papers takes minutes to compile.
CASES = {"cpu": Case("efficientnetv2-tiny", (32,), 32), "cuda": Case("efficientnetv2-s", (300,), 128)}


def compare_compiled(device: Device, rounds: int = 7) -> pd.DataFrame:
    """One line: wall seconds to compile a training step, seconds of a step eager and compiled, their ratio.

    `pays_after` are the steps after which compiling was worth its time. Raises ValueError on XLA, which compiles
    anyway.
    """
    if device.kind == "xla":
        raise ValueError("xla compiles every graph, so there is nothing to compare: cpu, cuda")
    case, precision = CASES[device.kind], "float32" if device.kind == "cpu" else "auto"
    (eager,) = steps_of(model_of(case, device), case, device, precision)
    (compiled,) = steps_of(torch.compile(model_of(case, device), dynamic=False), case, device, precision)
    seconds = compile_time(compiled, device)
    times = seconds_by_round({"eager": eager, "compiled": compiled}, rounds, device=device)
    median, saved = times.median(), (times["eager"] - times["compiled"]).median()
    found = {
        "model": case.network,
        "px": case.image_sizes[0],
        "batch": case.batch,
        "compile": seconds,
        "eager": median["eager"],
        "compiled": median["compiled"],
        "ratio": (times["eager"] / times["compiled"]).median(),
        "pays_after": seconds / saved if saved > 0 else float("inf"),
    }
    table = pd.DataFrame([found])
    table.attrs["protocol"] = f"{protocol(rounds, device=device)}, {precision}; compile: wall seconds, once"
    return table
