"""Pages run in the Python that runs convscale, whatever Jupyter's folders and the person's settings say."""

import json
import sys

import jupytext
import nbformat
import pytest

from convscale import paths
from convscale.pages import kernel, notebook
from convscale.pages.notebook import executed
from convscale.paths import PACKAGE

ASKED = """
import os, sys, wave, convscale
print(sys.executable, convscale.__file__, "hello" in globals(), sep="\\n")
print(os.environ["MPLBACKEND"], sys.flags.utf8_mode, sep="\\n")
"""
REFUSES = "raise RuntimeError('this is another one')"


@pytest.fixture
def strange_place(tmp_path, monkeypatch):
    """Everything that can lead a kernel elsewhere: a kernel named python3, start-up files, modules, a home."""
    spec = tmp_path / "jupyter/kernels/python3"
    startup = tmp_path / "ipython/profile_default/startup"
    for folder in (spec, startup):
        folder.mkdir(parents=True)
    wrong = {"argv": ["/bin/false", "{connection_file}"], "display_name": "Python 3", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(wrong))
    (startup / "00.py").write_text("hello = 1")
    (startup.parent / "ipython_config.py").write_text("c.InteractiveShellApp.exec_lines = ['hello = 1']")
    (tmp_path / "startup.py").write_text("hello = 1")
    (tmp_path / "ipykernel_launcher.py").write_text(REFUSES)
    (tmp_path / "wave.py").write_text(REFUSES)
    (tmp_path / "no-home").write_text("a file")
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "JUPYTER_PATH": tmp_path / "jupyter",
        "IPYTHONDIR": tmp_path / "ipython",
        "PYTHONSTARTUP": tmp_path / "startup.py",
        "MPLBACKEND": "module://a_backend_of_a_notebook",
        "PYTHONUTF8": "0",
        "HOME": tmp_path / "no-home",
    }.items():
        monkeypatch.setenv(name, str(value))
    return tmp_path


def test_a_page_runs_in_this_python_with_this_library(strange_place):
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(ASKED)])
    page.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    done = executed(page, strange_place / "with {braces} and spaces.ipynb", {})
    said = done.cells[0].outputs[0].text.splitlines()
    assert said == [sys.executable, str(PACKAGE / "__init__.py"), "False", "Agg", "1"]
    assert (strange_place / "with {braces} and spaces.ipynb").exists()


def test_nothing_is_left_of_a_kernel(strange_place):
    with kernel.own_kernel() as manager:
        made = manager(kernel_name="python3")
        folder = kernel.Path(made.connection_file).parent
        assert folder.is_dir() and made.kernel_spec.env["IPYTHONDIR"] == str(folder)
    assert not folder.exists()


KILLS = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
STOPS = "from convscale.errors import Interrupted\nraise Interrupted('stopped by Ctrl-C')"


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (KILLS, "RuntimeError", "was killed, most likely because memory ran out"),
        (STOPS, "Interrupted", "Interrupted: stopped by Ctrl-C"),
    ],
)
def test_a_page_that_ends_early_says_where_it_is(tmp_path, monkeypatch, code, kind, words):
    page = jupytext.reads(f"```{{code-cell}}\n{code}\n```", "md:myst")
    page.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    with pytest.raises(RuntimeError, match=words) as raised:
        executed(page, tmp_path / "page.partial.ipynb", {})
    assert type(raised.value).__name__ == kind
    assert f"(the page up to there: {tmp_path / 'page.partial.ipynb'})" in str(raised.value)
    assert (tmp_path / "page.partial.ipynb").exists()


@pytest.fixture
def page(tmp_path, monkeypatch):
    """A checkout with the page "page", which nothing may execute."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks/page.md").write_text("# A page\n")
    (tmp_path / "_config.yml").write_text('repository: {url: "https://example.org/us/it", branch: trunk}')
    monkeypatch.setattr(paths, "CHECKOUT", tmp_path)
    monkeypatch.setattr(notebook, "executed", lambda *_: pytest.fail("it ran"))
    return tmp_path


@pytest.mark.parametrize(
    ("output", "error", "words"),
    [
        ("", ValueError, "is a folder: name the notebook to write, e.g. .*page.ipynb"),
        ("notebooks/page.md", ValueError, "give a name that ends in .ipynb"),
        ("page", ValueError, "give a name that ends in .ipynb"),
        ("_config.yml/page.ipynb", OSError, "cannot write into .*_config.yml"),
    ],
)
def test_an_output_that_is_none_is_refused_before_anything_runs(page, output, error, words):
    with pytest.raises(error, match=words):
        notebook.run_page("page", page / output, {})
    assert (page / "notebooks/page.md").read_text() == "# A page\n"
