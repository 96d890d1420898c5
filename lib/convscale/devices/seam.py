"""CPU and CUDA behind one small class, which `xla.py`, the only file that imports torch_xla, extends."""

import contextlib
import platform
import resource

import torch
from torch import Tensor

from ..errors import check_name

PRECISIONS = ("float32", "bfloat16")


class Device:
    """CPU or one CUDA GPU. All values that change from step to step reach the model as tensors made here."""

    def __init__(self, kind: str):
        self.kind = kind
        self.torch = torch.device(kind)

    @property
    def name(self) -> str:
        """What a reader should see: the GPU's name, or the processor's."""
        return torch.cuda.get_device_name() if self.kind == "cuda" else processor_name()

    @property
    def count(self) -> int:
        """Accelerators, or CPU threads in use."""
        return 1 if self.kind == "cuda" else torch.get_num_threads()

    def model(self, model: torch.nn.Module) -> torch.nn.Module:
        """`model` on the device in channels-last layout, which is faster on CPU and CUDA alike."""
        return model.to(self.torch, memory_format=torch.channels_last)

    def put(self, batch: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return tuple(t.to(self.torch, non_blocking=True) for t in batch)

    def scalars(self, **values: float) -> dict[str, Tensor]:
        """Schedule values as 0-d float tensors, sent in one transfer; none is baked into a compiled graph."""
        return dict(zip(values, torch.tensor(list(values.values())).to(self.torch).unbind(), strict=True))

    def seed(self, seed: int) -> None:
        torch.manual_seed(seed)

    def end_step(self) -> None:
        """Tell a lazy device that the step is complete."""

    def autocast(self, precision: str) -> contextlib.AbstractContextManager:
        """Context of the forward pass. Raises ValueError for a precision not in `PRECISIONS`."""
        if check_name("precision", precision, PRECISIONS) == "float32":
            return contextlib.nullcontext()
        return torch.autocast(self.torch.type, torch.bfloat16)

    def peak_memory(self) -> int:
        """Peak bytes: of the GPU's allocator, or of this whole process."""
        if self.kind == "cuda":
            return torch.cuda.max_memory_allocated()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def processor_name() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
