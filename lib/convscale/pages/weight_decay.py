"""What less weight decay gains, with and without other regularization: the rows of ResNet-RS's Table 1, right."""

from collections.abc import Mapping

from ..drawing import Drawing, forest
from ..evidence.forest import as_rows, claimed_rows, contrast_row
from ..evidence.paper import printed
from ..experiments import Sweep
from ..experiments.papers.rs_factorial import DESIGN, WITHOUT_DEPTH, at
from ..records import published
from .results import Results, found_in, judged
from .words import signed

SHALLOW, DEEP = "ResNet-50 in the paper, 26 layers here", "ResNet-200 in the paper, twice as deep here"
# Row of the paper's table -> its words, and the contrast of our arms that it corresponds to.
GAINS: dict[str, dict[str, tuple[str, Mapping[str, float]]]] = {
    SHALLOW: {
        "ResNet-50 None": ("No other regularization", DESIGN.gain("less-decay", at(-1, WITHOUT_DEPTH))),
        "ResNet-50 RA-LS": (
            "RandAugment, label smoothing",
            DESIGN.gain("less-decay", at(1, ("randaugment", "smoothing")) | at(-1, ("dropout",))),
        ),
        "ResNet-50 RA-LS-DO": ("These and dropout", DESIGN.gain("less-decay", at(1, WITHOUT_DEPTH))),
    },
    DEEP: {
        "ResNet-200 None": ("No other regularization", {"resnet-200-none-4e-5": 1, "resnet-200-none-1e-4": -1}),
        "ResNet-200 RA-LS-SD-DO": (
            "All of the regularization",
            {"resnet-200-ra-ls-sd-do-4e-5": 1, "resnet-200-ra-ls-sd-do-1e-4": -1},
        ),
    },
}
CLAIMS = {SHALLOW: "rs-section5-2-interaction-50", DEEP: "rs-section5-2-interaction-200"}


def in_print() -> str:
    """What Table 1, right, prints of the question, for its smaller network."""
    without, with_all = (float(printed("rs:1r", row, "change")) for row in ("ResNet-50 None", "ResNet-50 RA-LS-DO"))
    return (
        f"In the paper's table less weight decay changes ResNet-50 by {signed(without)} points without other "
        f"regularization, by {signed(with_all)} with it."
    )


def rows_of(sweep: Sweep, group: str) -> list[dict]:
    """What less weight decay gains in each row of one network, then the difference that the claim is about."""
    store, found = published(), []
    for row, (words, contrast) in GAINS[group].items():
        gained = contrast_row(words, contrast, sweep, "test_top1", store, group)
        found.append(gained | {"paper": float(printed("rs:1r", row, "change"))})
    (claimed,) = claimed_rows(sweep, "test_top1", store, [CLAIMS[group]])
    return [*found, claimed | {"label": "Last minus first", "detail": "what the claim is about", "group": group}]


def decay_figure(shallow: Results, deep: Results, name: str, caption: str) -> Drawing:
    """Every row of the paper's table beside the same contrast here, from the factorial and from the deeper corners."""
    rows = rows_of(judged(shallow.sweep.experiment), SHALLOW) + rows_of(judged(deep.sweep.experiment), DEEP)
    table = as_rows(rows).assign(family="rs")
    return forest(
        table,
        name=name,
        title=found_in(table),
        subtitle="What a smaller weight decay gains, with more and more other regularization",
        caption=caption,
        unit="change of test top-1 by less weight decay, points",
        sides=("less decay is better", "worse"),
    )
