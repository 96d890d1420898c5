"""Errors that several rooms raise, one clear sentence for a bad name and a stop that was asked for; and warnings as
one line."""

import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

KILLED = (  # what is said of a process that ended without a word
    "a process was killed, most likely because memory ran out: fewer at a time, or smaller ones, need less. What is "
    "done is kept, and the same command goes on"
)
LISTED = 100  # names that an error prints; timm has over a thousand


def check_name(kind: str, name: str, allowed: Iterable[str]) -> str:
    """Return `name` if it is one of `allowed`; raise ValueError that lists them otherwise."""
    allowed = list(allowed)
    if name in allowed:
        return name
    if not allowed:
        raise ValueError(f"unknown {kind} {name!r}: there is none here")
    near = get_close_matches(str(name), allowed, n=3)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    shown = ", ".join(allowed[:LISTED]) + (f" and {len(allowed) - LISTED} others" if len(allowed) > LISTED else "")
    raise ValueError(f"unknown {kind} {name!r}: {hint}allowed: {shown}")


@contextmanager
def plain_warnings() -> Iterator[None]:
    """Each different warning once, as one line without the place in the code."""
    with warnings.catch_warnings():
        warn_plainly()
        yield


def warn_plainly() -> None:
    """As `plain_warnings`, from now on: in a process of a command."""
    seen = set()

    def show(message, category, filename, lineno, file=None, line=None) -> None:
        if str(message) not in seen:
            seen.add(str(message))
            print(f"convscale: warning: {message}", file=sys.stderr)

    warnings.showwarning = show


class Preempted(RuntimeError):
    """The run was told to stop and did, after saving its state."""

    exit_code = 143  # what shells and schedulers expect after SIGTERM


class Interrupted(Preempted):
    """The same, and it was Ctrl-C that told it."""

    exit_code = 130  # what shells expect after Ctrl-C
