"""Image sets and the loader whose order, randomness and image size are functions of seed and step."""

from .images import BrokenImage, Images
from .loader import Batch, eval_batches, train_loader
from .order import Item, KeyedSampler
from .parts import MINIVAL_SHARE, minival, subset
from .places import DataMissing
from .sources import DATASETS, flips, load
from .unreadable import Unreadable

__all__ = [
    "DATASETS",
    "MINIVAL_SHARE",
    "Batch",
    "BrokenImage",
    "DataMissing",
    "Images",
    "Item",
    "KeyedSampler",
    "Unreadable",
    "eval_batches",
    "flips",
    "load",
    "minival",
    "subset",
    "train_loader",
]
