"""EfficientNetV2 §3.3: all 512 networks of nine choices, so that samplers can be compared without training again."""

from functools import partial

from ..experiment import Arm, Experiment
from ..factorial import Factorial
from .v2_search import ARRAY, FIFTH, about, network, searched
from .v2_search import EXPERIMENT as SEARCH

# All combinations. The 64 runs of the orthogonal array are among them: where the ninth factor is low.
ALL = Factorial(base=(*ARRAY.factors, FIFTH))

EXPERIMENT = Experiment(
    name="v2_search_table",
    title="Section 3.3, all networks of nine choices",
    table="v2:section 3.3",
    arms={run: Arm(about(levels), partial(searched, network(levels))) for run, levels in ALL.runs.items()},
    scales={"small": SEARCH.scales["small"]},
    reasons={
        "512 networks": "a search over them can be replayed from the table as often as one likes, and its true best "
        "network is known",
        "no claim": "the papers say that random search or reinforcement learning may be used, and not which is better",
    },
)
