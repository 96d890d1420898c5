"""The training engine's goals: what it adds to a bare step, against timm's loop, layouts, stages and memory.

Every line is a ratio of two things timed in turn, above 1 in favour of the engine; `goal` is what it should reach.
"""

import itertools
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pandas as pd
import timm
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from convscale.augment import normalise
from convscale.datasets import Batch
from convscale.devices import Device, pick
from convscale.devices.hardware import bfloat16_hardware
from convscale.learning.optim import Ema, init_state, optimizer_for
from convscale.measure.counting import count_macs
from convscale.measure.speed import Case, latency, model_of, peak_of, steps_of
from convscale.measure.timing import protocol, seconds_by_round
from convscale.models import build
from convscale.recipes import V2_PAPER

from . import timm_loop
from .augmentation import photographs
from .engine_loop import trainer_for
from .settings import CLASSES, DROP_PATH, DROPOUT, MAGNITUDE, SETTINGS, Setting

COLUMNS = ["what", "ratio", "min", "max", "goal", "met", "seconds"]


# (ours, px, batch, goal): the fastest way to compute against float32 NCHW. Goals: ours, of one core with AMX.
LAYOUTS = (("efficientnetv2-b0", 96, 16, 1.6), ("efficientnetv2-s", 128, 8, 2.0))
# Sizes of the four stages, network and batch.
STAGES = {
    "cpu": ((64, 96, 128, 160), "efficientnetv2-b0", 32),
    "cuda": ((128, 185, 242, 300), "efficientnetv2-s", 128),
}


def compare_training(device: Device, rounds: int = 7) -> pd.DataFrame:
    """All goals, with the columns COLUMNS: median, least and most of the ratio over the rounds.

    `seconds` are the median of what is measured, per step. Raises ValueError on XLA, where timm's loop does not run.
    """
    if device.kind == "xla":
        raise ValueError("the benchmark of training compares with timm's loop, which does not run on xla: cpu, cuda")
    with tempfile.TemporaryDirectory() as root:
        write_images(Path(root), SETTINGS[device.kind].images)
        lines = [*compare_loops(device, Path(root), rounds)]
        lines += compare_peaks(device, Path(root), min(rounds, 2))  # a new process for each
    lines += compare_stages(device, rounds)
    if device.kind == "cpu":
        lines += [line for layout in LAYOUTS for line in compare_layouts(device, rounds, *layout)]
    table = pd.DataFrame(lines, columns=COLUMNS)
    setting = SETTINGS[device.kind]
    table.attrs["protocol"] = (
        f"{protocol(rounds, device=device)}; loops: {setting.model} at {setting.image_size} px, batch {setting.batch}, "
        f"precision auto, {setting.steps} steps a turn, {setting.images} JPEG files; worker processes' time is not "
        f"counted on a CPU"
    )
    return table


def line(what: str, over: pd.Series, under: pd.Series, goal: float | None, steps: int = 1) -> dict:
    """`over` / `under` round by round."""
    ratio = over / under
    met = "" if goal is None else "yes" if ratio.median() >= goal else "no"
    values = dict(ratio=ratio.median(), min=ratio.min(), max=ratio.max(), seconds=under.median() / steps)
    return {"what": what, "goal": "" if goal is None else goal, "met": met, **values}


def write_images(root: Path, count: int) -> None:
    """`count` JPEG files of 500x375 px in root/train, and a few in root/test, in CLASSES folders."""
    sources = itertools.islice(itertools.cycle(photographs()), count)
    for i, image in enumerate(sources):
        for split in ("train", "test") if i < CLASSES else ("train",):
            folder = root / split / f"class{i % CLASSES}"
            folder.mkdir(parents=True, exist_ok=True)
            image.save(folder / f"{i}.jpg", quality=90)


class Bare:
    """Forward and backward pass, optimizer and average of the same network: what no loop can do without."""

    def __init__(self, setting: Setting, device: Device):
        rates = dict(drop_rate=DROPOUT, drop_path_rate=DROP_PATH)
        self.model = device.model(timm.create_model(setting.model, num_classes=CLASSES, **rates)).train()
        self.optimizer = optimizer_for(self.model, V2_PAPER)
        init_state(self.optimizer)
        self.ema, self.device = Ema(self.model), device

    def __call__(self, x_BCHW: Tensor, labels_B: Tensor) -> None:
        with self.device.autocast("auto", x_BCHW.shape[-1]):
            logits_BK = self.model(x_BCHW)
        cross_entropy(logits_BK.float(), labels_B, label_smoothing=V2_PAPER.label_smoothing).backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.ema.update(1e-4)


def compare_loops(device: Device, root: Path, rounds: int) -> Iterator[dict]:
    """The engine on batches that are ready and on its loader, against the bare step and timm's loop."""
    setting = SETTINGS[device.kind]
    trainer, bare = trainer_for(setting, root, device), Bare(setting, device)
    ready = [next(iter(trainer.loader())) for _ in range(2)]
    pixels = [(normalise(b.x_BCHW, V2_PAPER.normalisation), b.labels) for b in ready]
    on_device = itertools.cycle([device.put(b) for b in pixels])
    ready = itertools.cycle([Batch(*device.put(b[:2]), b.unreadable_B) for b in ready])
    policy = f"rand-m{MAGNITUDE}"
    theirs = timm_loop.TimmLoop(setting.model, CLASSES, DROPOUT, DROP_PATH, "auto", device)

    def turn(step: Callable, batches: Iterator) -> Callable[[], None]:
        def call() -> None:
            for batch in itertools.islice(batches, setting.steps):
                step(batch)
            trainer.read_losses()  # `fit` does so every 50 steps

        return call

    work = {"bare": turn(lambda b: bare(*b), on_device), "ready": turn(trainer.advance, ready)}
    before = {}
    for workers in setting.workers:
        trainer.workers = workers
        loaders = {"loop": iter(trainer.loader())}
        loaders["timm"] = timm_loop.images(root, setting.image_size, setting.batch, policy, workers, device)
        work[f"loop {workers}"] = turn(trainer.advance, loaders["loop"])
        work[f"timm {workers}"] = turn(lambda b: theirs(*b), loaders["timm"])
        if workers:  # what they prepared while others had their turn does not count: two batches each
            before |= {f"{name} {workers}": partial(take, loader, 2 * workers) for name, loader in loaders.items()}
    times = seconds_by_round(work, rounds, device=device, before=before)
    yield line("bare step / engine, batches ready", times["bare"], times["ready"], 0.97, setting.steps)
    for workers in setting.workers:
        goal = None if not workers else 0.95 if device.kind == "cuda" else 0.97
        loop, timms = times[f"loop {workers}"], times[f"timm {workers}"]
        yield line(f"bare step / engine, {workers} loading processes", times["bare"], loop, goal, setting.steps)
        yield line(f"timm's loop / engine, {workers} loading processes", timms, loop, 1.0, setting.steps)


def take(batches: Iterator, count: int) -> None:
    for _ in itertools.islice(batches, count):
        pass


def engine_step(setting: Setting, root: Path, kind: str) -> Callable[[], None]:
    device = pick(kind)
    trainer = trainer_for(setting, root, device)
    pixels = torch.zeros(setting.batch, 3, setting.image_size, setting.image_size, dtype=torch.uint8)
    labels = torch.zeros(setting.batch, dtype=torch.int64)
    batch = Batch(*device.put((pixels, labels)), torch.full_like(labels, -1))
    return lambda: trainer.advance(batch)


def timm_step(setting: Setting, root: Path, kind: str) -> Callable[[], None]:
    device = pick(kind)
    loop = timm_loop.TimmLoop(setting.model, CLASSES, DROPOUT, DROP_PATH, "auto", device)
    pixels = torch.zeros(setting.batch, 3, setting.image_size, setting.image_size)
    batch = device.put((pixels, torch.zeros(setting.batch, dtype=torch.int64)))
    return lambda: loop(*batch)


def compare_peaks(device: Device, root: Path, rounds: int) -> Iterator[dict]:
    """Peak memory of three steps on a batch that is ready; at least 0.95 is about 5 % more than timm's at most."""
    args = (SETTINGS[device.kind], root, device.kind)
    peaks = pd.DataFrame(
        [{f.__name__: peak_of(device, f, *args) for f in (timm_step, engine_step)} for _ in range(rounds)]
    )
    found = line("peak memory, timm's step / engine's", peaks["timm_step"], peaks["engine_step"], 0.95)
    yield found | {"seconds": float("nan")}


def compare_stages(device: Device, rounds: int) -> Iterator[dict]:
    """The share of time that four stages save, over the share of multiply-adds; float32."""
    sizes, model, batch = STAGES[device.kind]
    times = latency({str(size): Case(model, (size,), batch) for size in sizes}, device, training=True, rounds=rounds)
    with torch.device("meta"):
        macs = pd.Series([count_macs(build(model), size) for size in sizes])
    saved = 1 - times.mean(axis=1) / times[str(sizes[-1])]
    predicted = pd.Series(1 - macs.mean() / macs.iloc[-1], index=saved.index)
    shown = ", ".join(map(str, sizes))
    what = f"{model}, stages of {shown} px: time saved / {predicted.iloc[0]:.0%} fewer multiply-adds"
    yield line(what, saved, predicted, 0.9) | {"seconds": times.mean(axis=1).median()}


def compare_layouts(
    device: Device, rounds: int, model: str, image_size: int, batch: int, goal: float
) -> Iterator[dict]:
    """The engine's layout and precisions against float32 in NCHW, as torchvision's reference trains."""
    case = Case(model, (image_size,), batch)
    (plain,) = steps_of(build(model), case, device, "float32")
    work = {"float32 NCHW": plain}
    for precision in ("float32", "bfloat16") if bfloat16_hardware() else ("float32",):
        (work[f"{precision} channels last"],) = steps_of(model_of(case, device), case, device, precision)
    times = seconds_by_round(work, rounds, device=device)
    auto = f"{device.precision('auto', image_size)} channels last"
    for name in list(work)[1:]:
        what = f"{model} at {image_size} px: float32 NCHW / {name}" + (" (auto)" if name == auto else "")
        yield line(what, times["float32 NCHW"], times[name], goal if name == auto else None)
