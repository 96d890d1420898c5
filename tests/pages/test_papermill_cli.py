"""papermill's own command line on a page's text source."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from convscale.paths import CHECKOUT

PAGE = "notebooks/efficientnetv2/6-3-adaptive-regularization.md"
PAPERMILL = Path(sys.executable).with_name("papermill")


def papermill(source, output, *options, cwd=CHECKOUT):
    command = [PAPERMILL, "--no-progress-bar", *options, source, output]
    return subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("source", "cwd"),
    [
        (PAGE, "."),
        (f"./{PAGE}", "."),
        (f"../{PAGE}", "book"),
        (f"../../{PAGE}", "lib/convscale"),
        (CHECKOUT / PAGE, "/"),
    ],
    ids=["relative", "dot", "above", "further above", "absolute"],
)
def test_every_way_to_write_the_path_is_read(source, cwd, tmp_path):
    output = tmp_path / "out.ipynb"
    done = papermill(source, output, "--prepare-only", "-p", "seeds", "1", cwd=CHECKOUT / cwd)
    assert done.returncode == 0, done.stderr
    cells = nbformat.read(output, 4).cells
    assert "# Parameters\nseeds = 1\n" in [cell.source for cell in cells if cell.cell_type == "code"]
    assert any(cell.source.startswith("## Verdict") for cell in cells if cell.cell_type == "markdown")


@pytest.mark.slow
def test_page_is_executed(tmp_path):
    done = papermill(PAGE, tmp_path / "out.ipynb", "-p", "scale", "smoke", "-p", "seeds", "1", "-p", "device", "cpu")
    assert done.returncode == 0, done.stderr
    outputs = [o for c in nbformat.read(tmp_path / "out.ipynb", 4).cells for o in c.get("outputs", [])]
    assert sum("text/markdown" in o.get("data", {}) for o in outputs) >= 3  # tables
    assert sum("image/svg+xml" in o.get("data", {}) for o in outputs) == 2  # Figure 6, published and here
    assert len(list((tmp_path / "records").rglob("*.json"))) == 6  # one of each arm


@pytest.mark.slow
def test_misspelt_parameter_gets_our_error(tmp_path):
    done = papermill(PAGE, tmp_path / "out.ipynb", "-p", "seads", "1")
    assert done.returncode != 0
    assert "unknown page parameter 'seads': did you mean seeds? allowed: scale, seeds, device, fresh" in done.stderr
    assert not (tmp_path / "records").exists()


def test_other_formats_are_left_to_papermill(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    nbformat.write(notebook, tmp_path / "in.ipynb")
    done = papermill(tmp_path / "in.ipynb", tmp_path / "out.ipynb", "--prepare-only")
    assert done.returncode == 0, done.stderr
    assert nbformat.read(tmp_path / "out.ipynb", 4).cells[0].source == "1"
