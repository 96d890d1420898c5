"""Make the runs of the experiments in a tree of its own, and commit each record as it is made: `make evidence`.

The tree is a git worktree in runs/evidence on the branch `evidence`, at the commit where it was begun, so that editing
the library changes no run. It goes on where it was stopped; a run that was under way goes on from its checkpoint, which
lies outside the tree. To take the records over: `git merge evidence`. To go on from another commit, merge, then
`git worktree remove runs/evidence` and `git branch -d evidence`.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TREE = ROOT / "runs/evidence"


def git(folder: Path, *command: str) -> str:
    done = subprocess.run(["git", "-C", folder, *command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"evidence: git {' '.join(command)}: {done.stderr.strip()}")
    return done.stdout.strip()


def tree() -> Path:
    """The worktree, made of the present commit where there is none."""
    if not TREE.exists():
        if git(ROOT, "status", "--porcelain", "--", "lib"):
            print("evidence: lib/ has changes that are not committed; the runs are of the last commit", file=sys.stderr)
        known = git(ROOT, "branch", "--list", "evidence")
        git(ROOT, "worktree", "add", *(["runs/evidence", "evidence"] if known else ["-b", "evidence", "runs/evidence"]))
    print(f"evidence: {TREE.relative_to(ROOT)} is at {git(TREE, 'log', '-1', '--format=%h %s')}", file=sys.stderr)
    return TREE


def commit(place: Path, record: Path) -> None:
    """Commit one record, and nothing else."""
    git(place, "add", "--", str(record))
    if git(place, "status", "--porcelain", "--", str(record)):
        git(place, "commit", "--quiet", "-m", f"Record {record.stem}", "--", str(record))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="experiments; default: all that have the scale")
    parser.add_argument("--scale", default="small")
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    place = tree()
    environment = os.environ | {
        "PYTHONPATH": str(place / "lib"),
        "CONVSCALE_RECORDS": str(place / "data/records"),
        "CONVSCALE_CHECKPOINTS": os.environ.get("CONVSCALE_CHECKPOINTS", str(ROOT / "runs/checkpoints")),
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "convscale", "experiment", "run", *(args.names or ["--all"])]
    command += ["--scale", args.scale, "--device", args.device]
    niced = subprocess.Popen(
        ["nice", "-n", "19", *command], cwd=place, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        for line in niced.stdout:
            commit(place, Path(line.strip()))
    except KeyboardInterrupt:
        niced.wait()  # Ctrl-C went to it, too: it saves what is under way
    sys.exit(niced.wait())


if __name__ == "__main__":
    main()
