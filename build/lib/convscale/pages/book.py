"""The book on this machine: pages run at smoke scale, and the HTML with their results beside the published ones.

Everything happens below _build/, so the committed pages and the git tree stay as they are. What has not changed
is not done again.
"""

import filecmp
import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ..errors import check_name
from ..paths import checkout
from .notebook import defaults, read_page, run_page
from .sources import sources

INPUTS = ("lib", "data", "_config.yml")  # what a page's outputs depend on, beside its source and parameters


def build() -> Path:
    """The folder of everything that is made here."""
    return checkout() / "_build"


def digest(*paths: Path) -> str:
    """Hash of files and of all files in folders, with their names."""
    total = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                total.update(str(file.relative_to(checkout())).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def unless_unchanged(output: Path, stamp: Path, state: str, work: Callable[[], object]) -> bool:
    """Do `work` and note `state` in `stamp`, unless that is noted there and `output` exists; True if it was done."""
    if output.exists() and stamp.exists() and stamp.read_text() == state:
        return False
    stamp.unlink(missing_ok=True)
    work()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(state)
    return True


def timed(what: str, work: Callable[[], bool]) -> None:
    start = time.perf_counter()
    done = work()
    print(f"{time.perf_counter() - start:7.1f} s  {what}{'' if done else ' (unchanged)'}", flush=True)


def stage() -> Path:
    """A copy of the book's sources in which the pages are those executed here; only changed files are touched."""
    root, folder = checkout(), build() / "book"
    wanted = {Path(name): root / name for name in ("_config.yml", "_toc.yml")}
    wanted |= {f.relative_to(root): f for f in (root / "book").rglob("*") if f.is_file()}
    wanted |= {Path("book", f"{name}.ipynb"): build() / "pages" / f"{name}.ipynb" for name in sources()}
    for place, source in wanted.items():
        target = folder / place
        if not (target.exists() and filecmp.cmp(source, target, shallow=False)):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    for file in folder.rglob("*"):
        if file.is_file() and file.relative_to(folder) not in wanted:
            file.unlink()
    return folder


def render(source: Path, output: Path) -> None:
    """Build `source` to `output`/html with every warning an error. Raises RuntimeError with Sphinx's words."""
    program = Path(sys.executable).with_name("jupyter-book")  # of this environment, whatever PATH says
    command: list[str | Path] = [program, "build", source, "--path-output", output]
    done = subprocess.run([*command, "-W", "-n", "--keep-going", "-q"], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the book did not build:\n{done.stdout}{done.stderr}")


def make_book(parameters: dict) -> Path:
    """Run every page with those of `parameters` that it has, build the HTML, print how long each step took.

    Returns the start page. Raises ValueError for a parameter that no page has.
    """
    accepted = {name: defaults(read_page(name)) for name in sources()}
    for parameter in parameters:
        check_name("page parameter", parameter, sorted(set().union(*accepted.values())))
    state = digest(*(checkout() / name for name in INPUTS))
    for name, source in sources().items():
        output = build() / "pages" / f"{name}.ipynb"
        given = {k: v for k, v in parameters.items() if k in accepted[name]}
        inputs = json.dumps([state, digest(source), given])
        work = partial(run_page, name, output, given)
        timed(f"page {name}", partial(unless_unchanged, output, output.with_suffix(".state"), inputs, work))
    folder, start = stage(), build() / "html" / "index.html"
    inputs = json.dumps([state, digest(folder)])  # the extension that renders is in lib/
    timed("HTML", partial(unless_unchanged, start, build() / "html.state", inputs, partial(render, folder, checkout())))
    return start
