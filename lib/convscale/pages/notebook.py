"""From a page's text source to an executed notebook: jupytext reads, papermill runs, nbformat writes.

The result differs from one execution to the next only in its outputs and its provenance: cell ids are fixed,
timestamps are dropped, and parameters stand in the `parameters` cell itself, where Colab's reader can change them.
"""

import ast
import hashlib
import os
import platform
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from .. import __version__
from ..errors import KILLED, Interrupted, Preempted
from ..files import check_writable, replace_file
from ..paths import checkout
from ..records.provenance import page_version
from .kernel import own_kernel
from .parameters import check_parameters, experiments_of
from .plain import cleaned
from .setup_cell import medium_cells, setup_cell
from .sources import Assignment, assignments, read_cells, repository, sources, text_of_page
from .text_notebooks import notebook_of

WIDGET = "application/vnd.jupyter.widget-view+json"
STARTS = 600  # seconds; ours: papermill's 60 are few where many kernels start at once from a slow disk
STOPS = {stop.__name__: stop for stop in (Preempted, Interrupted)}


def tagged(cell: NotebookNode, tag: str) -> bool:
    return tag in cell.metadata.get("tags", [])


def defaults(notebook: NotebookNode) -> dict[str, Assignment]:
    """Assignments of the cell tagged `parameters`, by name."""
    return next((assignments(c.source) for c in notebook.cells if tagged(c, "parameters")), {})


def read_page(name: str) -> NotebookNode:
    """The source of a page with fixed cell ids and the Colab cell in front. Raises ValueError for an unknown
    page, and for one that cannot be read."""
    notebook = notebook_of(*text_of_page(name))
    notebook.cells.insert(0, setup_cell(repository()))
    for i, cell in enumerate(notebook.cells):
        cell["id"] = f"{name.replace('/', '-')}-{i}"[-64:]  # nbformat allows 64 characters
    return notebook


def cut(source: str, line: int, column: int) -> int:
    """Bytes of `source` before a place as `ast` gives it: a line from 1, and a column in bytes."""
    return sum(len(text.encode()) for text in source.splitlines(keepends=True)[: line - 1]) + column


def bake(notebook: NotebookNode, parameters: dict) -> None:
    """Write `parameters` into the parameters cell and drop the cell that papermill injected."""
    for name in parameters.keys() & defaults(notebook).keys():
        cell = next(c for c in notebook.cells if tagged(c, "parameters"))
        value = defaults(notebook)[name].value  # found anew, because the one before may have moved it
        before, after = (
            cut(cell.source, value.lineno, value.col_offset),
            cut(cell.source, value.end_lineno, value.end_col_offset),  # type: ignore[arg-type]  # ast.parse sets them
        )
        source = cell.source.encode()
        cell.source = (source[:before] + repr(parameters[name]).encode() + source[after:]).decode()
    notebook.cells = [c for c in notebook.cells if not tagged(c, "injected-parameters")]


def offer_medium(notebook: NotebookNode, name: str) -> None:
    """Add the cells that run the page's experiments at their medium scale, for readers with a GPU."""
    cells = [cell for experiment in experiments_of(read_cells(name)) for cell in medium_cells(experiment)]
    for i, cell in enumerate(cells):
        cell["id"] = f"{name.replace('/', '-')}-medium-{i}"[-64:]
    notebook.cells += cells


def is_progress(output: NotebookNode) -> bool:
    """Whether an output is a progress bar: on stderr, or a widget where ipywidgets is installed."""
    return output.get("name") == "stderr" or WIDGET in output.get("data", {})


def clean(notebook: NotebookNode) -> None:
    """Drop what papermill and the kernel leave behind: timestamps, progress, and the state of widgets."""
    for name in ("papermill", "widgets"):
        notebook.metadata.pop(name, None)
    for cell in notebook.cells:
        for name in ("execution", "papermill"):
            cell.metadata.pop(name, None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not is_progress(output)]


def check_output(output: Path) -> None:
    """Raise ValueError for an output that is no notebook's name, OSError for one that cannot be written."""
    if output.is_dir():
        raise ValueError(f"{output} is a folder: name the notebook to write, e.g. {output / 'page.ipynb'}")
    if output.suffix != ".ipynb":
        raise ValueError(f"{output}: a page is written as a notebook: give a name that ends in .ipynb")
    check_writable(output.parent)


def executed(notebook: NotebookNode, partial: Path, parameters: dict) -> NotebookNode:
    """The notebook after its execution; `partial` has it up to the cell that is under way.

    Raises RuntimeError where a cell fails or the kernel dies, and Preempted where the page was told to stop.
    """
    so_far = f"(the page up to there: {partial})"
    try:
        with own_kernel() as kernel:
            return papermill.execute_notebook(
                notebook,
                re.sub(r"([{}])", r"\1\1", os.fspath(partial)),  # papermill fills in what stands in braces
                parameters=parameters,
                kernel_name="python3",
                language="python",  # whatever the head says or leaves out
                kernel_manager_class=kernel,
                start_timeout=STARTS,
                coalesce_streams=True,  # or how a text is cut depends on when its parts came
                progress_bar=False,
            )
    except PapermillExecutionError as error:
        raise STOPS.get(error.ename, RuntimeError)(f"{error.ename}: {error.evalue}\n{so_far}") from None
    except DeadKernelError:
        raise RuntimeError(f"{KILLED}\n{so_far}") from None
    except RuntimeError as error:  # of jupyter_client, which starts it
        raise RuntimeError(f"the page's process did not start: {error}") from error


def run_page(name: str, output: Path, parameters: dict) -> Path:
    """Execute page `name` and write the notebook to `output`; a failed one is left beside it as .partial.ipynb.

    Raises ValueError for an unknown page, parameter or value and for an output that is no notebook, before anything
    runs, and what `executed` raises.
    """
    notebook = read_page(name)
    check_parameters(name, parameters)
    check_output(output)
    partial = output.absolute().with_suffix(".partial.ipynb")
    start = time.perf_counter()
    done = executed(notebook, partial, parameters)
    bake(done, parameters)
    clean(done)
    cleaned(done)
    offer_medium(done, name)
    source = sources()[name]
    done.metadata["convscale"] = {
        "source": str(source.relative_to(checkout())),
        "source_sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
        **page_version(),
        "versions": {"convscale": __version__, "python": platform.python_version()},
        "parameters": {n: ast.literal_eval(cast(ast.expr, node.value)) for n, node in defaults(done).items()},
        "date": datetime.now(UTC).date().isoformat(),
        "seconds": round(time.perf_counter() - start, 1),
    }
    nbformat.validate(done)
    replace_file(output, lambda file: nbformat.write(done, file))
    partial.unlink(missing_ok=True)  # of two that run the same page at once the other may have done so
    return output
