"""What a record says about where it came from."""

import importlib.metadata
import platform
import subprocess
from datetime import UTC, datetime
from functools import cache

from .. import __version__
from ..devices import Device
from ..paths import CHECKOUT

PACKAGES = ("torch", "torchvision", "timm", "numpy", "pillow")


def git(*args: str) -> str | None:
    """Output of a git command in the checkout; None outside one."""
    if CHECKOUT is None:
        return None
    done = subprocess.run(["git", "-C", CHECKOUT, *args], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


@cache
def code_version() -> dict:
    """Commit of the checkout and whether files differ from it; fixed at first use, when the code was loaded."""
    return {"commit": git("rev-parse", "HEAD"), "dirty": git("status", "--porcelain") not in (None, "")}


def version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def provenance(device: Device, command: str, processes: int = 1) -> dict:
    """Commit, versions, device and date (UTC) of a run that ends now, and the `command` that makes it again."""
    import torch

    return {
        **code_version(),
        "versions": {
            "convscale": __version__,
            "python": platform.python_version(),
            **{p: version(p) for p in PACKAGES},
        },
        "device": {"kind": device.kind, "name": device.name, "count": device.count, "threads": torch.get_num_threads()},
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
    }
