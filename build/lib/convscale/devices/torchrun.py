"""Processes that torchrun started, one for each GPU, or several on CPUs: DistributedDataParallel."""

import atexit
import contextlib
import functools
import os
from collections.abc import Callable, Sequence

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from .seam import Device


@functools.cache
def subgroup(span: int) -> dist.ProcessGroup:
    """The `span` neighbouring processes to which this one belongs; made once, and by all processes together."""
    return dist.new_subgroups(span)[0]


class TorchrunDevice(Device):
    """This process's GPU (number LOCAL_RANK of its machine) or CPU, and the way to the other processes.

    Raises RuntimeError if the machine has fewer GPUs than processes.
    """

    def __init__(self, kind: str):
        super().__init__(kind)
        if kind == "cuda":
            local, gpus = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
            if local >= gpus:
                raise RuntimeError(f"process {local} of this machine has no GPU: torchrun --nproc-per-node {gpus}")
            self.torch = torch.device("cuda", local)
            torch.cuda.set_device(self.torch)
        if not dist.is_initialized():
            dist.init_process_group("nccl" if kind == "cuda" else "gloo")
            atexit.register(self.close)
        self.rank, self.world = dist.get_rank(), dist.get_world_size()
        self.shards = self.world

    @property
    def count(self) -> int:
        return super().count * self.world

    def parallel(self, model: nn.Module) -> nn.Module:
        # Buffers are batch norm's statistics, which `mean_buffers_` averages when they are needed.
        gpus = [self.torch] if self.kind == "cuda" else None
        return DistributedDataParallel(model, gpus, broadcast_buffers=False, gradient_as_bucket_view=True)

    def accumulating(self, parallel_model: nn.Module, last: bool) -> contextlib.AbstractContextManager:
        return contextlib.nullcontext() if last else parallel_model.no_sync()

    def gather(self, span: int) -> Callable[[Tensor], Tensor]:
        """All processes have to ask for it, in the same order."""
        group = subgroup(span)

        def gathered(t: Tensor) -> Tensor:
            stacked = t.new_empty((span, *t.shape))
            dist.all_gather_into_tensor(stacked.flatten(0, 1), t.contiguous(), group)
            return stacked

        return gathered

    @torch.no_grad()
    def mean_buffers_(self, tensors: Sequence[Tensor]) -> None:
        if not tensors:
            return
        flat = torch.cat([t.flatten() for t in tensors])
        dist.all_reduce(flat)
        for t, mean in zip(tensors, (flat / self.world).split([t.numel() for t in tensors]), strict=True):
            t.copy_(mean.view_as(t))

    def total(self, values: Sequence[float]) -> list[float]:
        sums = torch.tensor(values, dtype=torch.float64, device=self.torch)
        dist.all_reduce(sums)
        return sums.tolist()

    def barrier(self) -> None:
        dist.barrier()

    def close(self) -> None:
        if dist.is_initialized():
            dist.destroy_process_group()
