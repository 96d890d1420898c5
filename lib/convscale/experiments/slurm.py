"""What is asked of Slurm beyond submitting: what waits and runs, more memory, and an end."""

import os
import re
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LIMIT_SIGNAL = signal.SIGUSR2  # that a task's time is over soon; SIGTERM is for cancelling and for preemption
GROWTH = 1.5  # of the memory after a run that took too much of it; ours
CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Queued:
    """A task of a batch that waits or runs. `index` is its place in the array, 0 where there is no array."""

    batch: str
    job: str
    index: int
    state: str


def asked(*command: str) -> str:
    """What a command of Slurm answers. Raises RuntimeError with its words, or where it is not installed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        raise RuntimeError(f"there is no {command[0]} on this machine: log in where Slurm's commands are") from None
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {' '.join(done.stderr.split())}")
    return done.stdout


def queue() -> list[Queued]:
    """This person's tasks that wait, run or end. Raises RuntimeError as `asked`."""
    found = []
    for line in asked("squeue", "--me", "--noheader", "--array", "--format", "%F|%K|%T|%j").splitlines():
        job, index, state, name = line.split("|")
        if name.startswith("convscale-"):
            number = int(index) if index.isdecimal() else 0
            found.append(Queued(name, f"{job}_{index}" if index.isdecimal() else job, number, state))
    return found


def cancel(tasks: Sequence[Queued]) -> None:
    """Tell them to save and end, and those that wait not to begin. Raises RuntimeError as `asked`."""
    if tasks:
        asked("scancel", *(task.job for task in tasks))


def ended(batches: Sequence[str]) -> dict[tuple[str, int], tuple[str, str]]:
    """(batch, task) -> (state, node) of the batches' tasks that accounting knows. Raises RuntimeError as `asked`."""
    if not batches:
        return {}
    words = ("--allocations", "--noheader", "--parsable2", "--starttime", "now-30days")
    answer = asked("sacct", "--name", ",".join(batches), *words, "--format", "JobName,JobID,State,NodeList")
    found = {}
    for line in answer.splitlines():
        name, job, state, node = line.split("|")
        if index := re.fullmatch(r"\d+(?:_(\d+))?", job):
            found[name, int(index[1] or 0)] = (state.split()[0], node)
    return found


def out_of_memory(code: int) -> str:
    """What to say if a process ended with `code` because its job has no more memory; "" if for another reason."""
    if code not in (-signal.SIGKILL, 128 + signal.SIGKILL) or not kills_for_memory():
        return ""
    return f"out of memory at {memory_of_job() or '?'} MB"


def kills_for_memory() -> int:
    """Processes of this one's control group that the kernel has ended for want of memory."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        place = CGROUPS / "memory" if controllers == "memory" else CGROUPS
        for name in ("memory.oom_control", "memory.events"):  # of version 1 and 2 (kernel.org, "Memory Controller")
            file = place / path.lstrip("/") / name
            text = file.read_text(encoding="utf-8") if controllers in ("", "memory") and file.is_file() else ""
            if said := re.search(r"^oom_kill (\d+)", text, re.MULTILINE):
                return int(said[1])
    return 0


def memory_of_job() -> int | None:
    """MB that this job may use on its machine; None where Slurm does not say."""
    if whole := os.environ.get("SLURM_MEM_PER_NODE"):
        return int(whole)
    each, cpus = os.environ.get("SLURM_MEM_PER_CPU"), os.environ.get("SLURM_CPUS_ON_NODE")
    return int(each) * int(cpus) if each and cpus else None


def queue_with_more_memory() -> str | None:
    """Let this job wait again, for `GROWTH` times its memory. None if it will; else why not, and it goes on.

    It is held meanwhile, so that it cannot begin with what it has. Slurm tells it to end when it is queued again.
    """
    job, memory = own_job(), memory_of_job()
    if not job or not memory:
        return "it does not say how much there is"
    more = int(memory * GROWTH)
    try:
        if more > largest_machine():
            return f"no machine of the partition has {more} MB"
        asked("scontrol", "requeuehold", job)
        try:
            asked("scontrol", "update", f"JobId={job}", f"MinMemoryNode={more}")
        finally:
            asked("scontrol", "release", job)
    except RuntimeError as error:
        return str(error)
    return None


def own_job() -> str:
    """This job as Slurm's commands take it; "" outside of Slurm."""
    if array := os.environ.get("SLURM_ARRAY_JOB_ID"):
        return f"{array}_{os.environ['SLURM_ARRAY_TASK_ID']}"
    return os.environ.get("SLURM_JOB_ID", "")


def largest_machine() -> int:
    """MB of the largest machine of this job's partition."""
    sizes = asked("sinfo", "--noheader", "--partition", os.environ["SLURM_JOB_PARTITION"], "--format", "%m").split()
    return max(int(size.rstrip("+")) for size in sizes)
