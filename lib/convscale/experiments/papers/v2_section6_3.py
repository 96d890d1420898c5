"""EfficientNetV2 §6.3: what drawing image sizes every eight epochs costs, which replaces a size for each batch."""

from dataclasses import replace

from ...recipes import Run
from ..experiment import Arm, Experiment, Scale
from .v2_table13 import EXPERIMENT as TABLE_13

BLOCKS = TABLE_13.arms["random-adaptive"]  # with runs of that table, key by key


def each_batch(run: Run) -> Run:
    """The same draws of sizes, anew for each batch."""
    drawn = BLOCKS.change(run)
    return replace(drawn, schedule=replace(drawn.schedule, every=1, unit="steps"))


def smallest(run: Run) -> Run:
    """The first stage throughout."""
    return replace(run, schedule=replace(run.schedule, stages=run.schedule.stages[:1], sizes="fixed"))


def at(name: str, cost: str, shows: str, cannot: str) -> Scale:
    """A scale of Table 13's experiment, with its runs and seeds."""
    known = TABLE_13.scales[name]
    return Scale(known.base, 1 if name == "smoke" else known.seeds, cost, shows, cannot)


EXPERIMENT = Experiment(
    name="v2_section6_3",
    title="Section 6.3, an image size for every batch",
    table="v2:13",
    arms={
        "blocks": replace(BLOCKS, about="a size drawn every eight epochs, each with its own regularization"),
        "batches": Arm("a size drawn for every batch, each with its own regularization", each_batch, control=True),
        "smallest-size": Arm("the first size and regularization throughout", smallest, control=True),
    },
    scales={
        "smoke": at("smoke", "a second", "that the page runs", "anything about the papers"),
        "small": at(
            "small",
            "2 to 3 minutes of a core",
            "whether a size for eight epochs loses more than a point to a size for every batch",
            "whether a smaller loss matters; what recompiling costs on a TPU",
        ),
        "medium": at(
            "medium",
            "minutes of a small GPU",
            "the same, at image sizes and magnitudes nearer to the paper's",
            "the size of the difference on ImageNet",
        ),
        "paper": at("paper", "days of an accelerator", "what the paper did not measure", ""),
    },
    reasons={
        "blocks": "the random, adaptive arm of v2_table13 with the same seeds: its runs serve here, too",
        "shuffled for batches, too": "each size once in every group of batches, so that only the length of a block "
        "differs",
        "16 seeds": "those of v2_table13, whose differences scatter by about 1.4 points: 16 tell a loss of a point "
        "from none in about four of five tries",
        "smallest-size": "known to be worse where the test images are larger: the experiment has to see it",
        "own family": "it was designed after v2_table13 and changes none of its decisions",
    },
    claims=("v2-section6-3-blocks",),
)
