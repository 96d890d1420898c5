"""What a file of weights that `fit` kept says of itself, read without its weights and without torch."""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open

from ..models import Preprocessing


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
