"""What a cluster's machine does with its part of a batch: makes the runs, saves them when told to, and goes on later.

submitit starts a `Task` there. That starts a process that trains, hands it the signals of the scheduler, and outlives
it: so a run that takes more memory than it may have does not take with it what asks for more. Where several processes
make a run together, it starts torchrun, which hands signals on.
"""

import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NoReturn

from . import heartbeat
from .batches import Batch
from .experiment import Job
from .places import work_folder
from .slurm import LIMIT_SIGNAL, out_of_memory, queue_with_more_memory

if TYPE_CHECKING:
    from submitit.helpers import DelayedSubmission

ATTEMPTS = 3  # of a run without progress, and of a process that ends before it has begun a run; ours
STOPPED = 143  # what schedulers expect after SIGTERM
FAILED = 3  # exit code of the process that trains where all is done but for runs that failed


@dataclass(frozen=True)
class Task:
    """Runs of a batch that one machine makes, `processes` of torchrun's together at each if there is more than one.

    `seen` names the store's identity and where it is, as the machine that submitted it sees it.
    """

    batch: Batch
    jobs: tuple[Job, ...]
    device: str
    store: Path
    seen: str
    processes: int = 1

    def __call__(self) -> None:
        """Raises SystemExit when it was told to stop or runs failed, and RuntimeError for folders that differ here."""
        check_seen(self)
        crashes, workers = 0, self.workers()
        with TemporaryDirectory(prefix="convscale-") as folder, relayed((signal.SIGTERM, LIMIT_SIGNAL)) as relay:
            command = self.command(Path(folder) / "task.pickle")
            while (code := relay.wait(command)) != 0:
                if relay.told or code == STOPPED:
                    break
                if code == FAILED:
                    sys.exit("not all runs were made: see above, and `convscale experiment status`")
                full = out_of_memory(code)
                self.note_killed(full or f"its process ended with {code}")
                begun, workers = self.workers() - workers, self.workers()
                if full and (refused := queue_with_more_memory()) is None:
                    sys.exit(f"{full}: queued again with more")
                elif full:
                    print(f"{full}, and Slurm gives no more: {refused}", file=sys.stderr)
                crashes = 0 if begun else crashes + 1
                if crashes == ATTEMPTS:
                    sys.exit(f"the process that trains ended with {code} {ATTEMPTS} times before a run began")
        if code and relay.told == LIMIT_SIGNAL:
            signal.raise_signal(LIMIT_SIGNAL)  # submitit's turn: it queues this task again
        if code:
            sys.exit(STOPPED)

    def checkpoint(self) -> "DelayedSubmission":
        """What submitit queues again after the time limit: the same, as what is done is in the store."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)

    def command(self, file: Path) -> list[str]:
        """What trains, as `main` says, when it has read this from `file`."""
        file.write_bytes(pickle.dumps(self))
        python = [sys.executable, "-u", "-m"]
        if self.processes > 1:
            python += [f"{__package__}.torchrun", "--standalone", "--nproc-per-node", str(self.processes), "-m"]
        return [*python, __name__, str(file)]

    def begun(self) -> dict[str, heartbeat.Heartbeat]:
        """Key -> what was heard last of runs that were begun here and are not done."""
        mine = heartbeat.of_job(self.jobs[0])
        beats = {key: beat for key in heartbeat.folders(work_folder()) if (beat := heartbeat.read(key))}
        return {key: beat for key, beat in beats.items() if (beat.host, beat.job) == (mine.host, mine.job)}

    def workers(self) -> set[int]:
        """Processes that began them."""
        return {beat.pid for beat in self.begun().values()}

    def note_killed(self, why: str) -> None:
        """Write of the runs that were under way here what ended them."""
        for key, beat in self.begun().items():
            if beat.state == "running":
                replace(beat, state="killed", error=why).write(key)


class Relay:
    """Hands signals to the process that it waits for. `told` is the first that came."""

    def __init__(self) -> None:
        self.told: int | None = None
        self.process: subprocess.Popen | None = None

    def __call__(self, number: int, _) -> None:
        self.told = self.told or number
        if self.process:
            self.process.terminate()

    def wait(self, command: Sequence[str]) -> int:
        """Run it to its end, which is its exit code."""
        self.process = subprocess.Popen(command)
        if self.told:  # before it was there
            self.process.terminate()
        return self.process.wait()


@contextmanager
def relayed(numbers: Sequence[int]) -> Iterator[Relay]:
    """A relay that gets these signals while the context lasts."""
    relay = Relay()
    before = {number: signal.signal(number, relay) for number in numbers}
    try:
        yield relay
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def check_seen(task: Task) -> None:
    """Raise RuntimeError where this machine does not have the folders of the one that submitted the task."""
    from ..records import Store

    if not (task.batch.folder / "batch.json").is_file():
        raise RuntimeError(not_seen("CONVSCALE_CHECKPOINTS", task.batch.folder.parents[1]))
    if Store(task.store).identity() != task.seen:
        raise RuntimeError(not_seen("CONVSCALE_RECORDS", task.store))


def not_seen(variable: str, folder: Path) -> str:
    return (
        f"{folder} is not the folder here that it is on the machine that submitted this: let {variable} name one that "
        "all machines see"
    )


def main() -> NoReturn:
    """The process that trains: makes all runs of the task in the file named that the store does not have."""
    from concurrent.futures.process import BrokenProcessPool

    from ..devices import pick
    from ..errors import Preempted
    from ..records import Store
    from .attempt import Patience
    from .beside import side_by_side
    from .execute import RAISED_BY_ALL, execute
    from .seconds import Seconds

    task = pickle.loads(Path(sys.argv[1]).read_bytes())
    store, jobs = Store(task.store), list(task.jobs)
    try:
        beside = 1 if task.processes > 1 else side_by_side(jobs, Seconds(pick(task.device), store)).processes
        execute(jobs, store, task.device, beside=beside, patience=Patience(task.batch.name, ATTEMPTS))
    except Preempted as stop:
        print(stop, file=sys.stderr)
        sys.exit(STOPPED)
    except BrokenProcessPool:
        sys.exit(128 + signal.SIGKILL)  # one of them was killed
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        # Of several processes one may fail alone, and the others with it: all begin again.
        sys.exit(FAILED if task.processes == 1 or isinstance(error, RAISED_BY_ALL) else 1)
    sys.exit(0)


if __name__ == "__main__":
    main()
