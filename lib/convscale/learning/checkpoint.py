"""Checkpoints that are whole or not there, and safe to load."""

import os
from pathlib import Path

import torch


def save(state: dict, path: Path) -> None:
    """Write beside `path` and rename, so that a kill at any moment leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        torch.save(state, temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def load(path: Path, key: str) -> dict | None:
    """The state saved for run `key`; None if there is none. Loads tensors and plain values only, never code.

    Raises ValueError for a file that cannot be read or belongs to another run.
    """
    if not path.exists():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises a different one for each kind of damage, and advises to execute code
        fault = type(error).__name__
        raise ValueError(f"unreadable checkpoint {path} ({fault}): delete it to start the run anew") from None
    if state["key"] != key:
        raise ValueError(f"checkpoint {path} is of run {state['key']}, not of {key}: choose another path or delete it")
    return state
