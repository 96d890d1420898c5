"""What a file of weights that `fit` kept says of itself, read without its weights and without torch."""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open

from ..models import Preprocessing


def kept_preprocessing(weights: str | Path | None, image_size: int | None = None) -> Preprocessing | None:
    """How images were evaluated with the weights in this file, at `image_size` px or by default at its own.

    None for weights that `fit` did not keep, in a file or elsewhere. Raises ValueError for words that mean nothing.
    """
    if weights is None or not Path(weights).is_file():
        return None
    try:
        with safe_open(weights, "np") as file:
            about = file.metadata() or {}
    except SafetensorError:  # a torch file
        return None
    if "preprocessing" not in about:
        return None
    try:
        return Preprocessing(image_size or int(about["image_size"]), **json.loads(about["preprocessing"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{weights}: what it says of its preprocessing cannot be read: {error}") from None
