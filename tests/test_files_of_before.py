"""Files that commit 9f82dfb wrote, before the rooms were built anew: read as they are, or refused with the reason.

`last.pt` is the state of a run after four of its six steps, `outcome.json` what the whole run came to there.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from convscale.datasets import load
from convscale.learning import checkpoint, evaluate, fit, load_trained
from convscale.recipes import Recipe, Run, Schedule, canonical, progressive
from convscale.records import BrokenRecord, Store

FILES = Path(__file__).parent / "files/9f82dfb"
THERE = json.loads((FILES / "outcome.json").read_text())
RUN = Run(
    model="timm:test_efficientnet",
    dataset="digits",
    recipe=Recipe(
        batch_size=32,
        optimizer="sgd",
        learning_rate=0.05,
        lr_schedule="cosine",
        warmup_epochs=1,
        weight_decay=0.05,
        ema_decay=0.8,
        translate_px=8.0,
        cutout_px=3.2,
    ),
    schedule=Schedule(progressive(2, (24, 32), randaugment=(5, 10), mixup=(0, 0.2), dropout=(0.1, 0.3))),
    epochs=2,
    eval_size=32,
    seed=0,
    train_images=96,
    curve_points=2,
    curve_images=50,
)


def test_the_run_has_the_key_that_it_had():
    assert canonical(RUN) == THERE["run"] and RUN.key == THERE["key"]


def test_a_stopped_run_goes_on_to_where_it_would_have_come(tmp_path):
    shutil.copyfile(FILES / "last.pt", tmp_path / "last.pt")
    assert checkpoint.load(tmp_path / "last.pt", canonical(RUN))["step"] == 4
    outcome = fit(RUN, "cpu", tmp_path, progress=False, train_top1=True)
    # the steps after the fourth and both evaluations are computed here, on another processor
    for mine, theirs in zip(outcome.history, THERE["history"], strict=True):
        assert mine == pytest.approx(theirs, rel=1e-3)
    assert outcome.metrics == pytest.approx(THERE["metrics"], rel=1e-3)


def test_kept_weights_are_evaluated_as_they_were():
    """`best` are those of the last point of the curve, and so those that all test images were evaluated with."""
    kept = load_trained(FILES / "best.safetensors")
    assert kept.classes == tuple("0123456789") and kept.pixels.size == 32
    found = evaluate(kept.model, load("digits", "test"), kept.pixels, "cpu")
    assert found["loss"] == pytest.approx(THERE["metrics"]["test_loss"], rel=1e-3)
    assert found["top1"] == pytest.approx(THERE["metrics"]["test_top1"], abs=0.3)  # one image of 359


def test_kept_weights_start_another_training():
    recipe = Recipe(**{**RUN.recipe.__dict__, "learning_rate": 0.0, "warmup_epochs": 0})
    run = replace(RUN, recipe=recipe, steps=1, weights=str(FILES / "best.safetensors"))
    tuned, kept = fit(run, "cpu", progress=False).model, load_trained(FILES / "best.safetensors").model
    mine, theirs = (dict(model.named_parameters()) for model in (tuned, kept))
    same = [name for name in mine if torch.allclose(mine[name], theirs[name], rtol=1e-5)]
    assert set(mine) - set(same) == {"classifier.weight", "classifier.bias"}  # drawn anew


@pytest.mark.parametrize("name", ["local-record", "published-record", "published-measurement"])
def test_records_are_read_where_they_lie(name, tmp_path):
    """Then they belonged to a page, scale and arm; what they said of that is kept."""
    text = (FILES / f"{name}.json").read_text()
    then, store = json.loads(text), Store(tmp_path)
    place = tmp_path / then["page"] / then["scale"] / f"{then['key']}.json"
    place.parent.mkdir(parents=True)
    place.write_text(text)
    (record,) = [*store.runs(), *store.measurements()]
    assert record["schema"] == 2 and record["provenance"]["made_for"]["page"] == then["page"]
    assert record["provenance"]["state"] == ("dirty" if then["provenance"]["dirty"] else "clean")
    for kept in ("run", "metrics", "history", "cost", "rounds", "value"):
        assert record.get(kept) == then.get(kept)
    if "run" in then:
        assert store.run(then["key"]) == record
    store.write(record)
    assert len([*Store(tmp_path).runs(), *Store(tmp_path).measurements()]) == 1  # and not once more from the old place
    damaged = tmp_path / "damaged.json"
    damaged.write_text(text.replace('"seconds"', '"second"').replace('"value": ', '"value": 1'))
    with pytest.raises(BrokenRecord, match=r"not the median|was changed since it was written"):
        store.read(damaged)
