"""How `make test` compares a page with what it was published with."""

import shlex
import subprocess
import sys

import nbformat
import pytest

from convscale.paths import CHECKOUT

SAYS = "import sys\nprint(1 + 1)\nprint('no such font', file=sys.stderr)"


def command() -> list[str]:
    """The line of the Makefile that runs nbval, without its processes."""
    text = (CHECKOUT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    line = next(line for line in text.splitlines() if "--nbval " in line)
    words = shlex.split(line.partition("-m pytest")[2])
    return [sys.executable, "-m", "pytest", "-p", "no:xdist", *words[words.index("-p") : -1]]


@pytest.mark.parametrize(("shown", "failed"), [("2", 0), ("3", 1)])
def test_what_is_said_on_stderr_is_no_result_and_other_output_is(shown, failed, tmp_path):
    cell = nbformat.v4.new_code_cell(SAYS, execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=f"{shown}\n")]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel}), tmp_path / "page.ipynb")
    done = subprocess.run([*command(), tmp_path / "page.ipynb"], cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == failed, done.stdout
