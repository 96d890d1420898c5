"""`python -m benchmarks [PART ...]`: each part's table and protocol, all parts by default."""

import argparse
from collections.abc import Callable

import pandas as pd

from convscale.devices import KINDS, Device, pick
from convscale.errors import check_name

from .augmentation import compare_augmentation
from .commands import compare_commands
from .compilation import compare_compiled
from .jpegs import compare_jpegs
from .memory import compare_memory
from .networks import compare_networks
from .optimizers import compare_optimizers
from .precision import compare_precision
from .record_tables import time_record_tables
from .small_images import compare_small_images
from .training import compare_training

# A table of so many rounds on a device, with its protocol in `attrs`.
PARTS: dict[str, Callable[[Device, int], pd.DataFrame]] = {
    "training": compare_training,
    "memory": compare_memory,
    "networks": compare_networks,
    "images": compare_small_images,
    "optimizers": compare_optimizers,
    "precision": compare_precision,
    "augmentation": lambda device, rounds: compare_augmentation(rounds),
    "jpegs": compare_jpegs,
    "compilation": compare_compiled,
    "commands": lambda device, rounds: compare_commands(rounds),
    "records": lambda device, rounds: time_record_tables(),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--device", default="auto", choices=KINDS)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    for part in args.parts:
        try:
            check_name("part of the benchmark", part, PARTS)
        except ValueError as error:
            parser.error(str(error))
    device = pick(args.device)
    for part in args.parts or PARTS:
        table = PARTS[part](device, args.rounds)
        print(f"{part}\n{table.round(3).to_string(index=False)}\nprotocol: {table.attrs['protocol']}\n", flush=True)


if __name__ == "__main__":
    main()
