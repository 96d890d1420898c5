"""What precision "auto" costs and saves on a CPU: against the other one, and against bfloat16 in every operation."""

from collections.abc import Iterator

import pandas as pd
import torch

from convscale.devices import Device
from convscale.measure.speed import Case, model_of, steps_of
from convscale.measure.timing import protocol, seconds_by_round
from convscale.models import build

from .training import COLUMNS, line

TINY, LARGE = (16, 24, 32), (64, 96, 128, 160, 224)  # px
CASES = (
    *(Case(network, TINY, 64) for network in ("efficientnet-tiny8", "efficientnetv2-tiny8", "resnet-tiny8")),
    *(
        Case(network, LARGE, 8)
        for network in ("efficientnet-b0", "efficientnetv2-b0", "efficientnetv2-s", "resnet-rs-50")
    ),
)
NOT_SLOWER = 0.95  # of the better precision's speed: ours
# What depthwise convolutions in float32 are to save of a step in bfloat16, by network and px: ours, below the 1.45 to
# 1.68 that we measured at first.
SAVED = {("efficientnet-b0", size): 1.35 for size in (96, 128, 160, 224)}


def compare_precision(device: Device, rounds: int = 7) -> pd.DataFrame:
    """Training steps, with the columns COLUMNS; `ratio` above 1 is in favour of "auto" as the engine computes it.

    Raises ValueError for other devices than a CPU, where "auto" asks for no size.
    """
    if device.kind != "cpu":
        raise ValueError(f"the benchmark of precision compares what a CPU computes in, this is {device.kind}: cpu")
    sized = [Case(case.network, (size,), case.batch) for case in CASES for size in case.image_sizes]
    table = pd.DataFrame([found for case in sized for found in compare(device, rounds, case)], columns=COLUMNS)
    table.attrs["protocol"] = f"{protocol(rounds, device=device)}; steps as of `measure.training_step`"
    return table


def compare(device: Device, rounds: int, case: Case) -> Iterator[dict]:
    """Both precisions at the size of `case`, and bfloat16 in a network that torch's own means alone lay out."""
    (size,) = case.image_sizes
    auto = device.precision("auto", size)
    plain = build(case.network, image_size=size).to(memory_format=torch.channels_last)
    (throughout,) = steps_of(plain, case, device, "bfloat16")
    work = {"bfloat16 throughout": throughout}
    for precision in ("float32", "bfloat16"):
        (work[precision],) = steps_of(model_of(case, device), case, device, precision)
    times = seconds_by_round(work, rounds, device=device)
    better = times[["float32", "bfloat16"]].median().idxmin()
    at = f"{case.network} at {size} px, batch {case.batch}"
    yield line(f"{at}: the better precision ({better}) / auto ({auto})", times[better], times[auto], NOT_SLOWER)
    if auto == "bfloat16":
        goal = SAVED.get((str(case.network), size))
        yield line(f"{at}: bfloat16 throughout / auto", times["bfloat16 throughout"], times[auto], goal)
