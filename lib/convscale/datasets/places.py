"""Where data sets are on this machine, and the error that says they are not."""

import os
from pathlib import Path

from ..paths import own_cache


class DataMissing(FileNotFoundError):
    """The images are not there; the message says how to get them."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows of it, and papermill after it: the message alone, for nothing in our code is wrong."""
        return [f"{type(self).__name__}: {self}"]


def data_root() -> Path:
    """The folder that holds one folder per data set: CONVSCALE_DATA, or `data` in `own_cache`."""
    return Path(os.environ.get("CONVSCALE_DATA", own_cache() / "data")).expanduser()
