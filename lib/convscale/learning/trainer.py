"""Training of one run, on any device, exact to resume."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from .. import datasets
from ..datasets import FLIPPED, Images, KeyedSampler, eval_batches, train_loader
from ..devices import Device, pick
from ..errors import check_name
from ..models import build
from . import checkpoint
from .augment import Pixels, eval_image, train_image
from .mixing import mix, mixed_loss, mixup_weights
from .optim import Ema, optimizer_for
from .regularize import set_rates
from .run import Run
from .schedule import cosine, ema_decay_at, stage_at, staircase

CHECKPOINT_SECONDS = 60  # what a kill loses at most
EVAL_BATCH = 256
LR_SCHEDULES = ("cosine", "staircase")


@dataclass
class Outcome:
    """What a finished run leaves: `metrics` at its end, `history` along the way, what it cost, and the model."""

    metrics: dict[str, float]
    history: list[dict[str, float]]
    cost: dict[str, float]
    model: nn.Module


def normalise(x_BCHW: Tensor) -> Tensor:
    """uint8 pixels to [-1, 1): (x - 128) / 128, as automl datasets.py does for EfficientNetV2."""
    return (x_BCHW.float() - 128) / 128


@torch.no_grad()
def evaluate(model: nn.Module, images: Images, image_size: int, device: Device, precision="float32") -> dict:
    """Top-1 accuracy in % and loss (mean cross entropy, nats) of `model` in eval mode at `image_size` px."""
    model.eval()
    correct = loss = 0.0
    for batch in eval_batches(images, partial(eval_image, size=image_size), EVAL_BATCH):
        x_BCHW, labels_B = device.put(batch)
        with device.autocast(precision):
            logits_BK = model(normalise(x_BCHW))
        loss += nn.functional.cross_entropy(logits_BK.float(), labels_B, reduction="sum").item()
        correct += (logits_BK.argmax(1) == labels_B).sum().item()
    return {"top1": 100 * correct / len(images), "loss": loss / len(images)}


def lr_share(run: Run, steps: int, steps_per_epoch: int) -> Callable[[int], float]:
    """Share of the peak learning rate as a function of the step."""
    warmup = round(run.recipe.warmup_epochs * steps_per_epoch)
    if check_name("lr_schedule", run.recipe.lr_schedule, LR_SCHEDULES) == "cosine":
        return partial(cosine, steps=steps, warmup=warmup)
    return partial(staircase, steps_per_epoch=steps_per_epoch, warmup=warmup)


class Trainer:
    """The state of one run between steps; `fit` drives it."""

    def __init__(self, run: Run, device: Device):
        self.run, self.device, recipe = run, device, run.recipe
        self.train = datasets.subset(datasets.load(run.dataset, "train"), run.train_images)
        self.test = datasets.load(run.dataset, "test")
        if self.test.classes != self.train.classes[: len(self.test.classes)]:
            raise ValueError(f"{run.dataset}: classes {self.test.classes} of the test images are not those of training")
        self.curve_images = datasets.subset(self.test, run.curve_images)
        self.steps_per_epoch = len(self.train) // recipe.batch_size
        self.steps = run.epochs * self.steps_per_epoch
        self.stage = partial(
            stage_at, run.schedule, steps=self.steps, steps_per_epoch=self.steps_per_epoch, seed=run.seed
        )
        self.lr_share = lr_share(run, self.steps, self.steps_per_epoch)
        torch.manual_seed(run.seed)
        self.model = device.model(build(run.model, num_classes=len(self.train.classes)))
        set_rates(self.model, drop_path=recipe.drop_path_rate)
        self.optimizer = optimizer_for(self.model, recipe.optimizer, recipe.learning_rate, recipe.weight_decay)
        self.ema = Ema(self.model)
        self.step, self.history, self.seconds, self.cpu_seconds = 0, [], 0.0, 0.0
        self.losses: list[Tensor] = []  # of the steps since the last point of the curve, on the device

    def loader(self, workers: int):
        recipe = self.run.recipe
        sampler = KeyedSampler(
            len(self.train), recipe.batch_size, self.step, self.steps, self.run.seed, self.size_and_magnitude
        )
        transform = partial(
            train_image,
            area=recipe.crop_area,
            flip=self.run.dataset in FLIPPED,
            pixels=Pixels(recipe.translate_px, recipe.cutout_px),
        )
        return train_loader(self.train, transform, sampler, self.run.seed, workers)

    def size_and_magnitude(self, step: int) -> tuple[int, float]:
        stage = self.stage(step)
        return stage.image_size, stage.randaugment

    def train_step(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        """One optimizer step; returns the loss on the device. All its randomness is keyed by seed and step."""
        run, device, stage = self.run, self.device, self.stage(self.step)
        rng = np.random.default_rng([run.seed, self.step])
        weight = mixup_weights(len(batch[1]), stage.mixup, rng)
        x_BCHW, labels_B, weight_B = device.put((*batch, weight))
        set_rates(self.model, **device.scalars(dropout=stage.dropout))
        for group in self.optimizer.param_groups:
            group["lr"] = run.recipe.learning_rate * self.lr_share(self.step)
        device.seed(int(rng.integers(2**31)))
        self.model.train()
        with device.autocast(run.precision):
            logits_BK = self.model(mix(normalise(x_BCHW), weight_B))
        loss = mixed_loss(logits_BK.float(), labels_B, weight_B, run.recipe.label_smoothing)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.ema.update(1 - ema_decay_at(self.step, run.recipe.ema_decay))
        device.end_step()
        self.step += 1
        return loss.detach()

    def train_loss(self) -> float:
        """Mean since the last point of the curve; reads the device. Raises FloatingPointError if it is no number."""
        train_loss = torch.stack(self.losses).mean().item()
        if not math.isfinite(train_loss):
            raise FloatingPointError(
                f"loss is {train_loss} between steps {self.step - len(self.losses)} and {self.step} "
                f"(learning rate {self.optimizer.param_groups[0]['lr']:.3g}): lower it or lengthen the warm-up"
            )
        return train_loss

    def mark(self) -> None:
        """Add a point to the curve."""
        train_loss, self.losses = self.train_loss(), []
        tested = evaluate(self.ema.model, self.curve_images, self.run.eval_size, self.device, self.run.precision)
        self.history.append(
            {
                "step": self.step,
                "epoch": self.step / self.steps_per_epoch,
                "image_size": self.stage(self.step - 1).image_size,
                "train_loss": train_loss,
                "test_top1": tested["top1"],
                "test_loss": tested["loss"],
            }
        )

    def metrics(self) -> dict[str, float]:
        """Accuracy of the averaged weights on all test images and, without augmentation, on the training images."""
        size, precision = self.run.eval_size, self.run.precision
        tested = evaluate(self.ema.model, self.test, size, self.device, precision)
        trained = evaluate(self.ema.model, self.train, size, self.device, precision)
        return {"test_top1": tested["top1"], "test_loss": tested["loss"], "train_top1": trained["top1"]}

    def state(self) -> dict:
        names = ("step", "history", "seconds", "cpu_seconds")
        tensors = dict(model=self.model.state_dict(), ema=self.ema.model.state_dict(), losses=self.losses)
        return dict(
            key=self.run.key, optimizer=self.optimizer.state_dict(), **tensors, **{n: getattr(self, n) for n in names}
        )

    def resume(self, state: dict) -> None:
        self.model.load_state_dict(state["model"])
        self.ema.model.load_state_dict(state["ema"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.history = state["step"], state["history"]
        self.losses = list(self.device.put(state["losses"]))
        self.seconds, self.cpu_seconds = state["seconds"], state["cpu_seconds"]


def fit(
    run: Run,
    device: str | Device = "auto",
    checkpoint_path: Path | None = None,
    workers: int = 0,
    progress: bool | None = None,
) -> Outcome:
    """Train `run` and return its `Outcome`.

    With `checkpoint_path` the state is kept there about once a minute, and a run that was stopped goes on from it,
    bit for bit as if it had not been (on CPU). `progress` None shows a bar on a terminal only.
    """
    device = pick(device) if isinstance(device, str) else device
    trainer = Trainer(run, device)
    if checkpoint_path and (state := checkpoint.load(checkpoint_path, run.key)):
        trainer.resume(state)
    marks = {round(trainer.steps * (i + 1) / run.curve_points) for i in range(run.curve_points)}
    wall, cpu = time.perf_counter() - trainer.seconds, time.process_time() - trainer.cpu_seconds
    saved = time.perf_counter()
    silent = None if progress is None else not progress
    bar = tqdm(trainer.loader(workers), initial=trainer.step, total=trainer.steps, disable=silent, leave=False)
    for batch in bar:
        trainer.losses.append(trainer.train_step(batch))
        if trainer.step in marks:
            trainer.mark()
        trainer.seconds, trainer.cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
        if checkpoint_path and time.perf_counter() - saved > CHECKPOINT_SECONDS:
            if trainer.losses:
                trainer.train_loss()  # nothing is saved after a loss that is no number
            checkpoint.save(trainer.state(), checkpoint_path)
            saved = time.perf_counter()
    cost = {
        "seconds": trainer.seconds,
        "cpu_seconds": trainer.cpu_seconds,
        "images": trainer.steps * run.recipe.batch_size,
        "peak_memory_bytes": device.peak_memory(),
    }
    return Outcome(trainer.metrics(), trainer.history, cost, trainer.ema.model)
