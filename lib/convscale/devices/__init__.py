"""Devices: the one seam between the training code and what it runs on."""

from .choose import KINDS, pick
from .hardware import describe_devices
from .seam import PRECISIONS, Device

__all__ = ["KINDS", "PRECISIONS", "Device", "describe_devices", "pick"]
