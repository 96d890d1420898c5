"""Architectures: tables, scaling rules, builders, weights. `timm_registry` adds every model to timm's registry."""

from . import timm_registry as timm_registry
from .preprocessing import Preprocessing, preprocessing
from .references import style_of
from .resnet import ResNetTable
from .show import show
from .stages import ConvNetTable, Stage, scale
from .transformations import fuse, resnet_rs_within, scale_v2, strategy1
from .video import VideoTable
from .weights import export_weights, load_weights
from .zoo import build, list_models, table

__all__ = [
    "ConvNetTable",
    "Preprocessing",
    "ResNetTable",
    "Stage",
    "VideoTable",
    "build",
    "export_weights",
    "fuse",
    "list_models",
    "load_weights",
    "preprocessing",
    "resnet_rs_within",
    "scale",
    "scale_v2",
    "show",
    "strategy1",
    "style_of",
    "table",
]
