"""What a finished `convscale train` leaves in its folder beside weights and curve, and when it is not trained on."""

import contextlib
import shlex
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ..datasets import Images
from ..devices import Device
from ..files import replace_file
from ..learning import Answers, answers_of
from ..learning.evaluation import to_evaluate
from ..recipes import Run, read_run, run_text
from ..words import plural
from .evaluation_folder import write_evaluation
from .model_card import model_card
from .pictures import draw_curve

FOLLOWS = ("warmup_epochs", "decay_epochs", "ema_decay", "bn_momentum")  # of a recipe from epochs, `presets.shortened`


def check_not_longer(folder: Path, run: Run) -> None:
    """Raise ValueError, with the command that goes on from its weights, where `folder` holds the same run, finished,
    with fewer epochs: its learning rate and its sizes have come to their end, so a longer one is another run."""
    try:
        before = read_run(folder / "run.yaml")
    except ValueError:
        return  # none is finished there; of a state of another run `fit` says more
    recipe = replace(run.recipe, **{name: getattr(before.recipe, name) for name in FOLLOWS})
    if run.epochs <= before.epochs or before != replace(
        run, epochs=before.epochs, curve_points=before.curve_points, recipe=recipe
    ):
        return
    more = ["--init", str(folder / "best.safetensors"), "--out", f"{folder}-further"]
    raise ValueError(
        f"{folder} holds this run, finished after {plural(before.epochs, 'epoch')}; {run.epochs} epochs are another "
        "run, whose learning rate and sizes take longer. To train on from its weights:\n"
        f"  {shlex.join(['convscale', *sys.argv[1:], *more])}\n"
        "To begin anew choose another folder"
    )


def keep_run(folder: Path, run: Run, weights: Path, device: Device, workers: int) -> None:
    """Evaluate `weights` on the run's test images, and keep run.yaml, curve.svg, evaluation/ and README.md.

    What cannot be evaluated or written is a warning: the training is done.
    """
    try:
        with file_of_main(weights, device) as file:
            trained, images, words = to_evaluate(run.dataset, None, str(file))
        found = answers_of(trained, images, device, workers=workers)
        if device.is_main:
            write(folder, run, weights, found, images, words)
    except (OSError, ValueError) as error:  # a full disk, or test images of classes that were not trained on
        warnings.warn(f"not all that is told of a run is in {folder}: {error}", stacklevel=2)


@contextlib.contextmanager
def file_of_main(path: Path, device: Device) -> Iterator[Path]:
    """`path` of the main process; to the others a copy, as their machine need not have it."""
    if device.world == 1:
        yield path
        return
    content = device.from_main(path.read_bytes() if device.is_main else None)
    if device.is_main:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, path.name)
        copy.write_bytes(content)
        yield copy


def write(folder: Path, run: Run, weights: Path, found: Answers, images: Images, words: str) -> None:
    replace_file(folder / "run.yaml", lambda file: file.write_text(run_text(run), encoding="utf-8"))
    draw_curve(pd.read_csv(folder / "history.csv"), folder / "curve.svg")
    write_evaluation(folder / "evaluation", found, images, images.classes)
    card = model_card(run, weights, found, images, words)
    replace_file(folder / "README.md", lambda file: file.write_text(card, encoding="utf-8"))
