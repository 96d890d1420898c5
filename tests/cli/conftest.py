"""A folder of images, and commands run on it in this process."""

import sys

import pytest

from convscale.cli import main
from convscale.datasets import load


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder with digits 0 to 3 in class folders images/train and images/val; work goes on in it."""
    monkeypatch.chdir(tmp_path)
    for split, count in (("train", 150), ("val", 60)):
        digits = load("digits", "train" if split == "train" else "test")
        for i in range(count):
            if (label := digits.labels[i]) < 4:
                folder = tmp_path / "images" / split / f"digit-{label}"
                folder.mkdir(parents=True, exist_ok=True)
                digits.image(i).save(folder / f"{i}.png")
    return tmp_path


@pytest.fixture
def convscale(monkeypatch, capsys):
    """Run a command in this process: exit code or, for an error, its one sentence; and what was printed."""

    def run(command: str, *more: str) -> tuple[object, str, str]:
        words = [command, *more] if more else command.split()
        monkeypatch.setattr(sys, "argv", ["convscale", *words])
        try:
            code = main()
        except SystemExit as stop:
            code = stop.code
        return code, *capsys.readouterr()

    return run
