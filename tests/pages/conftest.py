"""The HTML of the committed book, and a small page with all that a page of an experiment has."""

import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from convscale.pages.book import render
from convscale.paths import CHECKOUT

SMALL = """\
---
kernelspec:
  name: python3
  display_name: Python 3
  language: python
---

# A small page

```{code-cell}
:tags: [parameters]

scale = "smoke"
seeds = 2
device = "auto"
fresh = False
```

```{code-cell}
from dataclasses import replace

from convscale import experiments
from convscale.drawing import curves
from convscale.pages import start
from convscale.records import history

page = start("efficientnetv2/6-3-adaptive-regularization", scale=scale, seeds=seeds, device=device, fresh=fresh)
experiment = experiments.get("v2_table13", scale)
names = ("progressive-vanilla", "progressive-adaptive")
arms = {arm: replace(experiment.arms[arm], epochs=1, curve_points=2) for arm in names}
results = page.run(replace(experiment, arms=arms))
results.ran_here()
```

```{code-cell}
results.table()
```

```{code-cell}
curves(history(results.here), name="fig-small", title="Two arms", arms={arm: arm for arm in arms})
```

## Verdict
"""


@pytest.fixture
def small_checkout(tmp_path):
    """A folder like a checkout, with the one page "small"."""
    root = tmp_path / "checkout"
    (root / "notebooks").mkdir(parents=True)
    (root / "notebooks/small.md").write_text(SMALL)
    shutil.copyfile(CHECKOUT / "_config.yml", root / "_config.yml")
    return root


@pytest.fixture(scope="session")
def html(tmp_path_factory) -> Path:
    """Folder of the built book, made once for all processes of pytest-xdist; every warning of Sphinx is an error."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    built = shared / "built-book"
    with FileLock(shared / "built-book.lock"):
        if not built.exists():
            root = tmp_path_factory.mktemp("book")
            for name in ("_config.yml", "_toc.yml"):
                shutil.copyfile(CHECKOUT / name, root / name)
            shutil.copytree(CHECKOUT / "book", root / "book", ignore=shutil.ignore_patterns("*.partial.ipynb"))
            render(root, root / "out")
            (root / "out/_build/html").rename(built)
    return built
