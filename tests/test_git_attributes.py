"""What git makes of the project's files on a machine where a person has set it up in another way."""

import os
import shutil
import subprocess

import pytest

from convscale.paths import CHECKOUT

FILES = {
    "page.ipynb": b'{"outputs": []}\n',
    "page.md": b"# Title\n",
    "run.sh": b"true\n",
    "image.png": b"\x89PNG\r\n\x00",
}


@pytest.fixture
def git(tmp_path, monkeypatch):
    """Git of somebody with CRLF line ends and a filter that strips every notebook, in a new repository."""
    (tmp_path / "config").write_text(
        "[user]\nname = a\nemail = a@example.org\n[core]\nautocrlf = true\n"
        f'attributesFile = {tmp_path / "attributes"}\n[filter "strip"]\nclean = echo stripped\n'
    )
    (tmp_path / "attributes").write_text("*.ipynb filter=strip\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    for name in [name for name in os.environ if name.startswith("GIT_") and name != "GIT_CONFIG_GLOBAL"]:
        monkeypatch.delenv(name)
    (tmp_path / "repository").mkdir()

    def run(*words: str) -> None:
        subprocess.run(["git", *words], cwd=tmp_path / "repository", check=True, capture_output=True)

    run("init", "-q")
    return run


@pytest.mark.parametrize("attributes", [True, False])
def test_files_come_back_as_they_were(git, tmp_path, attributes):
    folder = tmp_path / "repository"
    if attributes:
        shutil.copyfile(CHECKOUT / ".gitattributes", folder / ".gitattributes")
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    git("add", "-A")
    git("commit", "-q", "-m", "as they are")
    for name in FILES:
        (folder / name).unlink()
    git("checkout", "--", *FILES)
    same = {name for name, content in FILES.items() if (folder / name).read_bytes() == content}
    assert same == (FILES.keys() if attributes else {"image.png"})
