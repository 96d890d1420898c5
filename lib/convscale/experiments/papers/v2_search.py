"""EfficientNetV2 §3.3: which choices of the search pay, by an orthogonal array instead of a thousand networks."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from ...models.efficientnetv2 import EFFICIENTNETV2_TINY8, SE
from ...models.stages import ConvNetTable, Stage
from ...recipes import Run
from ..experiment import Arm, Experiment, Scale
from ..factorial import Factorial, opposite, total
from .common import one_size, plain

# 2^(8-2), 64 runs. Words: the two generators with their products, of length 5, and the product of both, of length 6
# (kernel, expansion, deeper-early, deeper-middle, deeper-late, seventh): resolution V, so no two factors and no two
# pairs of factors are mixed up. No design of 32 runs can tell the 36 effects apart.
ARRAY = Factorial(
    base=("fused-early", "fused-late", "kernel-5", "expand-6", "deeper-early", "deeper-middle"),
    generated={
        "deeper-late": ("fused-early", "fused-late", "kernel-5", "expand-6"),
        "seventh": ("fused-early", "fused-late", "deeper-early", "deeper-middle"),
    },
)
MEANING = {
    "deeper-fifth": "one layer more in stage 5",
    "fused-early": "Fused-MBConv for MBConv in stages 1 to 3",
    "fused-late": "Fused-MBConv for MBConv in stages 4 to the last",
    "kernel-5": "kernels of 5x5 for 3x3",
    "expand-6": "expansion 6 for 4, but in stage 1, which has none",
    "deeper-early": "one layer more in stage 2",
    "deeper-middle": "one layer more in stage 4",
    "deeper-late": "one layer more in stage 6",
    "seventh": "the last stage of stride 1 that EfficientNet has and EfficientNetV2-S has not",
}
FIFTH = "deeper-fifth"  # in the table of all networks (v2_search_table) alone
DEEPER = {2: "deeper-early", 4: "deeper-middle", 5: FIFTH, 6: "deeper-late"}
EARLY = 3  # stages with Fused-MBConv in V2 Table 4
SEVENTH_WIDTH = 160  # of efficientnetv2-tiny8's 96: the ratio of B0's last two stages, 320 / 192


def network(levels: Mapping[str, int]) -> ConvNetTable:
    """The network of one run of the array, around efficientnetv2-tiny8."""
    base = EFFICIENTNETV2_TINY8
    rows = [*base.stages, *([Stage("mbconv", 3, 1, 4, SEVENTH_WIDTH, 1, SE)] if levels["seventh"] > 0 else [])]
    stages = []
    for number, row in enumerate(rows, start=1):
        fused = levels["fused-early" if number <= EARLY else "fused-late"] > 0
        more = number in DEEPER and levels.get(DEEPER[number], -1) > 0
        stages.append(
            replace(
                row,
                op="fused" if fused else "mbconv",
                se=0.0 if fused else SE,  # as in V2 Table 4
                kernel=5 if levels["kernel-5"] > 0 else 3,
                expand=1 if number == 1 else 6 if levels["expand-6"] > 0 else 4,
                depth=row.depth + more,
            )
        )
    return replace(base, name="search-" + "+".join(f for f, v in levels.items() if v > 0), stages=tuple(stages))


def searched(model: ConvNetTable, run: Run) -> Run:
    return replace(run, model=model)


def about(levels: Mapping[str, int]) -> str:
    return "; ".join(MEANING[factor] for factor, level in levels.items() if level > 0) or "every factor low"


EXPERIMENT = Experiment(
    name="v2_search",
    title="Section 3.3, the choices of the search",
    table="v2:section 3.3",
    arms={run: Arm(about(levels), partial(searched, network(levels))) for run, levels in ARRAY.runs.items()},
    scales={
        "smoke": Scale(
            base=Run(
                model="efficientnetv2-tiny8",
                dataset="digits",
                recipe=plain(16, warmup_epochs=0),
                schedule=one_size(16),
                epochs=1,
                eval_size=16,
                seed=0,
                train_images=64,
                curve_points=1,
                curve_images=60,
                unseen=60,
            ),
            seeds=1,
            cost="less than a second",
            shows="that the page runs",
            cannot="anything about the papers",
            only=tuple(ARRAY.runs)[::16],
        ),
        "small": Scale(
            base=Run(
                model="efficientnetv2-tiny8",
                dataset="cifar10",
                recipe=plain(24),
                schedule=one_size(24),
                epochs=10,
                eval_size=24,
                seed=0,
                train_images=2000,
                subset="seed",
                curve_points=2,
                curve_images=500,
                unseen=10_000,
            ),
            seeds=1,
            cost="a minute of a core",
            shows="which choices raise the accuracy of a short training on small images, and which pairs of choices "
            "do so only together",
            cannot="what a thousand networks of the size of EfficientNet-B4 find on ImageNet; whether the choices "
            "depend on the images, which are the same 2,000 for all runs",
            reasons={
                "10 epochs": "about as many as the paper trains each candidate",
                "unseen training images": "the reward of a search is measured on images that test nothing else",
                "one seed": "each effect is a difference of two means of 32 runs: its standard error is a quarter of "
                "a run's scatter, about 0.4 points",
            },
        ),
    },
    reasons={
        "an orthogonal array": "64 runs tell each of 8 choices and each pair of them apart from all others; random "
        "networks would take several times as many for the same standard error",
        "the factors": "the paper's search space: operation, number of layers, kernel and expansion, with its four "
        "findings: Fused-MBConv early, small expansion, small kernels with more layers, no last stage of stride 1",
        "the reward": "claims judge A S^-0.07 P^-0.05, in per cent: its A is that of unseen images, its S a step time "
        "measured here, so that a choice may pay on one device and not on another",
    },
    design=ARRAY,
    contrasts={
        "Fused-MBConv in stages 1 to 3": ARRAY.effect("fused-early"),
        "smaller expansion": opposite(ARRAY.effect("expand-6")),
        "smaller kernels": opposite(ARRAY.effect("kernel-5")),
        "layers instead of large kernels": opposite(
            total(*(ARRAY.effect("kernel-5", factor) for factor in ("deeper-early", "deeper-middle", "deeper-late")))
        ),
        "no last stage of stride 1": opposite(ARRAY.effect("seventh")),
    },
    claims=(
        "v2-section3-3-search-fused",
        "v2-section3-3-search-expansion",
        "v2-section3-3-search-kernel",
        "v2-section3-3-search-layers",
        "v2-section3-3-search-last-stage",
    ),
)
