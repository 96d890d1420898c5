"""Throughput, latency, peak memory and compile time of networks, one value for each round (protocol: `timing`)."""

import multiprocessing
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial

import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ..devices import Device, pick, resident_peak
from ..errors import KILLED
from ..learning.optim import init_state, optimizer_for
from ..models import NetworkTable, build
from ..recipes import V2_PAPER
from .timing import seconds_by_round

WARMUP = 2
LEAST = 0.1  # seconds of a turn on a GPU or TPU, where one step may be shorter than clock and launch are good for


@dataclass(frozen=True)
class Case:
    """What is measured: a network, as `models.build` takes it, at one image size in px or, in equal shares, several.

    `stage` names one row of the network's table, with the stem as 0, where that alone is measured.
    """

    network: str | NetworkTable
    image_sizes: tuple[int, ...]
    batch: int
    stage: int = -1


def throughput(
    cases: Mapping[str, Case], device: Device, *, training: bool = False, precision: str = "float32", rounds: int = 7
) -> pd.DataFrame:
    """Images a second of inference, or of training steps; a line for each round, a column for each case.

    Errors as of `latency`.
    """
    seconds = latency(cases, device, training=training, precision=precision, rounds=rounds)
    return pd.Series({name: case.batch for name, case in cases.items()}) / seconds


def latency(
    cases: Mapping[str, Case], device: Device, *, training: bool = False, precision: str = "float32", rounds: int = 7
) -> pd.DataFrame:
    """Seconds of one batch, in inference or a training step; of several sizes the mean. Lines are rounds.

    A training step is forward and backward pass in `precision` and RMSProp on float32 weights; its batch is made
    beforehand. Raises ValueError for a size that a network does not take, and torch.cuda.OutOfMemoryError.
    """
    make = training_step if training else inference
    work = {
        f"{name}@{size}": bound
        for name, case in cases.items()
        for size, bound in zip(case.image_sizes, make(case, device, precision), strict=True)
    }
    times = seconds_by_round(work, rounds, WARMUP, device, least=0.0 if device.kind == "cpu" else LEAST)
    return pd.DataFrame(
        {name: times[[f"{name}@{size}" for size in case.image_sizes]].mean(axis=1) for name, case in cases.items()}
    )


def peak_memory(
    cases: Mapping[str, Case],
    device: Device,
    *,
    training: bool = True,
    precision: str = "float32",
    rounds: int = 3,
) -> pd.DataFrame:
    """Peak bytes of training steps, weights and optimizer included, or of inference; lines are rounds.

    CUDA: of torch's allocator. CPU: by how much the resident memory of a new process, with all libraries loaded, grows
    at most in three steps. Raises ValueError on XLA, whose runtime does not forget an earlier peak.
    """
    if device.kind == "xla":
        raise ValueError("peak memory of one network cannot be told on xla: its runtime keeps the process's peak")
    line = partial(peak_of, device, all_steps if training else all_inferences)
    return pd.DataFrame(
        [{name: line(case, device.kind, precision) for name, case in cases.items()} for _ in range(rounds)]
    ).rename_axis("round")


def compile_time(call: Callable[[], object], device: Device) -> float:
    """Wall seconds by which the first `call`, which compiles, is slower than the second."""
    taken = []
    for _ in range(2):
        start = time.perf_counter()
        device.wait(call())
        taken.append(time.perf_counter() - start)
    return taken[0] - taken[1]


def inference(case: Case, device: Device, precision: str) -> list[Callable[[], Tensor]]:
    """One call for each size."""
    model = model_of(case, device).eval()

    def call(x_BCHW: Tensor, size: int) -> Tensor:
        with torch.no_grad(), device.autocast(precision, size):
            logits_BK = model(x_BCHW)
        device.end_step()
        return logits_BK

    return [partial(call, batch(case, size, device)[0], size) for size in case.image_sizes]


def training_step(case: Case, device: Device, precision: str) -> list[Callable[[], Tensor]]:
    """One call for each size, all of the same network."""
    return steps_of(model_of(case, device), case, device, precision)


def steps_of(model: nn.Module, case: Case, device: Device, precision: str) -> list[Callable[[], Tensor]]:
    """As `training_step`, for `model` as it is laid out in memory."""
    model.train()
    optimizer = optimizer_for(model, V2_PAPER, device.traced)
    init_state(optimizer)

    def call(x_BCHW: Tensor, labels_B: Tensor, size: int) -> Tensor:
        with device.autocast(precision, size):
            logits_BK = model(x_BCHW)
        loss = cross_entropy(logits_BK.float(), labels_B)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        device.end_step()
        return loss.detach()

    return [partial(call, *batch(case, size, device), size) for size in case.image_sizes]


def model_of(case: Case, device: Device) -> nn.Module:
    """The case's network, on the device, with random weights that are the same each time."""
    torch.manual_seed(0)
    return device.model(build(case.network, image_size=max(case.image_sizes)))


def batch(case: Case, size: int, device: Device) -> tuple[Tensor, Tensor]:
    """x_BCHW of noise and labels_B of a thousand classes."""
    x_BCHW, labels_B = device.put((torch.randn(case.batch, 3, size, size), torch.arange(case.batch) % 1000))
    return x_BCHW, labels_B


def all_steps(case: Case, kind: str, precision: str) -> Callable[[], None]:
    """One call that takes a step at each size."""
    return one_after_another(training_step(case, pick(kind), precision))


def all_inferences(case: Case, kind: str, precision: str) -> Callable[[], None]:
    """One call that takes a batch of each size through the network."""
    return one_after_another(inference(case, pick(kind), precision))


def one_after_another(calls: list[Callable[[], Tensor]]) -> Callable[[], None]:
    def all_of_them() -> None:
        for call in calls:
            call()

    return all_of_them


def peak_of(device: Device, make: Callable[..., Callable[[], object]], *args) -> int:
    """Peak bytes of making what `make(*args)` returns and calling it three times; on a CPU both must be picklable."""
    if device.kind == "cpu":
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            try:
                return pool.submit(grown, torch.get_num_threads(), make, *args).result()
            except BrokenProcessPool:
                raise RuntimeError(KILLED) from None
    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    thrice(make, *args)
    return device.peak_memory() - before


def grown(threads: int, make: Callable[..., Callable[[], object]], *args) -> int:
    torch.set_num_threads(threads)
    before = resident_peak()
    thrice(make, *args)
    return resident_peak() - before


def thrice(make: Callable[..., Callable[[], object]], *args) -> None:
    call = make(*args)
    for _ in range(3):
        call()
