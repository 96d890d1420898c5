"""Commands that train and evaluate on the user's own images."""

import argparse
import os
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import Interrupted, Preempted
from .command import Commands, plain_warnings, whole

MAX_WORKERS = 1024  # ours: each is a process, and no machine of today has more cores for them


def sizes(text: str) -> int | tuple[int, int]:
    """ "224" or "128,224"."""
    parts = text.split(",")
    if len(parts) > 2 or not all(part.strip().isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r}: write one size in px, or the first and the last, 128,224")
    numbers = tuple(int(part) for part in parts)
    return numbers if len(numbers) == 2 else numbers[0]


def home_path(text: str) -> Path:
    """A path with ~ as the home folder, which shells leave as it is in --out=~/runs."""
    return Path(text).expanduser()


@contextmanager
def stopping_at_ctrl_c() -> Iterator[None]:
    """Ctrl-C is a SIGTERM where training listens to that: it saves its state and ends. A second one ends it at once.

    Loader processes inherit the handler and hear of the same Ctrl-C, but go on for as long as training does. Raises
    Interrupted for a run that Ctrl-C has stopped.
    """
    main, pressed = os.getpid(), False

    def stop(*_) -> None:
        nonlocal pressed
        if os.getpid() != main:
            return
        if signal.getsignal(signal.SIGTERM) in (signal.SIG_DFL, None):  # before the first step, or after the last
            raise KeyboardInterrupt
        pressed = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        print("stopping after this step; Ctrl-C again ends it at once", file=sys.stderr)
        signal.raise_signal(signal.SIGTERM)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    except Preempted as stopped:
        if pressed:
            raise Interrupted(str(stopped)) from None
        raise
    finally:
        signal.signal(signal.SIGINT, before)


def check_words(args) -> None:
    """Raise ValueError for a word that means nothing, before torch is imported."""
    from ..devices import KINDS, PRECISIONS
    from ..errors import check_name

    check_name("device", args.device, KINDS)
    if precision := getattr(args, "precision", None):
        check_name("precision", precision, PRECISIONS)


def train(args) -> None:
    from ..learning import own_images
    from ..models import read_network

    check_words(args)
    run = own_images(
        args.data,
        read_network(args.model),
        args.schedule,
        args.epochs,
        batch_size=args.batch_size,
        image_size=args.image_size,
        weights=args.weights,
        learning_rate=args.learning_rate,
        precision=args.precision,
        flip=args.flip,
        seed=args.seed,
        accumulate=args.accumulate,
        window=args.window,
        augment_on=args.augment_on,
        **{name: value for name in ("eval_size", "validate") if (value := getattr(args, name))},
    )
    from ..datasets import identified
    from ..devices import pick
    from ..learning import describe, fit

    device = pick(args.device)
    folder = args.out or Path("runs/train") / f"{run.model_name.replace(':', '-')}-{identified(run).key}"
    if device.is_main:
        print(f"{describe(run)}, on {device.kind}: {device.name}")
        print(f"keeps its state in {folder}; the same command goes on from there", flush=True)
    with plain_warnings(), stopping_at_ctrl_c():
        outcome = fit(run, device, folder, args.workers, tensorboard=args.tensorboard, compile=args.compile)
    if device.is_main:
        report(outcome, folder, args.data)


def report(outcome, folder: Path, data: str) -> None:
    """What came out, where it lies and what to do next."""
    best = max(reversed(outcome.history), key=lambda point: point["test_top1"])  # the last of equals, which is kept
    print(f"top-1 {outcome.metrics['test_top1']:.2f} % at the end, after {outcome.cost['seconds']:.0f} s")
    if outcome.weights is None:
        raise OSError("trained, but no disk took the weights: make room in the folder and run the same command again")
    print(f"weights: {outcome.weights}")
    kept = outcome.weights
    if (path := folder / "best.safetensors").exists():
        print(f"best {best['test_top1']:.2f} % at epoch {best['epoch']:.1f}: {path}")
        kept = path
    if (path := folder / "history.csv").exists():
        print(f"curve: {path}")
    print(f"next: {shlex.join(['convscale', 'evaluate', '--weights', str(kept), '--data', data])}")


def evaluate(args) -> None:
    if not (args.model or args.weights or args.table):
        raise ValueError("nothing to evaluate: give --weights that `train` kept, or --model, or --table")
    check_words(args)
    if args.table:
        from .evaluated_table import evaluate_table

        return evaluate_table(args)
    from ..devices import pick
    from ..learning import evaluate as evaluate_model
    from ..learning.evaluation import to_evaluate
    from ..models import read_network

    device = pick(args.device)
    trained, images, words = to_evaluate(
        args.data, args.model and read_network(args.model), args.weights, args.image_size
    )
    with plain_warnings():
        result = evaluate_model(
            trained.model,
            images,
            trained.pixels,
            device,
            workers=args.workers,
            batch_size=args.batch_size,
            progress=True,
        )
    print(f"{args.model or args.weights} at {trained.pixels.words}")
    for line in (f"{len(images):,} {words}", *images.notes):
        print(f"note: {line}")
    print(f"top-1 {result['top1']:.3f} %, top-5 {result['top5']:.3f} % of {result['images']} images")


def add(commands: Commands) -> None:
    training = commands.add(
        "train",
        train,
        "train any model on your own images with progressive learning",
        "convscale train --model timm:resnet50 --data DIR --schedule v2-s:paper --epochs 20",
    )
    option = training.add_argument
    option("--model", required=True, help="one of `convscale show`, timm:<name>, or table:net.yaml")
    option(
        "--data",
        required=True,
        help="a folder (train/<class>/*.jpg, test/..., or <class>/*.jpg) or a data set's name",
    )
    option("--schedule", default="v2-s:paper", help="one of `convscale recipes`")
    option("--epochs", type=whole(1), default=20, help="of the training images")
    option("--batch-size", type=whole(1), default=64, help="images a step")
    option(
        "--image-size",
        type=sizes,
        metavar="PX[,PX]",
        help="of the last stage, or of the first and the last; default: of the weights, or the schedule's",
    )
    option(
        "--eval-size",
        type=whole(1),
        metavar="PX",
        help="default: that of the weights, or above the last stage as in the schedule",
    )
    option(
        "--weights",
        "--init",
        type=os.path.expanduser,
        metavar="FILE",
        help="to start from: a .safetensors or torch file of the same network, or pretrained; for ours timm:<name.tag>",
    )
    option("--learning-rate", type=float, help="peak; default: the schedule's, in proportion to the batch")
    option("--validate", help="chooses the best weights: validation, test, or a minival or tenth of training")
    option("--precision", default="auto", help="auto, float32, bfloat16 or float16")
    option("--augment-on", default="host", help="where RandAugment runs: host or device")
    option(
        "--no-flip", dest="flip", action="store_false", default=None, help="mirror no image: for digits, text, signs"
    )
    option("--accumulate", type=whole(1), default=1, metavar="N", help="compute each batch in N parts, to save memory")
    option("--window", type=whole(0), default=0, metavar="N", help="mix N shards at a time: disks then read in order")
    option("--seed", type=whole(0), default=0, help="of initial weights, order and augmentation")
    option("--device", default="auto", help="auto, cpu, cuda or xla")
    option("--workers", type=whole(0, MAX_WORKERS), default=2, help="processes that load images")
    option("--out", type=home_path, help="folder of checkpoints, weights and curve (default runs/train/<model>-<key>)")
    option("--compile", action="store_true", help="torch.compile, minutes for each image size; for long runs")
    option("--tensorboard", action="store_true", help="also write the curve for TensorBoard")

    evaluation = commands.add(
        "evaluate",
        evaluate,
        "top-1 and top-5 on a folder of images, with the preprocessing of the weights",
        "convscale evaluate --model efficientnetv2-s --weights timm:tf_efficientnetv2_s.in1k --data imagenet/val",
    )
    evaluation.add_argument(
        "--model", help="one of `convscale show`, timm:<name[.tag]>, or table:net.yaml; not for weights of `train`"
    )
    evaluation.add_argument(
        "--weights",
        type=os.path.expanduser,
        help="pretrained, timm:<name.tag>, a .safetensors or torch file, or what `train` kept",
    )
    evaluation.add_argument(
        "--table", metavar="PAPER:N", help="instead: all released weights of a paper's table, such as v1:2; resumable"
    )
    evaluation.add_argument("--data", required=True, help="as for `train`: its test images, or else all")
    evaluation.add_argument("--image-size", type=whole(1), metavar="PX", help="default: that of the weights")
    evaluation.add_argument("--device", default="auto", help="auto, cpu, cuda or xla")
    evaluation.add_argument("--batch-size", type=whole(1), default=64, help="images at a time")
    evaluation.add_argument("--workers", type=whole(0, MAX_WORKERS), default=2, help="processes that load images")
    evaluation.add_argument(
        "--out", type=home_path, help="of --table: the CSV file that keeps it (default runs/evaluate/<table>.csv)"
    )
