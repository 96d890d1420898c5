"""One optimizer step: from a batch of pixels and what the schedule says to new weights."""

import numpy as np
import torch
from torch import Tensor, nn

from ..augment import Draws, draw_batch, mix, mixed_loss, noise_cutout, normalise, randaugment_batch
from ..augment.draws import shard
from ..datasets import Batch
from ..devices import Device
from ..recipes import Pixels, Run, Stage
from ..recipes.schedule import ema_decay_at
from .batchnorm import keeps_statistics, to_training
from .optim import Ema, init_state, optimizer_for
from .regularize import set_rates
from .statistics import PassStatistics


class Step:
    """Model, moving average and optimizer of one run. Calling it takes one step.

    All randomness is keyed by seed and step. What the host draws (partners and weights of mixup, boxes, operations)
    is drawn for the whole batch and cut into the parts that processes and accumulation take, so that any number of
    them makes the same images; only masks of dropout and stochastic depth are drawn where they are used. Whatever
    changes from step to step reaches the device as a tensor: nothing is compiled into a graph.
    """

    def __init__(
        self, run: Run, model: nn.Module, device: Device, compile: bool = False, weight_K: Tensor | None = None
    ):
        """`weight_K` weighs the classes in the loss."""
        self.run, self.device = run, device
        self.weight_K = None if weight_K is None else weight_K.to(device.torch)
        self.model = to_training(model, frozen_bn=keeps_statistics(run))  # what is evaluated is the moving average
        self.optimizer = optimizer_for(model, run.recipe, device.traced)
        init_state(self.optimizer)
        self.ema = Ema(model)
        self.statistics = PassStatistics(model) if run.accumulate > 1 and not keeps_statistics(run) else None
        self.settle()
        self.scaler = device.scaler(run.precision)
        self.parallel = device.parallel(model)
        self.forward = torch.compile(self.parallel, dynamic=False) if compile else self.parallel

    def __call__(self, batch: Batch, stage: Stage, step: int, lr: float) -> Tensor:
        """One step at `stage`'s size and regularization; returns the mean loss of this process on the device."""
        run, device = self.run, self.device
        rng = np.random.default_rng([run.seed, step])
        drawn = draw_batch(run, stage, rng)
        device.seed(int(rng.integers(2**31)))
        now = device.scalars(
            lr=lr,
            dropout=stage.dropout,
            drop_path=run.recipe.drop_path_rate if stage.drop_path is None else stage.drop_path,
            magnitude=stage.randaugment,
            ema=1 - ema_decay_at(step, run.recipe.ema_decay),
        )
        set_rates(self.model, dropout=now["dropout"], drop_path=now["drop_path"])
        parts, losses = run.accumulate, []
        if self.statistics:
            self.statistics.begin()
        for part in range(parts):
            pixels, labels = shard(batch.x_BCHW, part, parts), shard(batch.labels, part, parts)
            mine = drawn.shard(device.rank * parts + part, device.world * parts)
            with device.accumulating(self.parallel, last=part == parts - 1):
                loss = self.loss(pixels, labels, mine, now["magnitude"], stage) / parts
                self.scaler.scale(loss).backward()
            losses.append(loss.detach())
            if self.statistics:
                self.statistics.note()
        if self.statistics:
            self.statistics.move()  # once a step, as a batch of as many groups would
        for group in self.optimizer.param_groups:
            group["lr"] = device.number(lr, now["lr"])
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad()
        self.ema.update(now["ema"])
        loss = torch.stack(losses).sum()  # before the step ends, or it would be part of the next one's graph
        device.end_step()
        return loss

    def loss(self, pixels: Tensor, labels: Tensor, drawn: Draws, magnitude: Tensor, stage: Stage) -> Tensor:
        """Mean loss of one part of a batch: uint8 x_BCHW, labels and what was drawn for them."""
        recipe, device = self.run.recipe, self.device
        x_BCHW, labels = device.put((pixels, labels))
        drawn = drawn.map(lambda t: device.put((t,))[0])
        if drawn.layers:
            distances = Pixels(recipe.translate_px, recipe.cutout_px)
            x_BCHW = randaugment_batch(x_BCHW, magnitude, drawn.layers, distances, recipe.operations)
        x_BCHW = normalise(x_BCHW, recipe.normalisation)
        if drawn.places_B2 is not None:
            x_BCHW = noise_cutout(x_BCHW, drawn.places_B2)
        if stage.mixup or stage.cutmix or device.traced:  # mixing nothing is then the same graph
            x_BCHW = mix(x_BCHW, drawn.mixing)
        with device.autocast(self.run.precision, stage.image_size):
            logits_BK = self.forward(x_BCHW)
        return mixed_loss(logits_BK.float(), labels, drawn.mixing, recipe.label_smoothing, self.weight_K)

    def settle(self) -> None:
        """Send all that a step changes to the device, so that the first step is the same graph as all others."""
        state = [t for values in self.optimizer.state.values() for t in values.values() if isinstance(t, Tensor)]
        self.device.settle([*self.ema.model.parameters(), *self.ema.model.buffers(), *state])

    def average_buffers(self) -> None:
        """Bring batch norm's statistics of all processes together; needed before anything looks at them."""
        tensors = (*self.model.buffers(), *self.ema.model.buffers())
        self.device.mean_buffers_([t for t in tensors if t.is_floating_point() and t.dim()])

    def state_dict(self) -> dict:
        parts = dict(model=self.model, ema=self.ema.model, optimizer=self.optimizer, scaler=self.scaler)
        return {name: part.state_dict() for name, part in parts.items()}

    def load_state_dict(self, state: dict) -> None:
        self.model.load_state_dict(state["model"])
        self.ema.model.load_state_dict(state["ema"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])
        self.settle()
