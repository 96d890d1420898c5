"""A run: everything that decides a result, and nothing that does not (device, workers, paths)."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Integral, Real
from typing import get_args, overload

from ..checks import check_fields, each, of, optional, whole
from ..errors import check_name
from ..models.tables import NetworkTable
from .recipe import MAX_PX, Recipe
from .schedule import Schedule

CLASS_WEIGHTS = ("equal", "balanced")
TRAINED = ("all", "classifier")
MAX_SEED = 2**63 - 1  # what torch and XLA take


@dataclass(frozen=True)
class Run:
    """One training: a network on a data set by a recipe and a schedule, with a seed.

    `model` is a name, of ours or `timm:<name>`, or a network's table, whose type and content are then part of the key.
    A run may build on others, which are part of it and so of its key: on the network that it goes on training
    (`after`), and on one that labels images for it (`teacher`).

    Raises ValueError for values of another type or outside their range, naming all of them; for `classes` that are no
    choice of classes, for `after` with other weights or another network, for `frozen_bn`
    with precise statistics, and for `pseudo` images without a teacher, or the other way round.
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
    classes: tuple[int, ...] | None = None  # of the set, only these, numbered anew in this order; None = all
    after: "Run | None" = None  # start from its averaged weights; the classifier anew where its classes are others
    groups: tuple[tuple[int, ...], ...] = ()  # of its classes, by number: each a class, too, and a label of its images
    new_classifier: str = "drawn"  # of classes that the weights do not know, or from scratch: as built, or "zero"
    teacher: "Run | None" = None  # whose averaged weights label the `pseudo` images: probabilities of the classes
    pseudo: int = 0  # so many more images of the train split, drawn by the seed, trained on without their own labels
    bn_batches: int = 0  # of training images for precise batch norm of the averaged weights; 0 = running statistics
    frozen_bn: bool = False  # batch norms train with the statistics that the weights bring, and leave them as they are
    class_weights: str = "equal"  # of each image in the loss; "balanced": such that all classes weigh as much
    trained: str = "all"  # the network's weights that training changes, or "classifier": the rest stays as it starts
    # What `fit` reports at the end besides test_top1, each only where asked:
    test_sizes: tuple[int, ...] = ()  # px: test_top1@<px> of the averaged weights, on at most 2,000 test images
    unseen: int = 0  # so many images of the train split that it does not train on, drawn by the seed: unseen_top1
    raw: bool = False  # test_top1_raw, of the weights that are not averaged
    halfway: bool = False  # test_top1_halfway, on all test images after half of the steps
    weight_norm: bool = False  # L2 norm of the kernels, averages over steps where there are
    early_loss: bool = False  # the mean test loss of the curve's points in the first half of training
    processes: int = 1  # that make it together, where their number decides the result: see `experiments.several`

    def __post_init__(self):
        check_fields(
            self,
            model=of(str, *get_args(NetworkTable)),
            dataset=of(str),
            recipe=of(Recipe),
            schedule=of(Schedule),
            epochs=whole(1),
            eval_size=whole(1, MAX_PX),
            seed=whole(0, MAX_SEED),
            train_images=optional(whole(1)),
            classes=optional(each(whole(0))),
            after=optional(of(Run)),
            teacher=optional(of(Run)),
            groups=each(each(whole(0), least=1)),
            new_classifier=of(str),
            pseudo=whole(0),
            curve_points=whole(1),
            curve_images=optional(whole(1)),
            weights=optional(of(str)),
            steps=optional(whole(1)),
            window=whole(0),
            accumulate=whole(1),
            bn_batches=whole(0),
            frozen_bn=of(bool),
            class_weights=of(str),
            trained=of(str),
            test_sizes=each(whole(1, MAX_PX)),
            unseen=whole(0),
            raw=of(bool),
            halfway=of(bool),
            weight_norm=of(bool),
            early_loss=of(bool),
            processes=whole(1),
        )
        check_name("class_weights", self.class_weights, CLASS_WEIGHTS)
        check_name("trained", self.trained, TRAINED)
        if self.classes is not None and (len(self.classes) < 2 or len(set(self.classes)) < len(self.classes)):
            raise ValueError(f"classes = {self.classes}: name at least two different ones by their numbers, from 0 on")
        if self.after and self.weights:
            raise ValueError(f"weights = {self.weights!r} and after = another run: a run starts from one of the two")
        if self.after and self.after.model != self.model:
            raise ValueError(
                f"after = a run of {self.after.model_name}: its weights are none of {self.model_name}, start from a "
                "run of the same network"
            )
        if self.frozen_bn and self.bn_batches:
            raise ValueError(
                f"frozen_bn with bn_batches = {self.bn_batches}: keep statistics or take new ones, not both"
            )
        if bool(self.pseudo) != bool(self.teacher):
            raise ValueError(
                f"pseudo = {self.pseudo} images with {'a' if self.teacher else 'no'} teacher: give both, or neither"
            )

    @property
    def builds_on(self) -> tuple["Run", ...]:
        """The runs whose weights this one needs."""
        return tuple(dict.fromkeys(run for run in (self.after, self.teacher) if run))

    @property
    def chain(self) -> Iterator["Run"]:
        """This run, and all that it builds on, directly or not."""
        yield self
        for run in self.builds_on:
            yield from run.chain

    @property
    def alone(self) -> "Run":
        """Without what it builds on."""
        return replace(self, after=None, teacher=None, pseudo=0)

    def each(self, change: Callable[["Run"], "Run"]) -> "Run":
        """With `change` made to this run and to all that it builds on."""
        if not self.builds_on:
            return change(self)
        after, teacher = (run and run.each(change) for run in (self.after, self.teacher))
        changed = change(self.alone)
        return replace(changed, after=after, teacher=teacher, pseudo=self.pseudo)

    def seeded(self, seed: int) -> "Run":
        """With this seed, and all that it builds on, too."""
        return self.each(lambda run: replace(run, seed=seed))

    def length(self, images: int) -> tuple[int, int]:
        """Optimizer steps of all training and of one epoch of so many training images."""
        per_epoch = max(1, images // self.recipe.batch_size)
        return self.steps or self.epochs * per_epoch, per_epoch

    @property
    def model_name(self) -> str:
        """What people call the network."""
        return self.model if isinstance(self.model, str) else self.model.name

    @cached_property
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
    if isinstance(value, bool) or not isinstance(value, Real):
        return value
    if isinstance(value, Integral) or float(value).is_integer():
        return int(value)  # 5.0, 5 and numpy's 5 are one value
    return float(value)
