"""What a record says about where it came from."""

import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from .. import __version__
from ..devices import Device, cores
from ..paths import CHECKOUT, PACKAGE
from .code import LOADED, TRAINING, Parts, digest_of_code
from .scheduler import scheduler_job

PACKAGES = ("torch", "torchvision", "timm", "numpy", "pillow")
# With these in the environment, as in a git hook, git answers for another repository than the one of the checkout.
GIT_PLACES = {"GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_NAMESPACE"}
GIT_PLACES |= {"GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CEILING_DIRECTORIES", "GIT_PREFIX"}


def git(*args: str) -> str | None:
    """Output of a git command in the checkout; None without one, without git, or where git refuses."""
    if CHECKOUT is None:
        return None
    command = ["git", "--no-optional-locks", "-C", os.fspath(CHECKOUT), *args]
    environment = {name: value for name, value in os.environ.items() if name not in GIT_PLACES}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="surrogateescape")
    except OSError:
        return None
    return done.stdout.removesuffix("\n") if done.returncode == 0 else None


def has_own_repository() -> bool:
    """Whether the checkout is a repository's whole work tree; a folder inside another project's is not."""
    top = git("rev-parse", "--show-toplevel")
    return CHECKOUT is not None and top is not None and Path(top).resolve() == CHECKOUT.resolve()


def tree(*status: str) -> dict:
    """`commit` of the checkout, or None, and `state`: whether what `git status` is asked of differs from it.

    "clean", "dirty", or "unknown" where git has no answer for this checkout. Without one, what pip installed answers.
    """
    if CHECKOUT is None:
        return installed_tree(PACKAGE.parent)
    if not has_own_repository():
        return {"commit": None, "state": "unknown"}
    commit, changes = git("rev-parse", "--verify", "HEAD"), git("status", "--porcelain", *status)
    return {"commit": commit, "state": "unknown" if None in (commit, changes) else "dirty" if changes else "clean"}


def installed_tree(folder: Path) -> dict:
    """As `tree`, of the package that pip installed into `folder` from a repository, whose commit it keeps (PEP 610).

    "dirty" if a source file is not the one that was installed; without a known commit "unknown".
    """
    found = next(iter(importlib.metadata.distributions(name=PACKAGE.name, path=[os.fspath(folder)])), None)
    files = list(found.files or ()) if found else []
    origin = next((file.read_text(encoding="utf-8") for file in files if file.name == "direct_url.json"), "{}")
    commit = json.loads(origin).get("vcs_info", {}).get("commit_id")
    if not commit:
        return {"commit": None, "state": "unknown"}
    sources = [file for file in files if file.suffix == ".py" and file.parts[0] == PACKAGE.name]
    same = all(file.hash is not None and has_digest(Path(str(file.locate())), file.hash.value) for file in sources)
    return {"commit": commit, "state": "clean" if same else "dirty"}


def has_digest(file: Path, sha256: str) -> bool:
    """Whether a file has this digest, written as in the RECORD of an installed package."""
    try:
        return urlsafe_b64encode(hashlib.sha256(file.read_bytes()).digest()).decode().rstrip("=") == sha256
    except OSError:
        return False


@cache
def code_version(parts: Parts = TRAINING) -> dict:
    """`commit`, `state` and `code`, the digest, of the parts of the package that decide a run; fixed at first use.

    Call it when work begins. Where files have changed between loading and first use, commit and state are unknown, as
    git could only tell of the newer ones. New files in these parts count as changes, files anywhere else do not.
    """
    try:
        now = digest_of_code(parts)
    except OSError:  # the sources are gone, as after a change to another branch
        now = None
    if now != LOADED[parts]:
        return {"commit": None, "state": "unknown", "code": LOADED[parts]}
    place = f"{PACKAGE.parent.name}/{PACKAGE.name}"
    paths = [f"{place}/{part}" if part.endswith(".py") else f":(glob){place}/{part}/**/*.py" for part in parts]
    return {**tree("--untracked-files=all", "--", *paths), "code": LOADED[parts]}


@cache
def is_committed(room: str) -> bool:
    """Whether the files of a room are those of the commit; True also where git has no answer."""
    return tree("--untracked-files=all", "--", f":(glob)lib/{PACKAGE.name}/{room}/**/*.py")["state"] != "dirty"


@cache
def page_version() -> dict:
    """`commit` and `state` of all tracked files but executed pages, each of which would change the next one's."""
    return tree("--untracked-files=no", "--", ".", ":(exclude,glob)book/**/*.ipynb")


def version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def provenance(device: Device, command: str, processes: int = 1, parts: Parts = TRAINING) -> dict:
    """Code, versions, device, host and date (UTC) of a run that ends now, and the `command` that makes it again.

    `processes` is how many runs the host made side by side, which decides what each cost; `parts` of the package
    decided the result. Of a run that several processes made together, the device's `processes` says how many, and the
    host is that of the first.
    """
    import torch

    return {
        **code_version(parts),
        "versions": {
            "convscale": __version__,
            "python": platform.python_version(),
            **{p: version(p) for p in PACKAGES},
        },
        "device": {"kind": device.kind, "name": device.name, "count": device.count, "threads": torch.get_num_threads()}
        | {"processes": device.world},
        "host": {"name": platform.node(), "cores": cores(), "processes": processes, "job": scheduler_job()},
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
    }
