"""EfficientNetV2 §3.3: does a training of ten epochs rank networks as one of fifty does?"""

from dataclasses import replace

from ..experiment import Experiment
from .v2_search import ARRAY
from .v2_search import EXPERIMENT as SEARCH

TIMES = 5  # as long as the search trains a candidate
CHOSEN = tuple(ARRAY.runs)[::3]  # 22 of the array's 64 networks: of every factor about half have it high

BASE = SEARCH.scales["small"].base

EXPERIMENT = Experiment(
    name="v2_search_longer",
    title="Section 3.3, the search's networks trained longer",
    table="v2:section 3.3",
    arms={run: SEARCH.arms[run] for run in CHOSEN},
    scales={
        "small": replace(
            SEARCH.scales["small"],
            base=replace(
                BASE,
                epochs=TIMES * BASE.epochs,
                recipe=replace(BASE.recipe, warmup_epochs=TIMES * BASE.recipe.warmup_epochs),
            ),
            cost="2 minutes of a core",
            shows="whether the short training of the search orders networks as a longer one on the same images does",
            cannot="the order after a full training on ImageNet; one seed of each, so noise lowers the correlation",
            reasons={"50 epochs": "five times those of the search's candidates, warm-up and all"},
        )
    },
    reasons={"22 networks": "every third run of the orthogonal array, chosen by their place, before any was trained"},
)
