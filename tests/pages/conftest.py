"""A page with all that a page of an experiment has, and little of it, for tests of what makes pages."""

import shutil

import pytest

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

import matplotlib.pyplot as plt

from convscale.experiments import v2_table13
from convscale.pages import BookTable, compare, curves, set_style, start
from convscale.records import frame, history

set_style()
page = start("efficientnetv2/6-3-adaptive-regularization", scale=scale, seeds=seeds, device=device, fresh=fresh)
run = replace(v2_table13(scale), epochs=1, curve_points=2)
arms = {"progressive-vanilla": replace(run.schedule, regularization="final"), "progressive-adaptive": run.schedule}
records = page.execute({arm: replace(run, schedule=schedule) for arm, schedule in arms.items()})
cells = {arm: tuple(arm.split("-")) for arm in arms}
BookTable(
    compare("v2:13", cells, frame(page.published()), frame(records), "test_top1"),
    name="tbl-small",
    caption="Two arms of Table 13",
)
```

```{code-cell}
fig, ax = plt.subplots()
curves(history(records), ax, list(arms))
plt.show()
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
