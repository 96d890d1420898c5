"""Claims on a run: one worker at a time, taken over from the dead, waited for from the living, on any machine."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from convscale.experiments import leases
from convscale.experiments.leases import LEASE, LeaseLost, claim, clock, is_alive, last


def from_elsewhere(folder, age: float = 0.0) -> None:
    """The claim of a worker on another machine that was renewed `age` seconds ago."""
    folder.mkdir(exist_ok=True)
    number = last(folder) + 1
    (folder / f"claim-{number}").write_text(json.dumps({"machine": "another", "locked": True, "host": "n7"}))
    then = clock(folder) - age
    os.utime(folder / f"claim-{number}", (then, then))


def test_one_of_many_gets_it(tmp_path):
    with ThreadPoolExecutor(8) as threads:
        got = list(threads.map(lambda _: claim(tmp_path / "run"), range(8)))
    assert sum(lease is not None for lease in got) == 1 and last(tmp_path / "run") == 1
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["claim-1"]


def test_what_is_given_up_is_free_at_once(tmp_path):
    for _ in range(4):
        lease = claim(tmp_path)
        assert lease and claim(tmp_path) is None
        lease.release()
    assert last(tmp_path) == 4 and len(list(tmp_path.iterdir())) == 2


def test_a_worker_elsewhere_lives_while_it_renews(tmp_path):
    from_elsewhere(tmp_path, age=LEASE - 5)
    assert claim(tmp_path) is None
    from_elsewhere(tmp_path, age=LEASE + 5)
    assert claim(tmp_path).number == 3


def test_clocks_of_machines_are_not_compared(tmp_path, monkeypatch):
    """Ours may be an hour ahead of the file server's."""
    from_elsewhere(tmp_path)
    hour = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: hour)
    assert claim(tmp_path) is None


KILLED = """
import os, sys
from pathlib import Path
from convscale.experiments.leases import claim
assert claim(Path(sys.argv[1]))
os.kill(os.getpid(), 9)
"""


def test_of_a_worker_that_was_killed_on_this_machine_it_is_known_at_once(tmp_path):
    assert subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)]).returncode == -9
    assert not is_alive(tmp_path / "claim-1") and claim(tmp_path).number == 2


def test_a_worker_on_this_machine_that_does_not_get_to_renew_lives(tmp_path):
    lease = claim(tmp_path)
    os.utime(lease.file, (time.time() - 10 * LEASE,) * 2)
    assert claim(tmp_path) is None


def test_where_files_cannot_be_locked_time_decides(tmp_path, monkeypatch):
    monkeypatch.setattr(leases, "locked", lambda file: False)
    lease = claim(tmp_path)
    assert claim(tmp_path) is None
    os.utime(lease.file, (time.time() - 2 * LEASE,) * 2)
    assert claim(tmp_path)
    with pytest.raises(LeaseLost, match="taken over"):
        lease.renew()


def test_renewing_and_giving_up_when_all_is_done_and_gone(tmp_path):
    lease = claim(tmp_path / "run")
    lease.renew()
    lease.file.unlink()
    lease.release()
    assert not is_alive(lease.file)
