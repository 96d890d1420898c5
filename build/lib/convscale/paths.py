"""Where things are: the published data, a checkout's root, and this machine's own records."""

import os
from pathlib import Path

PACKAGE = Path(__file__).parent
CHECKOUT = next(iter(p for p in [PACKAGE.parents[1]] if (p / "_toc.yml").exists()), None)  # None once installed
DATA = CHECKOUT / "data" if CHECKOUT else PACKAGE / "_data"
CACHE = CHECKOUT / "runs" if CHECKOUT else Path("~/.cache/convscale").expanduser()


def checkout() -> Path:
    """The checkout's root. Raises RuntimeError, with what to do, where the library is installed without one."""
    if CHECKOUT is None:
        raise RuntimeError("pages are made from a checkout of the project: clone it and install with pip install -e .")
    return CHECKOUT


def local_records() -> Path:
    """The folder of this machine's own records: CONVSCALE_RECORDS, or `runs/records` of the checkout."""
    return Path(os.environ.get("CONVSCALE_RECORDS", CACHE / "records")).expanduser()
