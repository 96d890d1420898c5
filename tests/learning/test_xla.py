"""`fit` on XLA, on the CPU of this machine: the graphs that a TPU would run, compiled once per image size."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# A network of three blocks, because compiling takes a minute or more for larger ones. After training on the CPU, which
# once made training on XLA impossible (pytorch/xla issue 4174).
SMALL = """
import json, sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, {tests!r})
from conftest import TINY
from convscale.learning import checkpoint, fit, fitting, trainer
from convscale.models import Stage, table
from convscale.recipes import Schedule, canonical, progressive
import torch_xla.debug.metrics as met

stages = (Stage("fused", 3, 1, 8, 1, 1), Stage("fused", 3, 2, 8, 4, 1), Stage("mbconv", 3, 1, 8, 4, 1, se=0.25))
small = replace(table("efficientnetv2-tiny"), stem=8, head=16, stages=stages)
run = replace(TINY, model=small, epochs=4, curve_points=2, train_images=64, eval_size=16, **{changes})
"""
FIT = """
cpu = fit(run, "cpu", progress=False)
compiles, reads, advance = [], [], trainer.Trainer.advance

def counted(self, batch):
    advance(self, batch)
    compiles.append(met.counter_value("UncachedCompile"))
    reads.append(met.counter_value("aten::_local_scalar_dense") or 0)

trainer.Trainer.advance = counted
xla = fit(run, "xla", progress=False)
compiles.append(met.counter_value("UncachedCompile"))
fallbacks = met.executed_fallback_ops()
weights = [sum(v.double().abs().sum().item() for v in o.model.state_dict().values()) for o in (xla, cpu)]
found = dict(compiles=compiles, reads=reads, fallbacks=fallbacks, weights=weights)
print(json.dumps(dict(found, xla=xla.history, cpu=cpu.history)))
"""
# In each of the stages, of two steps each, everything else changes too; mixup starts at 0, and dropout in one test.
SCHEDULE = "Schedule(progressive(4, {sizes}, randaugment=(5, 10), mixup=(0, 0.4), dropout={dropout}))"


def on_xla(schedule: str, drop_path: float, devices: int, augment_on: str = "host") -> dict:
    recipe = f"replace(TINY.recipe, drop_path_rate={drop_path})"
    changes = f"dict(schedule={schedule}, recipe={recipe}, augment_on={augment_on!r})"
    return after(FIT, changes, devices)


def after(script: str, changes: str, devices: int = 1) -> dict:
    """What `script` prints last, as JSON, after SMALL."""
    script = SMALL.format(tests=str(Path(__file__).parents[1]), changes=changes) + script
    # Unoptimised code is compiled six times faster.
    flags = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
    environment = {**os.environ, "PJRT_DEVICE": "CPU", "CPU_NUM_DEVICES": str(devices), "XLA_FLAGS": flags}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("torch_xla") is None, reason="torch_xla is not installed")
class TestXla:
    def test_loss_of_four_devices_is_that_of_the_cpu(self):
        """With RandAugment there too, but without dropout and stochastic depth, whose masks each device draws."""
        found = on_xla(SCHEDULE.format(sizes=(16, 16), dropout=(0, 0)), drop_path=0.0, devices=4, augment_on="device")
        for xla, cpu in zip(found["xla"], found["cpu"], strict=True):
            # float32 sums in another order: measured differences reach 1e-5 in eight steps
            assert xla["train_loss"] == pytest.approx(cpu["train_loss"], rel=1e-3)
            assert xla["test_loss"] == pytest.approx(cpu["test_loss"], rel=1e-3)
        assert found["weights"][0] == pytest.approx(found["weights"][1], rel=1e-3)  # of the moving average

    def test_a_run_compiles_one_graph_for_each_image_size_and_one_to_evaluate(self):
        sizes = (16, 19)  # 16, 17, 18, 19
        found = on_xla(SCHEDULE.format(sizes=sizes, dropout=(0, 0.4)), drop_path=0.2, devices=1)
        first, *steps, end = found["compiles"]
        new = [now - before for before, now in zip([first, *steps], [*steps, end], strict=True)]
        # Step 1 has compiled 16 px. Stages begin with steps 3, 5 and 7; after step 4 is the first point of the curve.
        assert new == [0, 1, 0, 1 + 1, 0, 1, 0, 0], new
        assert found["fallbacks"] == ["aten::_local_scalar_dense"]
        reads = found["reads"]
        assert reads[:4] == [0] * 4 and reads[4:] == [reads[4]] * 4  # nothing is read back but the curve's points

    def test_values_of_the_schedule_compile_nothing(self):
        found = on_xla(SCHEDULE.format(sizes=(16, 16), dropout=(0, 0.4)), drop_path=0.2, devices=1)
        *steps, end = found["compiles"]
        assert steps[:4] == [steps[0]] * 4, steps
        assert steps[4:] == [steps[0] + 1] * 4 and end == steps[-1], steps  # to evaluate, after step 4

    def test_a_stopped_run_goes_on_bit_for_bit(self, tmp_path):
        script = f"""
folder, save = Path({str(tmp_path)!r}), checkpoint.save
fitting.CHECKPOINT_SECONDS = 0
checkpoint.save = lambda state, path: save(state, path) if state["step"] <= 3 else None
whole = fit(run, "xla", folder, progress=False)
step = checkpoint.load(folder / "last.pt", canonical(run))["step"]
resumed = fit(run, "xla", folder, progress=False)
print(json.dumps(dict(step=step, same=(whole.history, whole.metrics) == (resumed.history, resumed.metrics))))
"""
        schedule = SCHEDULE.format(sizes=(16, 16), dropout=(0.1, 0.4))
        assert after(script, f"dict(schedule={schedule})") == dict(step=3, same=True)
