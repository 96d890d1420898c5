"""What is measured for each speed and memory table of the papers: which networks, at which size, batch and precision.

Rows are named as in data/paper. Each `Comparison` is one session: its rows are timed in turn, so that their ratios hold
on any device. What the papers leave open is decided in `note`, and rows that cannot be had are in `left_out` with the
reason.
"""

from .comparison import Comparison
from .plans_v1_rs import RS_COMPARISONS, V1_COMPARISONS
from .plans_v2 import V2_COMPARISONS

COMPARISONS = (*V1_COMPARISONS, *V2_COMPARISONS, *RS_COMPARISONS)


def comparisons_on(kind: str) -> list[Comparison]:
    """What is measured on a device of this kind: on a CPU only what has a `cpu_batch`.

    The memory of one network cannot be told on XLA (`speed.peak_memory`), nor its largest batch, and a compiler that
    fuses stages has no time of one.
    """
    if kind == "cpu":
        return [c for c in COMPARISONS if c.cpu_batch]
    not_on_xla = ("memory", "inference memory", "stages", "largest batch")
    return [c for c in COMPARISONS if not c.cpu_only and not (kind == "xla" and c.what in not_on_xla)]
