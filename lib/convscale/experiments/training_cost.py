"""What a training costs, before it is begun: real steps of its network on made-up images, on this machine.

Counted are the optimizer's steps at every image size of the schedule, cropping and augmenting the images (and decoding
JPEG, where the set is too large to be kept decoded), and all evaluations. Left out are reading files, compilation,
checkpoints and, for runs on several devices, what they say to each other.
"""

import io
import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from PIL import Image

from ..augment import normalise, randaugment_on_device, recipe_pixels, train_transform
from ..datasets import Batch, flips, held_out_share, size_of_set
from ..datasets.images import CACHE_BYTES, PIXEL_BYTES
from ..datasets.sizes import Size
from ..devices import Device
from ..learning.batchnorm import set_batch_norm
from ..learning.passes import BATCH as EVAL_BATCH
from ..learning.reports import further_evaluations, without_reports
from ..learning.start import model_of
from ..learning.step import Step
from ..measure.timing import protocol, seconds_by_round
from ..recipes import Run, Schedule, Stage, stage_at
from .making import loaders
from .training_memory import memory_of

TIMED_PIXELS = 2**18  # of a batch that is timed on a CPU; larger ones take minutes and much memory
ROUNDS, WARMUP = 2, 1
MIXED = 4  # Mixup and CutMix together mix images in fours
IMAGES = 8  # that the host prepares in each round
SAMPLED = 20_000  # steps of a schedule that are looked at


@dataclass(frozen=True)
class Cost:
    """Of one run. `steps`, `images` and `evaluation` are hours, `memory` and `disk` bytes.

    `images` are hours of one process that prepares them. `sizes` maps an image size to (share of the steps, batch that
    was timed, seconds of a step).
    """

    steps: float
    images: float
    evaluation: float
    memory: int
    disk: int
    count: int  # optimizer steps
    sizes: dict[int, tuple[float, int, float]]
    loaders: int = 0  # processes that prepare images; 0: the one that trains does

    @property
    def hours(self) -> float:
        return together(self.steps, self.images, self.loaders) + self.evaluation


class CostOf:
    """`CostOf(device)(run)` is the `Cost` of a run; each network is timed once at each size with each batch."""

    def __init__(self, device: Device):
        self.device = device
        # images of the batch that was timed, seconds of a step, and seconds to prepare an image
        self.step_of: dict[tuple, tuple[int, float, float]] = {}
        self.evaluation_of: dict[tuple, tuple[float, float]] = {}  # seconds to evaluate, and to prepare an image
        self.bytes_of: dict[tuple, tuple[int, int]] = {}
        self.protocol = protocol(ROUNDS, WARMUP, device)

    def __call__(self, run: Run) -> Cost:
        train, test, classes, px = size_of_run(run)
        cached = PIXEL_BYTES * px[0] * px[1] * (train + test) <= CACHE_BYTES
        held_out = round(held_out_share(run.validate) * train)
        pool = train - held_out
        train, curve = run.train_images or pool, run.curve_images or held_out or test
        count, per_epoch = run.length(train + run.pseudo)
        at = partial(stage_at, run.schedule, steps=count, steps_per_epoch=per_epoch, seed=run.seed)
        looked_at = range(0, count, max(1, count // SAMPLED))
        shares = Counter(at(step).image_size for step in looked_at)
        sizes = {stage.image_size: stage for stage in run.schedule.stages}
        like = as_timed(run), classes
        if new := {size: stage for size, stage in sizes.items() if (*like, size) not in self.step_of}:
            steps, evaluated = step_seconds(run, classes, new.values(), self.device)
            prepared, prepared_test = host_seconds(run, px, new.values(), decode=not cached)
            self.step_of |= {(*like, size): (*steps[size], prepared[size]) for size in new}
            self.evaluation_of.setdefault(like, (evaluated, prepared_test))
        if (largest := (*like, max(sizes))) not in self.bytes_of:
            self.bytes_of[largest] = memory_of(run, classes, max(sizes))
        memory, disk = self.bytes_of[largest]
        timed = {size: self.step_of[*like, size] for size in sorted(shares)}
        table = {size: (shares[size] / len(looked_at), *timed[size][:2]) for size in timed}
        workers = loaders(self.device)
        seen = run.curve_points * curve + test + train + further_evaluations(run, pool, test) + run.pseudo
        return Cost(
            steps=count * sum(share * seconds for share, _, seconds in table.values()) / 3600,
            images=count * run.recipe.batch_size * sum(table[size][0] * timed[size][2] for size in table) / 3600,
            evaluation=seen * together(*self.evaluation_of[like], workers) / 3600,
            memory=memory,
            disk=disk,
            count=count,
            sizes=table,
            loaders=workers,
        )


def size_of_run(run: Run) -> Size:
    """The size of a run's data set; of a choice of its classes as if all classes had as many images."""
    size = size_of_set(run.dataset)
    if run.classes is None:
        return size
    train, test = (round(images * len(run.classes) / size.classes) for images in (size.train, size.test))
    return size._replace(train=train, test=test, classes=len(run.classes))


def together(device: float, host: float, loaders: int) -> float:
    """Seconds of work of the device and of the host, where `loaders` processes do the host's at the same time.

    Without any the process that trains does both, one after the other.
    """
    return max(device, host / loaders) if loaders else device + host


def as_timed(run: Run) -> Run:
    """The run with one value for all settings that do not change how long a step takes: equal runs are timed once.

    Rates and magnitudes change what is computed, not how much.
    """
    recipe = replace(
        run.recipe,
        learning_rate=0.0,
        lr_schedule="constant",
        warmup_epochs=0.0,
        decay_epochs=1.0,
        weight_decay=0.0,
        ema_decay=0.0,
        label_smoothing=0.0,
        drop_path_rate=0.0,
        translate_px=0.0,
        cutout_px=0.0,
    )
    return replace(
        without_reports(run.alone),
        recipe=recipe,
        schedule=Schedule((Stage(1, randaugment=0, mixup=0, dropout=0),)),
        epochs=1,
        steps=None,
        seed=0,
        weights=None,
        train_images=None,
        subset="first",
        classes=None,
        groups=(),
        new_classifier="drawn",
        validate="test",
        curve_points=1,
        curve_images=None,
        bn_batches=0,
    )


def step_seconds(
    run: Run, classes: int, stages: Iterable[Stage], device: Device
) -> tuple[dict[int, tuple[int, float]], float]:
    """Image size -> (images of the batch that was timed, seconds of a whole step); and seconds to evaluate an image.

    A batch that would not fit is timed in part: what grows with it is scaled up, the update of the weights is not.
    """
    model = device.model(model_of(replace(run, weights=None), classes))
    take, whole = Step(run, model, device), run.recipe.batch_size // run.accumulate
    steps = {stage.image_size: partial(train_step, run, take, stage, classes) for stage in stages}
    unit = math.lcm(MIXED, len(run.recipe.operations)) if randaugment_on_device(run) else MIXED
    images = {size: fitting(size, whole, step, device, unit) for size, step in steps.items()}
    eval_images = fitting(run.eval_size, EVAL_BATCH, partial(eval_step, run, take), device)
    work: dict[int | str, Callable[[], object]] = {size: partial(steps[size], n) for size, n in images.items()}
    work |= {"update": partial(update, take), "evaluation": partial(eval_step, run, take, eval_images)}
    seconds = seconds_by_round(work, ROUNDS, WARMUP, device).median().to_dict()
    fixed = seconds["update"]
    grown = {size: max(seconds[size] - fixed, 0.0) * run.recipe.batch_size / images[size] for size in images}
    return {size: (images[size], grown[size] + fixed) for size in images}, seconds["evaluation"] / eval_images


def fitting(size: int, images: int, step, device: Device, unit: int = MIXED) -> int:
    """How many of `images` at `size` px are timed: on a CPU `TIMED_PIXELS`, on a GPU what fits its memory.

    In multiples of `unit`, which a step can share out.
    """
    if device.kind == "cpu":
        return min(images, max(unit, TIMED_PIXELS // size**2 // unit * unit))
    while images > unit:
        try:
            step(images)
            break
        except torch.cuda.OutOfMemoryError:
            torch.cuda.empty_cache()
            images = max(unit, images // 2 // unit * unit)
    return images


def train_step(run: Run, take: Step, stage: Stage, classes: int, images: int) -> torch.Tensor:
    """One real step on `images` grey images."""
    take.run = replace(run, recipe=replace(run.recipe, batch_size=images, bn_group=None), accumulate=1)
    set_batch_norm(take.model, take.device, batch_size=images, momentum=run.recipe.bn_momentum)
    pixels = torch.full((images, 3, stage.image_size, stage.image_size), 128, dtype=torch.uint8)
    return take(Batch(pixels, torch.arange(images) % classes, torch.full((images,), -1)), stage, step=0, lr=1e-6)


@torch.no_grad()
def eval_step(run: Run, take: Step, images: int) -> torch.Tensor:
    pixels = torch.full((images, 3, run.eval_size, run.eval_size), 128, dtype=torch.uint8)
    (x_BCHW,) = take.device.put((pixels,))
    with take.device.autocast(run.precision, run.eval_size):
        return take.ema.model.eval()(normalise(x_BCHW, run.recipe.normalisation))


def update(take: Step) -> None:
    """What a step does once whatever the batch: the optimizer and the moving average."""
    for parameter in take.model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    take.optimizer.step()
    take.optimizer.zero_grad()
    take.ema.update(take.device.scalars(ema=0.0)["ema"])
    take.device.end_step()


def host_seconds(
    run: Run, px: tuple[int, int], stages: Iterable[Stage], decode: bool
) -> tuple[dict[int, float], float]:
    """Seconds to prepare one training image for each image size, and one test image; with `decode` from JPEG."""
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(256, size=(*px, 3), dtype=np.uint8))
    encoded = io.BytesIO()
    Image.fromarray(np.full((*px, 3), 128, np.uint8)).save(encoded, "JPEG")
    train = train_transform(run.recipe, flips(run.dataset), randaugment=run.augment_on == "host")
    test = recipe_pixels(run.recipe, run.eval_size).transform

    def prepare(transform) -> None:
        for _ in range(IMAGES):
            if decode:
                Image.open(io.BytesIO(encoded.getvalue())).convert("RGB")
            transform()

    work: dict[int | str, Callable[[], object]] = {
        stage.image_size: partial(prepare, partial(train, image, stage.image_size, stage.randaugment, rng))
        for stage in stages
    }
    work["test"] = partial(prepare, partial(test, image))
    seconds = (seconds_by_round(work, ROUNDS, WARMUP).median() / IMAGES).to_dict()
    return seconds, seconds["test"]
