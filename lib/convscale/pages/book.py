"""The book on this machine: pages run at smoke scale, and the HTML with their results beside the published ones.

Everything happens below _build/, so the committed pages and the git tree stay as they are. What has not changed
is not done again. Pages run side by side, each with one thread.
"""

import filecmp
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from ..devices import cores
from ..errors import KILLED, check_name
from ..files import check_writable
from ..paths import checkout
from .notebook import read_page, run_page
from .parameters import check_parameters
from .sources import files_in, parameters_of, read_cells, sources

INPUTS = ("lib", "data", "_config.yml")  # what a page's outputs depend on, beside its source and parameters


def build() -> Path:
    """The folder of everything that is made here."""
    return checkout() / "_build"


def digest(*paths: Path) -> str:
    """Hash of files and of all files in folders, with their names."""
    total = hashlib.sha256()
    for path in paths:
        for file in files_in(path) if path.is_dir() else [path]:
            total.update(str(file.relative_to(path.parent)).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


@dataclass(frozen=True)
class Work:
    """Something that makes `output`, a file or a folder, to be done again where `state`, what it rests on, or the
    output itself is another than it was.

    `do` raises what goes wrong. What was done is noted in the file `stamp`.
    """

    what: str
    output: Path
    stamp: Path
    state: str
    do: Callable[[], object]

    @property
    def note(self) -> str:
        """What `stamp` says of an output that was made here from this state."""
        return f"{self.state}\n{digest(self.output)}"

    @property
    def unchanged(self) -> bool:
        return self.output.exists() and self.stamp.exists() and self.stamp.read_text(encoding="utf-8") == self.note

    def begin_anew(self) -> None:
        """Forget what was noted, and remove a folder: what others wrote into it would be taken for ours."""
        self.stamp.unlink(missing_ok=True)
        if self.output.is_dir():
            shutil.rmtree(self.output)

    def finish(self) -> None:
        self.stamp.parent.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text(self.note, encoding="utf-8")


@dataclass(frozen=True)
class Done:
    """What a work took, in seconds by the clock and of processors, those of its children included, and its fault."""

    seconds: float
    cpu_seconds: float
    fault: str = ""

    def __str__(self) -> str:
        return f"{self.seconds:7.1f} s {self.cpu_seconds:7.1f} core-s"


def timed(do: Callable[[], object]) -> Done:
    """Do it; what it raises becomes words, which every process can hand on."""
    start, used, fault = time.perf_counter(), sum(os.times()[:4]), ""
    try:
        do()
    except Exception as error:
        fault = f"{error}" if type(error) is RuntimeError else f"{type(error).__name__}: {error}"
    return Done(time.perf_counter() - start, sum(os.times()[:4]) - used, fault)


def one_thread() -> None:
    """In a process that runs pages: as many of them as there are cores, so that each takes one.

    And sums of a network's outputs depend on how many share them, in the seventh digit.
    """
    os.environ["OMP_NUM_THREADS"] = "1"


def side_by_side(works: int) -> Executor:
    """Processes for so many works, one on each core at most."""
    return ProcessPoolExecutor(min(cores(), works), mp_context=get_context("spawn"), initializer=one_thread)


def do_all(works: list[Work]) -> None:
    """Do what is not unchanged, side by side, and print a line for each. What fails does not stop the others.

    Raises RuntimeError with all that failed.
    """
    left = []
    for work in works:
        if work.unchanged:
            print(f"{'unchanged':>25}  {work.what}", flush=True)
        else:
            work.begin_anew()
            left.append(work)
    if not left:
        return
    faults = {}
    with side_by_side(len(left)) as pool:
        futures = {pool.submit(timed, work.do): work for work in left}
        for future in as_completed(futures):
            work, died = futures[future], isinstance(future.exception(), BrokenProcessPool)
            done = Done(0, 0, KILLED) if died else future.result()
            print(f"{done}  {work.what}{': FAILED' if done.fault else ''}", flush=True)
            if done.fault:
                faults[work.what] = done.fault
            else:
                work.finish()
    if faults:
        said = "\n".join(f"{work.what}: {faults[work.what]}" for work in left if work.what in faults)
        raise RuntimeError(f"{len(faults)} of {len(works)} failed:\n{said}")


def stage() -> Path:
    """A copy of the book's sources in which the pages are those executed here; only changed files are touched."""
    root, folder = checkout(), build() / "book"
    wanted = {Path(name): root / name for name in ("_config.yml", "_toc.yml")}
    wanted |= {f.relative_to(root): f for f in files_in(root / "book")}
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
    done = subprocess.run(
        [*command, "-W", "-n", "--keep-going", "-q"],
        env=os.environ | {"PYTHONUTF8": "1"},  # sources and what is said of them, in every locale
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise RuntimeError(f"the book did not build:\n{done.stdout}{done.stderr}")


def make_book(parameters: dict) -> Path:
    """Run every page with those of `parameters` that it has, build the HTML, print what each step took.

    Returns the start page. Raises ValueError, before the first page, for a page that cannot be read, a parameter that
    no page has and a value that one of them does not take, OSError where nothing can be written, and RuntimeError with
    all pages that failed, after the last of them; what they were up to there lies beside the pages as .partial.ipynb.
    """
    for name in sources():
        read_page(name)
    accepted = {name: parameters_of(read_cells(name)) for name in sources()}
    for parameter in parameters:
        check_name("page parameter", parameter, sorted(set().union(*accepted.values())))
    given = {name: {k: v for k, v in parameters.items() if k in has} for name, has in accepted.items()}
    for name in given:
        try:
            check_parameters(name, given[name])
        except ValueError as error:
            raise ValueError(f"page {name}: {error}") from None
    check_writable(build(), remedy="a book is made in a checkout of your own, such as a clone of this one")
    state = digest(*(checkout() / name for name in INPUTS))
    pages = []
    for name, source in sources().items():
        output = build() / "pages" / f"{name}.ipynb"
        inputs = json.dumps([state, digest(source), given[name]])
        do = partial(run_page, name, output, given[name])
        pages.append(Work(f"page {name}", output, output.with_suffix(".state"), inputs, do))
    do_all(pages)
    folder, html = stage(), build() / "html"
    inputs = json.dumps([state, digest(folder)])  # the extension that renders is in lib/
    do_all([Work("HTML", html, build() / "html.state", inputs, partial(render, folder, checkout()))])
    return html / "index.html"
