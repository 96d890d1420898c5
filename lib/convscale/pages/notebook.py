"""From a page's text source to an executed notebook: jupytext reads, papermill runs, nbformat writes.

The result differs from one execution to the next only in its outputs and its provenance: cell ids are fixed,
timestamps are dropped, and parameters stand in the `parameters` cell itself, where Colab's reader can change them.
"""

import ast
import hashlib
import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import jupytext
import nbformat
import papermill
from nbformat import NotebookNode

from ..errors import check_name
from ..paths import checkout
from ..records.provenance import page_version
from .plain import cleaned
from .setup_cell import medium_cells, setup_cell
from .sources import assignments, repository, sources

RUNS = re.compile(r"""page\.run\(["'](\w+)["']""")  # an experiment that a page names


def tagged(cell: NotebookNode, tag: str) -> bool:
    return tag in cell.metadata.get("tags", [])


def defaults(notebook: NotebookNode) -> dict[str, ast.Assign]:
    """Assignments of the cell tagged `parameters`, by name."""
    return next((assignments(c.source) for c in notebook.cells if tagged(c, "parameters")), {})


def read_page(name: str) -> NotebookNode:
    """The source of a page with fixed cell ids and the Colab cell in front."""
    notebook = jupytext.read(sources()[check_name("page", name, sources())])
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
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    cells = [cell for experiment in dict.fromkeys(RUNS.findall(code)) for cell in medium_cells(experiment)]
    for i, cell in enumerate(cells):
        cell["id"] = f"{name.replace('/', '-')}-medium-{i}"[-64:]
    notebook.cells += cells


def clean(notebook: NotebookNode) -> None:
    """Drop what papermill and the kernel leave behind: timestamps, and progress on stderr."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        for name in ("execution", "papermill"):
            cell.metadata.pop(name, None)
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]


def run_page(name: str, output: Path, parameters: dict) -> Path:
    """Execute page `name` and write the notebook to `output`; a failed one is left beside it as .partial.ipynb.

    Raises ValueError for an unknown page or parameter, before anything runs.
    """
    notebook = read_page(name)
    for parameter in parameters:
        check_name("page parameter", parameter, defaults(notebook))
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_suffix(".partial.ipynb")
    start = time.perf_counter()
    done = papermill.execute_notebook(
        notebook,
        partial,
        parameters=parameters,
        kernel_name="python3",
        progress_bar=False,
        extra_arguments=["--IPKernelApp.log_level=CRITICAL"],  # ipykernel 7 warns of its local TCP port
    )
    bake(done, parameters)
    clean(done)
    cleaned(done)
    offer_medium(done, name)
    source = sources()[name]
    done.metadata["convscale"] = {
        "source": str(source.relative_to(checkout())),
        "source_sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
        **page_version(),
        "parameters": {n: ast.literal_eval(node.value) for n, node in defaults(done).items()},
        "date": datetime.now(UTC).date().isoformat(),
        "seconds": round(time.perf_counter() - start, 1),
    }
    nbformat.validate(done)
    nbformat.write(done, partial)
    os.replace(partial, output)
    return output
