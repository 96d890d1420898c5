"""`convscale train`: any network on a person's own images."""

import argparse
import os
import shlex
from pathlib import Path

from .command import Commands, plain_warnings, whole
from .ctrl_c import stopping_at_ctrl_c
from .network_options import check_words, home_path, takes_device


def sizes(text: str) -> int | tuple[int, int]:
    """ "224" or "128,224"."""
    parts = text.split(",")
    if len(parts) > 2 or not all(part.strip().isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r}: write one size in px, or the first and the last, 128,224")
    numbers = tuple(int(part) for part in parts)
    return numbers if len(numbers) == 2 else numbers[0]


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


def add(commands: Commands) -> None:
    training = commands.add(
        "train",
        train,
        "train any model on your own images, from scratch with progressive learning",
        "convscale train --model timm:resnet50 --data DIR --epochs 20",
    )
    option = training.add_argument
    option("--model", required=True, help="one of `convscale show`, timm:<name>, or table:net.yaml")
    option(
        "--data",
        required=True,
        help="a folder (train/<class>/*.jpg, test/..., or <class>/*.jpg) or a data set's name",
    )
    option(
        "--schedule", help="one of `convscale recipes`; default: own, or own:finetune where it starts from --weights"
    )
    option("--epochs", type=whole(1), default=20, help="of the training images")
    option("--batch-size", type=whole(1), help="images a step; default: the schedule's, at most 64")
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
    option("--learning-rate", type=float, help="peak; default: the schedule's, as the batch has it")
    option("--validate", help="chooses the best weights: validation, test, or a minival or tenth of training")
    option("--precision", default="auto", help="auto, float32, bfloat16 or float16")
    option("--augment-on", default="host", help="where RandAugment runs: host or device")
    option(
        "--no-flip", dest="flip", action="store_false", default=None, help="mirror no image: for digits, text, signs"
    )
    option("--accumulate", type=whole(1), default=1, metavar="N", help="compute each batch in N parts, to save memory")
    option("--window", type=whole(0), default=0, metavar="N", help="mix N shards at a time: disks then read in order")
    option("--seed", type=whole(0), default=0, help="of initial weights, order and augmentation")
    takes_device(training)
    option("--out", type=home_path, help="folder of checkpoints, weights and curve (default runs/train/<model>-<key>)")
    option("--compile", action="store_true", help="torch.compile, minutes for each image size; for long runs")
    option("--tensorboard", action="store_true", help="also write the curve for TensorBoard")
