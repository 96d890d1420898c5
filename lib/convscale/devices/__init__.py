"""Devices: the one seam between the training code and what it runs on."""

from .choose import KINDS, pick
from .seam import Device

__all__ = ["KINDS", "Device", "pick"]
