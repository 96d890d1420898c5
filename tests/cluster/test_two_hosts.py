"""torchrun over two hosts, which are network namespaces of this machine, with and without a folder in common."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import wait_until

from convscale.records import Store

SCRIPT = Path(__file__).with_name("two_hosts.sh")
TRAIN = ["train", "--data", "digits", "--model", "efficientnetv2-tiny", "--schedule", "v2-s:paper"]
TRAIN += ["--image-size", "16,24", "--epochs", "6", "--batch-size", "64", "--device", "cpu", "--workers", "0"]
RUN = ["experiment", "run", "v2_table13", "--seed", "10", "--arm", "progressive-adaptive", "--device", "cpu"]


@pytest.fixture(scope="module")
def hosts(root):
    if shutil.which("ip") is None:
        pytest.skip("two hosts need the program ip (iproute2)")
    subprocess.run([SCRIPT, "down"], check=True)
    done = subprocess.run([SCRIPT, "up"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no network namespaces here: {done.stderr.strip()}")
    yield
    subprocess.run([SCRIPT, "down"], check=True)


class Two:
    """torchrun on both hosts; what each says is in A.log and B.log."""

    def __init__(self, folder: Path, words: dict[str, list[str]], torchrun: tuple[str, ...] = ()):
        self.folder, self.processes = folder, {}
        for host, command in words.items():
            own = folder / host
            environment = os.environ | {
                "OMP_NUM_THREADS": "1",
                "CONVSCALE_RECORDS": str(own / "records"),
                "CONVSCALE_CHECKPOINTS": str(own / "work"),
            }
            program = [sys.executable, "-m", "torch.distributed.run", "--nnodes", "2", "--nproc-per-node", "1"]
            program += ["--rdzv-backend", "c10d", "--rdzv-id", folder.name, "--rdzv-endpoint", "csA:29400", *torchrun]
            with (folder / f"{host}.log").open("a") as log:
                self.processes[host] = subprocess.Popen(
                    [SCRIPT, "run", host, *program, "-m", "convscale", *command],
                    env=environment,
                    stdout=log,
                    stderr=log,
                )

    def said(self, host: str) -> str:
        return (self.folder / f"{host}.log").read_text()

    def end(self) -> list[int]:
        return [process.wait(240) for process in self.processes.values()]

    def kill(self) -> None:
        for process in self.processes.values():
            process.terminate()
            process.wait(60)


def workers(host: str) -> list[int]:
    """Processes of convscale in a host's namespace, without torchrun."""
    inside = subprocess.run(["ip", "netns", "pids", f"cs{host}"], capture_output=True, text=True).stdout.split()
    lines = {int(pid): Path(f"/proc/{pid}/cmdline") for pid in inside}
    words = {pid: file.read_bytes().split(b"\0") for pid, file in lines.items() if file.exists()}
    return [pid for pid, said in words.items() if b"convscale" in said and b"torch.distributed.run" not in said]


def history(folder: Path) -> str:
    return (folder / "history.csv").read_text()


@pytest.fixture(scope="module")
def undisturbed(hosts, tmp_path_factory):
    """The curve of two hosts that nothing disturbs; only the first keeps anything."""
    folder = tmp_path_factory.mktemp("undisturbed")
    two = Two(folder, {host: [*TRAIN, "--out", str(folder / host / "out")] for host in "AB"})
    assert two.end() == [0, 0], two.said("A") + two.said("B")
    assert not (folder / "B/out").exists()
    return history(folder / "A/out")


def test_all_go_on_from_the_state_of_the_first(undisturbed, tmp_path):
    """The second host does not see the first one's folder."""
    words = {host: [*TRAIN, "--out", str(tmp_path / host / "out")] for host in "AB"}
    two = Two(tmp_path, words)
    wait_until((tmp_path / "A/out/history.csv").exists, "the first point")
    for host in "AB":
        for pid in workers(host):
            os.kill(pid, signal.SIGTERM)
    two.end()
    assert "stopped at step" in two.said("A") and (tmp_path / "A/out/last.pt").exists()
    assert Two(tmp_path, words).end() == [0, 0], two.said("A") + two.said("B")
    assert history(tmp_path / "A/out") == undisturbed


@pytest.mark.parametrize("host", "AB")
def test_a_worker_that_is_killed_costs_one_restart(undisturbed, tmp_path, host):
    words = {name: [*TRAIN, "--out", str(tmp_path / name / "out")] for name in "AB"}
    two = Two(tmp_path, words, ("--max-restarts", "1"))
    wait_until((tmp_path / "A/out/history.csv").exists, "the first point")
    (pid,) = workers(host)
    os.kill(pid, signal.SIGKILL)
    assert two.end() == [0, 0], two.said("A") + two.said("B")
    assert history(tmp_path / "A/out") == undisturbed


def test_hosts_that_would_train_something_else_stop_with_a_sentence(hosts, tmp_path):
    other = ["7" if word == "6" else word for word in TRAIN]
    two = Two(tmp_path, {"A": [*TRAIN, "--out", str(tmp_path / "A")], "B": [*other, "--out", str(tmp_path / "B")]})
    assert 0 not in two.end()
    assert "process 1 would train 154 steps" in two.said("B") and "the first 132 steps" in two.said("B")
    assert not (tmp_path / "A/history.csv").exists()


def test_a_run_of_an_experiment_has_one_record_which_says_how_many_made_it(hosts, tmp_path):
    two = Two(tmp_path, {host: RUN for host in "AB"})
    assert two.end() == [0, 0], two.said("A") + two.said("B")
    (record,) = Store(tmp_path / "A/records").runs()
    assert record["run"]["processes"] == 2 and record["provenance"]["device"]["processes"] == 2
    assert record["provenance"]["host"]["name"] == "csA"
    assert not list(Store(tmp_path / "B/records").runs())
    assert "top-1" in two.said("A") and "top-1" not in two.said("B")


def test_a_folder_in_common_has_one_record_too(hosts, tmp_path):
    (tmp_path / "A").mkdir()
    (tmp_path / "B").symlink_to(tmp_path / "A")
    two = Two(tmp_path, {host: RUN for host in "AB"})
    assert two.end() == [0, 0], two.said("A") + two.said("B")
    assert len(list(Store(tmp_path / "A/records").runs())) == 1
    assert [path.name for path in (tmp_path / "A/work").iterdir()] == ["logs"]
