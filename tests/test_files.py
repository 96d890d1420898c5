"""Files that are whole or not there."""

import errno
import os

import numpy as np
import pytest
from safetensors.numpy import save_file

from convscale.files import replace_file


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
