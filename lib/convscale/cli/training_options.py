"""What a person may tell `convscale train` of the training itself, and the run that follows from it."""

import argparse
import os
from typing import TYPE_CHECKING

from .command import parameters, whole

if TYPE_CHECKING:
    from ..recipes import Run


def sizes(text: str) -> int | tuple[int, int]:
    """ "224" or "128,224"."""
    parts = text.split(",")
    if len(parts) > 2 or not all(part.strip().isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r}: write one size in px, or the first and the last, 128,224")
    numbers = tuple(int(part) for part in parts)
    return numbers if len(numbers) == 2 else numbers[0]


def ramp(text: str) -> float | tuple[float, float]:
    """ "9" or "5,15": of every stage, or of the first and the last."""
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) not in (1, 2):
        raise argparse.ArgumentTypeError(f"{text!r}: write one number, or that of the first and the last stage, 5,15")
    return numbers if len(numbers) == 2 else numbers[0]


# Options that shape the run by rules, so that a file of a whole run has nothing to follow from them.
BY_RULES = ("model", "schedule", "epochs", "batch_size", "image_size")
# Option -> the field of the run that it is (`recipes.with_settings`).
FIELDS = {
    "optimizer": "recipe.optimizer",
    "learning_rate": "recipe.learning_rate",
    "weight_decay": "recipe.weight_decay",
    "label_smoothing": "recipe.label_smoothing",
    "ema": "recipe.ema_decay",
    "randaugment": "stages.randaugment",
    "mixup": "stages.mixup",
    "cutmix": "stages.cutmix",
    "dropout": "stages.dropout",
    "drop_path": "stages.drop_path",
    "class_weights": "class_weights",
    "trained": "trained",
    "frozen_bn": "frozen_bn",
    "flip": "recipe.flip",
    "eval_size": "eval_size",
    "validate": "validate",
    "precision": "precision",
    "augment_on": "augment_on",
    "accumulate": "accumulate",
    "window": "window",
    "seed": "seed",
}
TO_OWN_IMAGES = ("learning_rate", "validate", "precision", "flip", "seed")  # from which other things follow there


def settings_of(args) -> dict[str, object]:
    """Fields of the run by their names, of named options and of --set, which wins."""
    given = {FIELDS[name]: value for name in FIELDS if (value := getattr(args, name)) is not None}
    if given.get("stages.randaugment") == 0:  # magnitude 0 of the papers' scale is harsh: Posterize leaves no bit
        given |= {"recipe.policy": "none"}
        del given["stages.randaugment"]
    elif "stages.randaugment" in given:  # also where the schedule has another policy, or none
        given |= {"recipe.policy": "randaugment"}
    return given | parameters(args.set)


def run_of(args) -> "Run":
    """The run that the options describe. Raises ValueError for options that do not go together, and what `own_images`,
    `read_run` and `with_settings` raise."""
    from ..learning import own_images
    from ..learning.own_data import dataset_of
    from ..models import read_network
    from ..recipes import read_run, with_settings

    given = {name: value for name in BY_RULES if (value := getattr(args, name)) is not None}
    settings = settings_of(args)
    if args.config:
        if given:
            options = ", ".join(f"--{name.replace('_', '-')}" for name in given)
            raise ValueError(f"{args.config} is a whole run: leave out {options}, or change its fields with --set")
        where = {"dataset": dataset_of(args.data)} if args.data else {}
        start = {"weights": args.weights} if args.weights else {}
        return with_settings(read_run(args.config), where | start | settings)
    if missing := [f"--{name}" for name in ("model", "data") if not getattr(args, name)]:
        raise ValueError(f"{' and '.join(missing)} needed: what to train, and on which images; or --config with both")
    model = read_network(given.pop("model"))
    more = {name: getattr(args, name) for name in TO_OWN_IMAGES if getattr(args, name) is not None}
    run = own_images(
        args.data,
        model,
        given.pop("schedule", None),
        given.pop("epochs", 20),
        weights=args.weights,
        **given,
        **more,
    )
    return with_settings(run, settings)


def takes_training(parser: argparse.ArgumentParser) -> None:
    """The options, those that people ask for first before the others."""
    option = parser.add_argument
    option("--model", help="one of `convscale show`, timm:<name>, or table:net.yaml")
    option("--data", help="a folder (train/<class>/*.jpg, test/..., or <class>/*.jpg) or a data set's name")
    option("--schedule", help="one of `convscale recipes`; default: own, or own:finetune where there are --weights")
    option("--epochs", type=whole(1), help="of the training images; default: 20")
    option("--batch-size", type=whole(1), help="images a step; default: the schedule's, at most 64")
    option(
        "--image-size",
        type=sizes,
        metavar="PX[,PX]",
        help="of the last stage, or of the first and the last; default: of the table or weights, or the schedule's",
    )
    option(
        "--eval-size",
        type=whole(1),
        metavar="PX",
        help="default: that of the table or weights, or above the last stage as in the schedule",
    )
    option(
        "--weights",
        "--init",
        type=os.path.expanduser,
        metavar="FILE",
        help="to start from: a .safetensors or torch file of the same network, or pretrained; for ours timm:<name.tag>",
    )
    option("--seed", type=whole(0), help="of initial weights, order and augmentation; default: 0")
    wishes = parser.add_argument_group(
        "training", "instead of what the schedule says; LO,HI: of the first and the last stage"
    )
    option = wishes.add_argument
    option("--learning-rate", type=float, help="peak; default: the schedule's, as the batch has it")
    option("--lr-find", action="store_true", help="only look for a learning rate, in 100 steps (Smith 2017)")
    option("--optimizer", help="adamw, sgd, momentum or rmsprop_tf; say its --learning-rate, too")
    option("--weight-decay", type=float)
    option("--label-smoothing", type=float)
    option("--ema", type=float, metavar="DECAY", help="of the average of weights that is evaluated; 0: none")
    option("--randaugment", type=ramp, metavar="LO[,HI]", help="magnitude; 0: none at all")
    option("--mixup", type=ramp, metavar="LO[,HI]", help="alpha")
    option("--cutmix", type=ramp, metavar="LO[,HI]", help="alpha")
    option("--dropout", type=ramp, metavar="LO[,HI]", help="before the classifier")
    option("--drop-path", type=ramp, metavar="LO[,HI]", help="stochastic depth, of the deepest block")
    option("--class-weights", help="balanced: all classes weigh as much in the loss; default: equal, all images do")
    option(
        "--freeze",
        dest="trained",
        action="store_const",
        const="classifier",
        help="train the classifier alone, on --weights that stay",
    )
    option(
        "--frozen-bn",
        action="store_true",
        default=None,
        help="keep the batch norm statistics of --weights: fine-tuning",
    )
    option(
        "--no-flip", dest="flip", action="store_false", default=None, help="mirror no image: for digits, text, signs"
    )
    option(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any other field: recipe.warmup_epochs=2; repeatable",
    )
    whole_run = parser.add_argument_group("the whole run")
    whole_run.add_argument(
        "--config",
        type=os.path.expanduser,
        metavar="RUN.YAML",
        help="a run that was kept or printed, with --data where the images lie elsewhere",
    )
    whole_run.add_argument("--print-config", action="store_true", help="print the run as YAML and train nothing")
    how = parser.add_argument_group("how it is computed")
    option = how.add_argument
    option("--validate", help="chooses the best weights: validation, test, or a minival or tenth of training")
    option("--precision", help="auto, float32, bfloat16 or float16; default: auto")
    option("--augment-on", help="where RandAugment runs: host or device; default: host")
    option("--accumulate", type=whole(1), metavar="N", help="compute each batch in N parts, to save memory; default: 1")
    option("--window", type=whole(0), metavar="N", help="mix N shards at a time: disks then read in order; default: 0")
