"""The curve on disk: every point in a CSV, and a clear word where TensorBoard is not installed."""

import sys

import pandas as pd
import pytest

from convscale.learning.logbook import Logbook

POINTS = [{"step": 3, "epoch": 0.5, "test_top1": 1 / 3}, {"step": 6, "epoch": 1.0, "test_top1": 200 / 3}]


def test_the_csv_holds_every_point_to_the_last_digit(tmp_path):
    log = Logbook(tmp_path, tensorboard=False)
    for count in (1, 2):
        log.add(POINTS[:count])
        assert pd.read_csv(tmp_path / "history.csv").to_dict("records") == POINTS[:count]
    assert [file.name for file in tmp_path.iterdir()] == ["history.csv"]


def test_without_a_folder_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Logbook(None, tensorboard=False).add(POINTS)
    assert not list(tmp_path.iterdir())


def test_tensorboard_gets_each_point_once(tmp_path, monkeypatch):
    written = []

    class Writer:
        def __init__(self, folder):
            assert folder == tmp_path

        def add_scalar(self, *what):
            written.append(what)

        def flush(self):
            written.append("flush")

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", type(sys)("stand-in"))
    sys.modules["torch.utils.tensorboard"].SummaryWriter = Writer
    log = Logbook(tmp_path, tensorboard=True)
    log.add(POINTS[:1])
    log.add(POINTS)
    first, second = ([("epoch", p["epoch"], p["step"]), ("test_top1", p["test_top1"], p["step"])] for p in POINTS)
    assert written == [*first, "flush", *second, "flush"]


def test_absent_tensorboard_and_no_folder_are_clear_errors(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)  # what an import of it then raises is ImportError
    with pytest.raises(RuntimeError, match=r"TensorBoard is not installed: pip install 'convscale\[tensorboard\]'"):
        Logbook(tmp_path, tensorboard=True)
    with pytest.raises(ValueError, match="tensorboard=True needs a folder"):
        Logbook(None, tensorboard=True)
