"""The state of one run between steps: what it trains on, what it has learned, what it has cost."""

import math
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from .. import augment, datasets
from ..augment import Crops, randaugment_on_device, recipe_pixels, train_transform
from ..datasets import ArraySet, Batch, Images, KeyedSampler, TrainSet, Unreadable, train_loader
from ..devices import Device
from ..recipes import Run, canonical, lr_share, stage_at
from .balance import balanced
from .batchnorm import set_batch_norm
from .chosen import images_of, trained_on, training_pool
from .earlier import with_pseudo_labels
from .evaluation import evaluate
from .regularize import warn_of_low_magnitudes, warn_of_missing_drops
from .start import check_kept, check_stages, started, with_frozen_body
from .statistics import with_precise_statistics
from .step import Step

REMEDY = "lower the learning rate or lengthen the warm-up; the last checkpoint is from before"


class Trainer:
    """Images, network and schedule of a run, and how far it has come; `fit` drives it.

    `workers` processes load images, for training and for evaluation; with 0 this one does. The folder `earlier` has the
    weights of the runs that this one builds on.
    """

    def __init__(
        self,
        run: Run,
        device: Device,
        workers: int = 0,
        compile: bool = False,
        earlier: Path | str | None = None,
    ):
        self.run, self.device, self.workers, recipe = run, device, workers, run.recipe
        check_kept(run)
        check_stages(run, device.shards)
        warn_of_low_magnitudes(run)
        self.labelled, held_out, self.test = images_of(run)
        self.train, self.teacher_top1 = self.labelled, math.nan
        if run.teacher:
            pool, _ = training_pool(run)
            both = pool.take(np.concatenate(trained_on(run, pool)))
            own = len(self.labelled)
            self.train, self.teacher_top1 = with_pseudo_labels(both, own, run.teacher, device, workers, earlier)
        self.curve_images = datasets.subset(held_out, run.curve_images)
        self.unreadable = Unreadable(self.train)
        self.steps, self.steps_per_epoch = run.length(len(self.train))
        self.stage = partial(
            stage_at, run.schedule, steps=self.steps, steps_per_epoch=self.steps_per_epoch, seed=run.seed
        )
        self.batches = self.made_batches()
        model = started(run, self.train.classes, earlier)
        if run.trained == "classifier":
            with_frozen_body(model)
        drop_path = max(recipe.drop_path_rate, *(stage.drop_path or 0 for stage in run.schedule.stages))
        warn_of_missing_drops(model, run.model_name, max(stage.dropout for stage in run.schedule.stages), drop_path)
        model = device.model(model)
        group_of = recipe.batch_size // run.accumulate
        model = set_batch_norm(model, device, batch_size=group_of, group=recipe.bn_group, momentum=recipe.bn_momentum)
        weight_K = balanced(self.train) if run.class_weights == "balanced" else None
        self.take_step = Step(run, model, device, compile, weight_K)
        self.model = self.take_step.ema.model  # the averaged weights, which are what is evaluated and kept
        self.step, self.seconds, self.cpu_seconds = 0, 0.0, 0.0
        self.history: list[dict] = []
        self.halfway: dict[str, float] = {}  # what was asked for after half of the steps
        self.losses: list[float] = []  # of the steps since the last point of the curve
        self.unread: list[Tensor] = []  # those of them that are still on the device

    @cached_property
    def identity(self) -> dict:
        """The run in canonical form, a folder by its images: what a checkpoint is of."""
        return canonical(datasets.identified(self.run))

    def loader(self) -> DataLoader:
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
        return train_loader(self.batches, sampler, self.workers, pin_memory=device.kind == "cuda")

    def made_batches(self) -> Dataset:
        """What makes a batch of the sampler's items: pixels, or what the device needs to cut them out of its images."""
        run = self.run
        flip = datasets.flips(run.dataset) if run.recipe.flip is None else run.recipe.flip
        transform = train_transform(run.recipe, flip, randaugment=not randaugment_on_device(run))
        self.held = None
        count = self.steps * run.recipe.batch_size
        if run.recipe.pixel_path == "torch":
            return ArraySet(self.train, augment.array_transform(transform, count), run.seed)
        least = min(stage.image_size for stage in run.schedule.stages)
        self.held = augment.held_images(self.train, transform, self.device, count, least)
        if self.held is not None and self.train.decoded is not None:
            return augment.CropBatches(self.train, self.train.decoded, transform, run.seed)
        whole = augment.whole_batches(self.train, transform, run.seed, count)
        return TrainSet(self.train, transform, run.seed) if whole is None else whole

    def size_and_magnitude(self, step: int) -> tuple[int, float]:
        stage = self.stage(step)
        return stage.image_size, stage.randaugment

    def lr(self, step: int) -> float:
        return self.run.recipe.learning_rate * lr_share(self.run.recipe, step, self.steps, self.steps_per_epoch)

    def advance(self, batch: Batch) -> None:
        """Take one step."""
        self.unreadable.note(batch.unreadable_B)
        if self.held is not None:
            batch = batch._replace(x_BCHW=augment.crop_on_device(self.held, Crops(*self.device.put(batch.x_BCHW))))
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
                + REMEDY
            )
        self.losses += losses

    def prepare(self) -> None:
        """Give the averaged weights the statistics that they are evaluated and kept with."""
        self.take_step.average_buffers()
        run = self.run
        if not run.bn_batches:
            return
        batch_size = run.recipe.batch_size // run.accumulate
        order = np.random.default_rng([*b"batch norm", run.seed]).permutation(len(self.train))
        images = self.train.take(order[: min(run.bn_batches, len(order) // batch_size) * batch_size])
        pixels = recipe_pixels(run.recipe, run.eval_size)
        averaged = self.take_step.ema.model
        self.model = with_precise_statistics(
            averaged, images, pixels, self.device, run.precision, self.workers, batch_size
        )

    def mark(self) -> None:
        """Add a point to the curve."""
        self.read_losses()
        train_loss, self.losses = math.fsum(self.losses) / max(1, len(self.losses)), []
        self.prepare()
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

    def mark_halfway(self) -> None:
        """Test on all test images, for the metrics at the end."""
        self.prepare()
        self.halfway = {"test_top1_halfway": self.evaluated(self.test)["top1"]}

    def evaluated(self, images: Images, size: int | None = None, model: nn.Module | None = None) -> dict[str, float]:
        """Results of the averaged weights, or of `model`, at the run's size or another (px)."""
        run = self.run
        pixels = recipe_pixels(run.recipe, size or run.eval_size)
        model = self.model if model is None else model
        try:
            return evaluate(model, images, pixels, self.device, run.precision, self.workers)
        except FloatingPointError as error:
            raise FloatingPointError(f"at step {self.step}: {error}; {REMEDY}") from None

    def metrics(self, train_top1: bool) -> dict[str, float]:
        """Accuracy of the averaged weights on all test images and, where asked, on the labelled training images."""
        self.prepare()
        tested = self.evaluated(self.test)
        found = {"test_top1": tested["top1"], "test_loss": tested["loss"]}
        return found | ({"train_top1": self.evaluated(self.labelled)["top1"]} if train_top1 else {})

    def state(self) -> dict:
        """Everything that `resume` needs, and the run it is of."""
        self.read_losses()
        self.take_step.average_buffers()
        names = ("step", "history", "halfway", "seconds", "cpu_seconds", "losses")
        progress = {name: getattr(self, name) for name in names}
        about = dict(run=self.identity, unreadable=self.unreadable.indices)
        return about | progress | self.take_step.state_dict()

    def resume(self, state: dict) -> None:
        """Go on where `state` was taken."""
        self.take_step.load_state_dict(state)
        for name in ("step", "history", "seconds", "cpu_seconds", "losses"):
            setattr(self, name, state[name])
        self.halfway = state.get("halfway", {})  # states of before have none
        self.unreadable.note(state["unreadable"])
