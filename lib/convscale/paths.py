"""Where things are: the published data, a checkout's root, and this machine's own records."""

import os
from pathlib import Path
from tempfile import gettempdir


def own_cache() -> Path:
    """~/.cache/convscale; without a home, as containers run under a bare number, a folder among the temporary ones."""
    try:
        return Path("~/.cache/convscale").expanduser()
    except RuntimeError:
        return Path(gettempdir(), f"convscale-{os.getuid()}")


PACKAGE = Path(__file__).parent
CHECKOUT = next(iter(p for p in [PACKAGE.parents[1]] if (p / "_toc.yml").exists()), None)  # None once installed
DATA = CHECKOUT / "data" if CHECKOUT else PACKAGE / "_data"
CACHE = CHECKOUT / "runs" if CHECKOUT else own_cache()


def checkout() -> Path:
    """The checkout's root. Raises RuntimeError, with what to do, where the library is installed without one."""
    if CHECKOUT is None:
        raise RuntimeError("pages are made from a checkout of the project: clone it and install with pip install -e .")
    return CHECKOUT


def local_records() -> Path:
    """The folder of this machine's own records: CONVSCALE_RECORDS, or `runs/records` of the checkout."""
    return Path(os.environ.get("CONVSCALE_RECORDS", CACHE / "records")).expanduser()
