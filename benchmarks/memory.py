"""Peak memory of whole trainings beside timm's loop: imports, network, images from files and all that a step keeps."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from convscale.devices import Device
from convscale.paths import CHECKOUT

from .settings import SETTINGS
from .training import write_images

IMAGES = 256  # files; ours keeps up to 1 GiB of decoded images, which are 192 MB here
STEPS = 8  # as many as it takes to see each image once
GOAL = 1.0
ROUNDS = 3  # at most; a process takes ten seconds of a core
# (precision, what ours keeps of decoded images) -> goal. Where "auto" is bfloat16, ours took 2.5 % more than timm's: it
# keeps depthwise convolutions in float32, which saves a third of a step's time (`devices/depthwise.py`). Without, 1 %
# less.
WAYS: dict[tuple[str, str], float | None] = {
    ("float32", "none kept"): GOAL,
    ("auto", "none kept"): GOAL,
    ("auto", "all kept"): None,  # memory for time: later epochs decode nothing
}
MIB = 2**20


def compare_memory(device: Device, rounds: int = 7) -> pd.DataFrame:
    """A line for each of WAYS: how many times ours timm's loop takes, and the peaks (MiB) of what ours is made of.

    `imported`, `built` and `trained` are the peaks of our process up to there, `timm` that of timm's at the end. Each
    is a process of its own, in turn. Raises ValueError for anything but a CPU, where all memory is the process's.
    """
    if device.kind != "cpu":
        raise ValueError("the benchmark of memory is for a CPU; `training` compares peaks of a GPU")
    rounds = min(rounds, ROUNDS)
    with tempfile.TemporaryDirectory() as root:
        write_images(Path(root), IMAGES)
        found = [
            {(who, *way): peaks(who, root, *way) for way in WAYS for who in ("timm", "ours")} for _ in range(rounds)
        ]
    table = pd.DataFrame([line_of(way, goal, found) for way, goal in WAYS.items()])
    setting = SETTINGS["cpu"]
    table.attrs["protocol"] = (
        f"median of {rounds} rounds in turn, each a new process of one thread: {setting.model} at {setting.image_size} "
        f"px, {STEPS} steps of {setting.batch} of {IMAGES} JPEG files, no loading processes"
    )
    return table


def line_of(way: tuple[str, str], goal: float | None, found: list[dict[tuple, dict[str, int]]]) -> dict:
    timms = pd.DataFrame([peaks["timm", *way] for peaks in found])
    ours = pd.DataFrame([peaks["ours", *way] for peaks in found])
    ratio = timms["trained"] / ours["trained"]
    met = "" if goal is None else "yes" if ratio.median() >= goal else "no"
    what = f"peak memory, timm's loop / ours, {way[0]}, decoded images: {way[1]}"
    values = dict(ratio=ratio.median(), min=ratio.min(), max=ratio.max(), goal="" if goal is None else goal, met=met)
    return {"what": what, **values, "timm": timms["trained"].median() / MIB, **(ours.median() / MIB)}


def peaks(who: str, root: str, precision: str, kept: str, steps: int = STEPS) -> dict[str, int]:
    """Peak bytes of a process that trains, up to each of its parts. Raises RuntimeError with its last words."""
    words = [sys.executable, "-m", "benchmarks.peaks", who, root, precision, kept, str(steps)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=CHECKOUT, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words[2:])} ended with {done.returncode}: {done.stderr[-500:]}")
    return json.loads(done.stdout)
