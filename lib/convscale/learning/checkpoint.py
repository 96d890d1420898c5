"""Checkpoints that are whole or not there, and safe to load."""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import nn

from ..files import replace_file


def on_host(value):
    """Nested dicts and lists with their tensors on the CPU; an XLA tensor cannot be written."""
    if isinstance(value, torch.Tensor):
        return value.cpu()
    if isinstance(value, dict):
        return {key: on_host(inner) for key, inner in value.items()}
    return [on_host(inner) for inner in value] if isinstance(value, list) else value


def size_of(value) -> int:
    """Bytes of the tensors in nested dicts and lists."""
    if isinstance(value, torch.Tensor):
        return value.numel() * value.element_size()
    if isinstance(value, dict):
        return sum(map(size_of, value.values()))
    return sum(map(size_of, value)) if isinstance(value, list) else 0


def save(state: dict, path: Path) -> None:
    """Keep the whole state of a run, as `load` reads it. Raises OSError."""
    state = on_host(state)
    try:
        replace_file(path, lambda file: torch.save(state, file))
    except RuntimeError as error:  # what torch raises where a file cannot be written
        raise OSError(f"{path} could not be written: {str(error).splitlines()[0]}") from None


def save_weights(model: nn.Module, path: Path, about: dict) -> None:
    """Keep weights alone, as safetensors; `about` are plain values that say what they are. Raises OSError."""
    state = {name: tensor.contiguous() for name, tensor in on_host(model.state_dict()).items()}
    metadata = {key: value if isinstance(value, str) else json.dumps(value) for key, value in about.items()}
    try:
        replace_file(path, lambda file: save_file(state, file, {"format": "pt", **metadata}))
    except SafetensorError as error:  # what safetensors raises where a file cannot be written
        raise OSError(f"{path} could not be written: {error}") from None


def load(path: Path, run: dict) -> dict | None:
    """The state saved for `run` (`identified`, in canonical form); None if there is none.

    Loads tensors and plain values, never code.
    Raises ValueError for a file that cannot be read, or belongs to another run, naming the fields that differ.
    """
    if not path.exists():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        saved = state["run"]
    except Exception as error:  # torch raises a different one for each kind of damage, and advises to execute code
        fault = type(error).__name__
        raise ValueError(f"unreadable checkpoint {path} ({fault}): delete it to start the run anew") from None
    if saved != run:
        folders = all(str(of.get("dataset")).startswith("folder:") for of in (saved, run))
        changed = ", so the images are not those of before" if folders and saved["dataset"] != run["dataset"] else ""
        raise ValueError(
            f"checkpoint {path} is of another run ({'; '.join(differences(saved, run))}{changed}): "
            "choose another folder or delete it"
        )
    return state


def differences(saved: dict, run: dict) -> list[str]:
    """ "field: value there, value here" for every field of two runs in canonical form that differs."""
    there, here = dict(flat(saved)), dict(flat(run))
    return [
        f"{field}: {there.get(field, 'its default')} there, {here.get(field, 'its default')} here"
        for field in sorted(there.keys() | here.keys())
        if there.get(field) != here.get(field)
    ]


def flat(value, path: str = ""):
    """(dotted path, plain value) of everything in nested dicts and lists."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from flat(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, value
