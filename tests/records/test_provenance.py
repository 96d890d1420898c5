"""What a record says of where it came from."""

import subprocess
import sys

import pytest

from convscale.devices import pick
from convscale.records import provenance as module
from convscale.records.provenance import code_version, provenance


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A git repository with one commit, in place of the checkout."""
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "file").write_text("as committed")
    identity = ["-c", "user.name=us", "-c", "user.email=us@example.org"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    monkeypatch.setattr(module, "CHECKOUT", root)
    code_version.cache_clear()
    yield root
    code_version.cache_clear()


def test_commit_and_whether_files_differ_from_it(repository):
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=repository, capture_output=True, text=True).stdout.strip()
    assert code_version() == {"commit": head, "dirty": False}
    code_version.cache_clear()
    (repository / "file").write_text("changed")
    assert code_version() == {"commit": head, "dirty": True}


def test_device_versions_date_and_command_are_there(repository):
    made = provenance(pick("cpu"), "convscale do it")
    assert made["command"] == "convscale do it" and made["dirty"] is False
    assert made["device"] == {"kind": "cpu", "name": pick("cpu").name, "count": 1, "threads": 1}
    assert made["versions"]["python"] == sys.version.split()[0] and made["versions"]["torch"].startswith("2.")
    assert made["date"].endswith("+00:00")
