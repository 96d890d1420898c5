"""Where data sets are on this machine, and the error that says they are not."""

import os
from pathlib import Path


class DataMissing(FileNotFoundError):
    """The images are not there; the message says how to get them."""


def data_root() -> Path:
    """The folder that holds one folder per data set: CONVSCALE_DATA, or ~/.cache/convscale/data."""
    return Path(os.environ.get("CONVSCALE_DATA", "~/.cache/convscale/data")).expanduser()
