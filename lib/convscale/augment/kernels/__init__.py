"""Whole batches of small images on a CPU, compiled with numba: the same pixels as PIL, image by image.

Only these files know numba, which is the optional part [fast]; whoever imports them asks `pay` first. What they
compute is PIL's arithmetic to the last bit, so that a run is the same with them and without.
"""

import importlib.util
import sys
from functools import cache

WORTH = 20_000  # images from which numba pays where it is not loaded yet: that takes as long as PIL's work on so many


def available() -> bool:
    """Whether numba is installed."""
    return importlib.util.find_spec("numba") is not None


def pay(count: int) -> bool:
    """Whether `count` images are made sooner here than by PIL."""
    return available() and ("numba" in sys.modules or count >= WORTH) and works()


@cache
def works() -> bool:
    """Whether the kernels can be loaded; says on stderr why not, once.

    numba refuses a numpy newer than it knows, and functions where no folder for what it compiles can be written.
    """
    if not available():
        return False
    try:
        from . import draws, operations, resize  # noqa: F401
    except Exception as error:  # ImportError, RuntimeError, and what a numpy of another ABI brings about
        print(f"numba cannot be used ({error}): PIL makes images one by one, which takes longer", file=sys.stderr)
        return False
    return True
