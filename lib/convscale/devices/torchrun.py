"""Processes that torchrun started, one for each GPU, or several on CPUs: DistributedDataParallel."""

import atexit
import contextlib
import functools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import signature

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from .rendezvous import store_of_this_start
from .seam import Device


@functools.cache
def subgroup(span: int) -> dist.ProcessGroup:
    """The `span` neighbouring processes to which this one belongs; made once, and by all processes together."""
    return dist.new_subgroups(span)[0]


@dataclass(frozen=True)
class Place:
    """Stands for a tensor, by its number, while the rest of a value is sent."""

    number: int


def with_places(value, tensors: list[Tensor]):
    """Nested dicts and lists with a `Place` for each tensor, which is added to `tensors`."""
    if isinstance(value, Tensor):
        tensors.append(value.contiguous())
        return Place(len(tensors) - 1)
    if isinstance(value, dict):
        return {key: with_places(inner, tensors) for key, inner in value.items()}
    return [with_places(inner, tensors) for inner in value] if isinstance(value, list) else value


def with_tensors(value, tensors: list[Tensor]):
    """What `with_places` was given."""
    if isinstance(value, Place):
        return tensors[value.number]
    if isinstance(value, dict):
        return {key: with_tensors(inner, tensors) for key, inner in value.items()}
    return [with_tensors(inner, tensors) for inner in value] if isinstance(value, list) else value


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
            rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
            store = store_of_this_start(rank, world)
            place = {"store": store, "rank": rank, "world_size": world} if store else {}
            dist.init_process_group("nccl" if kind == "cuda" else "gloo", **place)
            atexit.register(self.close)
        self.rank, self.world = dist.get_rank(), dist.get_world_size()
        self.shards = self.world

    @property
    def count(self) -> int:
        return super().count * self.world

    def parallel(self, model: nn.Module) -> nn.Module:
        # Buffers are batch norm's statistics, which `mean_buffers_` averages when they are needed.
        gpus = [self.torch] if self.kind == "cuda" else None
        known = signature(DistributedDataParallel).parameters
        option = "forward_sync_buffers" if "forward_sync_buffers" in known else "broadcast_buffers"  # as up to 2.12
        return DistributedDataParallel(model, gpus, gradient_as_bucket_view=True, **{option: False})

    def accumulating(self, parallel_model: nn.Module, last: bool) -> contextlib.AbstractContextManager:
        return contextlib.nullcontext() if last else parallel_model.no_sync()

    def gather(self, span: int) -> Callable[[Tensor], Tensor]:
        """All processes have to ask for it, in the same order."""
        group = subgroup(span)
        gather_into = getattr(dist, "all_gather_single", None) or dist.all_gather_into_tensor  # the name up to 2.12

        def gathered(t: Tensor) -> Tensor:
            stacked = t.new_empty((span, *t.shape))
            gather_into(stacked.flatten(0, 1), t.contiguous(), group)
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

    def from_main(self, value):
        tensors: list[Tensor] = []
        told = [with_places(value, tensors), [(t.shape, t.dtype) for t in tensors]]
        dist.broadcast_object_list(told, device=self.torch)
        plain, about = told
        for place, (shape, dtype) in enumerate(about):  # one by one, as a device may not hold a state twice
            t = tensors[place].to(self.torch) if self.is_main else torch.empty(shape, dtype=dtype, device=self.torch)
            dist.broadcast(t, 0)
            if not self.is_main:
                tensors.append(t.cpu())
        return value if self.is_main else with_tensors(plain, tensors)

    def barrier(self) -> None:
        dist.barrier()

    def close(self) -> None:
        if dist.is_initialized():
            dist.destroy_process_group()
