"""What a TPU would run, on the CPU of this machine: one graph for each image size, and four devices equal to one.

Starting torch_xla and compiling take seconds, so all that needs one device is done in one process, and all that needs
four in another. Both train on the CPU first, which once made training on XLA impossible (pytorch/xla issue 4174).
"""

import copy
import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from convscale.augment import Mixing, draw_layers, draw_mixing, draw_places, mix, noise_cutout, randaugment_batch
from convscale.devices import Device, pick
from convscale.learning import checkpoint, fit, fitting, trainer
from convscale.learning.batchnorm import set_batch_norm
from convscale.learning.optim import OPTIMIZERS, Ema, init_state, optimizer_for
from convscale.models import Stage, table
from convscale.recipes import Pixels, Run, Schedule, canonical, progressive
from convscale.recipes.recipe import V2_PAPER

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("torch_xla") is None, reason="torch_xla is not installed"),
]
GROUPS = (None, 8, 2)  # images in a batch norm group: all, those of two devices of four, half of one device's
COMPILES, READS = "UncachedCompile", "aten::_local_scalar_dense"


# In the processes


def count(name: str) -> int:
    import torch_xla.debug.metrics as met

    return met.counter_value(name) or 0


def counted_anew(work, *args):
    """What `work` reports, and what ran on the host since it began."""
    import torch_xla.debug.metrics as met

    met.clear_counters()
    return {**work(*args), "fallbacks": met.executed_fallback_ops()}


def train(device: Device, group: int | None) -> dict:
    """Losses, weights and statistics of three steps of two convolutions, and the graphs compiled until each step."""
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
    for _ in range(3):
        x_BCHW = torch.randn(16, 3, 8, 8, generator=numbers) * torch.arange(1, 17).view(-1, 1, 1, 1) / 8
        x_BCHW, labels_B, _ = device.put((x_BCHW, torch.randint(0, 5, (16,), generator=numbers), torch.tensor(0.1)))
        with device.accumulating(parallel, last=True):
            loss = nn.functional.cross_entropy(parallel(x_BCHW), labels_B)
            loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        device.end_step()
        losses.append(loss.detach())
        if device.kind == "xla":
            compiles.append(count(COMPILES))
    device.mean_buffers_(list(model.buffers()))
    state = {name: values.flatten().tolist() for name, values in model.state_dict().items()}
    return {"numbers": {"losses": device.total([loss.item() for loss in losses]), **state}, "compiles": compiles}


def describe(device: Device) -> dict:
    import torch_xla

    (odd,) = device.put((torch.arange(6.0),))
    (x_BC,) = device.put((torch.ones(16, 2),))
    return {
        "odd": odd.mul(2).tolist(),
        "sharding": torch_xla._XLAC._get_xla_sharding_spec(x_BC),
        "device": [device.rank, device.world, device.shards, device.count],
        "memory": device.peak_memory(),
        "precision": device.precision("auto"),
    }


def augment(device: Device) -> dict:
    """RandAugment, mixing and noise at several magnitudes: graphs compiled, and differences to the CPU."""
    compiles, off = [], []
    x = torch.randint(0, 256, (32, 3, 24, 24), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    for step, (magnitude, alpha) in enumerate(((5.0, 0.2), (0.0, 0.0), (10.0, 1.0), (10.0, 1.0))):
        rng = np.random.default_rng([0, step])
        draws, mixing = draw_layers(rng, 32), draw_mixing(rng, 32, 24, alpha, alpha)
        pixels, there = Pixels(8, 3), device.scalars(magnitude=magnitude)["magnitude"]
        made = randaugment_batch(*device.put((x,)), there, draws.map(lambda t: device.put((t,))[0]), pixels)
        mixed = mix(made.float(), Mixing(*device.put(mixing)))
        noise_cutout(mixed, *device.put((draw_places(rng, 32),)))
        device.end_step()
        compiles.append(count(COMPILES))
        made, mixed = made.cpu(), mixed.cpu()
        wanted = randaugment_batch(x, torch.tensor(magnitude), draws, pixels)
        wrong = (mixed - mix(made.float(), mixing)).abs().max()
        off.append([(made != wanted).float().mean().item(), wrong.item()])
    return {"compiles": compiles, "off": off}


def optimize(name: str) -> dict:
    """Steps of an optimizer and moving average: what each compiles and reads back; sums of weights, and the CPU's."""
    import torch_xla

    device = torch_xla.device()
    torch.manual_seed(0)
    host = nn.Sequential(nn.Linear(8, 16, bias=False), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 4))
    models = copy.deepcopy(host).to(device), host
    recipe = replace(V2_PAPER, optimizer=name)
    optimizers = [optimizer_for(model, recipe, traced=model is not host) for model in models]
    averages = [Ema(model) for model in models]
    init_state(optimizers[0])
    torch_xla.sync()
    counts = []
    # Learning rates and weights of the average that equal other constants of the step: a float would be compiled anew.
    for i, (lr, weight) in enumerate([(0.5, 0.5), (0.2, 0.3), (1.0, 0.9), (1e-3, 1e-3), (0.01, 1.0), (0.9, 0.01)]):
        x = torch.randn(16, 8, generator=torch.Generator().manual_seed(i))
        before = [count(COMPILES), count(READS)]
        values = torch.tensor([lr, weight]).to(device).unbind()
        for model, optimizer, average, (rate, w), batch in zip(
            models, optimizers, averages, (values, (lr, weight)), (x.to(device), x), strict=True
        ):
            for group in optimizer.param_groups:
                group["lr"] = rate
            model(batch).square().mean().backward()
            optimizer.step()
            optimizer.zero_grad()
            average.update(w)
        torch_xla.sync()
        counts.append([a - b for a, b in zip([count(COMPILES), count(READS)], before, strict=True)])
    sums = [
        [v.double().abs().sum().item() for n, v in a.model.cpu().state_dict().items() if "running_var" not in n]
        for a in averages
    ]
    return {"counts": counts, "sums": sums}


def run_of(tiny: Run, schedule: Schedule, **changes) -> Run:
    """A run of a network of three blocks, because compiling takes a minute or more for larger ones."""
    stages = Stage("fused", 3, 1, 8, 1, 1), Stage("fused", 3, 2, 8, 4, 1), Stage("mbconv", 3, 1, 8, 4, 1, se=0.25)
    small = replace(table("efficientnetv2-tiny"), stem=8, head=16, stages=stages)
    known = dict(epochs=4, curve_points=2, train_images=64, eval_size=16)
    return replace(tiny, model=small, schedule=schedule, **(known | changes))


# Stages of two steps each. In the first three everything but the size changes, mixup and dropout from 0.
MAGNITUDES = progressive(5, (16, 16), randaugment=(5, 10), mixup=(0, 0.4), dropout=(0, 0.4))
SIZES = (16, 16, 16, 17, 18)
GROWING = Schedule(tuple(replace(s, image_size=px) for s, px in zip(MAGNITUDES, SIZES, strict=True)))
# A size for every batch, of sizes that no other run here has compiled.
BATCHES = Schedule(
    tuple(replace(s, image_size=px) for s, px in zip(MAGNITUDES, (19, 20), strict=False)),
    "shuffled",
    every=1,
    unit="steps",
)
CALM = Schedule(progressive(4, (16, 16), randaugment=(5, 10), mixup=(0, 0.4), dropout=(0, 0)))
DROPPING = Schedule(progressive(4, (16, 16), randaugment=(5, 10), mixup=(0, 0.4), dropout=(0.1, 0.4)))


def fit_counted(run: Run) -> dict:
    """The curve of a run, and what was compiled and read back after each of its steps and at its end."""
    compiles, reads, advance = [], [], trainer.Trainer.advance

    def counted(self, batch):
        advance(self, batch)
        compiles.append(count(COMPILES))
        reads.append(count(READS))

    trainer.Trainer.advance = counted
    outcome = fit(run, "xla", progress=False)
    trainer.Trainer.advance = advance
    return {"compiles": [*compiles, count(COMPILES)], "reads": reads, **curve(outcome)}


def curve(outcome) -> dict:
    weights = sum(v.double().abs().sum().item() for v in outcome.model.state_dict().values())
    return {"history": outcome.history, "weights": weights}


def stop_and_go_on(run: Run, folder: Path) -> dict:
    save = checkpoint.save
    fitting.CHECKPOINT_SECONDS = 0
    checkpoint.save = lambda state, path: save(state, path) if state["step"] <= 3 else None
    whole = fit(run, "xla", folder, progress=False)
    step = checkpoint.load(folder / "last.pt", canonical(run))["step"]
    resumed = fit(run, "xla", folder, progress=False)
    return {"step": step, "same": (whole.history, whole.metrics) == (resumed.history, resumed.metrics)}


def main(devices: int, folder: Path) -> None:
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from conftest import TINY

    calm = run_of(replace(TINY, recipe=replace(TINY.recipe, drop_path_rate=0.0)), CALM, augment_on="device")
    growing = run_of(TINY, GROWING, epochs=5)
    first = calm if devices > 1 else replace(growing, epochs=1)
    found = {
        "cpu": [train(pick("cpu"), group) for group in GROUPS],
        "cpu fit": curve(fit(first, "cpu", progress=False)),
    }
    assert "torch_xla" not in sys.modules
    device = pick("xla")
    found["xla"] = [counted_anew(train, pick("xla"), group) for group in GROUPS]
    found |= describe(device)
    if devices > 1:
        found["fit"] = counted_anew(fit_counted, calm)
    else:
        found["augment"] = counted_anew(augment, device)
        found["optimize"] = {name: optimize(name) for name in OPTIMIZERS}
        found["fit"] = counted_anew(fit_counted, growing)
        found["batches"] = counted_anew(fit_counted, run_of(TINY, BATCHES))
        found["stopped"] = stop_and_go_on(run_of(TINY, DROPPING), folder)
    (folder / "found.json").write_text(json.dumps(found))


# In the tests


def on(devices: int, folder: Path) -> dict:
    # Unoptimised code is compiled six times faster.
    flags = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
    environment = {**os.environ, "PJRT_DEVICE": "CPU", "CPU_NUM_DEVICES": str(devices), "XLA_FLAGS": flags}
    command = [sys.executable, __file__, str(devices), folder]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "found.json").read_text())


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    return on(1, tmp_path_factory.mktemp("one"))


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    return on(4, tmp_path_factory.mktemp("four"))


@pytest.mark.parametrize("group", range(len(GROUPS)))
def test_four_devices_equal_one_and_the_cpu(one, four, group):
    expected = one["cpu"][group]["numbers"]
    for found in (one, four):
        for name, values in found["xla"][group]["numbers"].items():
            assert values == pytest.approx(expected[name], rel=1e-5, abs=1e-5), name


@pytest.mark.parametrize("devices", ["one", "four"])
def test_steps_compile_once_and_nothing_runs_on_the_host(devices, request):
    for found in request.getfixturevalue(devices)["xla"]:
        compiles = found["compiles"]
        assert compiles[0] > 0 and compiles[1:] == [compiles[0]] * 2
        assert set(found["fallbacks"]) <= {READS}


def test_batches_are_cut_along_their_first_dimension(one, four):
    assert "devices=[4,1]" in four["sharding"] and one["sharding"] == ""
    for found in (one, four):
        assert found["odd"] == [0, 2, 4, 6, 8, 10]  # six images on four devices


def test_the_device_says_what_it_is(one, four):
    assert one["device"] == [0, 1, 1, 1]
    assert four["device"] == [0, 1, 4, 4]
    assert one["memory"] > 0
    assert one["precision"] == "float32"


def test_one_graph_serves_all_magnitudes(one):
    found = one["augment"]
    assert found["compiles"] == [1] * 4
    assert found["fallbacks"] == []
    for augmented, mixed in found["off"]:
        assert augmented <= 0.001  # pixels of Rotate at a tie; the cosine is rounded otherwise
        assert mixed <= 1e-4


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_of_an_optimizer_is_compiled_once_and_reads_nothing_back(one, name):
    found = one["optimize"][name]
    assert found["counts"] == [[1, 0]] + [[0, 0]] * 5
    # float32 sums in another order than on the CPU, through six steps of learning rates up to 1. Not compared is
    # the running variance: torch_xla's is the biased one.
    assert found["sums"][0] == pytest.approx(found["sums"][1], rel=1e-3)


def test_loss_of_four_devices_is_that_of_the_cpu(four):
    """With RandAugment there too, but without dropout and stochastic depth, whose masks each device draws."""
    for xla, cpu in zip(four["fit"]["history"], four["cpu fit"]["history"], strict=True):
        # float32 sums in another order: measured differences reach 1e-5 in eight steps
        assert xla["train_loss"] == pytest.approx(cpu["train_loss"], rel=1e-3)
        assert xla["test_loss"] == pytest.approx(cpu["test_loss"], rel=1e-3)
    assert four["fit"]["weights"] == pytest.approx(four["cpu fit"]["weights"], rel=1e-3)  # of the moving average


def test_a_run_compiles_one_graph_for_each_image_size_and_one_to_evaluate(one):
    """And none for other values of the schedule."""
    first, *others = one["fit"]["compiles"]
    new = [now - before for before, now in zip([first, *others[:-1]], others, strict=True)]
    # Step 1 has compiled 16 px. Stages begin with steps 3, 5, 7 (17 px) and 9 (18 px); after step 5 is the first point
    # of the curve.
    assert first > 0 and new == [0, 0, 0, 0, 1, 1, 0, 1, 0, 0], new
    assert one["fit"]["fallbacks"] == [READS]
    reads = one["fit"]["reads"]
    assert reads[:5] == [0] * 5 and reads[5:] == [reads[5]] * 5  # nothing is read back but the curve's points


def test_a_size_for_every_batch_compiles_each_size_once(one):
    """Not each change of size, of which eight steps have more than two."""
    total, sizes = one["batches"]["compiles"][-1], len(BATCHES.stages)
    assert total == sizes, one["batches"]["compiles"]
    assert one["batches"]["compiles"][2:] == [total] * 7  # both sizes have come with the second batch


def test_a_stopped_run_goes_on_bit_for_bit(one):
    assert one["stopped"] == dict(step=3, same=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
