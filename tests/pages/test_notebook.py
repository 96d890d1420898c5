"""From a text page to an executed notebook, on a small page of our own."""

import hashlib
import os
import platform
import sys

import nbformat
import papermill
import pytest
import yaml

import convscale
from convscale import paths
from convscale.cli import main
from convscale.pages import notebook, sources
from convscale.pages.notebook import bake, clean, read_page, run_page

PAGE = """\
---
kernelspec:
  name: python3
  display_name: Python 3
  language: python
---

# A page

```{code-cell}
:tags: [parameters]

scale = "smoke"  # @param ["smoke", "small"]
seeds = 2  # @param {type: "integer"}
fresh = False
```

```{code-cell}
import sys
print(scale, seeds, fresh)
print("progress", file=sys.stderr)
```
"""


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with the pages "paper/section" and "other"."""
    root = tmp_path / "checkout"
    (root / "notebooks/paper").mkdir(parents=True)
    (root / "notebooks/paper/section.md").write_text(PAGE)
    (root / "notebooks/other.md").write_text(
        PAGE.replace("print(scale", "raise RuntimeError('broken page')\nprint(scale")
    )
    home = {"repository": {"url": "https://example.org/us/it", "branch": "trunk"}}
    (root / "_config.yml").write_text(yaml.safe_dump(home))
    monkeypatch.setattr(paths, "CHECKOUT", root)
    return root


def source_of(done, tag):
    return next(c.source for c in done.cells if tag in c.metadata.get("tags", []))


def test_page_is_executed_with_its_parameters_baked_in(checkout, tmp_path):
    output = run_page("paper/section", tmp_path / "deep/out.ipynb", {"seeds": 5, "scale": "small"})
    done = nbformat.read(output, 4)
    nbformat.validate(done)
    assert source_of(done, "parameters").splitlines() == [
        """scale = 'small'  # @param ["smoke", "small"]""",
        'seeds = 5  # @param {type: "integer"}',
        "fresh = False",
    ]
    assert [o["text"] for o in done.cells[-1].outputs] == ["small 5 False\n"]  # and no progress bar
    assert not any("injected-parameters" in c.metadata.get("tags", []) for c in done.cells)
    assert "papermill" not in done.metadata
    assert not any({"execution", "papermill"} & c.metadata.keys() for c in done.cells)
    made = done.metadata["convscale"]
    assert (
        made["source"] == "notebooks/paper/section.md"
        and made["source_sha256"] == hashlib.sha256(PAGE.encode()).hexdigest()
    )
    assert made["versions"] == {"convscale": convscale.__version__, "python": platform.python_version()}
    assert made["parameters"] == {"scale": "small", "seeds": 5, "fresh": False}
    assert list(output.parent.iterdir()) == [output]


def test_two_executions_differ_in_nothing_but_date_and_duration(checkout, tmp_path):
    first, second = (nbformat.read(run_page("paper/section", tmp_path / f"{i}.ipynb", {}), 4) for i in range(2))
    for done in (first, second):
        for name in ("date", "seconds"):
            assert done.metadata["convscale"].pop(name) is not None
    assert first == second


def test_a_text_is_one_output_whenever_its_parts_came(checkout, tmp_path):
    slow = "import time\nfor part in 'abc':\n    print(part, flush=True)\n    time.sleep(0.3)"
    page = checkout / "notebooks/paper/section.md"
    page.write_text(PAGE.replace("print(scale, seeds, fresh)", slow))
    done = nbformat.read(run_page("paper/section", tmp_path / "out.ipynb", {}), 4)
    assert [output["text"] for output in done.cells[-1].outputs] == ["a\nb\nc\n"]


def test_cell_ids_are_fixed_short_and_unique(checkout, monkeypatch):
    monkeypatch.setattr(sources, "sources", lambda: {"x" * 100: checkout / "notebooks/paper/section.md"})
    ids = [cell.id for cell in read_page("x" * 100).cells]
    assert len(set(ids)) == len(ids) == 4 and all(len(i) <= 64 for i in ids)
    assert ids == [cell.id for cell in read_page("x" * 100).cells]
    nbformat.validate(read_page("x" * 100))


def test_first_cell_installs_from_the_one_address(checkout):
    first = read_page("paper/section").cells[0]
    assert '"convscale": "git+https://example.org/us/it@trunk"' in first.source
    assert "remove-cell" in first.metadata.tags
    compile(first.source, "setup", "exec")


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        (
            "paper/section",
            {"seed": 5},
            r"unknown page parameter 'seed': did you mean seeds\? allowed: scale, seeds, fresh",
        ),
        ("paper/section", {"seeds": 0}, "seeds = 0: a whole number from 1 on"),
        ("paper/section", {"scale": "medium"}, "unknown scale 'medium': allowed: smoke, small"),
        (
            "paper/sektion",
            {},
            r"unknown page 'paper/sektion': did you mean paper/section\? allowed: other, paper/section",
        ),
    ],
)
def test_bad_names_are_refused_before_anything_runs(checkout, tmp_path, monkeypatch, name, parameters, words):
    monkeypatch.setattr(papermill, "execute_notebook", lambda *_, **__: pytest.fail("it ran"))
    with pytest.raises(ValueError, match=words):
        run_page(name, tmp_path / "out.ipynb", parameters)
    assert not list(tmp_path.glob("*.ipynb"))


def test_pages_are_published_by_one_thread(monkeypatch):
    """The numbers of another count differ in the seventh digit from those that the tests compare."""
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    seen = []
    monkeypatch.setattr(notebook, "run_page", lambda *_: seen.append(os.environ["OMP_NUM_THREADS"]))
    monkeypatch.setattr(sys, "argv", ["convscale", "page", "publish", "index"])
    main()
    assert seen == ["1"]


def test_failed_page_leaves_the_published_one_alone(checkout, tmp_path):
    output = tmp_path / "out.ipynb"
    output.write_text("the page as published")
    with pytest.raises(Exception, match="broken page"):
        run_page("other", output, {})
    assert output.read_text() == "the page as published"
    assert "broken page" in (tmp_path / "out.partial.ipynb").read_text()


def test_bake_keeps_what_stands_beside_a_value():
    done = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("a = 1; b = 'x'  # both", metadata={"tags": ["parameters"]})]
    )
    bake(done, {"a": [1, 2], "unknown": 3})
    assert done.cells[0].source == "a = [1, 2]; b = 'x'  # both"


def test_bake_of_two_values_on_one_line():
    done = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("a = 1; b = 'x'", metadata={"tags": ["parameters"]})]
    )
    bake(done, {"a": 1000, "b": "yy"})
    assert done.cells[0].source == "a = 1000; b = 'yy'"


def test_bake_of_long_and_foreign_values():
    done = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("a = [\n    1,\n]  # é\né = 'ü'; b = 2", metadata={"tags": ["parameters"]})]
    )
    bake(done, {"a": [], "b": 3})
    assert done.cells[0].source == "a = []  # é\né = 'ü'; b = 3"


KERNEL = {"name": "python3", "display_name": "Python 3"}


def test_clean_keeps_results():
    cell = nbformat.v4.new_code_cell("1", metadata={"execution": {}, "tags": ["x"]})
    cell.outputs = [
        nbformat.v4.new_output("stream", name="stderr", text="noise"),
        nbformat.v4.new_output("stream", name="stdout", text="result"),
        nbformat.v4.new_output("display_data", {"text/plain": "0%", "application/vnd.jupyter.widget-view+json": {}}),
    ]
    done = nbformat.v4.new_notebook(cells=[cell], metadata={"papermill": {}, "widgets": {}, "kernelspec": KERNEL})
    clean(done)
    assert [o.get("name") for o in done.cells[0].outputs] == ["stdout"]
    assert done.cells[0].metadata == {"tags": ["x"]} and done.metadata == {"kernelspec": KERNEL}


def test_outside_a_checkout_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(paths, "CHECKOUT", None)
    with pytest.raises(RuntimeError, match=r"clone it and install with pip install -e \."):
        sources.sources()
