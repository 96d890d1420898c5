"""Fixtures that several rooms of the library need."""

import os
from dataclasses import replace

import pytest
import torch

from convscale.learning import Recipe, Run, Schedule, progressive

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for processes that tests start
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """No test reads or writes records, checkpoints or images of the person who runs it."""
    monkeypatch.setenv("CONVSCALE_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("CONVSCALE_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("convscale.pages.execute.CACHE", tmp_path / "cache")


TINY = Run(
    model="efficientnetv2-tiny",
    dataset="digits",
    recipe=Recipe(
        batch_size=32,
        optimizer="adamw",
        learning_rate=2e-3,
        lr_schedule="cosine",
        warmup_epochs=1,
        weight_decay=0.05,
        ema_decay=0.9,
        translate_px=8.0,
        cutout_px=3.2,
    ),
    schedule=Schedule(progressive(4, (16, 24), randaugment=(5, 10), mixup=(0, 0.2), dropout=(0.1, 0.3))),
    epochs=4,
    eval_size=24,
    seed=0,
    train_images=96,
    curve_points=4,
    curve_images=50,
)


@pytest.fixture(scope="session")
def tiny():
    """A run of 12 steps on 96 digits, a second of one core; `tiny(epochs=2)` changes it."""
    return lambda **changes: replace(TINY, **changes)
