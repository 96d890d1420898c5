"""A page without Jupyter: its code cells, one after the other in this process. Also finds the runs of a page."""

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import matplotlib

from ..errors import check_name
from ..experiments.execute import Job, planning
from .sources import Cell, parameters_of, read_cells

DISPLAYS = ("HTML", "Latex", "Markdown", "SVG")  # classes of IPython.display that pages may use


def run_plain(name: str, parameters: dict, figures: Path | None = None) -> None:
    """Execute page `name`: what it shows is printed as text, its figures are saved as SVG in folder `figures`.

    Raises ValueError for an unknown page or parameter, before anything runs, and whatever a cell raises.
    """
    for cell, value in executed(checked(name, parameters), parameters):
        show(value)
        keep_figures(figures, cell)


def plan(name: str, parameters: dict) -> list[Job]:
    """The runs that page `name` would make. Its cells are executed up to the last that asks for runs; none is made.

    Raises as `run_plain`.
    """
    cells = checked(name, parameters)
    last = max((i for i, cell in enumerate(cells) if ".execute(" in cell.source), default=-1)
    with planning() as jobs:
        for cell, _ in executed(cells[: last + 1], parameters):
            keep_figures(None, cell)
    return jobs


def checked(name: str, parameters: dict) -> list[Cell]:
    cells = read_cells(name)
    for parameter in parameters:
        check_name("page parameter", parameter, parameters_of(cells))
    return cells


def executed(cells: list[Cell], parameters: dict) -> Iterator[tuple[str, object]]:
    """Execute cells in one namespace; yields a name for each cell and the value of its last expression."""
    matplotlib.use("template")  # its show() does nothing, where those of other backends without windows warn
    namespace = {"__name__": "__page__"}
    with no_ipython():
        for number, cell in enumerate(cells, start=1):
            label = f"cell-{number}"
            body = ast.parse(cell.source, f"<{label}>")
            last = body.body[-1] if body.body else None
            shown = ast.Expression(last.value) if isinstance(last, ast.Expr) else None
            if shown:
                body.body.pop()
            exec(compile(body, f"<{label}>", "exec"), namespace)
            value = shown and eval(compile(shown, f"<{label}>", "eval"), namespace)
            if "parameters" in cell.tags:
                namespace |= parameters
            yield label, value


def show(value: object) -> None:
    """Print a value as a notebook would show it where there is only text."""
    if value is None:
        return
    bundle = getattr(value, "_repr_mimebundle_", None)
    print(bundle()["text/plain"] if bundle else value, end="\n\n", flush=True)


def keep_figures(folder: Path | None, label: str) -> None:
    """Save the figures that a cell has drawn, if there is a folder for them, and close them."""
    import matplotlib.pyplot as plt

    for number in plt.get_fignums():
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            plt.figure(number).savefig(folder / f"{label}-{number}.svg")
    plt.close("all")


@contextmanager
def no_ipython() -> Iterator[None]:
    """A stand-in for IPython.display, whether it is installed or not, whose `display` prints."""

    def display(*objects, **_) -> None:
        for value in objects:
            if type(value).__name__ not in DISPLAYS:
                show(value)

    module = ModuleType("IPython.display")
    vars(module).update(display=display)
    for name in DISPLAYS:
        setattr(module, name, type(name, (), {"__init__": lambda self, data=None, **_: None}))
    package = ModuleType("IPython")
    vars(package).update(display=module, get_ipython=lambda: None, version_info=(9, 0))  # matplotlib looks at the last
    names = ("IPython", "IPython.display")
    before = {name: sys.modules.get(name) for name in names}
    sys.modules.update(zip(names, (package, module), strict=True))
    try:
        yield
    finally:
        for name, own in before.items():
            if own is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = own
