"""What a page's notebook has for readers in Colab and Jupyter, and the book leaves out: the cell that installs the
library, and the one that runs the page's experiment at its medium scale."""

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from ..errors import check_name
from ..experiments import Sweep
from ..experiments.registry import experiments, records_of
from ..records import published

SETUP = """\
# On Colab this installs convscale, and timm where it is missing, and leaves torch alone. Nowhere else does it install.
import importlib
import importlib.util
import os
import subprocess
import sys

packages = {
    "convscale": "git+SOURCE",
    "lazy_loader": "lazy_loader",
    "timm": "timm",
    "huggingface_hub": "huggingface_hub",
    "safetensors": "safetensors",
}
missing = [source for name, source in packages.items() if importlib.util.find_spec(name) is None]
if missing and "COLAB_RELEASE_TAG" in os.environ:
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", *missing], check=True)
    importlib.invalidate_caches()
elif missing:
    raise ModuleNotFoundError(
        "This page needs convscale, and this cell installs it on Colab only. In an environment of yours:\\n"
        "  pip install 'convscale @ git+SOURCE'\\n"
        "Then start the kernel of that environment."
    )"""

MEDIUM = """\
medium = False  # @param {type: "boolean"}
if medium:  # so that "run all" does not begin what takes an hour
    !convscale experiment plan EXPERIMENT --scale medium
    !convscale experiment run EXPERIMENT --scale medium"""

HIDDEN = ["remove-cell"]  # in the book; a notebook shows it


def setup_cell(home: dict[str, str]) -> NotebookNode:
    """The first cell of a page. `home` has the `url` and `branch` (or tag) that it installs from, on Colab alone."""
    cell = new_code_cell(SETUP.replace("SOURCE", f"{home['url']}@{home['branch']}"))
    cell.metadata["tags"] = [*HIDDEN]
    return cell


def medium_cells(experiment: str) -> list[NotebookNode]:
    """What to read before running `experiment` at its medium scale, and the cell that does; [] if it has none.

    They go into an executed notebook: nothing executes them but a reader. Raises ValueError for an unknown experiment.
    """
    known = experiments()
    asked = known[check_name("experiment", experiment, known)]
    if "medium" not in asked.scales:
        return []
    about = asked.at("medium").about
    text = (
        "## With a GPU: the medium scale\n\n"
        f"It shows {about.shows}; it cannot show {about.cannot}. {took(asked.at('medium'))} "
        "Set `medium` to True in the next cell: it times a few steps, says how long all of it takes, and begins. Stop "
        'it when you like: it goes on where it was. Then set `scale = "medium"` in the parameters and run the page.'
    )
    code = new_code_cell(MEDIUM.replace("EXPERIMENT", experiment))
    code.metadata["tags"] = [*HIDDEN, "nbval-skip"]
    words = new_markdown_cell(text)
    words.metadata["tags"] = [*HIDDEN]
    return [words, code]


def took(sweep: Sweep) -> str:
    """How long the published runs took, on each device, as a sentence."""
    seconds: dict[str, list[float]] = {}
    for record in records_of(sweep, published()):
        seconds.setdefault(record["provenance"]["device"]["name"], []).append(record["cost"]["seconds"])
    if not seconds:
        return "No such runs are published yet, so its time on Colab's T4 is not known."
    shown = (f"{len(runs)} runs in {sum(runs) / 60:,.0f} minutes on {device}" for device, runs in seconds.items())
    return f"Published, of {len(sweep.jobs)}: {', '.join(shown)}."
