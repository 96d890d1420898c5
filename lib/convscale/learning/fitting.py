"""Training of one run from its beginning, or from where it was stopped, to its end."""

import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from ..datasets.listing import has_images_itself
from ..devices import Device, pick
from ..errors import Preempted
from ..files import check_writable, remove_temporaries, taken_back
from ..models.table_files import table_values
from ..recipes import Run
from ..recipes.run import key_of
from ..signals import noticing_sigterm
from ..words import plural
from . import checkpoint
from .logbook import Logbook
from .progress import bar, say_point
from .reports import check_reports, further_metrics
from .trainer import Trainer

CHECKPOINT_SECONDS = 60  # what a kill loses at most
READ_EVERY = 50  # steps between looks at the losses; each look waits for the device
STOP_SECONDS = 5  # within which several processes agree to stop; torchrun gives them 30 after SIGTERM


@dataclass
class Outcome:
    """What a finished run leaves: `metrics` at its end, `history` along the way, what it cost, and the model."""

    metrics: dict[str, float]
    history: list[dict[str, float]]
    cost: dict[str, float]
    model: nn.Module
    unreadable: list[str]  # images that could not be decoded, by name
    weights: Path | None = None  # the file of the final weights; None without a folder, and if no disk took them


def fit(
    run: Run,
    device: str | Device = "auto",
    folder: Path | str | None = None,
    workers: int = 0,
    progress: bool | None = None,
    tensorboard: bool = False,
    compile: bool = False,
    train_top1: bool = False,
    earlier: Path | str | None = None,
    watch: Callable[[dict], object] | None = None,
    begins: Callable[[Trainer], object] = lambda trainer: None,
) -> Outcome:
    """Train `run` and return its `Outcome`. `workers` processes load images, for training and for evaluation.

    With a `folder` it keeps there `last.pt`, the whole state about once a minute, from which a stopped run goes on, bit
    for bit as if it had not been stopped (on CPU, with any number of `workers`); the averaged weights at the best point
    of the curve, `best.safetensors`, and at the end, `final.safetensors`; and the curve, `history.csv`. `progress` None
    shows a bar on a terminal, and elsewhere prints a line for each point of the curve. `compile` uses torch.compile:
    minutes for each image size, so for long runs. `train_top1` also evaluates on all labelled training images at the
    end; what else is reported, fields of the run say. A run that builds on others takes their averaged weights from
    the folder `earlier`, as <key>.safetensors. `watch` is told of each new point of the curve; what it raises ends
    training. `begins` is handed the trainer before its first step here, and may look at it from another thread.

    Several processes that torchrun started keep the state of the first, and go on from its state all: no other
    machine needs its folder.

    Raises ValueError for settings that do not fit the data, the device or each other and for a folder of images, and
    OSError for a folder that cannot be written, before `begins` and any work, and leaves no folder then; Preempted
    after SIGTERM, its state saved; FloatingPointError for losses and outputs that are no numbers. A disk that fills up
    later is a warning: training goes on, and final weights that the folder does not take go to a folder for temporary
    files.
    """
    device = pick(device) if isinstance(device, str) else device
    folder = Path(folder) if folder else None
    with taken_back(folder if device.is_main else None):  # images are read, and may be refused, only in training
        if folder and device.is_main:
            check_apart(folder, run.dataset)
            check_writable(folder)
            remove_temporaries(folder)
        trainer = Trainer(run, device, workers, compile, earlier)
        marks = {round(trainer.steps * (i + 1) / run.curve_points) for i in range(run.curve_points)}
        check_reports(run, marks, trainer.steps)
        if folder and device.is_main:  # at least one more state and one file of weights
            state, weights = trainer.take_step.state_dict(), trainer.model.state_dict()
            check_writable(folder, checkpoint.size_of(state) + checkpoint.size_of(weights))
        check_alike(trainer)
        if folder:
            state = device.from_main(checkpoint.load(folder / "last.pt", trainer.identity) if device.is_main else None)
            if state:
                trainer.resume(state)
        loader = trainer.loader()
        log = Logbook(folder if device.is_main else None, tensorboard)
        begins(trainer)
        clock, together = Clock(trainer), trainer.step + 1  # the step at which all processes look next
        with noticing_sigterm() as told:
            for batch in bar(loader, trainer, progress):
                trainer.advance(batch)
                if run.halfway and trainer.step == max(1, round(trainer.steps / 2)):
                    trainer.mark_halfway()
                if trainer.step in marks:
                    trainer.mark()
                    clock.tick()
                    keep_point(trainer, folder, log)
                    say_point(trainer, progress)
                    if watch:
                        watch(trainer.history[-1])
                elif trainer.step % READ_EVERY == 0:
                    trainer.read_losses()
                clock.tick()
                if device.world > 1 and trainer.step < together:
                    continue  # the processes can stop and save together only where all of them look
                stop, due, pace = device.total(
                    [told.is_set(), device.is_main and clock.due(), clock.pace() / device.world]
                )
                together = trainer.step + max(1, min(READ_EVERY, int(STOP_SECONDS / max(pace, 1e-6))))
                saved = folder is not None and (due or stop) and keep_state(trainer, folder)
                if due or stop:
                    clock.saved()
                if stop and trainer.step < trainer.steps:
                    raise Preempted(f"stopped at step {trainer.step} of {trainer.steps}: {what_is_kept(folder, saved)}")
    return finished(trainer, folder, train_top1)


def check_alike(trainer: Trainer) -> None:
    """Raise RuntimeError, in all processes, where one of them would train something else: each would wait for ever."""
    device = trainer.device
    mine = f"{plural(trainer.steps, 'step')} of run {key_of(trainer.identity)} on {plural(len(trainer.train), 'image')}"
    first = device.from_main(mine)
    if device.total([mine != first])[0]:
        said = (
            f"would train {mine}, and the first {first}" if mine != first else f"would train {mine}, another does not"
        )
        raise RuntimeError(f"process {device.rank} {said}: give all machines the same command, code and images")


def check_apart(folder: Path, dataset: str) -> None:
    """Raise ValueError for a folder of the data set's images, which as a run's would be no class any more."""
    kind, _, images = dataset.partition(":")
    if kind != "folder" or not folder.is_dir() or (folder / "last.pt").exists():
        return
    if folder.resolve().is_relative_to(Path(images).expanduser().resolve()) and has_images_itself(folder):
        raise ValueError(f"{folder} holds images of {images}: choose another folder for what is kept of the run")


class Clock:
    """Wall and processor seconds of a trainer, over all its lives, and when its state was last saved."""

    def __init__(self, trainer: Trainer):
        self.trainer = trainer
        self.wall = time.perf_counter() - trainer.seconds
        self.cpu = time.process_time() - trainer.cpu_seconds
        self.looked = trainer.step, trainer.seconds
        self.saved()

    def tick(self) -> None:
        self.trainer.seconds = time.perf_counter() - self.wall
        self.trainer.cpu_seconds = time.process_time() - self.cpu

    def pace(self) -> float:
        """Wall seconds of a step since this was last asked."""
        step, seconds = self.looked
        self.looked = self.trainer.step, self.trainer.seconds
        return (self.trainer.seconds - seconds) / (self.trainer.step - step)

    def saved(self) -> None:
        self.last = time.perf_counter()

    def due(self) -> bool:
        return time.perf_counter() - self.last > CHECKPOINT_SECONDS


def keep_point(trainer: Trainer, folder: Path | None, log: Logbook) -> None:
    """Write the curve's newest point, and the weights if it is the best so far."""
    if not folder:
        return
    if trainer.device.is_main:
        with full_disk_is_a_warning(trainer):
            log.add(trainer.history)
    newest = trainer.history[-1]["test_top1"]
    if newest >= max(point["test_top1"] for point in trainer.history):
        keep_weights(trainer, folder / "best.safetensors", newest)


def keep_weights(trainer: Trainer, path: Path, top1: float) -> None:
    """Save the averaged weights and what they are."""
    if trainer.device.is_main:
        with full_disk_is_a_warning(trainer):
            checkpoint.save_weights(trainer.model, path, about(trainer, top1))


def keep_final(trainer: Trainer, folder: Path, top1: float) -> Path | None:
    """Save the final weights in `folder`, or else in one for temporary files. Where they are, None for nowhere."""
    elsewhere = Path(tempfile.gettempdir()) / f"convscale-{trainer.run.key}"
    for path in (folder / "final.safetensors", elsewhere / "final.safetensors"):
        try:
            if trainer.device.is_main:
                checkpoint.save_weights(trainer.model, path, about(trainer, top1))
            return path
        except OSError as error:
            warnings.warn(f"the final weights are not in {path}: {error}", stacklevel=3)
    return None


def keep_state(trainer: Trainer, folder: Path) -> bool:
    """Save the whole state. Whether that is done, in the first process; the others do not save."""
    state, saved = trainer.state(), not trainer.device.is_main
    if trainer.device.is_main:
        with full_disk_is_a_warning(trainer):
            checkpoint.save(state, folder / "last.pt")
            saved = True
    trainer.device.barrier()
    return saved


def what_is_kept(folder: Path | None, saved: bool) -> str:
    """Of a run that stops before its end."""
    if folder is None:
        return "it had no folder"
    if saved:
        return f"its state is in {folder}; the same command goes on"
    earlier = "the same command goes on from an earlier one" if (folder / "last.pt").exists() else "nothing is kept"
    return f"its state could not be saved in {folder}; {earlier}"


@contextmanager
def full_disk_is_a_warning(trainer: Trainer) -> Iterator[None]:
    """A file that cannot be written is a warning: the run goes on, and the file of before is kept."""
    try:
        yield
    except OSError as error:
        warnings.warn(f"not saved at step {trainer.step}, the file of before is kept: {error}", stacklevel=3)


def about(trainer: Trainer, top1: float) -> dict:
    """What `convscale evaluate` needs to know about kept weights."""
    run = trainer.run
    names = ("normalisation", "eval_crop", "interpolation")
    return {
        "model": run.model if isinstance(run.model, str) else table_values(run.model),
        "classes": list(trainer.train.classes),
        "dataset": trainer.identity["dataset"],
        "validate": run.validate,
        "image_size": run.eval_size,
        "preprocessing": {name: getattr(run.recipe, name) for name in names},
        "step": trainer.step,
        "top1": top1,
    }


def finished(trainer: Trainer, folder: Path | None, train_top1: bool) -> Outcome:
    trainer.read_losses()
    if folder:
        keep_state(trainer, folder)  # all steps are done: what stops the evaluation costs only the evaluation
    metrics = trainer.metrics(train_top1) | further_metrics(trainer)
    weights = keep_final(trainer, folder, metrics["test_top1"]) if folder else None
    cost = {
        "seconds": trainer.seconds,
        "cpu_seconds": trainer.cpu_seconds,
        "images": trainer.steps * trainer.run.recipe.batch_size,
        "peak_memory_bytes": trainer.device.peak_memory(),
    }
    if trainer.unreadable.indices:
        warnings.warn(trainer.unreadable.report(), stacklevel=3)
    unreadable = [trainer.train.name(i) for i in trainer.unreadable.indices]
    return Outcome(metrics, trainer.history, cost, trainer.model, unreadable, weights)
