"""CPU, CUDA and XLA behind one small class. `xla.py` is the only file that imports torch_xla."""

import contextlib
import importlib.util
import os
import platform
import resource
from pathlib import Path

import torch
from torch import Tensor

from ..errors import check_name

KINDS = ("auto", "cpu", "cuda", "xla")
# (vendor, device) of TPU v2 to v7x; torch_xla 2.9, torch_xla/_internal/tpu.py
TPU_PCI_IDS = {("0x1ae0", device) for device in ("0x0027", "0x005e", "0x0062", "0x0063", "0x006f", "0x0076")}
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


def tpu_present() -> bool:
    """Whether PJRT_DEVICE asks for a TPU or, where it is not set, one is on the PCI bus.

    torch_xla would answer too, but importing it takes seconds on every machine that has none.
    """
    if asked := os.environ.get("PJRT_DEVICE"):
        return asked == "TPU"
    devices = Path("/sys/bus/pci/devices")
    ids = {((d / "vendor").read_text().strip(), (d / "device").read_text().strip()) for d in devices.glob("*")}
    return bool(ids & TPU_PCI_IDS)


def pick(kind: str = "auto") -> Device:
    """The device for `kind`; "auto" takes a TPU if there is one and torch_xla, else a GPU, else the CPU.

    Raises ValueError for an unknown kind and RuntimeError, with the remedy, for a device that is not there.
    """
    check_name("device", kind, KINDS)
    if kind == "auto":
        tpu = tpu_present() and importlib.util.find_spec("torch_xla")
        kind = "xla" if tpu else "cuda" if torch.cuda.is_available() else "cpu"
    if kind == "cuda" and not torch.cuda.is_available():
        raise RuntimeError("device 'cuda': torch sees no GPU; use device 'cpu', or install a CUDA build of torch")
    if kind == "xla":
        if importlib.util.find_spec("torch_xla") is None:
            raise RuntimeError("device 'xla' needs torch_xla: pip install torch_xla (the version of your torch)")
        from .xla import XlaDevice

        return XlaDevice()
    return Device(kind)
