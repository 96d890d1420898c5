"""Files that are whole or not there."""

import errno

import pytest

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
