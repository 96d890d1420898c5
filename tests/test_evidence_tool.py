"""`make evidence`: a tree of its own, in which every record is committed, however the making of records was stopped."""

import importlib.util
import shutil
import subprocess

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
