"""A real Slurm on this machine, which `make test-cluster` asks for; elsewhere these tests are skipped."""

import functools
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from waiting import wait_until

from convscale.experiments import Job, heartbeat
from convscale.experiments.execute import execute
from convscale.experiments.heartbeat import Heartbeat
from convscale.experiments.places import log_file
from convscale.experiments.submission import Asked, planned, submit
from convscale.records import Store

# Without being asked for, they are not even collected: `make test` would name each as skipped.
collect_ignore_glob = [] if "TEST_CLUSTER" in os.environ else ["test_*.py"]
SCRIPT = Path(__file__).with_name("slurm.sh")


@pytest.fixture(scope="session")
def root():
    """Skips where this person may not make a cluster."""
    if os.geteuid() != 0:
        pytest.skip("Slurm and network namespaces need root")


@pytest.fixture(scope="session")
def slurm(root):
    """SLURM_CONF of a Slurm that runs."""
    if shutil.which("slurmctld") is None:
        if shutil.which("apt-get") is None:
            pytest.skip("Slurm cannot be installed here: there is no apt-get")
        done = subprocess.run([SCRIPT, "install"], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"Slurm cannot be installed here: {done.stderr.strip().splitlines()[-1]}")
    folder = Path(tempfile.mkdtemp(prefix="convscale-slurm-"))  # not pytest's, which the database's user may not enter
    folder.chmod(0o755)
    try:
        done = subprocess.run([SCRIPT, "up", folder], stderr=subprocess.PIPE, text=True)
        if done.returncode:
            pytest.skip(f"Slurm does not start here: {done.stderr.strip().splitlines()[-1]}")
        yield str(folder / "slurm.conf")
    finally:
        subprocess.run([SCRIPT, "down", folder], check=True)
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Cluster:
    """Slurm with folders of one test, and what tests look at."""

    store: Store
    pending: dict[str, float] = field(default_factory=dict)  # since when a job was seen to wait

    def submit(self, jobs: list[Job], **asked) -> str:
        """The number of the job, of whose runs each is said to take 20 s."""
        plan = planned(jobs, self.store, Asked(**asked), lambda run: 20.0, set())
        return submit(plan, self.store, "cpu")[1]

    def ask(self, *command: str) -> str:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def hurry(self, job: str) -> str:
        """The states of a job's tasks. One that is queued again waits for two minutes in Slurm: here five seconds, in
        which its end before that is over."""
        asked = subprocess.run(["squeue", "-h", "-j", job, "-o", "%T"], capture_output=True, text=True)
        if "PENDING" not in asked.stdout:
            self.pending.pop(job, None)
        elif time.monotonic() - self.pending.setdefault(job, time.monotonic()) > 5:
            subprocess.run(["scontrol", "update", f"JobId={job}", "StartTime=now"], capture_output=True)
        return asked.stdout.strip()

    def wait_for_end(self, job: str) -> None:
        """Of a job that is not queued again: one that is being so may be in no list for a moment."""
        wait_until(lambda: not self.hurry(job), f"the end of job {job}")

    def made(self, job: str, run: Job) -> dict:
        """The record of a run, by any number of processes, as soon as the job has made it."""

        def there() -> bool:
            self.hurry(job)
            return not self.store.missing([run.run.key])

        wait_until(there, f"the record of job {job}")
        self.wait_for_end(job)
        return self.store.run_by_any(run.run.key)

    def beat(self, job: Job) -> Heartbeat | None:
        return heartbeat.read(job.run.key)

    def wait_for_step(self, job: Job, step: int) -> None:
        wait_until(lambda: (beat := self.beat(job)) and beat.step >= step, f"step {step}")

    def log(self, job: Job) -> str:
        file = log_file(job.run.key)
        return file.read_text() if file.exists() else ""

    def begun_at(self, job: Job) -> list[int]:
        """The steps at which the attempts at a run began."""
        lines = [line.split() for line in self.log(job).splitlines() if "training begins" in line]
        return [int(words[words.index("step") + 1]) for words in lines]


@pytest.fixture
def cluster(slurm, tmp_path, monkeypatch):
    monkeypatch.setenv("SLURM_CONF", slurm)
    monkeypatch.setenv("CONVSCALE_CHECKPOINTS", str(tmp_path / "work"))
    yield Cluster(Store(tmp_path / "records"))
    subprocess.run(["scancel", "--me"], check=False)
    wait_until(lambda: not subprocess.run(["squeue", "-h"], capture_output=True, text=True).stdout, "an empty queue")


@pytest.fixture
def long(tiny):
    """A run of a quarter to half a minute that keeps its state."""
    return Job("an_experiment", "small", "arm", tiny(epochs=200, curve_points=10))


@pytest.fixture
def longer(tiny):
    """A run that Slurm's clock, which looks at time limits twice a minute, does not miss on a fast machine."""
    return Job("an_experiment", "small", "arm", tiny(epochs=600, curve_points=10))


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """`undisturbed(job)`: the record that this process makes of it, once."""

    @functools.cache
    def made(job: Job) -> dict:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CONVSCALE_CHECKPOINTS", str(tmp_path_factory.mktemp("undisturbed")))
            return execute([job], Store(tmp_path_factory.mktemp("undisturbed")), "cpu")[0]

    return made


@pytest.fixture
def equal(undisturbed):
    """`equal(record, job)`: whether it is that of the run that nothing disturbed."""
    parts = ("key", "run", "metrics", "history")
    return lambda record, job: all(record[name] == undisturbed(job)[name] for name in parts)
