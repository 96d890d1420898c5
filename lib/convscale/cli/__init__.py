"""The command line: `convscale <command> --help` shows an example of each."""

import argparse
import os
import signal
import sys
from io import TextIOWrapper

from ..errors import Preempted, plain_warnings
from ..signals import at_hang_up
from . import doctor, evaluation, evidence, experiments, exporting, networks, pages, prediction, search, training
from .command import Commands


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="convscale", description=__doc__)
    commands = Commands(top)
    for part in (training, evaluation, prediction, exporting, networks, evidence, experiments, search, pages, doctor):
        part.add(commands)
    return top


def prepare() -> None:
    """What a shell or a notebook leaves in the environment must end no command, and a closed terminal is a SIGTERM."""
    at_hang_up(lambda: signal.raise_signal(signal.SIGTERM))
    os.environ.pop("MPLBACKEND", None)  # of a notebook that starts us, often of packages that are not here
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a locale without our characters


def main() -> None:
    prepare()
    if any(word == "" or (word.startswith("--") and word.endswith("=")) for word in sys.argv[1:]):
        sys.exit(
            "convscale: an empty word stands for a value, as an unset variable of the shell leaves one: leave it out"
        )
    args = parser().parse_args()
    try:
        with plain_warnings():
            args.function(args)
        sys.stdout.flush()
    except BrokenPipeError:  # who reads our output has read enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at its end
        sys.exit(141)  # what shells expect after SIGPIPE
    except Preempted as stop:
        print(f"convscale: {stop}", file=sys.stderr)
        sys.exit(stop.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)  # what shells expect after Ctrl-C
    except MemoryError:
        sys.exit("convscale: this does not fit into memory: take smaller images, batches or networks")
    except (ValueError, RuntimeError, OSError, ArithmeticError) as error:
        sys.exit(f"convscale: {error}")
