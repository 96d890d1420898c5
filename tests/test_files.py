"""Files that are whole or not there."""

import errno
import os

import numpy as np
import pytest
from safetensors.numpy import save_file

from convscale.files import replace_file, taken_back


def test_a_disk_that_is_full_is_named(tmp_path):
    """The system's own error for that names no file."""

    def full(path):
        path.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "record.json"
    with pytest.raises(OSError, match=f"No space left on device: '{file}'"):
        replace_file(file, full)
    assert not list(tmp_path.iterdir())


def test_a_file_is_as_open_as_the_umask_has_it(tmp_path):
    """safetensors writes files that nobody else may read."""
    before = os.umask(0o027)
    try:
        replace_file(tmp_path / "weights", lambda path: save_file({"x": np.zeros(2)}, path))
    finally:
        os.umask(before)
    assert (tmp_path / "weights").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("inside", [None, "kept.txt"])
def test_a_folder_made_for_what_was_refused_is_taken_back_unless_something_lies_in_it(tmp_path, inside):
    (tmp_path / "mine").mkdir()
    folder = tmp_path / "mine/runs/first"
    with pytest.raises(ValueError, match="refused"), taken_back(folder):
        folder.mkdir(parents=True)
        if inside:
            (folder / inside).touch()
        raise ValueError("refused")
    assert folder.exists() == bool(inside) and (tmp_path / "mine").exists()
    assert (tmp_path / "mine/runs").exists() == bool(inside)
    with taken_back(folder):
        folder.mkdir(parents=True, exist_ok=True)
    assert folder.exists()
