"""The XLA device: Cloud TPU, or any PJRT device (PJRT_DEVICE=CPU runs the same graphs on a laptop)."""

import torch
import torch_xla
import torch_xla.runtime as xr

from .seam import Device


class XlaDevice(Device):
    """One XLA device. Operations are traced lazily and compiled once per distinct graph."""

    def __init__(self):
        self.kind = "xla"
        self.torch = torch_xla.device()

    @property
    def name(self) -> str:
        return f"XLA:{xr.device_type()}"

    @property
    def count(self) -> int:
        return 1

    def model(self, model: torch.nn.Module) -> torch.nn.Module:
        return model.to(self.torch)  # XLA chooses its own layout

    def seed(self, seed: int) -> None:
        torch.manual_seed(seed)
        torch_xla.manual_seed(seed)

    def end_step(self) -> None:
        torch_xla.sync()
