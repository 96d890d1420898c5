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

from convscale import experiments
from convscale.pages import curves, set_style, start
from convscale.records import history

set_style()
page = start("efficientnetv2/6-3-adaptive-regularization", scale=scale, seeds=seeds, device=device, fresh=fresh)
experiment = experiments.get("v2_table13", scale)
names = ("progressive-vanilla", "progressive-adaptive")
arms = {arm: replace(experiment.arms[arm], epochs=1, curve_points=2) for arm in names}
results = page.run(replace(experiment, arms=arms))
results.table("v2:13", {arm: tuple(arm.split("-")) for arm in arms}, name="tbl-small")
```

```{code-cell}
fig, ax = plt.subplots()
curves(history(results.here), ax, list(arms))
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
