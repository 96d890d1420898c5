"""`make evidence`: a tree of its own, in which every record is committed, however the making of records was stopped."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from convscale.paths import CHECKOUT


def git(folder, *command: str) -> str:
    identity = ["-c", "user.name=us", "-c", "user.email=us@example.org"]
    done = subprocess.run(["git", *identity, *command], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def loaded():
    spec = importlib.util.spec_from_file_location("evidence_tool", CHECKOUT / "tools/evidence.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """The tool in a repository of one commit."""
    root = tmp_path / "clone"
    (root / "data/records/runs").mkdir(parents=True)
    (root / "lib").mkdir()
    (root / ".gitignore").write_text("/runs/\n")
    (root / "data/records/runs/first.json").write_text("{}")
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        git(root, *command)
    for name, value in (("user.name", "us"), ("user.email", "us@example.org")):
        git(root, "config", name, value)
    module = loaded()
    monkeypatch.setattr(module, "ROOT", root)
    monkeypatch.setattr(module, "TREE", root / "runs/evidence")
    return module


def test_records_are_committed_one_by_one_and_can_be_merged(tool):
    tool.make_tree()
    for name in ("a", "b"):
        (tool.TREE / f"data/records/runs/{name}.json").write_text("{}")
    (tool.TREE / "notes").write_text("no record")
    tool.commit_records()
    tool.commit_records()
    assert git(tool.TREE, "log", "--format=%s").splitlines() == ["Record b", "Record a", "first"]
    assert git(tool.ROOT, "log", "--format=%s", "main") == "first" and git(tool.ROOT, "status", "--porcelain") == ""
    git(tool.ROOT, "merge", "-q", "evidence")
    assert sorted(p.stem for p in (tool.ROOT / "data/records/runs").iterdir()) == ["a", "b", "first"]


def test_the_tree_stays_at_its_commit_and_is_made_again_where_it_was_removed(tool):
    tool.make_tree()
    (tool.TREE / "data/records/runs/a.json").write_text("{}")
    tool.commit_records()
    git(tool.ROOT, "commit", "-q", "--allow-empty", "-m", "the library goes on")
    tool.make_tree()
    assert git(tool.TREE, "log", "-1", "--format=%s") == "Record a"
    shutil.rmtree(tool.TREE)
    tool.make_tree()
    assert git(tool.TREE, "log", "-1", "--format=%s") == "Record a"


def test_a_folder_in_its_place_is_refused(tool):
    """git would answer for the repository around it, and the person's own tree would be what runs."""
    tool.TREE.mkdir(parents=True)
    with pytest.raises(ValueError, match="is not the worktree of branch evidence: move it away"):
        tool.make_tree()


def test_another_repository_in_the_environment_is_not_asked(tool, tmp_path, monkeypatch):
    git(tmp_path, "init", "-q", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other/.git"))
    assert loaded().git(tool.ROOT, "log", "-1", "--format=%s") == "first"


# In place of the library: makes a record, says so, waits to be told to stop as the runs of an experiment do on SIGTERM
# (and, while they train side by side, the command that made them on Ctrl-C), and makes another before it ends.
PROGRAM = """
import pathlib, signal, sys

def stop(*_):
    records.joinpath("last.json").write_text("{}")
    print("last", flush=True)
    sys.exit(143)

records = pathlib.Path("data/records/runs")
records.joinpath("words.json").write_text(" ".join(sys.argv[1:]))
signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGHUP, stop)
print("words", flush=True)
signal.pause()
"""
TOOL = """
import importlib.util, pathlib, sys
spec = importlib.util.spec_from_file_location("evidence_tool", sys.argv[1])
tool = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tool)
tool.ROOT = pathlib.Path(sys.argv[2])
tool.TREE = tool.ROOT / "runs/evidence"
sys.argv[1:] = sys.argv[3:]
tool.main()
"""


def listen() -> None:
    """Whoever runs the tests in the background, or under nohup, ignores these, and so would their children."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize("by", ["Ctrl-C", "SIGTERM", "SIGHUP"])
def test_what_was_made_is_committed_however_it_is_stopped(tool, by):
    library = tool.ROOT / "lib/convscale"
    library.mkdir()
    (library / "__main__.py").write_text(PROGRAM)
    git(tool.ROOT, "add", "-A")
    git(tool.ROOT, "commit", "-q", "-m", "a library")
    words = ["v2_table13", "--scale", "smoke", "--minutes", "30"]
    command = [sys.executable, "-c", TOOL, CHECKOUT / "tools/evidence.py", tool.ROOT, *words]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True, preexec_fn=listen)

    def subjects() -> list[str]:
        done = subprocess.run(["git", "log", "--format=%s", "evidence"], cwd=tool.ROOT, capture_output=True, text=True)
        return done.stdout.splitlines()

    deadline = time.monotonic() + 60
    while subjects()[:1] != ["Record words"] and time.monotonic() < deadline:
        time.sleep(0.1)
    if by == "Ctrl-C":
        os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to all
    else:
        process.send_signal(signal.Signals[by])
    process.communicate(timeout=60)
    assert process.returncode == 143 and subjects()[:2] == ["Record last", "Record words"]
    said = (tool.TREE / "data/records/runs/words.json").read_text()
    assert said == "experiment run v2_table13 --scale smoke --device cpu --minutes 30"
