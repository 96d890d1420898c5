"""papermill's own command line on a page's text source."""

import subprocess
import sys
from pathlib import Path

import nbformat
import papermill.__main__
import pytest
from papermill.exceptions import PapermillExecutionError
from papermill.iorw import papermill_io

PAGE = "notebooks/small.md"
OPTIONS = ("--no-progress-bar", "-p", "seeds", "1", "-p", "device", "cpu")


def run_here(source, output, *options):
    """The command line in this process, without the seconds that a new one takes to start."""
    arguments = [str(part) for part in (*options, source, output)]
    papermill.__main__.papermill.main(arguments, standalone_mode=False)


@pytest.mark.parametrize(
    ("source", "cwd"),
    [
        (PAGE, "."),
        (f"./{PAGE}", "."),
        (f"../{PAGE}", "book"),
        (f"../../{PAGE}", "lib/convscale"),
        ("small.md", "notebooks"),
        (None, "/"),
    ],
    ids=["relative", "dot", "above", "further above", "beside", "absolute"],
)
def test_every_way_to_write_the_path_is_read(source, cwd, small_checkout, tmp_path, monkeypatch):
    (small_checkout / cwd).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(small_checkout / cwd)
    output = tmp_path / "out.ipynb"
    run_here(source or small_checkout / PAGE, output, "--prepare-only", *OPTIONS)
    cells = nbformat.read(output, 4).cells
    assert '# Parameters\nseeds = 1\ndevice = "cpu"\n' in [cell.source for cell in cells if cell.cell_type == "code"]
    assert any(cell.source.startswith("## Verdict") for cell in cells if cell.cell_type == "markdown")


@pytest.mark.slow
def test_page_is_executed(small_checkout, tmp_path):
    program = Path(sys.executable).with_name("papermill")
    command = [str(part) for part in (program, *OPTIONS, PAGE, tmp_path / "out.ipynb")]
    done = subprocess.run(command, cwd=small_checkout, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    outputs = [o for c in nbformat.read(tmp_path / "out.ipynb", 4).cells for o in c.get("outputs", [])]
    shown = ["".join(o["data"]["text/markdown"]) for o in outputs if "text/markdown" in o.get("data", {})]
    assert len(shown) == 3  # its line on the runs, its table and its figure
    assert [kind in text for kind, text in zip(("Runs here: yes", "{table}", "{drawing}"), shown, strict=True)] == [
        True
    ] * 3
    assert len(list((tmp_path / "records").rglob("*.json"))) == 2  # one of each arm


HEAD = "---\nkernelspec: {name: python3, display_name: Python 3, language: python}\n---\n\n"
COUNTS = HEAD + "# A page that only counts\n\n```{code-cell}\nprint(1 + 1)\n```\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, r"unknown page parameter 'seads': did you mean seeds\? allowed: scale, seeds, device, fresh"),
        (COUNTS, "unknown page parameter 'seads': there is none here"),
    ],
)
def test_a_parameter_that_a_page_does_not_have_is_refused_before_a_cell(text, words, small_checkout, tmp_path):
    if text:
        (small_checkout / PAGE).write_text(text)
    with pytest.raises(ValueError, match=words):
        run_here(small_checkout / PAGE, tmp_path / "out.ipynb", "--no-progress-bar", "-p", "seads", "1")
    assert not (tmp_path / "out.ipynb").exists() and not (tmp_path / "records").exists()


@pytest.mark.parametrize("options", [OPTIONS, ("--prepare-only",)])
def test_a_text_source_is_never_overwritten(options, small_checkout, monkeypatch):
    monkeypatch.chdir(small_checkout / "notebooks")
    before = Path("small.md").read_bytes()
    with pytest.raises(ValueError, match=r"small.md is text, and .* give papermill a name that ends in .ipynb"):
        run_here("small.md", "small.md", *options)
    assert Path("small.md").read_bytes() == before


def test_what_is_no_file_of_this_machine_is_left_to_papermill(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr("papermill.iorw.HttpHandler.read", lambda path: asked.append(path) or '{"cells": []}')
    monkeypatch.setattr("papermill.iorw.S3Handler.write", lambda buf, path: asked.append(path))
    papermill_io.read("https://example.org/page.ipynb")
    papermill_io.write('{"cells": [], "metadata": {}}', "s3://bucket/page.ipynb")
    assert asked == ["https://example.org/page.ipynb", "s3://bucket/page.ipynb"]


@pytest.mark.slow
def test_images_that_are_not_here_are_one_message_before_any_run(small_checkout, tmp_path):
    with pytest.raises(PapermillExecutionError) as error:
        run_here(small_checkout / PAGE, tmp_path / "out.ipynb", "--no-progress-bar", *OPTIONS, "-p", "scale", "paper")
    (line,) = error.value.traceback
    assert line.startswith(f"DataMissing: no imagenet images in {tmp_path / 'data'}: ")
    assert "set CONVSCALE_DATA to a folder that holds imagenet/train" in line
    assert not (tmp_path / "records").exists() or not list((tmp_path / "records").rglob("*.json"))


def test_other_formats_are_left_to_papermill(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    nbformat.write(notebook, tmp_path / "in.ipynb")
    run_here(tmp_path / "in.ipynb", tmp_path / "out.ipynb", "--no-progress-bar", "--prepare-only")
    assert nbformat.read(tmp_path / "out.ipynb", 4).cells[0].source == "1"
