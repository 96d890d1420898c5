"""EfficientNetV2 §5.2: pretraining on images that have several labels each, brought to sum 1, then 15 epochs of
fine-tuning."""

from dataclasses import replace

from ...recipes import Run
from ..experiment import Arm, Experiment, Scale
from .v2_table7 import EXPERIMENT as TABLE_7
from .v2_table7 import scratch

# Of the classes that v2_table7 pretrains on. CIFAR-10: airplane and automobile; bird, cat, deer and dog.
VEHICLES, ANIMALS = (0, 1), (2, 3, 4, 5)
EPOCHS = 15  # of fine-tuning, V2 §5.2


def one_label(run: Run) -> Run:
    """Pretrained as in v2_table7, then fine-tuned for as many epochs as in the paper."""
    return replace(run, epochs=EPOCHS)


def two_labels(run: Run) -> Run:
    """The same after a pretraining in which each image has the label of its kind, too."""
    assert run.after is not None
    return replace(one_label(run), after=replace(run.after, groups=(VEHICLES, ANIMALS)))


SMOKE, SMALL = (TABLE_7.scales[name] for name in ("smoke", "small"))


def zero(run: Run) -> Run:
    """The base run of v2_table7, its classifier at zero."""
    return replace(run, new_classifier="zero")


EXPERIMENT = Experiment(
    name="v2_section5_2",
    title="Section 5.2, pretraining on images with several labels",
    table="v2:7",
    arms={
        "two-labels": Arm("pretrained on images with two labels each, class and kind; then 15 epochs", two_labels),
        "one-label": Arm("pretrained on the same images with one label each; then 15 epochs", one_label, control=True),
        "scratch": Arm("trained on the task alone, three times as long as v2_table7 fine-tunes", scratch, control=True),
    },
    scales={
        "smoke": replace(SMOKE, base=zero(SMOKE.base), seeds=1),
        "small": Scale(
            base=zero(SMALL.base),
            seeds=4,
            cost="10 s of a core, a minute from scratch; a pretraining 2 to 4 minutes",
            shows="that pretraining with labels that sum to 1 and 15 epochs of fine-tuning work, and what the second "
            "label costs",
            cannot="what thousands of labels in a hierarchy do: here there are six classes in two kinds",
            reasons={
                "vehicle and animal": "the one division of CIFAR-10's classes that nobody disputes",
                "no arm with labels that sum to 2": "every image has two labels: the sum doubles all losses, which "
                "AdamW does not see",
                "a classifier that starts at zero": "15 epochs are 90 steps, and a large first loss takes many",
                "4 seeds": "as in v2_table7, whose mean differences had errors of half a point to a point",
            },
        ),
    },
    reasons={
        "no paper scale": "ImageNet-21k has no official place that a program may fetch it from",
    },
    claims=("v2-section5-2-several-labels", "v2-section5-2-one-label"),
)
