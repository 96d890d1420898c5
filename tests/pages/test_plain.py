"""Pages without Jupyter: the same cells, the same runs, and the same words for a misspelt parameter."""

import json
import os
import subprocess
import sys

import jupytext
import pytest

from convscale import paths
from convscale.experiments import execute as module
from convscale.experiments.execute import share
from convscale.pages import plain
from convscale.pages.plain import plan, run_plain
from convscale.pages.sources import cells_of, read_cells, sources
from convscale.records.store import local

TABLE13 = "efficientnetv2/6-3-adaptive-regularization"
PAGE = """\
# A page

```{code-cell}
:tags: [parameters]

scale = "smoke"  # @param ["smoke", "small"]
seeds = 2
```

```python
raise RuntimeError("not a cell")
```

```{code-cell} ipython3
---
tags: [hide-input]
mystnb:
  figure:
    name: fig-x
---
import matplotlib.pyplot as plt
from IPython.display import HTML, display

plt.subplots()
plt.show()
display("shown", HTML("<b>not shown</b>"))
```

```{code-cell}
print(scale, seeds)
seeds * 2
```
"""


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    (tmp_path / "checkout/notebooks").mkdir(parents=True)
    monkeypatch.setattr(paths, "CHECKOUT", tmp_path / "checkout")
    return tmp_path / "checkout"


@pytest.fixture
def page(checkout):
    (checkout / "notebooks/page.md").write_text(PAGE)


@pytest.mark.parametrize("name", sources())
def test_cells_are_those_that_jupytext_reads(name):
    theirs = [c for c in jupytext.read(sources()[name]).cells if c.cell_type == "code"]
    assert [(c.source, list(c.tags)) for c in read_cells(name)] == [
        (c.source, c.metadata.get("tags", [])) for c in theirs
    ]


def test_both_forms_of_options_and_other_fences():
    assert [cell.tags for cell in cells_of(PAGE)] == [("parameters",), ("hide-input",), ()]
    assert cells_of(PAGE)[1].source.startswith("import matplotlib") and "not a cell" not in str(cells_of(PAGE))


def test_page_prints_what_it_shows_and_saves_its_figures(page, tmp_path, capsys):
    run_plain("page", {"seeds": 5}, tmp_path / "figures")
    assert capsys.readouterr().out.split("\n\n") == ["shown", "smoke 5\n10", ""]
    assert [file.name for file in (tmp_path / "figures").iterdir()] == ["cell-2-1.svg"]
    assert not plain.matplotlib.pyplot.get_fignums()


def test_misspelt_names_are_refused_before_anything_runs(page, capsys):
    with pytest.raises(ValueError, match=r"unknown page parameter 'seed': did you mean seeds\? allowed: scale, seeds"):
        run_plain("page", {"seed": 5})
    with pytest.raises(ValueError, match=r"unknown page 'pagge': did you mean page\? allowed: page"):
        run_plain("pagge", {})
    assert capsys.readouterr().out == ""


def test_error_of_a_cell_comes_out_as_it_is(checkout):
    (checkout / "notebooks/page.md").write_text(PAGE.replace("print(scale", "1 / 0\nprint(scale"))
    with pytest.raises(ZeroDivisionError):
        run_plain("page", {})


def test_ipython_is_back_afterwards(page):
    before = sys.modules.get("IPython.display")
    run_plain("page", {})
    assert sys.modules.get("IPython.display") is before


def test_plan_has_every_run_and_makes_none(monkeypatch):
    monkeypatch.setattr(module, "fit", lambda *_, **__: pytest.fail("it trained"))
    jobs = plan(TABLE13, {"scale": "paper", "seeds": 2})
    assert len(jobs) == 12 == len({job.run.key for job in jobs})
    assert {(job.page, job.scale, job.run.dataset) for job in jobs} == {(TABLE13, "paper", "imagenet")}
    assert [job.run.seed for job in jobs] == [0] * 6 + [1] * 6


def test_page_without_runs_has_an_empty_plan():
    assert plan("efficientnet/4-architecture", {}) == []


def test_shards_share_out_the_runs():
    jobs = list(range(10))
    assert share(jobs, "3/8") == [2] and share(jobs, "1/8") == [0, 8]
    assert sorted(job for k in range(1, 5) for job in share(jobs, f"{k}/4")) == jobs


@pytest.mark.parametrize("shard", ["0/8", "9/8", "3", "3/0", "a/b", "1/2/3", ""])
def test_bad_shards_are_refused(shard):
    with pytest.raises(ValueError, match=r"shard '.*': write k/n with 1 <= k <= n, e\.g\. 3/8"):
        share([1], shard)


WITHOUT_JUPYTER = """
import sys
from pathlib import Path
for name in ("IPython", "ipykernel", "jupyter_client", "jupytext", "nbclient", "nbformat", "papermill"):
    sys.modules[name] = None  # as if it were not installed
from convscale.cli import main
from convscale import paths
paths.CHECKOUT = Path(sys.argv.pop(1))
main()
"""


@pytest.mark.slow
def test_shards_on_one_folder_make_the_page_without_jupyter(small_checkout, tmp_path):
    """The store of the first is that of the second; a page shows what there is, and in the end everything."""
    environment = os.environ | {"CONVSCALE_RECORDS": str(local().root), "CONVSCALE_CHECKPOINTS": str(tmp_path / "c")}
    command = [sys.executable, "-c", WITHOUT_JUPYTER, small_checkout, "page", "run", "small", "--no-kernel"]
    first, second = (
        subprocess.run(
            [*command, "-p", "seeds=1", "--shard", f"{k}/2"], env=environment, capture_output=True, text=True
        )
        for k in (1, 2)
    )
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "1 of 2 runs so far" in first.stderr and "2 of 2 runs so far" in second.stderr
    assert first.stdout.count("not run") == second.stdout.count("not run") + 1
    assert len(local().all(TABLE13, "smoke")) == 2
    made = json.loads(next(local().root.rglob("*.json")).read_text())
    assert made["arm"] and made["digest"]
