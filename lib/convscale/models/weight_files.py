"""Files of weights, of `train` or of anybody's script, read without executing code in them."""

import pickle
from pathlib import Path

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

    Raises FileNotFoundError, or ValueError for a file that is empty, cut off or damaged, or holds anything but tensors
    and plain values.
    """
    from timm.models import load_state_dict

    if not path.is_file():
        raise FileNotFoundError(f"no weights at {path}")
    if not path.stat().st_size:
        raise ValueError(f"{path} is empty, as a broken download leaves it: fetch it again")
    try:
        found = load_state_dict(str(path), weights_only=True)
    except Exception as error:  # timm, torch and safetensors raise a different one for each kind of damage
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        if isinstance(error, pickle.UnpicklingError) or "weights_only" in why:
            raise ValueError(
                f"{path} is not a whole file of tensors only. It was not loaded, because it could run code: "
                f"convert it to safetensors where you trust it ({why})"
            ) from None
        raise ValueError(f"{path} is cut off, damaged or no file of weights: fetch it again ({why})") from None
    return tensors_in(found, path)


def tensors_in(found: object, path: Path) -> dict[str, Tensor]:
    """The named tensors in what was read. Raises ValueError where there are none."""
    while isinstance(found, dict) and (inner := [v for n in WRAPPERS if isinstance(v := found.get(n), dict)]):
        found = inner[0]
    if not isinstance(found, dict) or not any(isinstance(value, Tensor) for value in found.values()):
        names = f" but {', '.join(map(str, list(found)[:5]))}" if isinstance(found, dict) and found else ""
        raise ValueError(f"{path} holds no weights by name{names}: keep model.state_dict() alone, or as 'state_dict'")
    state = {str(name): value for name, value in found.items() if isinstance(value, Tensor)}
    while prefix := next((p for p in PREFIXES if all(name.startswith(p) for name in state)), None):
        state = {name.removeprefix(prefix): value for name, value in state.items()}
    return state
