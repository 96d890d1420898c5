"""`fit` in two processes that torchrun started, against one: the same curve, the same weights."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from convscale.learning import fit
from convscale.recipes.run import Run
from convscale.recipes.schedule import Schedule, progressive

pytestmark = pytest.mark.slow
GROUPS = {"whole": None, "grouped": 8}  # images of a batch norm group: all 32, half a process's share


def run_of(tiny: Run, group: int | None) -> Run:
    """Dropout and stochastic depth, whose masks are each process's own, are off, everything else is on.

    Three small steps of SGD: rounding errors grow tenfold with each step of this network, and AdamW's first steps
    turn them into whole steps.
    """
    calm = dict(optimizer="sgd", learning_rate=1e-3, drop_path_rate=0.0)
    schedule = Schedule(progressive(3, (16, 24), randaugment=(5, 10), mixup=(0, 0.2), dropout=(0, 0)))
    return replace(tiny, recipe=replace(tiny.recipe, **calm, bn_group=group), schedule=schedule, epochs=1)


def fit_case(tiny: Run, name: str, folder: Path) -> dict:
    outcome = fit(run_of(tiny, GROUPS[name]), "cpu", folder / name, progress=False)
    return {"history": outcome.history, "metrics": outcome.metrics, "images": outcome.cost["images"]}


def points(found: dict) -> list[dict[str, float]]:
    return [*found["history"], found["metrics"]]


def torchrun(folder: Path) -> str:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([*command, __file__, folder], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """The folder of two processes, each of which reported what it found to a file of its own."""
    folder = tmp_path_factory.mktemp("two")
    assert torchrun(folder) == ""
    return folder


@pytest.mark.parametrize("name", GROUPS)
def test_two_processes_train_as_one(name, tiny, two, tmp_path):
    one = fit_case(tiny(), name, tmp_path)
    found = [json.loads((two / f"{rank}.json").read_text())[name] for rank in range(2)]
    assert found[0] == found[1]  # both know the sums
    assert found[0]["images"] == one["images"]
    for mine, theirs in zip(points(one), points(found[0]), strict=True):
        assert theirs == pytest.approx(mine, rel=1e-5)  # measured: 2e-6
    kept, theirs = (load_file(folder / name / "final.safetensors") for folder in (tmp_path, two))
    for key, value in kept.items():
        torch.testing.assert_close(theirs[key], value, rtol=1e-4, atol=1e-6)


def main(folder: Path) -> None:
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from conftest import TINY

    found = {name: fit_case(TINY, name, folder) for name in GROUPS}
    (folder / f"{os.environ['RANK']}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
