"""From a word to a device."""

import importlib.util
import os
from pathlib import Path

import torch

from ..errors import check_name
from .seam import Device

KINDS = ("auto", "cpu", "cuda", "xla")
# (vendor, device) of TPU v2 to v7x; torch_xla 2.9, torch_xla/_internal/tpu.py
TPU_PCI_IDS = {("0x1ae0", device) for device in ("0x0027", "0x005e", "0x0062", "0x0063", "0x006f", "0x0076")}


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
