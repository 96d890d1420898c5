"""Devices: the one seam between the training code and what it runs on."""

from .seam import KINDS, Device, pick

__all__ = ["KINDS", "Device", "pick"]
