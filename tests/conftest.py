"""Fixtures that several rooms of the library need."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from convscale.augment import normalise
from convscale.datasets import decoded, sources, to_tensor
from convscale.learning import checkpoint
from convscale.models import build
from convscale.recipes import Recipe, Run, Schedule, canonical, progressive

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for processes that tests start
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """No test reads or writes records, checkpoints or images of the person who runs it."""
    monkeypatch.setenv("CONVSCALE_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("CONVSCALE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CONVSCALE_WEIGHTS", str(tmp_path / "weights"))
    for module in ("experiments.places", "datasets.content", "datasets.identity"):
        monkeypatch.setattr(f"convscale.{module}.CACHE", tmp_path / "cache")
    sources._listed.clear()
    decoded._said.clear()


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


@pytest.fixture(scope="session")
def picture():
    """`picture(i)` is an image of twelve patches of noise, keyed by its number; `picture(i, (37, 30))` so large."""

    def make(i: int, size: tuple[int, int] = (37, 30)) -> Image.Image:
        pixels = np.random.default_rng(i).integers(0, 256, (3, 4, 3), dtype=np.uint8)
        return Image.fromarray(pixels).resize(size)

    return make


@pytest.fixture(scope="session")
def kept(picture, tmp_path_factory) -> Path:
    """A file as `fit` keeps it, of a network with random weights of six classes that tells pictures apart."""
    torch.manual_seed(3)
    model = build("efficientnetv2-tiny", 6)
    for norm in (module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)):
        norm.momentum = None  # of one batch, its statistics
    model.train()(normalise(torch.stack([to_tensor(picture(i, (24, 24))) for i in range(32)]), "imagenet"))
    torch.nn.init.normal_(model.classifier.weight, std=0.3)
    pixels = {"normalisation": "imagenet", "eval_crop": "0.875", "interpolation": "bicubic"}
    about = {
        "model": "efficientnetv2-tiny",
        "classes": ["cat", "dog", "eel", "fox", "gnu", "hen"],
        "image_size": 24,
        "preprocessing": pixels,
    }
    path = tmp_path_factory.mktemp("kept") / "best.safetensors"
    checkpoint.save_weights(model, path, about)
    return path


@pytest.fixture
def record(tiny):
    """`record(arm, seed, test_top1=...)`: a sound record of a run, told apart by its arm."""

    def make(arm="adaptive", seed=0, *, history=None, epochs=4, **metrics) -> dict:
        run = replace(tiny(seed=seed, epochs=epochs), model=arm)
        points = [{"step": s, "epoch": s / 3, "test_top1": 10.0 * s, "train_loss": 1.0} for s in (3, 6, 9, 12)]
        return {
            "schema": 2,
            "key": run.key,
            "run": canonical(run),
            "metrics": {"test_top1": 50.0, "test_loss": 1.5, "train_top1": 90.0, **metrics},
            "history": points if history is None else history,
            "cost": {"seconds": 60.0, "cpu_seconds": 120.0, "images": 6000, "peak_memory_bytes": 10**9},
            "provenance": {
                "commit": "a" * 40,
                "state": "clean",
                "code": "c" * 16,
                "versions": {"torch": "2.9.0"},
                "device": {"kind": "cpu", "name": "a processor", "count": 1, "threads": 1},
                "date": "2026-11-21T00:00:00+00:00",
                "command": "convscale experiment run",
            },
        }

    return make


@pytest.fixture
def record_of(record):
    """`record_of(run)`: a sound record of that run."""
    return lambda run: record() | {"key": run.key, "run": canonical(run)}


@pytest.fixture
def named(record):
    """As `record`, with what it was asked for, as judges and tables take it."""
    return lambda arm="adaptive", seed=0, **more: (
        record(arm, seed, **more)
        | {
            "experiment": "an_experiment",
            "scale": "small",
            "arm": arm,
        }
    )
