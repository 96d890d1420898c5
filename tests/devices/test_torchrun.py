"""Four processes against one: the same small network, the same steps, in float64 on CPUs (gloo)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from convscale.devices import Device, pick
from convscale.learning.batchnorm import set_batch_norm

BATCH, STEPS, PARTS = 16, 3, 2
pytestmark = pytest.mark.slow  # starting four processes takes some twenty seconds of one core
# Images in a batch norm group: all, all of two processes, one process's share, half of it.
GROUPS = (None, 8, 4, 2)


def train(device: Device, group: int | None, parts: int = 1) -> dict[str, list[float]]:
    """Losses, weights and running statistics of `STEPS` steps, each with the gradient of `parts` batches."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 6, 3),
        nn.BatchNorm2d(6),
        nn.SiLU(),
        nn.Conv2d(6, 4, 1, bias=False),
        nn.BatchNorm2d(4),
        nn.Flatten(),
    )
    model = device.model(nn.Sequential(network, nn.Linear(4 * 6 * 6, 5)).double())
    set_batch_norm(model, device, batch_size=BATCH, group=group, momentum=0.3)
    parallel = device.parallel(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    losses, share = [], slice(device.rank * BATCH // device.world, (device.rank + 1) * BATCH // device.world)
    for step in range(STEPS):
        optimizer.zero_grad()
        for part in range(parts):
            numbers = torch.Generator().manual_seed(10 * step + part)
            x_BCHW = torch.randn(BATCH, 3, 8, 8, dtype=torch.float64, generator=numbers)
            x_BCHW *= torch.arange(1, BATCH + 1).view(-1, 1, 1, 1)  # images differ in their statistics
            labels_B = torch.randint(0, 5, (BATCH,), generator=numbers)
            x_BCHW, labels_B = device.put((x_BCHW[share], labels_B[share]))
            with device.accumulating(parallel, last=part == parts - 1):
                loss = nn.functional.cross_entropy(parallel(x_BCHW), labels_B) / parts
                loss.backward()
            losses += device.total([loss.item() / device.world])
        optimizer.step()
    device.mean_buffers_([b for b in model.buffers() if b.is_floating_point()])
    state = {name: values.flatten().tolist() for name, values in model.state_dict().items()}
    return {"losses": losses} | state


def report() -> dict:
    device = pick("cpu")
    found = {str(group): train(device, group) for group in GROUPS} | {"parts": train(device, None, PARTS)}
    device.seed(7)
    own = torch.rand(()).item()  # the first of each process: with one seed for all they would be equal
    drawn = device.total([own * (rank == device.rank) for rank in range(device.world)])
    device.barrier()
    found["world"] = [device.rank, device.world, device.shards, device.is_main, device.count]
    found["drawn"] = drawn
    try:
        set_batch_norm(nn.BatchNorm2d(3), device, batch_size=BATCH, group=6)
    except ValueError as error:
        found["error"] = str(error)
    return found if device.is_main else {}


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    """What the first of four processes reports; each ends by itself, without a word."""
    path = tmp_path_factory.mktemp("torchrun") / "found.json"
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "4"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([*torchrun, __file__, path], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(path.read_text())


@pytest.mark.parametrize("group", GROUPS)
def test_four_processes_equal_one(four, group):
    one, many = train(pick("cpu"), group), four[str(group)]
    assert many.keys() == one.keys()
    for name, values in one.items():
        assert many[name] == pytest.approx(values, rel=1e-9, abs=1e-12), name


def test_groups_matter(four):
    losses = [four[str(group)]["losses"][-1] for group in GROUPS]
    assert len({round(loss, 4) for loss in losses}) == len(GROUPS)


def test_an_accumulated_gradient_equals_that_of_one_process(four):
    one = train(pick("cpu"), None, PARTS)
    for name, values in one.items():
        assert four["parts"][name] == pytest.approx(values, rel=1e-9, abs=1e-12), name


def test_processes_know_their_number_and_draw_their_own_random_numbers(four):
    assert four["world"] == [0, 4, 4, True, 4]
    assert len(set(four["drawn"])) == 4


def test_groups_that_do_not_fit_the_shares_name_those_that_do(four):
    assert "6 images does not fit 16 images in shares of 4: use one of 1, 2, 4, 8, 16" in four["error"]


if __name__ == "__main__":
    if found := report():
        Path(sys.argv[1]).write_text(json.dumps(found))
