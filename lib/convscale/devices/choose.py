"""From a word to a device."""

import os

import torch

from ..errors import check_name
from .hardware import torchrun_world, tpu_present, xla_installed
from .kinds import KINDS
from .seam import Device


def pick(kind: str = "auto") -> Device:
    """The device for `kind`; "auto" takes a TPU if there is one and torch_xla, else a GPU, else the CPU.

    Under torchrun each process takes one GPU, or the CPU; without it one GPU is used even where there are more.
    "xla" takes all XLA devices from one process. Raises ValueError for an unknown kind and RuntimeError, with the
    remedy, for a device that is not there.
    """
    check_name("device", kind, KINDS)
    if kind == "auto":
        kind = "xla" if tpu_present() and xla_installed() else "cuda" if torch.cuda.is_available() else "cpu"
    if kind == "cuda" and not torch.cuda.is_available():
        raise RuntimeError("device 'cuda': torch sees no GPU; use device 'cpu', or install a CUDA build of torch")
    if kind == "xla":
        if not xla_installed():
            raise RuntimeError("device 'xla' needs torch_xla: pip install torch_xla (the version of your torch)")
        if torchrun_world() > 1:
            raise RuntimeError("device 'xla' uses all its devices from one process: start without torchrun")
        return started_xla()
    if torchrun_world() > 1:
        from .torchrun import TorchrunDevice

        return TorchrunDevice(kind)
    return Device(kind)


def started_xla() -> Device:
    """The XLA devices. Raises RuntimeError, with the remedy, where torch_xla cannot start them."""
    try:
        from .xla import XlaDevice

        return XlaDevice()
    except (ImportError, OSError, RuntimeError) as error:  # no libtpu, no such plugin, built for another torch
        asked = os.environ.get("PJRT_DEVICE")
        remedy = "install the torch_xla of your torch's version"
        if asked is not None:
            remedy = f"PJRT_DEVICE asks for {asked!r}; unset it, or take the device cpu or cuda by name"
        raise RuntimeError(f"device 'xla' does not start: {str(error).splitlines()[0]}. {remedy}") from error
