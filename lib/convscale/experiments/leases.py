"""Who makes a run: a claim that one worker has, on any machine that sees the folder, for as long as it lives.

The claims of a run are files `claim-1`, `claim-2`, ... in its folder, and the last is the one that counts. A worker
takes the next number by making a file that must not exist yet, which a file system lets one do (NFS from version 3 on).
It renews its claim by the file's time. A claim that was given up, or was not renewed for `LEASE` seconds of the file
server's clock, is followed by the next number. The clocks of machines are never compared. On one machine a lock on the
file tells at once that its owner is dead: the system takes the lock away with the process.
"""

import fcntl
import json
import os
import platform
import re
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

RENEW = 10.0  # seconds; ours: a write that small costs nothing
LEASE = 120.0  # seconds; ours: clients of NFS may show a file's time up to 60 s late (nfs(5), acregmax)
CLAIM = re.compile(r"claim-(\d+)")
GIVEN_UP = 0  # the time of the file of a claim that its owner gave up


class LeaseLost(RuntimeError):
    """Another worker has taken the run over, as this one was not heard of for too long."""


class Lease:
    """The claim `number` on what is made in `folder`; use `claim`."""

    def __init__(self, folder: Path, number: int, lock: int):
        self.folder, self.number, self.lock = folder, number, lock

    @property
    def file(self) -> Path:
        return self.folder / f"claim-{self.number}"

    def renew(self) -> None:
        """Say that the owner lives. Raises LeaseLost."""
        if last(self.folder) != self.number:
            raise LeaseLost(f"{self.folder.name} was taken over by another worker")
        os.utime(self.file)

    def release(self) -> None:
        """Give it up: the next worker need not wait. Nothing happens where the folder is gone, as when all is done."""
        with suppress(FileNotFoundError):
            os.utime(self.file, (GIVEN_UP, GIVEN_UP))
        os.close(self.lock)


def claim(folder: Path) -> Lease | None:
    """A lease on what is made in `folder`, which is made; None if a worker that lives has it."""
    folder.mkdir(parents=True, exist_ok=True)
    number = last(folder)
    if number and is_alive(folder / f"claim-{number}"):
        return None
    file = folder / f"claim-{number + 1}"
    try:
        lock = os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR)
    except (FileExistsError, FileNotFoundError):  # another was faster, or has finished and cleared the folder
        return None
    # Whoever reads the file before this line finds it new, and so alive.
    os.write(lock, json.dumps({"machine": machine(), "locked": locked(lock), "host": platform.node()}).encode())
    if last(folder) != number + 1:  # many came and went since we looked
        file.unlink(missing_ok=True)
        os.close(lock)
        return None
    for old in range(1, number):
        (folder / f"claim-{old}").unlink(missing_ok=True)
    return Lease(folder, number + 1, lock)


def last(folder: Path) -> int:
    """The number of the claim that counts; 0 without any."""
    with suppress(FileNotFoundError):
        return max((int(found[1]) for name in os.listdir(folder) if (found := CLAIM.fullmatch(name))), default=0)
    return 0


def is_alive(file: Path) -> bool:
    """Whether the owner of a claim lives, as far as this machine can know; False without the file."""
    try:
        opened = os.open(file, os.O_RDWR)  # opening makes a client of NFS ask for the file's time
    except FileNotFoundError:
        return False
    try:
        about = json.loads(os.read(opened, 1000) or b"{}")
        renewed = os.fstat(opened).st_mtime
        if renewed == GIVEN_UP:
            return False
        if about.get("locked") and about["machine"] == machine():
            return not locked(opened)
        return clock(file.parent) - renewed < LEASE
    finally:
        os.close(opened)


def locked(file: int) -> bool:
    """Whether this process could lock an open file, which it then keeps locked while it is open."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody has the lock, or this file system has none
        return False
    return True


def machine() -> str:
    """What only processes with the same locks have in common: the start of the system, or else the host's name."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return platform.node()


def clock(folder: Path) -> float:
    """The time now by the clock that gives the files of `folder` their times."""
    file = folder / f"{uuid4().hex}.clock"
    try:
        file.touch()
        return file.stat().st_mtime
    except FileNotFoundError:  # the folder is gone: what was in it is done
        return time.time()
    finally:
        file.unlink(missing_ok=True)
