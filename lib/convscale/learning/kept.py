"""What a file of weights that `fit` kept says of itself, read without its weights and without torch."""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open

from ..models import Preprocessing, timm_name
from ..models.table_files import table_from
from ..models.tables import NetworkTable


def stated(weights: str | Path | None) -> dict[str, str]:
    """What a file of weights says of itself; nothing where there is no file, or one of another kind."""
    if weights is None or not Path(weights).is_file():
        return {}
    try:
        with safe_open(weights, "np") as file:
            return file.metadata() or {}
    except (OSError, SafetensorError):  # a torch file, or one that cannot be read
        return {}


def kept_preprocessing(weights: str | Path | None, image_size: int | None = None) -> Preprocessing | None:
    """How images were evaluated with the weights in this file, at `image_size` px or by default at its own.

    None for weights that `fit` did not keep, in a file or elsewhere. Raises ValueError for words that mean nothing.
    """
    about = stated(weights)
    if "preprocessing" not in about:
        return None
    try:
        return Preprocessing(image_size or int(about["image_size"]), **json.loads(about["preprocessing"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{weights}: what it says of its preprocessing cannot be read: {error}") from None


def kept_network(weights: str | Path) -> tuple[str | NetworkTable, tuple[str, ...]]:
    """The network of a file that `fit` kept, by its name or table, and its classes in their order.

    Raises ValueError for a file that does not say them, or in words that mean nothing.
    """
    about = stated(weights)
    if missing := [name for name in ("model", "classes") if name not in about]:
        raise ValueError(f"{weights} does not say its {' and '.join(missing)}, as what `train` keeps does")
    try:
        classes = json.loads(about["classes"])
    except ValueError as error:
        raise ValueError(f"{weights}: what it says of its classes cannot be read: {error}") from None
    if not (isinstance(classes, list) and all(isinstance(name, str) for name in classes)):
        raise ValueError(f"{weights}: what it says of its classes is no list of names: {about['classes'][:80]}")
    return network_in(about["model"], weights), tuple(classes)


def network_in(said: str, weights: str | Path) -> str | NetworkTable:
    """The network that a file names, or whose table it holds. Raises ValueError for words that mean nothing."""
    try:
        return table_from(json.loads(said)) if said.startswith("{") else said
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{weights}: what it says of its network cannot be read: {error}") from None


def check_is_of(weights: str | Path | None, model: str | NetworkTable) -> None:
    """Raise ValueError where a file says that it is of another network than `model`: shapes alone may fit both.

    Tags of timm's names tell weights apart and not networks.
    """
    said = stated(weights).get("model")
    if said is None:
        return
    theirs = network_in(said, weights or "")
    name, asked = (network if isinstance(network, str) else network.name for network in (theirs, model))
    if untagged(name) != untagged(asked):
        raise ValueError(f"{weights} says that it is of {name}, not of {asked}: name that network, or other weights")


def untagged(name: str) -> str:
    return name.partition(".")[0] if timm_name(name) else name
