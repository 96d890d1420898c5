"""The largest batch that trains within a memory, found by asking the device."""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import pandas as pd
import torch

from ..devices import Device
from .speed import Case, all_steps, thrice

MOST = 4096  # images; ours: no table of the papers has a larger batch on one device


def largest_batches(
    cases: Mapping[str, Case], device: Device, *, budget: int, precision: str, rounds: int
) -> pd.DataFrame:
    """The largest batch of each case that trains within `budget` bytes of a GPU's memory; lines are rounds.

    Raises ValueError on other devices, and for a GPU with less memory than the budget.
    """
    with only(budget, device):
        lines = [
            {name: largest(partial(fits, case, device, precision)) for name, case in cases.items()}
            for _ in range(rounds)
        ]
    return pd.DataFrame(lines).rename_axis("round")


def largest(fits: Callable[[int], bool], most: int = MOST) -> int:
    """The largest number up to `most` that fits, where all below fit too; 0 if not even 1 does."""
    good, bad = 0, 1
    while bad <= most and fits(bad):
        good, bad = bad, 2 * bad
    bad = min(bad, most + 1)
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if fits(middle) else (good, middle)
    return good


def fits(case: Case, device: Device, precision: str, images: int) -> bool:
    """Whether three training steps of so many images find the memory that they need."""
    try:
        thrice(all_steps, replace(case, batch=images), device.kind, precision)
        device.wait()
        return True
    except torch.OutOfMemoryError:
        return False
    finally:
        gc.collect()
        torch.cuda.empty_cache()


@contextmanager
def only(budget: int, device: Device) -> Iterator[None]:
    """Let this process have `budget` bytes of the GPU's memory and no more."""
    if device.kind != "cuda":
        raise ValueError(f"the largest batch is asked of a GPU, this is {device.kind}: its allocator keeps to a budget")
    total = torch.cuda.get_device_properties(device.torch).total_memory
    if budget > total:
        raise ValueError(f"a budget of {budget / 1e9:.0f} GB: {device.name} has {total / 1e9:.0f}")
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(budget / total, device.torch)
    try:
        yield
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0, device.torch)
