"""A run's network as it begins to train, and what is checked before anything is trained."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

from ..augment import draw_batch
from ..errors import check_name
from ..models import build, load_weights, timm_name
from ..models.tables import NetworkTable, image_table
from ..models.timm_drops import build_with_drops
from ..models.timm_drops import load_file as load_timm_file
from ..recipes import Run
from .earlier import weights_file
from .evaluation import load_trained

CLASSIFIERS = ("drawn", "zero")  # of `Run.new_classifier`


def model_of(run: Run, num_classes: int) -> nn.Module:
    """The run's model, with the weights that it starts from and our `Drop` wherever something can be dropped.

    Its classifier is new. Raises ValueError for an unknown `new_classifier`.
    """
    drawn = check_name("new_classifier", run.new_classifier, CLASSIFIERS) == "drawn"
    model = with_body(run, num_classes)
    return model if drawn else with_zero_classifier(model)


def classifier_of(model: nn.Module) -> nn.Module:
    """The last layer, whose outputs are the logits."""
    layer: nn.Module = model.get_classifier() if hasattr(model, "get_classifier") else model.classifier
    return layer


def with_zero_classifier(model: nn.Module) -> nn.Module:
    """The classifier at zero, so that every class is as likely at first.

    ViT (Dosovitskiy et al. 2021, §3.1) fine-tunes so, whose settings V2 §5.3 follows. As the networks draw it, uniform
    within 1 / sqrt(classes), features that were trained give ten classes a first loss far above that of guessing.
    """
    for parameter in classifier_of(model).parameters():
        nn.init.zeros_(parameter)
    return model


def with_body(run: Run, num_classes: int) -> nn.Module:
    """The run's model with the weights that it starts from and the classifier that it was built with."""
    torch.manual_seed(run.seed)
    if timm_name(run.model) is None:
        model = new_model(run.model, num_classes)
        return load_weights(model, run.weights, classifier=False) if run.weights else model
    pretrained = run.weights == "pretrained"
    model = new_model(run.model, num_classes, pretrained=pretrained)
    return model if pretrained or run.weights is None else load_timm_file(model, run.weights, classifier=False)


def new_model(model: str | NetworkTable, num_classes: int, *, pretrained: bool = False) -> nn.Module:
    """A network of ours with new weights, or one of timm, `pretrained` or not."""
    if (name := timm_name(model)) is not None:
        return build_with_drops(name, num_classes, pretrained=pretrained)
    return build(model, num_classes)


def started(run: Run, classes: tuple[str, ...], earlier: Path | str | None) -> nn.Module:
    """The run's model as it begins to train: where it is `after` another run, as that left it, in the folder `earlier`.

    Then the classifier is anew if that run's classes were others. Raises ValueError without those weights.
    """
    if run.after is None:
        return model_of(run, len(classes))
    file, run = weights_file(run.after, earlier), replace(run, after=None)
    if load_trained(file).classes != classes:
        return model_of(replace(run, weights=str(file)), len(classes))
    model = model_of(run, len(classes))
    model.load_state_dict(load_file(file))
    return model


def check_kept(run: Run) -> None:
    """Raise ValueError for what is to stay as the weights bring it in a run that starts without any."""
    if run.weights or run.after:
        return
    if run.frozen_bn:
        raise ValueError(
            "frozen_bn without weights: new batch norms have no statistics to keep; start from weights, or leave it out"
        )
    if run.trained == "classifier":
        raise ValueError(
            "trained = 'classifier' without weights: the rest would stay random; start from weights, or train all"
        )


def with_frozen_body(model: nn.Module) -> nn.Module:
    """All but the classifier without gradients, so that no optimizer changes it."""
    model.requires_grad_(False)
    classifier_of(model).requires_grad_(True)
    return model


def check_stages(run: Run, shards: int = 1) -> None:
    """Raise ValueError for a network of video, and now for what would else end the run when its stage comes: sizes and
    batches that do not fit.

    `shards` is that of the device.
    """
    if timm_name(run.model) is None:
        image_table(run.model)
    sizes = tuple(stage.image_size for stage in run.schedule.stages)
    if refused := refused_sizes(run.model, tuple(sorted({run.eval_size, *run.test_sizes, *sizes}))):
        raise ValueError(
            f"{run.model_name} does not take images of {listed(refused)} px: {next(iter(refused.values()))}. The "
            f"stages have {listed(sizes)} px, evaluation {run.eval_size}: name the first size and the last, as in "
            "--image-size 128,224"
        )
    check_parts(run, shards)
    parts = run.accumulate
    for stage in run.schedule.stages:
        draw_batch(run, stage, np.random.default_rng(0)).shard(0, parts)


@cache
def refused_sizes(model: str | NetworkTable, sizes: tuple[int, ...]) -> dict[int, str]:
    """Those of the sizes in px that a network does not take, each with the reason: once for all arms and seeds."""
    refused = {}
    with torch.device("meta"):
        network = new_model(model, num_classes=2).eval()
        for size in sizes:
            try:
                network(torch.empty(2, 3, size, size))
            except (RuntimeError, ValueError, AssertionError) as error:
                refused[size] = str(error)
    return refused


def listed(values: Iterable[int]) -> str:
    return ", ".join(map(str, values))


def check_parts(run: Run, shards: int) -> None:
    """Raise ValueError for a batch that is not made of pairs of images, which are mixed, in each part and shard."""
    batch_size, parts = run.recipe.batch_size, run.accumulate
    if parts == 1 or batch_size % (2 * parts * shards) == 0:
        return
    fitting = [n for n in range(1, batch_size + 1) if batch_size % (2 * n * shards) == 0]
    of_all = f" on {shards} devices" if shards > 1 else ""
    raise ValueError(
        f"accumulate = {parts}: a batch of {batch_size} images{of_all} has no {parts} equal parts of pairs, in which "
        f"images are mixed; use {listed(fitting) or 'another batch size'}"
    )
