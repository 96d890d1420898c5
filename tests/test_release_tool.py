"""`make release`: two commits and a tag, of which the first is the release in every file that names it; or nothing."""

import importlib.util
import subprocess

import nbformat
import pytest
import yaml

from convscale.pages.setup_cell import setup_cell
from convscale.paths import CHECKOUT

HOME = {"url": "https://example.org/us/it", "branch": "trunk"}
PLACES = ("lib/convscale/__init__.py", "CITATION.cff", "_config.yml", "CHANGELOG.md", "book/a/page.ipynb")


def git(folder, *command: str) -> str:
    identity = ["-c", "user.name=us", "-c", "user.email=us@example.org"]
    done = subprocess.run(["git", *identity, *command], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """The tool in a repository with the files that name a version, as they are here; it builds no wheel."""
    files = {name: (CHECKOUT / name).read_text() for name in ("CITATION.cff", "CHANGELOG.md")}
    files["lib/convscale/__init__.py"] = '__version__ = "1.2.0.dev0"\n'
    files["_config.yml"] = yaml.safe_dump({"repository": HOME})
    page = nbformat.v4.new_notebook(cells=[setup_cell(HOME), nbformat.v4.new_markdown_cell("# A page")])
    page.cells[0]["id"], page.cells[1]["id"] = "page-0", "page-1"
    files["book/a/page.ipynb"] = nbformat.writes(page) + "\n"
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for command in (["init", "-q", "-b", "trunk"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        git(tmp_path, *command)
    for name, value in (("user.name", "us"), ("user.email", "us@example.org")):
        git(tmp_path, "config", name, value)
    spec = importlib.util.spec_from_file_location("release_tool", CHECKOUT / "tools/release.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "wheel", lambda ref: tmp_path / "the.whl")
    return module


def test_the_tag_is_the_release_and_the_branch_goes_on(tool):
    tool.check("1.2.0")
    tool.release("1.2.0")
    assert git(tool.ROOT, "log", "--format=%s").splitlines() == ["After version 1.2.0", "Version 1.2.0", "first"]
    released = {name: git(tool.ROOT, "show", f"v1.2.0:{name}") for name in PLACES}
    now = {name: (tool.ROOT / name).read_text() for name in PLACES}
    assert '__version__ = "1.2.0"' in released[PLACES[0]] and '__version__ = "1.3.0.dev0"' in now[PLACES[0]]
    citation = yaml.safe_load(released["CITATION.cff"])
    assert citation["version"] == "1.2.0" and f"## [1.2.0] - {citation['date-released']}" in released["CHANGELOG.md"]
    assert now["CITATION.cff"].strip() == released["CITATION.cff"]  # whoever cites, cites the release
    assert tool.section() == "" and "### Added" in now["CHANGELOG.md"].partition("## [1.2.0]")[2]
    assert "git+https://example.org/us/it@v1.2.0" in released["book/a/page.ipynb"]
    assert yaml.safe_load(released["_config.yml"])["repository"]["branch"] == "v1.2.0"
    assert yaml.safe_load(now["_config.yml"])["repository"] == HOME
    assert git(tool.ROOT, "diff", "--stat", "HEAD~2", "--", "book") == ""  # only the first cell moved, and it is back
    assert git(tool.ROOT, "status", "--porcelain") == ""


def test_where_a_step_fails_everything_is_as_before(tool, monkeypatch):
    before = git(tool.ROOT, "rev-parse", "HEAD")
    monkeypatch.setattr(tool, "wheel", lambda ref: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tool.release("1.2.0")
    assert git(tool.ROOT, "rev-parse", "HEAD") == before
    assert git(tool.ROOT, "status", "--porcelain") == git(tool.ROOT, "tag") == ""


def test_all_that_is_in_the_way_is_said_at_once(tool):
    git(tool.ROOT, "tag", "v1.1.0")
    git(tool.ROOT, "switch", "-q", "-c", "another")
    (tool.ROOT / "notes").write_text("not committed")
    (tool.ROOT / "CHANGELOG.md").write_text("## [Unreleased]\n\n## [1.1.0]\n\n- one\n")
    with pytest.raises(ValueError) as error:
        tool.check("1.1.0")
    for words in ("1.2.0 or later", "?? notes", "branch is another", "tag v1.1.0 exists", "nothing under [Unreleased]"):
        assert words in str(error.value)
    with pytest.raises(ValueError, match=r"VERSION=none: three numbers are needed, e\.g\. 1\.2\.0"):
        tool.check("none")
