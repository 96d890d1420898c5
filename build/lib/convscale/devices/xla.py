"""The XLA devices: Cloud TPU, or any PJRT device (PJRT_DEVICE=CPU runs the same graphs on a laptop).

The only file that imports torch_xla.
"""

from collections.abc import Iterable

import numpy as np
import torch
import torch_xla
import torch_xla.core.xla_model as xm
import torch_xla.distributed.spmd as xs
import torch_xla.runtime as xr
from torch import Tensor, nn

from .seam import Device


class XlaDevice(Device):
    """All XLA devices as one, on which operations are traced lazily and compiled once per distinct graph.

    With several devices the compiler splits each graph along the batch (SPMD), so tensors are global: batch norm
    sees the whole batch, and a process of several (TPU slices, one for each host) reads sums over all images.
    Several hosts have not been run by us.
    """

    traced = True

    def __init__(self):
        self.kind = "xla"
        self.shards = xr.global_runtime_device_count()
        if self.shards > 1 and not xr.is_spmd():
            xr.use_spmd()
        self.mesh = xs.Mesh(np.arange(self.shards), (self.shards,), ("batch",)) if self.shards > 1 else None
        self.rank, self.world = xr.process_index(), xr.process_count()
        self.torch = torch_xla.device()
        # At its first backward pass torch starts a thread for each device known then; without XLA's, a process that
        # has trained on CPU before could not on XLA (pytorch/xla issue 4174). In our own thread it always can.
        torch.autograd.set_multithreading_enabled(False)

    @property
    def name(self) -> str:
        return f"XLA:{xr.device_type()}"

    @property
    def count(self) -> int:
        return self.shards

    def model(self, model: nn.Module) -> nn.Module:
        model = model.to(self.torch)  # XLA chooses its own layout
        self.settle((*model.parameters(), *model.buffers()))
        return model

    def settle(self, tensors: Iterable[Tensor]) -> None:
        # Unsent zeros would be constants of the first step's graph, and in SPMD the first step's results come back
        # marked as whole on every device: either way the second step would be another graph.
        if self.mesh is not None:
            for t in tensors:
                xs.mark_sharding(t, self.mesh, (None,) * t.dim())
        torch_xla.sync()

    def put(self, batch: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return super().put(batch) if self.mesh is None else tuple(self.sharded(t) for t in batch)

    def sharded(self, t: Tensor) -> Tensor:
        """`t`, cut along its first dimension over all devices; `minibatch`: each host gives its own share."""
        if t.dim() == 0:
            return t.to(self.torch)
        spec = xs.ShardingSpec(self.mesh, ("batch", *[None] * (t.dim() - 1)), minibatch=self.world > 1)
        return xm.send_cpu_data_to_device(t, self.torch, input_sharding=spec)[0]

    def seed(self, seed: int) -> None:
        torch.manual_seed(seed)
        torch_xla.manual_seed(seed)

    def end_step(self) -> None:
        torch_xla.sync()

    def wait(self, result: object = None) -> None:
        if isinstance(result, Tensor):  # what a graph that was sent makes; reading it waits for the graph
            result.cpu()

    def seen(self, batch_size: int) -> int:
        super().seen(batch_size)  # its error
        return batch_size

    def automatic(self, image_size: int | None) -> str:
        return "bfloat16" if xr.device_type() == "TPU" else "float32"

    def free_memory(self) -> int:
        """Bytes left on the first device; where the runtime does not count them (XLA:CPU), in the machine."""
        try:
            info = xm.get_memory_info(self.torch)
            return info["bytes_limit"] - info["bytes_used"]
        except RuntimeError:
            return super().free_memory()

    def peak_memory(self) -> int:
        """Peak bytes of the first device; where the runtime does not count them (XLA:CPU), of this process."""
        try:
            return xm.get_memory_info(self.torch)["peak_bytes_used"]  # type: ignore[typeddict-item]  # not in its stub
        except RuntimeError:
            return super().peak_memory()
