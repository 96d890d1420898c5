"""The state of one run between steps: what it trains on, what it has learned, what it has cost."""

import math
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from .. import datasets
from ..datasets import MINIVAL_SHARE, Batch, DataMissing, Images, KeyedSampler, Unreadable, train_loader
from ..devices import Device
from ..errors import check_name
from ..models import build, load_weights
from ..models.batchnorm import set_batch_norm
from ..models.timm_drops import build_with_drops, load_file_but_classifier
from .accuracy import evaluate
from .augment import train_transform
from .regularize import warn_of_missing_drops
from .run import Run, canonical
from .schedule import lr_share, stage_at
from .step import Step, host_draws, on_device

# name -> share of the training images that is held out for the curve and the choice of the best weights
VALIDATIONS = {
    "test": 0.0,
    "minival": MINIVAL_SHARE,
    "tenth": 0.1,
}  # a tenth is ours, for sets of a few thousand images


def network(run: Run, num_classes: int) -> nn.Module:
    """The run's model, with the weights that it starts from and our `Drop` wherever something can be dropped."""
    torch.manual_seed(run.seed)
    if run.model.startswith("timm:"):
        name, pretrained = run.model.removeprefix("timm:"), run.weights == "pretrained"
        model = build_with_drops(name, num_classes, pretrained=pretrained)
        return model if pretrained or run.weights is None else load_file_but_classifier(model, run.weights)
    model = build(run.model, num_classes)
    return load_weights(model, run.weights, classifier=False) if run.weights else model


def check_stages(run: Run) -> None:
    """Raise ValueError now for what would else end the run when its stage comes: sizes and batches that do not fit."""
    with torch.device("meta"):
        model = network(replace(run, weights=None), num_classes=2).eval()
        for size in {run.eval_size, *(stage.image_size for stage in run.schedule.stages)}:
            try:
                model(torch.empty(2, 3, size, size))
            except (RuntimeError, ValueError, AssertionError) as error:
                raise ValueError(f"{run.model} does not take images of {size} px: {error}") from None
    for stage in run.schedule.stages:
        host_draws(run, stage, np.random.default_rng(0))
    parts = run.accumulate
    if parts < 1 or run.recipe.batch_size % parts:
        raise ValueError(f"accumulate = {parts}: a batch of {run.recipe.batch_size} images has no {parts} equal parts")


def held_out_share(validate: str) -> float:
    """Raises ValueError for a name that is not in VALIDATIONS."""
    return VALIDATIONS[check_name("validate", validate, VALIDATIONS)]


def images_of(run: Run) -> tuple[Images, Images, Images]:
    """Training, validation and test images. A set without test images is tested on what is held out of training.

    Raises ValueError for an unknown `validate` and for splits of different classes, DataMissing without images.
    """
    share = held_out_share(run.validate)
    train = datasets.load(run.dataset, "train")
    if share == 0:
        test = held_out = datasets.load(run.dataset, "test")
    else:
        train, held_out = datasets.minival(train, share)
        try:
            test = datasets.load(run.dataset, "test")
        except DataMissing:
            test = held_out
    if test.classes != train.classes[: len(test.classes)]:
        raise ValueError(f"{run.dataset}: classes {test.classes} of the test images are not those of training")
    return datasets.subset(train, run.train_images), held_out, test


class Trainer:
    """Images, network and schedule of a run, and how far it has come; `fit` drives it."""

    def __init__(self, run: Run, device: Device, compile: bool = False):
        self.run, self.device, recipe = run, device, run.recipe
        check_stages(run)
        self.train, held_out, self.test = images_of(run)
        self.curve_images = datasets.subset(held_out, run.curve_images)
        self.unreadable = Unreadable(self.train)
        self.steps, self.steps_per_epoch = run.length(len(self.train))
        self.stage = partial(
            stage_at, run.schedule, steps=self.steps, steps_per_epoch=self.steps_per_epoch, seed=run.seed
        )
        model = network(run, len(self.train.classes))
        drop_path = max(recipe.drop_path_rate, *(stage.drop_path or 0 for stage in run.schedule.stages))
        warn_of_missing_drops(model, run.model, max(stage.dropout for stage in run.schedule.stages), drop_path)
        model = device.model(model)
        group_of = recipe.batch_size // run.accumulate
        set_batch_norm(model, device, batch_size=group_of, group=recipe.bn_group, momentum=recipe.bn_momentum)
        self.take_step = Step(run, model, device, compile)
        self.step, self.history, self.seconds, self.cpu_seconds = 0, [], 0.0, 0.0
        self.losses: list[float] = []  # of the steps since the last point of the curve
        self.unread: list[Tensor] = []  # those of them that are still on the device

    @property
    def model(self) -> nn.Module:
        """The averaged weights, which are what is evaluated and kept."""
        return self.take_step.ema.model

    def loader(self, workers: int) -> DataLoader:
        """Batches from the present step to the last."""
        run, device = self.run, self.device
        sampler = KeyedSampler(
            len(self.train),
            run.recipe.batch_size,
            self.step,
            self.steps,
            run.seed,
            self.size_and_magnitude,
            rank=device.rank,
            world=device.world,
            shards=self.train.shards if run.window else None,
            window=run.window,
        )
        flip = datasets.flips(run.dataset) if run.recipe.flip is None else run.recipe.flip
        transform = train_transform(run.recipe, flip, randaugment=not on_device(run))
        return train_loader(self.train, transform, sampler, run.seed, workers, pin_memory=device.kind == "cuda")

    def size_and_magnitude(self, step: int) -> tuple[int, float]:
        stage = self.stage(step)
        return stage.image_size, stage.randaugment

    def lr(self, step: int) -> float:
        return self.run.recipe.learning_rate * lr_share(self.run.recipe, step, self.steps, self.steps_per_epoch)

    def advance(self, batch: Batch) -> None:
        """Take one step."""
        self.unreadable.note(batch.unreadable_B)
        self.unread.append(self.take_step(batch, self.stage(self.step), self.step, self.lr(self.step)))
        self.step += 1

    def read_losses(self) -> None:
        """Fetch the losses that are still on the device. Raises FloatingPointError at the first that is no number."""
        if not self.unread:
            return
        # One by one, because stacking them would compile a graph on XLA for each number of losses.
        losses = [loss / self.device.world for loss in self.device.total([loss.item() for loss in self.unread])]
        first, self.unread = self.step - len(losses), []
        bad = next((i for i, loss in enumerate(losses) if not math.isfinite(loss)), None)
        if bad is not None:
            step = first + bad
            raise FloatingPointError(
                f"loss is {losses[bad]} at step {step} (learning rate {self.lr(step):.3g}, {self.stage(step)}): "
                "lower the learning rate or lengthen the warm-up; the last checkpoint is from before"
            )
        self.losses += losses

    def mark(self) -> None:
        """Add a point to the curve."""
        self.read_losses()
        train_loss, self.losses = math.fsum(self.losses) / max(1, len(self.losses)), []
        self.take_step.average_buffers()
        tested = self.evaluated(self.curve_images)
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

    def evaluated(self, images: Images) -> dict[str, float]:
        run = self.run
        return evaluate(self.model, images, run.eval_size, self.device, run.recipe, run.precision)

    def metrics(self) -> dict[str, float]:
        """Accuracy of the averaged weights on all test images and, without augmentation, on the training images."""
        self.take_step.average_buffers()
        tested, trained = self.evaluated(self.test), self.evaluated(self.train)
        return {"test_top1": tested["top1"], "test_loss": tested["loss"], "train_top1": trained["top1"]}

    def state(self) -> dict:
        """Everything that `resume` needs, and the run it is of."""
        self.read_losses()
        self.take_step.average_buffers()
        names = ("step", "history", "seconds", "cpu_seconds", "losses")
        progress = {name: getattr(self, name) for name in names}
        about = dict(run=canonical(self.run), unreadable=self.unreadable.indices)
        return about | progress | self.take_step.state_dict()

    def resume(self, state: dict) -> None:
        """Go on where `state` was taken."""
        self.take_step.load_state_dict(state)
        for name in ("step", "history", "seconds", "cpu_seconds", "losses"):
            setattr(self, name, state[name])
        self.unreadable.note(state["unreadable"])
