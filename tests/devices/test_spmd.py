"""XLA on the CPU of this machine: four virtual devices against one, and XLA after training on CPU."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("torch_xla") is None, reason="torch_xla is not installed"),
]

SCRIPT = """
import json, sys
import torch
from torch import nn
from convscale.devices import pick
from convscale.learning.batchnorm import set_batch_norm

def train(device, group):
    torch.manual_seed(0)
    norms = [nn.BatchNorm2d(c) for c in (6, 4)]
    model = nn.Sequential(nn.Conv2d(3, 6, 3), norms[0], nn.SiLU(), nn.Conv2d(6, 4, 1), norms[1], nn.Flatten())
    model = device.model(model.append(nn.Linear(4 * 6 * 6, 5)))
    set_batch_norm(model, device, batch_size=16, group=group, momentum=0.3)
    parallel = device.parallel(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for parameter in model.parameters():
        optimizer.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
    device.settle([state["momentum_buffer"] for state in optimizer.state.values()])
    numbers = torch.Generator().manual_seed(1)
    losses, compiles = [], []
    for step in range(3):
        x_BCHW = torch.randn(16, 3, 8, 8, generator=numbers) * torch.arange(1, 17).view(-1, 1, 1, 1) / 8
        x_BCHW, labels_B, lr = device.put((x_BCHW, torch.randint(0, 5, (16,), generator=numbers), torch.tensor(0.1)))
        with device.accumulating(parallel, last=True):
            loss = nn.functional.cross_entropy(parallel(x_BCHW), labels_B)
            loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        device.end_step()
        losses.append(loss.detach())
        if device.kind == "xla":
            compiles.append(met.counter_value("UncachedCompile"))
    device.mean_buffers_(list(model.buffers()))
    state = {name: values.flatten().tolist() for name, values in model.state_dict().items()}
    return {"losses": device.total([loss.item() for loss in losses]), **state}, compiles

found = {"cpu": [train(pick("cpu"), group) for group in GROUPS]}  # before torch_xla is there
import torch_xla.debug.metrics as met
import torch_xla
device = pick("xla")
found["xla"] = [train(pick("xla"), group) for group in GROUPS]
(odd,) = device.put((torch.arange(6.0),))
found["odd"] = odd.mul(2).tolist()
(x_BC,) = device.put((torch.ones(16, 2),))
found["sharding"] = torch_xla._XLAC._get_xla_sharding_spec(x_BC)
found["device"] = [device.rank, device.world, device.shards, device.count]
found["memory"] = device.peak_memory()
found["precision"] = device.precision("auto")
found["fallbacks"] = met.executed_fallback_ops()
with open(sys.argv[1], "w") as file:
    json.dump(found, file)
"""
GROUPS = (None, 8, 2)  # images in a batch norm group: all, those of two devices of four, half of one device's


def on(devices: int, path) -> dict:
    # Unoptimised code is compiled six times faster.
    flags = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
    environment = {**os.environ, "PJRT_DEVICE": "CPU", "CPU_NUM_DEVICES": str(devices), "XLA_FLAGS": flags}
    command = [sys.executable, "-c", SCRIPT.replace("GROUPS", repr(GROUPS)), path]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    return on(1, tmp_path_factory.mktemp("xla") / "one.json")


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    return on(4, tmp_path_factory.mktemp("xla") / "four.json")


@pytest.mark.parametrize("group", range(len(GROUPS)))
def test_four_devices_equal_one_and_the_cpu(one, four, group):
    expected, _ = one["cpu"][group]
    for found in (one, four):
        for name, values in found["xla"][group][0].items():
            assert values == pytest.approx(expected[name], rel=1e-5, abs=1e-5), name


@pytest.mark.parametrize("devices", ["one", "four"])
def test_steps_compile_once_and_nothing_runs_on_the_host(devices, request):
    found = request.getfixturevalue(devices)
    for _, compiles in found["xla"]:
        assert compiles[1:] == [compiles[0]] * 2
    assert set(found["fallbacks"]) <= {"aten::_local_scalar_dense"}


def test_batches_are_cut_along_their_first_dimension(one, four):
    assert "devices=[4,1]" in four["sharding"] and one["sharding"] == ""
    for found in (one, four):
        assert found["odd"] == [0, 2, 4, 6, 8, 10]  # six images on four devices


def test_the_device_says_what_it_is(one, four):
    assert one["device"] == [0, 1, 1, 1]
    assert four["device"] == [0, 1, 4, 4]
    assert one["memory"] > 0
    assert one["precision"] == "float32"
