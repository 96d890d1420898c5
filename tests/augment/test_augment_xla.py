"""RandAugment, mixing and noise on XLA, on the CPU of this machine: one graph for all magnitudes and draws."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
import json
import numpy as np, torch
import torch_xla.debug.metrics as met
from convscale.devices import pick
from convscale.augment import Mixing, draw_layers, draw_mixing, draw_places, mix, noise_cutout, randaugment_batch
from convscale.recipes import Pixels

device, compiles, off = pick("xla"), [], []
x = torch.randint(0, 256, (32, 3, 24, 24), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
for step, (magnitude, alpha) in enumerate(((5.0, 0.2), (0.0, 0.0), (10.0, 1.0), (10.0, 1.0))):
    rng = np.random.default_rng([0, step])
    draws, mixing = draw_layers(rng, 32), draw_mixing(rng, 32, 24, alpha, alpha)
    pixels, there = Pixels(8, 3), device.scalars(magnitude=magnitude)["magnitude"]
    made = randaugment_batch(*device.put((x,)), there, draws.map(lambda t: device.put((t,))[0]), pixels)
    mixed = mix(made.float(), Mixing(*device.put(mixing)))
    noisy = noise_cutout(mixed, *device.put((draw_places(rng, 32),)))
    device.end_step()
    compiles.append(met.counter_value("UncachedCompile"))
    made, mixed = made.cpu(), mixed.cpu()
    wanted = randaugment_batch(x, torch.tensor(magnitude), draws, pixels)
    wrong = (mixed - mix(made.float(), mixing)).abs().max()
    off.append([(made != wanted).float().mean().item(), wrong.item()])
print(json.dumps(dict(compiles=compiles, off=off, fallbacks=met.executed_fallback_ops())))
"""


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("torch_xla") is None, reason="torch_xla is not installed")
def test_one_graph_serves_all_magnitudes():
    # Unoptimised code is compiled faster.
    flags = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
    environment = {**os.environ, "PJRT_DEVICE": "CPU", "XLA_FLAGS": flags}
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["compiles"] == [1] * 4
    assert found["fallbacks"] == []
    for augmented, mixed in found["off"]:
        assert augmented <= 0.001  # pixels of Rotate at a tie; the cosine is rounded otherwise
        assert mixed <= 1e-4
