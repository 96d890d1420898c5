"""`convscale train`: any network on a person's own images."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from .command import Commands
from .ctrl_c import stopping_at_ctrl_c
from .network_options import check_words, home_path, takes_device
from .training_options import run_of, settings_of, takes_training

LINES = 20  # of the range test that are printed

if TYPE_CHECKING:
    from ..devices import Device
    from ..learning import Outcome
    from ..recipes import Run


def train(args) -> None:
    from ..recipes import run_text

    check_words(args)
    run = run_of(args)
    if args.print_config:
        print(run_text(run), end="")
        return
    from ..datasets import identified
    from ..devices import pick
    from ..learning import describe, fit
    from .run_folder import check_not_longer, keep_run

    device = pick(args.device)
    if args.lr_find:
        return find_learning_rate(run, device, args.workers)
    folder = args.out or Path("runs/train") / f"{run.model_name.replace(':', '-')}-{identified(run).key}"
    check_not_longer(folder, run)

    def say_plan(_) -> None:
        if not device.is_main:
            return
        print(f"{describe(run)}, on {device.kind}: {device.name}")
        if args.optimizer and "recipe.learning_rate" not in settings_of(args):
            print("note: this learning rate is the schedule's, for its own optimizer; --lr-find looks for another")
        print(f"keeps its state in {folder}; the same command goes on from there", flush=True)

    how = dict(tensorboard=args.tensorboard, compile=args.compile, begins=say_plan)  # after all that may refuse the run
    with stopping_at_ctrl_c():
        outcome = fit(run, device, folder, args.workers, **how)
    if device.is_main:
        print(f"top-1 {outcome.metrics['test_top1']:.2f} % at the end, after {outcome.cost['seconds']:.0f} s")
    kept = best_of(outcome, folder)
    keep_run(folder, run, kept, device, args.workers)
    if device.is_main:
        report(outcome, folder, kept, args.data or run.dataset)


def best_of(outcome: "Outcome", folder: Path) -> Path:
    """The best weights that were kept, or else the last. Raises OSError if no disk took any."""
    if outcome.weights is None:
        raise OSError("trained, but no disk took the weights: make room in the folder and run the same command again")
    path = folder / "best.safetensors"
    return path if path.exists() else outcome.weights


def report(outcome: "Outcome", folder: Path, kept: Path, data: str) -> None:
    """Where what came out lies, and what to do next."""
    best = max(reversed(outcome.history), key=lambda point: point["test_top1"])  # the last of equals, which is kept
    print(f"weights: {outcome.weights}")
    if kept != outcome.weights:
        print(f"best {best['test_top1']:.2f} % at epoch {best['epoch']:.1f}: {kept}")
    for name, what in (("history.csv", "curve"), ("README.md", "model card"), ("evaluation", "evaluation")):
        if (path := folder / name).exists():
            print(f"{what}: {path}")
    print(f"next: {shlex.join(['convscale', 'evaluate', '--weights', str(kept), '--data', data])}")


def find_learning_rate(run: "Run", device: "Device", workers: int) -> None:
    """Print a range test; nothing is kept."""
    from ..learning import learning_rates, suggested

    table = learning_rates(run, device, workers)
    if device.is_main:
        print("learning rate       loss")
        for row in table.iloc[:: max(1, len(table) // LINES)].itertuples():
            print(f"{row.learning_rate:13.3g} {row.loss:10.4f}")
        rate, optimizer = suggested(table), run.recipe.optimizer
        print(f"try --learning-rate {rate:.2g}: with {optimizer} half of the longest fall is done there")


def add(commands: Commands) -> None:
    parser = commands.add(
        "train",
        train,
        "train any model on your own images, from scratch with progressive learning",
        "convscale train --model timm:resnet50 --data DIR --epochs 20",
    )
    takes_training(parser)
    takes_device(parser)
    option = parser.add_argument
    option(
        "--out",
        type=home_path,
        help="folder of weights, curve, run.yaml, evaluation and model card; default runs/train/<model>-<key>",
    )
    option("--compile", action="store_true", help="torch.compile, minutes for each image size; for long runs")
    option("--tensorboard", action="store_true", help="also write the curve for TensorBoard: convscale[tensorboard]")
