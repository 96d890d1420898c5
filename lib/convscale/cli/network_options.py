"""Options that all commands share which run a network on images."""

import argparse
from pathlib import Path

from .command import whole

MAX_WORKERS = 1024  # ours: each is a process, and no machine of today has more cores for them


def home_path(text: str) -> Path:
    """A path with ~ as the home folder, which shells leave as it is in --out=~/runs."""
    return Path(text).expanduser()


def check_words(args) -> None:
    """Raise ValueError for a word that means nothing, before torch is imported."""
    from ..devices import KINDS, PRECISIONS
    from ..errors import check_name

    check_name("device", args.device, KINDS)
    if precision := getattr(args, "precision", None):
        check_name("precision", precision, PRECISIONS)


def takes_device(parser: argparse.ArgumentParser) -> None:
    """Where it runs."""
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or xla")
    parser.add_argument("--workers", type=whole(0, MAX_WORKERS), default=2, help="processes that load images")


def looks_at_images(parser: argparse.ArgumentParser) -> None:
    """How images are shown to a trained network, and where it runs."""
    parser.add_argument("--image-size", type=whole(1), metavar="PX", help="default: that of the weights")
    parser.add_argument("--batch-size", type=whole(1), default=64, help="images at a time")
    takes_device(parser)
