"""Training end to end on a few digits: exact to repeat and to resume, and clear when it cannot go on."""

import os
import pickle
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from convscale.augment import recipe_pixels
from convscale.datasets import load
from convscale.learning import checkpoint, evaluate, fit, fitting, trainer
from convscale.recipes.recipe import Recipe
from convscale.recipes.run import Run, canonical, key_of
from convscale.recipes.schedule import Schedule, progressive


def same(a, b) -> bool:
    """Bit for bit, through nested dicts and lists."""
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b) and a.dtype == b.dtype
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def end_state(run, folder: Path, workers=0) -> dict:
    """All state at the end of `run`, but for the time it took."""
    outcome = fit(run, "cpu", folder, workers, progress=False)
    state = saved(run, folder)
    assert same(state["ema"], outcome.model.state_dict())
    return {**{k: v for k, v in state.items() if "seconds" not in k}, "metrics": outcome.metrics}


def saved(run, folder: Path) -> dict | None:
    return checkpoint.load(folder / "last.pt", canonical(run))


@pytest.fixture
def always_save(monkeypatch):
    monkeypatch.setattr(fitting, "CHECKPOINT_SECONDS", 0)


def test_two_fits_give_the_same_bits(tiny, tmp_path, always_save):
    first, second = (end_state(tiny(), tmp_path / f"{i}") for i in range(2))
    assert same(first, second)
    other = end_state(tiny(seed=1), tmp_path / "seed1")
    assert not same(first["model"], other["model"])


def test_outcome_tells_what_happened(tiny):
    outcome = fit(tiny(), "cpu", progress=False)
    assert [row["step"] for row in outcome.history] == [3, 6, 9, 12]
    assert [row["epoch"] for row in outcome.history] == [1, 2, 3, 4]
    assert [row["image_size"] for row in outcome.history] == [16, 18, 21, 24]
    assert outcome.cost["images"] == 12 * 32
    assert outcome.cost["cpu_seconds"] > 0 and outcome.cost["peak_memory_bytes"] > 2**20
    again = evaluate(outcome.model, load("digits", "test"), recipe_pixels(tiny().recipe, 24), "cpu")
    assert (again["top1"], again["loss"]) == (outcome.metrics["test_top1"], outcome.metrics["test_loss"])


def test_training_learns(tiny):
    """Ten epochs on 320 digits; chance is 10 %."""
    calm = dict(crop_area=(0.8, 1.0), drop_path_rate=0.0, translate_px=1.0, cutout_px=1.0, learning_rate=5e-3)
    run = tiny(
        recipe=replace(tiny().recipe, **calm),
        schedule=Schedule(progressive(1, (16, 16), randaugment=(5, 5), dropout=(0, 0))),
        epochs=10,
        train_images=320,
        eval_size=16,
        curve_points=2,
    )
    outcome = fit(run, "cpu", progress=False)
    assert outcome.metrics["test_top1"] > 60
    assert outcome.history[1]["train_loss"] < outcome.history[0]["train_loss"]


FIT = """
import sys, torch
from pathlib import Path
from convscale.learning import fit, fitting
sys.path.insert(0, {tests!r})
from conftest import TINY
from dataclasses import replace
torch.set_num_threads(1)
fitting.CHECKPOINT_SECONDS = 0
fit(replace(TINY, **{changes!r}), "cpu", Path({path!r}), workers={workers}, progress=False)
"""


LONGER = dict(epochs=10, curve_points=3)  # 30 steps, saved at each of them


@pytest.fixture(scope="module")
def uninterrupted(tiny, tmp_path_factory) -> dict:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "CHECKPOINT_SECONDS", 0)
        return end_state(tiny(**LONGER), tmp_path_factory.mktemp("whole"))


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 2])
def test_killed_run_goes_on_bit_for_bit(workers, tiny, tmp_path, always_save, uninterrupted):
    script = FIT.format(tests=str(Path(__file__).parents[1]), changes=LONGER, path=str(tmp_path), workers=workers)
    process = subprocess.Popen([sys.executable, "-c", script])
    wait_for(tmp_path / "last.pt", process)
    time.sleep(random.uniform(0, 0.5))
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it ended before it was killed"
    run = tiny(**LONGER)
    stopped_at = saved(run, tmp_path)["step"]
    assert 0 < stopped_at < 30
    resumed = end_state(run, tmp_path, 2 - workers)  # with another number of workers
    assert same(resumed, uninterrupted), f"differs after a stop at step {stopped_at}"


def wait_for(path: Path, process: subprocess.Popen) -> None:
    until = time.monotonic() + 120
    while not path.exists():
        assert process.poll() is None and time.monotonic() < until, "no checkpoint appeared"
        time.sleep(0.01)


def test_resuming_in_the_middle_of_a_curve_interval_changes_nothing(tiny, tmp_path, always_save, monkeypatch):
    run = tiny(curve_points=1)
    whole = end_state(run, tmp_path / "whole")
    states = []
    monkeypatch.setattr(checkpoint, "save", lambda state, path: states.append(pickle.dumps(state)))
    fit(run, "cpu", tmp_path / "unused", progress=False)
    monkeypatch.undo()
    monkeypatch.setattr(fitting, "CHECKPOINT_SECONDS", 0)
    assert [pickle.loads(state)["step"] for state in states] == [*range(1, 13), 12]  # and once more at the end
    checkpoint.save(pickle.loads(states[4]), tmp_path / "middle" / "last.pt")
    assert same(end_state(run, tmp_path / "middle"), whole)


def test_cost_and_unreadable_images_of_earlier_lives_count(tiny, tmp_path, always_save, monkeypatch):
    """What a run took, and which images it could not read, is known although another process ends it."""
    states = []
    monkeypatch.setattr(checkpoint, "save", lambda state, path: states.append(pickle.dumps(state)))
    fit(tiny(epochs=2), "cpu", tmp_path, progress=False)
    monkeypatch.undo()
    before = dict(seconds=1000.0, cpu_seconds=500.0, unreadable=[3])
    checkpoint.save(pickle.loads(states[2]) | before, tmp_path / "last.pt")
    with pytest.warns(UserWarning, match="1 of 96 images was unreadable and left out"):
        outcome = fit(tiny(epochs=2), "cpu", tmp_path, progress=False)
    assert 1000 < outcome.cost["seconds"] < 1500 and 500 < outcome.cost["cpu_seconds"] < 1000
    assert outcome.unreadable == ["image 3"] and saved(tiny(epochs=2), tmp_path)["unreadable"] == [3]


def test_finished_run_is_not_trained_again(tiny, tmp_path, always_save, monkeypatch):
    first = end_state(tiny(), tmp_path)
    monkeypatch.setattr(trainer.Trainer, "advance", lambda *_: pytest.fail("trained"))
    assert same(end_state(tiny(), tmp_path), first)


def test_checkpoint_of_another_run_is_refused(tiny, tmp_path, always_save):
    fit(tiny(epochs=1), "cpu", tmp_path, progress=False)
    other = tiny(epochs=2, recipe=replace(tiny().recipe, crop_area=(0.3, 1.0)))
    with pytest.raises(ValueError, match=r"of another run \(epochs: 1 there, 2 here; recipe.crop_area.0: ") as error:
        fit(other, "cpu", tmp_path, progress=False)
    assert "its default there, 0.3 here" in str(error.value) and "delete it" in str(error.value)


@pytest.mark.parametrize("content", [b"", b"no checkpoint", "half"])
def test_unreadable_checkpoint_is_refused(content, tiny, tmp_path, always_save):
    path = tmp_path / "last.pt"
    if content == "half":
        fit(tiny(epochs=1), "cpu", tmp_path, progress=False)
        content = path.read_bytes()[: path.stat().st_size // 2]
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"unreadable checkpoint .*last\.pt .*delete it to start the run anew"):
        fit(tiny(epochs=1), "cpu", tmp_path, progress=False)


class Touch:
    """Unpickling it runs a command."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


def test_code_in_a_checkpoint_is_not_executed(tiny, tmp_path):
    torch.save({"run": canonical(tiny()), "model": Touch(tmp_path / "executed")}, tmp_path / "last.pt")
    with pytest.raises(ValueError, match="unreadable checkpoint"):
        fit(tiny(), "cpu", tmp_path, progress=False)
    assert not (tmp_path / "executed").exists()
    torch.load(tmp_path / "last.pt", weights_only=False)
    assert (tmp_path / "executed").exists()  # the file would have done it


def test_failed_save_keeps_the_last_checkpoint(tiny, tmp_path, monkeypatch):
    path = tmp_path / "run.pt"
    checkpoint.save({"run": {"a": 1}, "step": 1}, path)

    def full_disk(state, file):
        Path(file).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(OSError, match="No space left"):
        checkpoint.save({"run": {"a": 1}, "step": 2}, path)
    assert checkpoint.load(path, {"a": 1})["step"] == 1
    assert os.listdir(tmp_path) == ["run.pt"]


def test_loss_that_is_no_number_stops_the_run_and_keeps_the_last_good_checkpoint(
    tiny, tmp_path, always_save, monkeypatch
):
    advance = trainer.Trainer.advance

    def breaks_at_step_8(self, batch):
        advance(self, batch)
        if self.step == 9:
            self.unread[-1] *= float("nan")

    monkeypatch.setattr(trainer.Trainer, "advance", breaks_at_step_8)
    with pytest.raises(FloatingPointError, match=r"loss is nan at step 8 \(learning rate .*image_size=21.*lower the"):
        fit(tiny(), "cpu", tmp_path, progress=False)
    assert saved(tiny(), tmp_path)["step"] == 8


def test_diverging_run_names_the_steps(tiny):
    run = tiny()
    wild = replace(run, recipe=replace(run.recipe, learning_rate=1e30, warmup_epochs=0))
    with pytest.raises(FloatingPointError, match=r"at step \d+ \(learning rate"):
        fit(wild, "cpu", progress=False)


def test_bfloat16_computes_nearly_the_same_loss(tiny):
    run = tiny(epochs=1, curve_points=3)
    exact, half = (fit(replace(run, precision=p), "cpu", progress=False).history for p in ("float32", "bfloat16"))
    # bfloat16 keeps 8 bits: each of the dozen layers rounds by up to 0.4 %, in either direction
    assert half[0]["train_loss"] == pytest.approx(exact[0]["train_loss"], rel=0.01)
    assert half[0]["train_loss"] != exact[0]["train_loss"]
    assert [row["step"] for row in half] == [1, 2, 3]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (dict(model="efficientnetv2-tinny"), "unknown model .*efficientnetv2-tiny"),
        (dict(dataset="digit"), "unknown data set 'digit': did you mean digits"),
        (dict(train_images=99_999), "asked for 99,999 of 1,438 images"),
        (dict(train_images=20), "no batch of 32 can be made of 20 images"),
        (dict(precision="float61"), "unknown precision 'float61'"),
    ],
)
def test_bad_runs_are_refused_before_training(changes, words, tiny):
    with pytest.raises(ValueError, match=words):
        fit(tiny(**changes), "cpu", progress=False)


@pytest.mark.parametrize("field", [dict(optimizer="adamx"), dict(lr_schedule="cosin")])
def test_bad_recipes_are_refused_before_training(field, tiny):
    with pytest.raises(ValueError, match=r"unknown (optimizer|lr_schedule) .*did you mean"):
        fit(tiny(recipe=replace(tiny().recipe, **field)), "cpu", progress=False)


def test_classes_that_differ_between_training_and_test_are_refused(tiny, tmp_path):
    for folder in ("train/cat", "train/dog", "test/ant", "test/cat"):  # "cat" is class 0 of one, class 1 of the other
        (tmp_path / folder).mkdir(parents=True)
        for i in range(20):
            Image.new("RGB", (8, 8)).save(tmp_path / folder / f"{i}.png")
    with pytest.raises(ValueError, match="1 class not among training's classes: ant; those are 2: cat, dog"):
        fit(tiny(dataset=f"folder:{tmp_path}", train_images=None, curve_images=None), "cpu", progress=False)


def test_unknown_and_absent_devices_are_refused(tiny):
    with pytest.raises(ValueError, match=r"unknown device 'gpu'.*auto, cpu, cuda, xla"):
        fit(tiny(), "gpu")
    if not torch.cuda.is_available():
        with pytest.raises(RuntimeError, match="torch sees no GPU; use device 'cpu'"):
            fit(tiny(), "cuda")


GOLDEN = Run(
    model="efficientnetv2-s",
    dataset="digits",
    recipe=Recipe(
        batch_size=64,
        optimizer="sgd",
        learning_rate=0.5,
        lr_schedule="cosine",
        warmup_epochs=5,
        weight_decay=1e-5,
        ema_decay=0.999,
    ),
    schedule=Schedule(progressive(2)),
    epochs=3,
    eval_size=32,
    seed=7,
)
CANONICAL = {
    "model": "efficientnetv2-s",
    "dataset": "digits",
    "recipe": {
        "batch_size": 64,
        "optimizer": "sgd",
        "learning_rate": 0.5,
        "lr_schedule": "cosine",
        "warmup_epochs": 5,
        "weight_decay": 1e-05,
        "ema_decay": 0.999,
    },
    "schedule": {
        "stages": [
            {"image_size": 128, "randaugment": 5, "mixup": 0, "dropout": 0.1},
            {"image_size": 300, "randaugment": 15, "mixup": 0, "dropout": 0.3},
        ]
    },
    "epochs": 3,
    "eval_size": 32,
    "seed": 7,
}


def test_key_of_a_run_never_changes():
    """Published records are found by it."""
    assert canonical(GOLDEN) == CANONICAL
    assert GOLDEN.key == key_of(CANONICAL) == "994d4e2a9bba5ce0"


def test_defaults_spelt_out_and_whole_floats_do_not_change_the_key():
    spelt = replace(
        GOLDEN,
        train_images=None,
        precision="float32",
        curve_points=20,
        recipe=replace(GOLDEN.recipe, label_smoothing=0.1, warmup_epochs=5.0, batch_size=64.0),
        schedule=replace(GOLDEN.schedule, sizes="progressive", every=8),
    )
    assert spelt.key == GOLDEN.key


def test_everything_that_decides_the_result_changes_the_key():
    changed = [
        replace(GOLDEN, seed=8),
        replace(GOLDEN, precision="bfloat16"),
        replace(GOLDEN, train_images=100),
        replace(GOLDEN, subset="seed"),
        replace(GOLDEN, recipe=replace(GOLDEN.recipe, label_smoothing=0.0)),
        replace(GOLDEN, recipe=replace(GOLDEN.recipe, crop_area=(0.08, 1.0))),
        replace(GOLDEN, schedule=replace(GOLDEN.schedule, sizes="random")),
        replace(GOLDEN, schedule=replace(GOLDEN.schedule, sizes="shuffled")),
        replace(GOLDEN, schedule=Schedule(progressive(3))),
    ]
    assert len({run.key for run in [GOLDEN, *changed]}) == len(changed) + 1
