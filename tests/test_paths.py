"""Where things are on a machine that has no home."""

import os
from pathlib import Path

from convscale.datasets import data_root
from convscale.paths import own_cache


def test_without_a_home_the_cache_is_among_the_temporary_files(monkeypatch, tmp_path):
    def without_home(path):
        if str(path).startswith("~"):
            raise RuntimeError("Could not determine home directory.")
        return path

    monkeypatch.setattr("convscale.paths.gettempdir", lambda: str(tmp_path))
    monkeypatch.delenv("CONVSCALE_DATA")
    assert own_cache() == Path("~/.cache/convscale").expanduser() and data_root() == own_cache() / "data"
    monkeypatch.setattr(Path, "expanduser", without_home)
    assert own_cache() == tmp_path / f"convscale-{os.getuid()}" and data_root() == own_cache() / "data"
