"""Release a version: `make release VERSION=0.1.0`. Nothing leaves this machine; it ends by saying what to push.

One commit sets the version, the changelog's section, the citation and, in _config.yml, the tag in place of the branch,
so that launch buttons and the first cell of every committed page take the tag. It is tagged, and its wheel built. A
second commit goes back to the branch and to the next version's development. Pages are not executed.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import yaml

from convscale.pages.setup_cell import setup_cell
from convscale.pages.sources import files_in

ROOT = Path(__file__).resolve().parents[1]
VERSION = "lib/convscale/__init__.py"
FORM = re.compile(r"(\d+)\.(\d+)\.(\d+)")
UNRELEASED = "## [Unreleased]\n"


def git(*command: str) -> str:
    done = subprocess.run(["git", "-C", ROOT, *command], capture_output=True, text=True)
    if done.returncode:
        raise ValueError(f"git {' '.join(command)}: {done.stderr.strip()}")
    return done.stdout.strip()


def replaced(name: str, pattern: str, by: str) -> None:
    """Write the file with the one place that matches `pattern` changed. Raises ValueError where there is no such."""
    text, count = re.subn(pattern, by, (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    if count != 1:
        raise ValueError(f"{name}: {count} places look like {pattern!r}, one is needed")
    (ROOT / name).write_text(text, encoding="utf-8")


def present() -> str:
    return re.search(r'^__version__ = "(.+)"$', (ROOT / VERSION).read_text(encoding="utf-8"), re.MULTILINE)[1]


def home() -> dict[str, str]:
    return yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]


def section() -> str:
    """What the changelog says of the version to come."""
    return (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").partition(UNRELEASED)[2].partition("\n## [")[0].strip()


def check(version: str) -> None:
    """Raises ValueError with all that stands in the way of releasing `version`."""
    faults = []
    number, developed = FORM.fullmatch(version), FORM.match(present())
    if not number:
        faults.append(f"VERSION={version}: three numbers are needed, e.g. {developed[0]}")
    elif not present().endswith(".dev0") or [*map(int, number.groups())] < [*map(int, developed.groups())]:
        faults.append(f"VERSION={version}: {present()} is under way, whose release is {developed[0]} or later")
    if changes := git("status", "--porcelain"):
        faults.append(f"commit or remove first:\n{changes}")
    if (branch := git("branch", "--show-current")) != home()["branch"]:
        faults.append(f"the branch is {branch or 'none'}: releases are made on {home()['branch']}")
    if git("tag", "--list", f"v{version}"):
        faults.append(f"tag v{version} exists")
    if not section():
        faults.append("CHANGELOG.md says nothing under [Unreleased]")
    if faults:
        raise ValueError("\n".join(faults))


def pin(version: str, ref: str) -> None:
    """Make the tree that of `version`, with launch buttons and committed pages that take the code of `ref`."""
    replaced(VERSION, r'^__version__ = ".*"$', f'__version__ = "{version}"')
    replaced("_config.yml", r"^  branch: .*$", f"  branch: {ref}")
    for file in files_in(ROOT / "book", "*.ipynb"):
        page = nbformat.read(file, 4)
        first = page.cells[0]
        if not first.source.startswith("# On Colab"):
            raise ValueError(f"{file.relative_to(ROOT)} does not begin with the cell that installs the library")
        first.source = setup_cell(home()).source
        nbformat.write(page, file)


def wheel(ref: str) -> Path:
    """The wheel of what is committed at `ref`, in _build/dist: never of what an earlier build left in the tree."""
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(["git", "-C", ROOT, "archive", ref], stdout=subprocess.PIPE, check=True)
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", ROOT / "_build/dist"]
        subprocess.run([sys.executable, "-m", "pip", "wheel", *options, folder], check=True)
    return max((ROOT / "_build/dist").glob("*.whl"), key=lambda file: file.stat().st_mtime)


def release(version: str) -> Path:
    """Both commits, the tag and the wheel, whose path it returns; where one fails everything is as before."""
    before, branch, tag = git("rev-parse", "HEAD"), home()["branch"], f"v{version}"
    today = datetime.now(UTC).date().isoformat()
    major, minor, _ = version.split(".")
    try:
        pin(version, tag)
        replaced("CITATION.cff", r"^version: .*$(\ndate-released: .*)?", f"version: {version}\ndate-released: {today}")
        replaced("CHANGELOG.md", re.escape(UNRELEASED), f"{UNRELEASED}\n## [{version}] - {today}\n")
        git("commit", "--quiet", "--all", "-m", f"Version {version}")
        made = wheel("HEAD")
        pin(f"{major}.{int(minor) + 1}.0.dev0", branch)
        git("tag", "--annotate", tag, "-m", f"Version {version}")
        git("commit", "--quiet", "--all", "-m", f"After version {version}")
    except BaseException:
        git("reset", "--quiet", "--hard", before)
        if git("tag", "--list", tag):
            git("tag", "--delete", tag)
        raise
    return made


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("version")
    words.add_argument("--check", action="store_true", help="say what is in the way, and change nothing")
    args = words.parse_args()
    try:
        check(args.version)
        if args.check:
            print(f"release: nothing is in the way of {args.version}")
            return
        branch, made = home()["branch"], release(args.version)
    except (ValueError, subprocess.CalledProcessError) as error:
        sys.exit(f"release: {error}")
    print(
        f"release: v{args.version} is tagged. To publish it:\n"
        f"  git push origin {branch} v{args.version}\n"
        f"  attach {made.relative_to(ROOT)} to the release, and run the workflow `publish` on v{args.version}\n"
        f"To take it back instead: git tag -d v{args.version} && git reset --hard HEAD~2"
    )


if __name__ == "__main__":
    main()
