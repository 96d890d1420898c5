"""A run: everything that decides a result, and nothing that does not (device, workers, paths)."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import overload

from ..models.tables import NetworkTable
from .recipe import Recipe
from .schedule import Schedule


@dataclass(frozen=True)
class Run:
    """One training: a network on a data set by a recipe and a schedule, with a seed.

    `model` is a name, of ours or `timm:<name>`, or a network's table, whose type and content are then part of the key.
    """

    model: str | NetworkTable
    dataset: str
    recipe: Recipe
    schedule: Schedule
    epochs: int
    eval_size: int  # px; V2 §5.1 trains about 20 % smaller than it tests, after Touvron et al.
    seed: int
    train_images: int | None = None  # so many of the train split, evenly over classes; None = all
    precision: str = "float32"  # or "bfloat16", "float16": the dtype of autocast; "auto": the fastest at each size
    curve_points: int = 20  # evaluations on the way
    curve_images: int | None = None  # test images of each of them; None = all
    weights: str | None = None  # to start from, as `models.load_weights` takes them; None = random
    steps: int | None = None  # optimizer steps; None = `epochs` whole epochs
    augment_on: str = "host"  # RandAugment image by image with PIL, or "device": batched
    window: int = 0  # shards that are mixed at a time, read one after the other; 0 = all images at once
    accumulate: int = 1  # parts of a batch whose gradients are added up before each step
    validate: str = "test"  # or "validation": split of the curve and the best weights; "minival", "tenth": of train
    subset: str = "first"  # which `train_images`: the first of each class, or "seed": those that the seed draws
    # What `fit` reports at the end besides test_top1, each only where asked:
    test_sizes: tuple[int, ...] = ()  # px: test_top1@<px> of the averaged weights, on at most 2,000 test images
    unseen: int = 0  # so many images of the train split that it does not train on, drawn by the seed: unseen_top1
    raw: bool = False  # test_top1_raw, of the weights that are not averaged
    halfway: bool = False  # test_top1_halfway, on all test images after half of the steps
    early_loss: bool = False  # the mean test loss of the curve's points in the first half of training

    def length(self, images: int) -> tuple[int, int]:
        """Optimizer steps of all training and of one epoch of so many training images."""
        per_epoch = max(1, images // self.recipe.batch_size)
        return self.steps or self.epochs * per_epoch, per_epoch

    @property
    def model_name(self) -> str:
        """What people call the network."""
        return self.model if isinstance(self.model, str) else self.model.name

    @property
    def key(self) -> str:
        """Hash of the canonical form: equal on every machine for equal runs."""
        return key_of(canonical(self))


def key_of(canonical_run: dict) -> str:
    """The key of a run in canonical form, as records keep it."""
    text = json.dumps(canonical_run, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@overload
def canonical(value: Run) -> dict: ...
@overload
def canonical(value: object) -> dict | list | str | float | None: ...
def canonical(value):
    """Plain JSON values. Fields at their defaults are left out: a field added later, whose default is what was
    done before, leaves the keys of older runs as they are. A network's table says its type, too."""
    if dataclasses.is_dataclass(value):
        values = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        defaults = {f.name: f.default for f in dataclasses.fields(value)}
        kind = {"table": type(value).__name__} if isinstance(value, NetworkTable) else {}
        return kind | {k: canonical(v) for k, v in values.items() if v != defaults[k]}
    if isinstance(value, tuple):
        return [canonical(v) for v in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # 5.0 and 5 are one value
    return value
