"""Architectures: tables, scaling rules, builders."""

from .stages import ConvNetTable, Stage, scale
from .zoo import build, list_models

__all__ = ["ConvNetTable", "Stage", "build", "list_models", "scale"]
