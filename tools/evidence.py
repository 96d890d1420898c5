"""Make the runs of the experiments in a tree of its own, and commit each record as it is made: `make evidence`.

The tree is a git worktree in runs/evidence on the branch `evidence`, at the commit where it was begun, so that editing
the library changes no run. It goes on where it was stopped, by Ctrl-C or SIGTERM, too; a run that was under way goes on
from its checkpoint, which lies outside the tree. To take the records over: `git merge evidence`, and no squash, or the
commits that records name would be lost. To go on from another commit, merge, then `git worktree remove runs/evidence`
and `git branch -d evidence`.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from convscale.cli import parser as command_line
from convscale.cli.chosen_runs import chosen
from convscale.records.provenance import GIT_PLACES

ROOT = Path(__file__).resolve().parents[1]
TREE = ROOT / "runs/evidence"
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in GIT_PLACES}


def git(folder: Path, *command: str) -> str:
    done = subprocess.run(["git", "-C", folder, *command], capture_output=True, text=True, env=ENVIRONMENT)
    if done.returncode:
        raise ValueError(f"git {' '.join(command)}: {done.stderr.strip()}")
    return done.stdout.strip("\n")


def make_tree() -> None:
    """The worktree, made of the present commit where there is none. Raises ValueError for anything else there."""
    if not TREE.exists():
        if git(ROOT, "status", "--porcelain", "--", "lib"):
            print("evidence: lib/ has changes that are not committed; the runs are of the last commit", file=sys.stderr)
        git(ROOT, "worktree", "prune")
        new = [] if git(ROOT, "branch", "--list", "evidence") else ["-b"]
        git(ROOT, "worktree", "add", *(["-b", "evidence", str(TREE)] if new else [str(TREE), "evidence"]))
    where = Path(git(TREE, "rev-parse", "--show-toplevel")), git(TREE, "rev-parse", "--abbrev-ref", "HEAD")
    if where != (TREE, "evidence"):
        raise ValueError(f"{TREE} is not the worktree of branch evidence: move it away")
    git(TREE, "var", "GIT_COMMITTER_IDENT")  # raises where git does not know who commits
    print(f"evidence: {TREE.relative_to(ROOT)} is at {git(TREE, 'log', '-1', '--format=%h %s')}", file=sys.stderr)


def commit_records() -> None:
    """Commit every record that is not committed yet: the one just made, and any that was left when this was stopped."""
    for line in git(TREE, "status", "--porcelain", "--untracked-files=all", "--", "data/records").splitlines():
        record = line[3:]
        git(TREE, "add", "--", record)
        git(TREE, "commit", "--quiet", "-m", f"Record {Path(record).stem}", "--", record)


def give_way(session: int) -> None:
    """Linux may share out processors among sessions first: then niceness counts only within one, see sched(7)."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{session}/autogroup").write_text("19")


def make_records(command: list[str]) -> int:
    """Run the command in the tree; whatever stops this process stops it first, and what it made is committed."""
    environment = ENVIRONMENT | {
        "PYTHONPATH": str(TREE / "lib"),
        "CONVSCALE_RECORDS": str(TREE / "data/records"),
        "CONVSCALE_CHECKPOINTS": os.path.abspath(ENVIRONMENT.get("CONVSCALE_CHECKPOINTS", ROOT / "runs/checkpoints")),
        "OMP_NUM_THREADS": "1",
    }
    if "CONVSCALE_DATA" in environment:
        environment["CONVSCALE_DATA"] = os.path.abspath(environment["CONVSCALE_DATA"])
    program = ["nice", "-n", "19", sys.executable, "-m", "convscale", *command]
    made = subprocess.Popen(
        program, cwd=TREE, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    give_way(made.pid)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, lambda number, _: made.send_signal(number))
    for _ in made.stdout:
        commit_records()
    commit_records()
    code = made.wait()
    return code if code >= 0 else 128 - code  # as shells say it of a program that a signal ended


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("names", nargs="*", help="experiments, made in this order; default: all that have the scale")
    words.add_argument("--scale", default="small")
    words.add_argument("--device", default="cpu")
    words.add_argument("--minutes", help="what fits; of all experiments those that decide the most claims")
    args = words.parse_args()
    command = ["experiment", "run", *(args.names or ["--all"]), "--scale", args.scale, "--device", args.device]
    command += ["--minutes", args.minutes] if args.minutes else []
    try:
        chosen(command_line().parse_args(command))  # names are checked before a tree is made
        make_tree()
        commit_records()
        sys.exit(make_records(command))
    except ValueError as error:
        sys.exit(f"evidence: {error}")


if __name__ == "__main__":
    main()
