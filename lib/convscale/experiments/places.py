"""Where work under way is kept: one folder, seen by all machines that share it.

<key>/       of a run under way: who makes it (`leases`), how far it is (`heartbeat`), what it goes on from. The key is
             that by one process: two numbers of them never make one run at a time
logs/<key>   what a run said, also after its end
batches/     what was handed to a cluster (`batches`)
"""

import os
from pathlib import Path

from ..paths import CACHE


def work_folder() -> Path:
    """CONVSCALE_CHECKPOINTS, or `runs/checkpoints` of the checkout."""
    return Path(os.environ.get("CONVSCALE_CHECKPOINTS", CACHE / "checkpoints")).expanduser()


def run_folder(key: str) -> Path:
    return work_folder() / key


def log_file(key: str) -> Path:
    return work_folder() / "logs" / f"{key}.log"
