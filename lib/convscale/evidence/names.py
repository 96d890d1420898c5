"""The words that claims and the papers' tables are named by; whoever lists them needs nothing else."""

from ..errors import check_name

PAPERS = {
    "v2": ("efficientnetv2", [*(str(n) for n in range(1, 14)), "figure1b"]),
    "rs": ("resnet_rs", ["1l", "1r", "2", "3", "4", "5"]),
    "v1": ("efficientnet", [str(n) for n in range(1, 8)]),
}
GROUPS = {
    "measured here": ("trend", "interaction", "ratio"),
    "counted": ("exact", "release"),
    "the papers' own arithmetic": ("printed",),
}
BOUNDS = ("at least", "at most")
DEVICES = {"cpu": "a CPU", "cuda": "a GPU", "xla": "a TPU"}
KINDS = tuple(kind for kinds in GROUPS.values() for kind in kinds)


def paper_named(name: str) -> str:
    """The paper as claims name it, "efficientnetv2", from its short name, "v2", or that itself.

    Raises ValueError for another one.
    """
    long = {short: paper for short, (paper, _) in PAPERS.items()}
    check_name("paper", name, [*long, *long.values()])
    return long.get(name, name)
