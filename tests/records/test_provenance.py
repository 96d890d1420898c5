"""What a record says of where it came from: never more than git could tell, and only of what decides a result."""

import os
import platform
import subprocess
import sys

import pytest

from convscale.devices import cores, pick
from convscale.records import provenance as module
from convscale.records.code import LOADED, MEASURING, TRAINING
from convscale.records.provenance import code_version, installed_tree, page_version, provenance

UNKNOWN = {"commit": None, "state": "unknown", "code": LOADED[TRAINING]}
FILES = (
    "lib/convscale/models/network.py",
    "lib/convscale/errors.py",
    "lib/convscale/pages/page.py",
    "book/page.ipynb",
    "README.md",
)


def git(root, *args) -> str:
    command = ["git", "-c", "user.name=us", "-c", "user.email=us@example.org", *args]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def commit_all(root) -> str:
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")
    return git(root, "rev-parse", "HEAD")


def as_if_just_begun():
    code_version.cache_clear()
    page_version.cache_clear()


@pytest.fixture
def plain(tmp_path, monkeypatch):
    """A checkout's files without a repository, in place of the checkout; git's own settings play no part."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    root = tmp_path / "outer" / "checkout"
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("as committed")
    (root / ".gitignore").write_text("runs/\n__pycache__/\n")
    monkeypatch.setattr(module, "CHECKOUT", root)
    as_if_just_begun()
    yield root
    as_if_just_begun()


@pytest.fixture
def repository(plain):
    commit_all(plain)
    return plain


def states() -> tuple[str, str]:
    """What a record and what a page would say now."""
    as_if_just_begun()
    return code_version()["state"], page_version()["state"]


def test_commit_and_whether_files_differ_from_it(repository):
    head = git(repository, "rev-parse", "HEAD")
    assert code_version() == {"commit": head, "state": "clean", "code": LOADED[TRAINING]}
    assert page_version() == {"commit": head, "state": "clean"}
    (repository / FILES[0]).write_text("changed")
    assert code_version()["state"] == "clean"  # it was when work began
    assert states() == ("dirty", "dirty")


def test_a_new_file_of_a_training_room_is_a_change(repository):
    (repository / "lib/convscale/models/deep").mkdir()
    (repository / "lib/convscale/models/deep/new.py").write_text("")
    assert states() == ("dirty", "clean")


def test_a_file_on_the_ground_is_part_of_training(repository):
    (repository / "lib/convscale/errors.py").write_text("changed")
    assert states() == ("dirty", "dirty")


def test_what_decides_no_result_is_no_change(repository, tmp_path):
    (repository / "out.ipynb").write_text("what papermill leaves")
    for folder in ("figures", "build", "lib/convscale/models/__pycache__"):
        (repository / folder).mkdir()
        (repository / folder / "file.png").write_text("")
    (repository / "runs").symlink_to(tmp_path)
    (repository / "book/page.ipynb").write_text("executed anew")
    (repository / "lib/convscale/models/.DS_Store").write_text("")
    assert states() == ("clean", "clean")
    (repository / "README.md").write_text("changed")
    (repository / "lib/convscale/pages/page.py").write_text("changed")
    assert states() == ("clean", "dirty")  # a page is also what the pages' room makes of the records


def test_measurements_are_also_of_their_own_room(repository):
    (repository / "lib/convscale/measure").mkdir()
    (repository / "lib/convscale/measure/new.py").write_text("")
    as_if_just_begun()
    assert code_version()["state"] == "clean" and code_version(MEASURING)["state"] == "dirty"
    assert code_version(MEASURING)["code"] != code_version()["code"]


def test_without_git_nothing_is_known_and_nothing_lost(repository, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert code_version() == UNKNOWN
    assert provenance(pick("cpu"), "convscale do it")["state"] == "unknown"


def test_a_repository_of_another_owner_is_not_clean(repository, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert code_version() == UNKNOWN and page_version() == {"commit": None, "state": "unknown"}


def test_a_checkout_inside_another_projects_repository_has_no_commit(plain):
    commit_all(plain.parent)
    assert code_version() == UNKNOWN


def test_a_checkout_without_repository_or_commit_has_no_commit(plain):
    assert code_version() == UNKNOWN
    git(plain, "init", "-q")
    as_if_just_begun()
    assert code_version() == UNKNOWN


def test_an_installed_package_has_no_commit(monkeypatch, repository):
    monkeypatch.setattr(module, "CHECKOUT", None)
    monkeypatch.setattr(module, "PACKAGE", repository / "lib/convscale")
    assert code_version() == UNKNOWN


def test_a_package_that_pip_installed_from_a_repository_has_its_commit(tmp_path):
    """As for those who install in Colab: their records can be published."""
    project, target = tmp_path / "project", tmp_path / "target"
    (project / "convscale").mkdir(parents=True)
    (project / "convscale/__init__.py").write_text("")
    (project / "setup.py").write_text(
        "from setuptools import setup; setup(name='convscale', version='1', packages=['convscale'])"
    )
    commit = commit_all(project)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", target, f"git+file://{project}"], check=True, capture_output=True)
    assert installed_tree(target) == {"commit": commit, "state": "clean"}
    (target / "convscale/__init__.py").write_text("changed = True")
    assert installed_tree(target) == {"commit": commit, "state": "dirty"}
    subprocess.run([*pip, "--target", tmp_path / "plain", project], check=True, capture_output=True)
    assert installed_tree(tmp_path / "plain") == {"commit": None, "state": "unknown"}


def test_the_environment_does_not_name_another_repository(repository, tmp_path, monkeypatch):
    head = git(repository, "rev-parse", "HEAD")
    other = tmp_path / "other"
    other.mkdir()
    (other / "file").write_text("theirs")
    commit_all(other)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(repository))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    assert code_version()["commit"] == head and code_version()["state"] == "clean"


def test_a_checkout_may_be_reached_through_a_link(repository, tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(repository)
    monkeypatch.setattr(module, "CHECKOUT", tmp_path / "link")
    assert code_version()["state"] == "clean"


def test_a_second_work_tree_is_a_checkout(repository, tmp_path, monkeypatch):
    git(repository, "worktree", "add", "-q", str(tmp_path / "second"))
    monkeypatch.setattr(module, "CHECKOUT", tmp_path / "second")
    assert code_version()["commit"] == git(repository, "rev-parse", "HEAD")


def test_code_changed_since_it_was_loaded_is_of_no_known_commit(repository, monkeypatch):
    monkeypatch.setattr(module, "digest_of_code", lambda parts: "another")
    assert code_version() == UNKNOWN

    def gone(parts):
        raise FileNotFoundError("errors.py")

    monkeypatch.setattr(module, "digest_of_code", gone)
    as_if_just_begun()
    assert code_version() == UNKNOWN


def test_device_host_versions_date_and_command_are_there(repository):
    made = provenance(pick("cpu"), "convscale do it", processes=3)
    assert made["command"] == "convscale do it" and made["state"] == "clean"
    assert made["device"] == {"kind": "cpu", "name": pick("cpu").name, "count": 1, "threads": 1, "processes": 1}
    assert made["host"] == {"name": platform.node(), "cores": cores(), "processes": 3, "job": None}
    assert made["versions"]["python"] == sys.version.split()[0] and made["versions"]["torch"].startswith("2.")
    assert made["date"].endswith("+00:00")
