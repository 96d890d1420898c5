"""Image sets and the loader whose order, randomness and image size are functions of seed and step."""

from .images import Images, subset
from .loader import Item, KeyedSampler, eval_batches, train_loader
from .sources import DATASETS, FLIPPED, load

__all__ = ["DATASETS", "FLIPPED", "Images", "Item", "KeyedSampler", "eval_batches", "load", "subset", "train_loader"]
