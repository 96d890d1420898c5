"""The reward of V2's search as a metric of a run: accuracy from its record, step time from the published times.

Networks are compared on one device, so times of another one would be another metric: those of the CPU count, on which
the runs were made. `convscale search time` makes them.
"""

from functools import cache
from math import log, nan

from ..measure.layers import layers
from ..models.stages import ConvNetTable
from ..models.table_files import table_from
from ..records import published
from ..search.objective import training_aware

TIMES = "v2:search"
BASE_SIZE = 8  # px for counting parameters, which no size changes; the array's total stride


@cache
def step_times(kind: str = "cpu") -> dict[str, float]:
    """Milliseconds of a training step by the run of the orthogonal array; of several sessions the last counts."""
    found = {}
    records = sorted(published().measurements(TIMES), key=lambda record: record["session"])
    for record in records:
        if record["quantity"] == "training step" and record["provenance"]["device"]["kind"] == kind:
            found[record["row"]] = record["value"]
    return found


def network_of(record: dict) -> ConvNetTable:
    """The network of a run of the search, which is always a table of its own."""
    found = table_from(record["run"]["model"])
    assert isinstance(found, ConvNetTable)
    return found


def log_reward(record: dict) -> float:
    """100 times the logarithm of A * S^-0.07 * P^-0.05: differences are in per cent of the reward. NaN without a time.

    A is the top-1 of unseen training images in %; the units of S and P add a constant.
    """
    network = network_of(record)
    seconds = step_times().get(record["arm"])
    if seconds is None:
        return nan
    params = sum(layer.params for layer in layers(network, BASE_SIZE))
    return 100 * log(training_aware(record["metrics"]["unseen_top1"], seconds, params))
