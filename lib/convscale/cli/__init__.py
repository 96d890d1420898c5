"""The command line: `convscale <command> --help` shows an example of each."""

import argparse
import sys

from ..errors import Preempted
from . import evidence, experiments, networks, pages, training
from .command import Commands


def doctor(args) -> None:
    from ..augment import kernels
    from ..devices import describe_devices, pick
    from ..paths import DATA, local_records

    print("\n".join(describe_devices()))
    whole = "whole batches, by numba" if kernels.works() else "one by one; ten times as fast: pip install numba"
    print(f"small images on a cpu: {whole}")
    print(f"auto takes: {pick().kind}")
    print(f"data: {DATA}")
    print(f"records: {local_records()}")


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="convscale", description=__doc__)
    commands = Commands(top)
    for part in (training, networks, evidence, experiments, pages):
        part.add(commands)
    commands.add("doctor", doctor, "what this machine can run", "convscale doctor")
    return top


def main() -> None:
    if any(word == "" or (word.startswith("--") and word.endswith("=")) for word in sys.argv[1:]):
        sys.exit(
            "convscale: an empty word stands for a value, as an unset variable of the shell leaves one: leave it out"
        )
    args = parser().parse_args()
    try:
        args.function(args)
    except Preempted as stop:
        print(f"convscale: {stop}", file=sys.stderr)
        sys.exit(stop.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)  # what shells expect after Ctrl-C
    except MemoryError:
        sys.exit("convscale: this does not fit into memory: take smaller images, batches or networks")
    except (ValueError, RuntimeError, OSError, ArithmeticError) as error:
        sys.exit(f"convscale: {error}")
