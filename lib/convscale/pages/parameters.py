"""What a page may be told, read from its source, so that a wrong value costs no work; without Jupyter and torch."""

import re
from collections.abc import Iterable

from ..devices import KINDS
from ..errors import check_name
from ..experiments import SCALES
from ..experiments.registry import experiments
from .sources import Cell, parameters_of, read_cells

PARAMETERS = ("scale", "seeds", "device", "fresh")
RUNS = re.compile(r"""page\.run\(["'](\w+)["']""")  # an experiment that a page names


def experiments_of(cells: Iterable[Cell]) -> list[str]:
    """The experiments that a page runs by name, in its order."""
    return list(dict.fromkeys(name for cell in cells for name in RUNS.findall(cell.source)))


def check_values(*, scale: str = "smoke", seeds: int | None = None, device: str = "auto", fresh: bool = False) -> None:
    """Raise ValueError for a value that no page takes."""
    check_name("scale", scale, SCALES)
    check_name("device", device, KINDS)
    if seeds is not None and (type(seeds) is not int or seeds < 1):
        raise ValueError(
            f"seeds = {seeds!r}: a whole number from 1 on is needed (how many seeds, not which), or None, as many as "
            "the experiment has"
        )
    if type(fresh) is not bool:
        raise ValueError(f"fresh = {fresh!r}: True or False is needed")


def check_parameters(page: str, given: dict) -> None:
    """Raise ValueError for a parameter that `page` does not have, a value that it does not offer, and a scale that an
    experiment of it does not have."""
    cells = read_cells(page)
    has = parameters_of(cells)
    for name, value in given.items():
        check_name("page parameter", name, has)
        if has[name]:
            check_name(name, value, has[name])
    check_values(**given)
    if "scale" in given:
        known = experiments()
        for name in experiments_of(cells):
            check_name(f"scale of {name}", given["scale"], known[check_name("experiment", name, known)].scales)
