"""Files of weights, of `train` or of anybody's script, read without executing code in them."""

import argparse
import pickle
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

# What training scripts call the weights among the other things that they keep; the averaged ones are taken first.
WRAPPERS = (
    "state_dict_ema",
    "model_ema",
    "ema",
    "state_dict",
    "model_state_dict",
    "model",
    "net",
    "network",
    "weights",
)
PREFIXES = (
    "module.",
    "_orig_mod.",
    "model.",
    "net.",
)  # of DistributedDataParallel, torch.compile, Lightning and others


def read(path: Path) -> dict[str, Tensor]:
    """Tensors of a .safetensors or torch file, without wrappers such as {"state_dict": ...} and prefixes such as
    "module." around them.

    What a file holds tells its kind, whatever it is named. Raises FileNotFoundError, or ValueError for a file that is
    empty, cut off or damaged, or holds anything but tensors and plain values.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no weights at {path}")
    if not path.stat().st_size:
        raise ValueError(f"{path} is empty, as a broken download leaves it: fetch it again")
    try:
        found = contents(path)
    except Exception as error:  # torch and safetensors raise a different one for each kind of damage
        lines = str(error).strip().splitlines() or [type(error).__name__]
        why = next((line.strip() for line in lines if "WeightsUnpickler error" in line), lines[0])
        if isinstance(error, pickle.UnpicklingError) or "weights_only" in why:
            raise ValueError(
                f"{path} is not a whole file of tensors only. It was not loaded, because it could run code: "
                f"convert it to safetensors where you trust it ({why})"
            ) from None
        raise ValueError(f"{path} is cut off, damaged or no file of weights: fetch it again ({why})") from None
    if not (state := tensors_in(found)):
        names = f" but {', '.join(map(str, list(found)[:5]))}" if isinstance(found, dict) and found else ""
        raise ValueError(f"{path} holds no weights by name{names}: keep model.state_dict() alone, or as 'state_dict'")
    while prefix := next((p for p in PREFIXES if all(name.startswith(p) for name in state)), None):
        state = {name.removeprefix(prefix): value for name, value in state.items()}
    return state


def contents(path: Path) -> object:
    """What a safetensors or torch file holds. Raises whatever torch and safetensors raise for damage and for code."""
    with path.open("rb") as file:
        head = file.read(9)
    if head[8:] == b"{":  # safetensors: 8 bytes of a length, then JSON
        return load_file(path)
    if not head.startswith((b"PK", b"\x80")):  # torch: a zip archive, in old versions a pickle
        raise ValueError("neither safetensors nor torch wrote it")
    # Plain values, which scripts keep as their "args". From an open file, as torch 2.13 goes by the ending of a name.
    with torch.serialization.safe_globals([argparse.Namespace]), path.open("rb") as file:
        return torch.load(file, map_location="cpu", weights_only=True)


def tensors_in(found: object) -> dict[str, Tensor]:
    """The tensors by their names, of the first wrapper that holds any; none where there are none."""
    if not isinstance(found, dict):
        return {}
    inner = next((state for name in WRAPPERS if (state := tensors_in(found.get(name)))), None)
    return inner or {str(name): value for name, value in found.items() if isinstance(value, Tensor)}
