"""What handing twelve short runs to Slurm costs, beside an array that a person writes by hand: `make test-cluster`."""

import resource
import subprocess
import sys
import time
from statistics import median

from waiting import wait_until

NAMES = ["v2_table12", "v1_figure3"]  # six runs of the smoke scale each
ROUNDS = 3
PLAIN = """#!/bin/sh
#SBATCH --array=1-2 --output={folder}/plain.%a.log
exec {python} -m convscale experiment run {names} --device cpu --shard $SLURM_ARRAY_TASK_ID/2
"""


def seconds_of_processors(cluster, job: str) -> float:
    """Of a whole array of two tasks, from accounting, which hears of the end a little later."""

    def read(text: str) -> float:
        *longer, last = text.replace("-", ":").split(":")
        return float(last) + sum(float(part) * 60 ** (n + 1) for n, part in enumerate(reversed(longer)))

    def steps() -> list[str]:
        lines = cluster.ask("sacct", "-n", "-P", "-j", job, "-o", "JobID,State,TotalCPU").splitlines()
        done = [line.split("|") for line in lines if ".batch|COMPLETED" in line]
        return [used for _, _, used in done if read(used) > 0]

    wait_until(lambda: len(steps()) == 2, "accounting of two tasks")
    return sum(map(read, steps()))


def timed(cluster, command: list, number_in: str) -> tuple[float, float, float]:
    """Wall seconds until all is done, processor seconds of all but training, and those of training, for twelve runs."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    job = (answer.stdout if number_in == "stdout" else answer.stderr).split()[-1]
    while subprocess.run(["squeue", "-h", "-j", job], capture_output=True, text=True).stdout.strip():
        time.sleep(0.2)
    wall = time.monotonic() - begun
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime + seconds_of_processors(cluster, job)
    records = list(cluster.store.runs())
    assert len(records) == 12
    training = sum(record["cost"]["cpu_seconds"] for record in records)
    for record in records:
        cluster.store.run_path(record["key"]).unlink()
    return wall, used - training, training


def test_little_is_spent_beyond_training(cluster, tmp_path, monkeypatch):
    monkeypatch.setenv("CONVSCALE_RECORDS", str(cluster.store.root))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    script = tmp_path / "plain.sh"
    script.write_text(PLAIN.format(folder=tmp_path, python=sys.executable, names=" ".join(NAMES)))
    ours = [sys.executable, "-m", "convscale", "experiment", "run", *NAMES, "--on", "slurm", "--yes", "--tasks", "2"]
    found = {"ours": [], "plain": []}
    for _ in range(ROUNDS):
        found["ours"].append(timed(cluster, ours, "stdout"))
        found["plain"].append(timed(cluster, ["sbatch", "--export=ALL", str(script)], "stdout"))
    for name, rounds in found.items():
        wall, beyond, training = (median(values) for values in zip(*rounds, strict=True))
        print(
            f"{name}: wall {wall:.1f} s, {beyond / 12:.2f} CPU-seconds a run beyond training, {training / 12:.2f} in it"
        )
    ratio = median(a[0] / b[0] for a, b in zip(found["ours"], found["plain"], strict=True))
    print(f"wall, ours by plain: {ratio:.2f}; of each round: {found}")
    assert median(beyond for _, beyond, _ in found["ours"]) / 12 <= 3
    assert ratio <= 1.3
