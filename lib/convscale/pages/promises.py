"""What a paper promises in its abstract, introduction and captions, each sentence beside what its own tables say."""

from html import escape

import pandas as pd

from ..drawing import Drawing, scatter
from ..drawing.glyphs import STATES
from ..evidence import judge, show_paper_table
from ..evidence.claims import claim_of
from ..evidence.judge_exact import decide
from ..evidence.judging import Reading
from ..records import published
from .networks import short_name
from .papers import here
from .sections import address
from .tables import BookTable
from .words import typeset

# Sentences of EfficientNet's abstract, §1, captions and §7, by the claims that judge them: where it says so -> ids.
PROMISES = {
    "abstract": ("v1-abstract-smaller", "v1-abstract-transfer-order", "v1-abstract-accuracy"),
    "§1": ("v1-section1-surpasses", "v1-section1-resnet50", "v1-section1-similar-flops", "v1-section5-3-datasets"),
    "Figure 1": ("v1-figure1-smaller", "v1-table4-printed"),
    "Table 2, §7": ("v1-section5-2-order-params", "v1-section5-2-order-flops", "v1-table2-caption-flops"),
    "§5.3": ("v1-section5-3-public", "v1-section5-3-public-accuracy"),
}


def promises(page: str, *, name: str, caption: str) -> BookTable:
    """A row for each promise: where the paper makes it, in our words, and whether it follows; if not, by how much."""
    rows, reading = [], Reading(published())
    for where, ids in PROMISES.items():
        for claim in map(claim_of, ids):
            found = judge(claim, reading.of(claim))
            link = address(page, f"claims#{claim['id']}")
            off = typeset(here(claim, found)).partition(" (")[0].removeprefix("does not hold: ")
            rows.append(
                [
                    where,
                    f'<a href="{link}">{escape(claim["statement"].rstrip("."))}</a>',
                    "yes" if STATES[found.verdict] == "yes" else f"**no**: {off}",
                ]
            )
    return BookTable(pd.DataFrame(rows, columns=["where", "what it says", "follows"]), name, caption)


def kept() -> tuple[int, int]:
    """How many of the promises follow from the tables, and how many there are."""
    reading = Reading(published())
    found = [judge(claim, reading.of(claim)) for ids in PROMISES.values() for claim in map(claim_of, ids)]
    return sum(verdict.verdict == "reproduced" for verdict in found), len(found)


def table2() -> pd.DataFrame:
    """The paper's Table 2 as numbers: network, top1 in %, params in millions, flops in billions (NaN: not printed)."""
    table = show_paper_table("v1:2").rename(columns=lambda head: head.split(" (")[0])
    numbers = table[["top-1", "params", "FLOPs"]].apply(pd.to_numeric, errors="coerce")
    return numbers.rename(columns={"top-1": "top1", "FLOPs": "flops"}).rename_axis("network").reset_index()


def answer() -> str:
    """What the page finds, in sentences."""
    (good, count), ratios = kept(), size_ratios()
    spread = f"{ratios.min():.1f} to {ratios.max():.1f}"
    return (
        f"Of {count} promises in abstract, introduction and captions, {good} follow from the paper's own tables. "
        f"\u201cAn order of magnitude fewer parameters\u201d on ImageNet is not among them: {len(ratios)} networks of "
        f"Table 2 have {spread} times as many as the EfficientNet of their accuracy."
    )


def size_ratios() -> pd.Series:
    """Parameters over those of the EfficientNet of its group, as Table 2 prints both, for every other network."""
    table = table2()
    ours = table["network"].str.startswith("EfficientNet")
    base = table["params"].where(ours).ffill()
    return (table["params"] / base)[~ours].reset_index(drop=True)


def figure1(*, name: str, caption: str) -> Drawing:
    """The paper's Figure 1 from its Table 2: top-1 over parameters."""
    table = table2()
    ours = table["network"].str.startswith("EfficientNet")
    points = pd.DataFrame(
        {
            "label": table["network"].where(~ours, table["network"].map(short_name)),
            "x": table["params"],
            "y": table["top1"],
            "family": ours.map({True: "v1", False: ""}),
            "line": ours.map({True: "v1", False: ""}),
        }
    )
    least, most = size_ratios().min(), size_ratios().max()
    return scatter(
        points,
        name=name,
        title=f"Each EfficientNet has the accuracy of networks {least:.1f} to {most:.1f} times its size",
        subtitle="Both numbers as the paper's Table 2 prints them; logarithmic axis",
        x="parameters, millions",
        y="ImageNet top-1, %",
        log="x",
        joined=True,
        caption=caption,
    )


def printed_twice(*, name: str, caption: str) -> BookTable:
    """GPipe and SENet wherever the paper prints them, and the count of the public SENet."""
    table = table2().set_index("network")
    pairs = claim_of("v1-printed-twice")["pairs"].items()
    text = {row: entry["text"] for row, pair in pairs for entry in pair if "text" in entry}
    senet = decide(claim_of("v1-table2-params-others")).set_index("row").loc["SENet", "ours"]
    other = show_paper_table("v1:5").rename(columns=lambda head: head.split(" (")[0])
    transfer = other.loc["CIFAR-10", "reported baseline params"]
    rows = [
        ["GPipe", text["GPipe, text"], f"{table.loc['GPipe', 'params']:.0f}", transfer, ""],
        ["SENet", text["SENet, text"], f"{table.loc['SENet', 'params']:.0f}", "", f"{senet:.1f}"],
    ]
    heads = ["network", "§2, M", "Table 2, M", "Table 5, M", "counted, M"]
    return BookTable(pd.DataFrame(rows, columns=heads), name, caption)
