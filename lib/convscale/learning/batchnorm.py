"""Batch norm over groups of the global batch: the same numbers on one device, many processes and an XLA mesh.

The papers' batch norm does not see the global batch, nor one core's part of it. The released code of EfficientNet
averages statistics over groups of max(8, cores / 8) TPU cores (tpu efficientnet utils.py), that of EfficientNetV2 over
groups of up to 8 (automl utils.py). What is left of a core in the result is the number of images in such a group.

Momentum is PyTorch's, the weight of the new statistics, 1 - TensorFlow's: 0.01 for EfficientNet (V1 section 5.2: 0.99),
0.01 (V2 section 5.1: 0.99) or 0.1 (automl hparams.py: 0.9) for EfficientNetV2, 1 for ResNet-RS, whose averages of
weights average the statistics too (tpu resnet_main.py: 0).
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from timm.layers import BatchNormAct2d
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ..devices import Device
from ..recipes import Run

Gather = Callable[[Tensor], Tensor]


class Grouped:
    """Mixin for a batch norm: in training, statistics of each group of consecutive images.

    Running statistics move by `momentum` towards the mean over groups (TensorFlow's MEAN aggregation) of their means
    and unbiased variances. Statistics are float32 or better, whatever the input is. In evaluation nothing changes.
    """

    images: int  # of one group in this process
    gather: Gather | None  # stacks what the processes know that share a group; None: a group is in one process
    traced: bool  # whether all groups are one expression, which a compiler then splits

    def forward(self, x: Tensor) -> Tensor:
        """x_BC... -> same shape. Raises ValueError for a batch that is not made of whole groups."""
        if not self.training:
            return super().forward(x)
        if len(x) % self.images:
            raise ValueError(f"batch norm in groups of {self.images} images got {len(x)}: use a multiple of the group")
        self.num_batches_tracked.add_(1)
        if self.gather:
            y, mean_GC, var_GC = across_processes(x, self)
        else:
            y, mean_GC, var_GC = reshaped(x, self) if self.traced else sliced(x, self)
        with torch.no_grad():
            self.running_mean.lerp_(mean_GC.mean(0), self.momentum)
            self.running_var.lerp_(var_GC.mean(0), self.momentum)
        return self.act(self.drop(y)) if isinstance(self, BatchNormAct2d) else y


class GroupedBatchNorm2d(Grouped, nn.BatchNorm2d):
    pass


class GroupedBatchNorm3d(Grouped, nn.BatchNorm3d):
    pass


class GroupedBatchNormAct2d(Grouped, BatchNormAct2d):
    pass


GROUPED = {
    nn.BatchNorm2d: GroupedBatchNorm2d,
    nn.BatchNorm3d: GroupedBatchNorm3d,
    BatchNormAct2d: GroupedBatchNormAct2d,
}
PLAIN = {grouped: plain for plain, grouped in GROUPED.items()}


def set_batch_norm(
    model: nn.Module, device: Device, *, batch_size: int, group: int | None = None, momentum: float | None = None
) -> nn.Module:
    """`model` with batch norms that take statistics of `group` consecutive images of the global batch.

    `batch_size` counts the images of one forward pass over all processes, of which each computes an equal share of
    consecutive images. `group` None is all of them. `momentum` None leaves every layer's own. Layers that have to be
    others are exchanged in the model, with the same parameters, buffers and names; where one process's share is one
    group they are torch's own. All processes have to call this together.

    Raises ValueError for groups that do not fit the batch and its shares, and where groups are needed for batch norms
    other than those of `GROUPED` with weights, running statistics and a momentum.
    """
    seen = device.seen(batch_size)
    group = batch_size if group is None else group
    check_group(group, batch_size, seen)
    gather = device.gather(group // seen) if group > seen else None
    for name, layer in list(model.named_modules()):
        if not isinstance(layer, _BatchNorm):
            continue
        plain = PLAIN.get(type(layer), type(layer))
        layer.momentum = layer.momentum if momentum is None else momentum
        complete = all(part is not None for part in (layer.weight, layer.running_mean, layer.momentum))
        groupable = plain in GROUPED and complete
        if group != seen and not groupable:
            allowed = ", ".join(known.__name__ for known in GROUPED)
            raise ValueError(
                f"batch norm {name} ({plain.__name__}) cannot be grouped: use one of {allowed} with weights, "
                f"running statistics and a momentum, or groups of {seen} images"
            )
        # One group of all images is torch's own layer, but XLA's version of that keeps the biased variance.
        in_groups = groupable and (group != seen or device.traced)
        exchanged = as_kind(GROUPED[plain] if in_groups else plain, layer)
        if isinstance(exchanged, Grouped):
            exchanged.images, exchanged.gather, exchanged.traced = min(group, seen), gather, device.traced
        if layer is model:
            return exchanged
        model.set_submodule(name, exchanged)
    return model


def keeps_statistics(run: Run) -> bool:
    """Whether batch norms stay as in evaluation: where that is asked for, and in a body that is not trained."""
    return run.frozen_bn or run.trained == "classifier"


def to_training(model: nn.Module, *, frozen_bn: bool = False) -> nn.Module:
    """`model` in training mode; with `frozen_bn` its batch norms are as in evaluation, and leave their statistics be.

    Their weights and biases are trained in both cases.
    """
    model.train()
    if frozen_bn:
        for layer in model.modules():
            if isinstance(layer, _BatchNorm):
                layer.eval()
    return model


def check_group(group: int, batch_size: int, seen: int) -> None:
    """Raise ValueError, with the groups that fit, unless `group` is whole shares of a batch or a whole part of one."""
    fitting = [g for g in range(1, batch_size + 1) if batch_size % g == 0 and (g % seen == 0 or seen % g == 0)]
    if group not in fitting:
        raise ValueError(
            f"batch norm in groups of {group} images does not fit {batch_size} images in shares of {seen}: "
            f"use one of {', '.join(map(str, fitting))}"
        )


def as_kind(kind: type[_BatchNorm], layer: _BatchNorm) -> _BatchNorm:
    """`layer` itself if it is of this kind, else one of this kind with its parameters, buffers and inner modules."""
    if type(layer) is kind:
        return layer
    made = kind(layer.num_features, layer.eps, layer.momentum, device="meta").train(layer.training)
    for name in (*layer._parameters, *layer._buffers, *layer._modules):
        setattr(made, name, getattr(layer, name))
    return made


def statistics_dtype(x: Tensor) -> torch.dtype:
    return torch.promote_types(x.dtype, torch.float32)


def sliced(x: Tensor, layer: Grouped) -> tuple[Tensor, Tensor, Tensor]:
    """Group by group with torch's own kernels: fastest on CPU and CUDA, and no float32 copy is kept for backward."""
    outputs, means, variances = [], [], []
    for part in x.split(layer.images):
        # With momentum 1 the kernel leaves this group's statistics where it updates running ones.
        mean_C, var_C = torch.zeros_like(layer.running_mean), torch.zeros_like(layer.running_var)
        outputs.append(F.batch_norm(part, mean_C, var_C, layer.weight, layer.bias, True, 1.0, layer.eps))
        means.append(mean_C)
        variances.append(var_C)
    return torch.cat(outputs), torch.stack(means), torch.stack(variances)


def reshaped(x: Tensor, layer: Grouped) -> tuple[Tensor, Tensor, Tensor]:
    """As one expression that XLA fuses, and splits along the groups where the batch is split."""
    groups = x.to(statistics_dtype(x)).unflatten(0, (-1, layer.images))  # GBC...
    dims = [d for d in range(groups.dim()) if d not in (0, 2)]
    var, mean = torch.var_mean(groups, dims, correction=0, keepdim=True)
    weight, bias = (p.view(-1, *[1] * (x.dim() - 2)) for p in (layer.weight, layer.bias))
    y = ((groups - mean) * ((var + layer.eps).rsqrt() * weight) + bias).flatten(0, 1).to(x.dtype)
    count = groups[0, :, 0].numel()
    return y, mean.flatten(1), var.flatten(1) * (count / (count - 1))


def across_processes(x: Tensor, layer: Grouped) -> tuple[Tensor, Tensor, Tensor]:
    """One group in several processes (torch's SyncBatchNorm runs on GPUs only, and makes other modules)."""
    y, mean_C, var_C, count = AcrossProcesses.apply(x, layer.weight, layer.bias, layer.eps, layer.gather)
    return y, mean_C[None], var_C[None] * (count / (count - 1))


class AcrossProcesses(torch.autograd.Function):
    """Batch norm of equal shares of a group; torch's evaluation kernels do the work on x in its own precision."""

    @staticmethod
    def forward(ctx, x: Tensor, weight_C: Tensor, bias_C: Tensor, eps: float, gather: Gather):
        dims = [d for d in range(x.dim()) if d != 1]
        own = torch.var_mean(x.to(statistics_dtype(x)), dims, correction=0)
        var_SC, mean_SC = gather(torch.stack(own)).unbind(1)  # S shares
        mean_C, var_C = mean_SC.mean(0), var_SC.mean(0) + mean_SC.var(0, correction=0)
        ctx.save_for_backward(x, weight_C, mean_C, var_C)
        ctx.eps, ctx.gather, ctx.count = eps, gather, len(var_SC) * x[:, 0].numel()
        ctx.mark_non_differentiable(mean_C, var_C)
        return F.batch_norm(x, mean_C, var_C, weight_C, bias_C, eps=eps), mean_C, var_C, ctx.count

    @staticmethod
    def backward(ctx, dy: Tensor, *_):
        x, weight_C, mean_C, var_C = ctx.saved_tensors
        # As if the statistics were constants: dx = dy * weight * istd, dweight = sum(dy * (x - mean) * istd).
        dx, dweight_C, dbias_C = torch.ops.aten.native_batch_norm_backward(
            dy, x, weight_C, mean_C, var_C, None, None, False, ctx.eps, [True, True, True]
        )
        # What x does through mean and variance is affine in x; its factors sum over the whole group.
        group_dweight_C, group_dbias_C = ctx.gather(torch.stack((dweight_C, dbias_C))).sum(0)
        istd_C = (var_C + ctx.eps).rsqrt()
        slope_C = -weight_C * istd_C**2 * group_dweight_C / ctx.count
        offset_C = -weight_C * istd_C * group_dbias_C / ctx.count - slope_C * mean_C
        slope, offset = (t.view(-1, *[1] * (x.dim() - 2)) for t in (slope_C, offset_C))
        return (dx + (x * slope + offset)).to(x.dtype), dweight_C, dbias_C, None, None
