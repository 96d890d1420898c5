"""What commands that only look something up take of a processor, beside `import pandas`."""

import os
import subprocess
import sys

import pandas as pd

# Command -> goal, in times of `import pandas`. Ours: a person waits unwillingly for a second or two on a slow machine.
COMMANDS = {
    "paper v2:13": 2.0,
    "show": 2.0,
    "recipes": 2.0,
    "experiment list": 2.0,
    "page run no-such-page": 2.0,
    "experiment run v2_table13 --scale no-such-scale": 2.0,
    "claims v2-table7-params": 5.0,
    "claims": 5.0,
}


def cpu_seconds(*words: str) -> float:
    """Processor seconds of a Python process, which may fail: errors are among what is timed."""
    before = os.times()
    subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def compare_commands(rounds: int = 7, commands: dict[str, float] = COMMANDS) -> pd.DataFrame:
    """One line a command: median seconds of a processor, ratio to `import pandas` in the same round, and goal."""
    calls = {"import pandas": ["-c", "import pandas"]}
    calls |= {command: ["-m", "convscale", *command.split()] for command in commands}
    seconds = pd.DataFrame([{name: cpu_seconds(*words) for name, words in calls.items()} for _ in range(rounds)])
    ratios = seconds.div(seconds["import pandas"], axis=0).median()
    table = pd.DataFrame(
        {"command": name, "seconds": seconds[name].median(), "ratio": ratios[name], "goal": commands.get(name, 1.0)}
        for name in calls
    )
    table["met"] = ["yes" if ratio <= goal else "no" for ratio, goal in zip(table["ratio"], table["goal"], strict=True)]
    table.attrs["protocol"] = f"median of {rounds} rounds in turn, processor seconds of a new process, files in memory"
    return table
