"""`convscale book`: every page is run, and again only where something that it rests on has changed."""

import os
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import yaml

from convscale import paths
from convscale.pages import book
from convscale.pages.book import Work, do_all, make_book

PAGE = "# A page\n\n```{code-cell}\n:tags: [parameters]\n\nscale = 'smoke'\n```\n"
SEEDED = PAGE.replace("'smoke'", "'smoke'\nseeds = 2")


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with the pages "seeded", which has the parameter seeds, and "other"."""
    files = {"notebooks/other.md": PAGE, "notebooks/seeded.md": SEEDED, "lib/code.py": "1", "data/x.csv": "1"}
    files |= {"book/intro.md": "# Hello", "_toc.yml": "root: book/intro"}
    files["_config.yml"] = yaml.safe_dump({"repository": {"url": "https://example.org/us/it", "branch": "trunk"}})
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(paths, "CHECKOUT", tmp_path)
    return tmp_path


@pytest.fixture
def done(checkout, monkeypatch):
    """What was run and rendered, with nothing behind it; every run of a page leaves another notebook."""
    done = []

    def run_page(name, output, parameters):
        if "wrong" in (checkout / f"notebooks/{name}.md").read_text():
            raise ValueError(f"{name} is wrong")
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(f"{name}: {sum(isinstance(what, tuple) for what in done)}")
        done.append((name, parameters))

    def render(source, output):
        (output / "_build/html").mkdir(parents=True, exist_ok=True)
        text = (source / "book/seeded.ipynb").read_text()
        (output / "_build/html/index.html").write_text(text)
        done.append("HTML")

    monkeypatch.setattr(book, "run_page", run_page)
    monkeypatch.setattr(book, "render", render)
    monkeypatch.setattr(book, "side_by_side", lambda works: ThreadPoolExecutor(1))  # one after the other, here
    return done


def test_pages_run_with_the_parameters_that_they_have(done):
    start = make_book({"seeds": 5})
    assert done == [("other", {}), ("seeded", {"seeds": 5}), "HTML"]
    assert start.read_text() == "seeded: 1"
    with pytest.raises(ValueError, match=r"unknown page parameter 'seed': did you mean seeds"):
        make_book({"seed": 5})


BOTH = ["other", "seeded", "HTML"]


@pytest.mark.parametrize(
    ("file", "again"),
    [
        ("lib/code.py", BOTH),
        ("data/x.csv", BOTH),
        ("_config.yml", BOTH),
        ("notebooks/seeded.md", ["seeded", "HTML"]),
        ("book/intro.md", ["HTML"]),
        ("lib/__pycache__/code.pyc", []),
        ("lib/.ipynb_checkpoints/code-checkpoint.py", []),  # of JupyterLab, beside what it saves
        ("notebooks/.ipynb_checkpoints/seeded-checkpoint.md", []),
        ("book/.ipynb_checkpoints/intro-checkpoint.md", []),
        (None, []),
    ],
)
def test_what_rests_on_a_changed_file_is_made_again(done, checkout, file, again):
    make_book({})
    done.clear()
    if file:
        (checkout / file).parent.mkdir(exist_ok=True)
        with (checkout / file).open("a") as changed:
            changed.write("\n")
    make_book({})
    assert [what if isinstance(what, str) else what[0] for what in done] == again


def test_other_parameters_run_the_pages_that_have_them(done):
    make_book({})
    done.clear()
    make_book({"seeds": 3})
    assert done == [("seeded", {"seeds": 3}), "HTML"]


@pytest.mark.parametrize("change", ["another's", "deleted"])
@pytest.mark.parametrize("output", ["html/page.html", "html/index.html", "pages/seeded.ipynb"])
def test_what_others_have_changed_is_made_again(done, checkout, output, change):
    """As `jupyter-book build .` changes it, which writes to the same place."""
    make_book({})
    (checkout / "_build/html/page.html").write_text("another's")  # nor does a page stay that only others made
    make_book({})
    done.clear()
    file = checkout / "_build" / output
    file.write_text(change) if change != "deleted" or not file.exists() else file.unlink()
    start = make_book({})
    assert done[-1] == "HTML" and start.read_text().startswith("seeded: ")
    assert not (checkout / "_build/html/page.html").exists()
    done.clear()
    make_book({})
    assert done == []


def test_a_folder_that_nobody_may_write_into_is_said_once_and_before_the_first_page(done, checkout):
    (checkout / "_build").write_text("no folder")
    with pytest.raises(OSError, match=r"cannot write into .*_build \(.*\): a book is made in a checkout of your own"):
        make_book({})
    assert done == []


@pytest.mark.parametrize("value", [{"seeds": 0}, {"scale": "tiny"}])
def test_a_value_that_no_page_takes_is_refused_before_the_first(done, value):
    with pytest.raises(ValueError, match=r"page seeded: seeds = 0: a whole number|page other: unknown scale 'tiny'"):
        make_book(value)
    assert done == []


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_is_killed_is_a_fault_with_words(tmp_path, capsys):
    with pytest.raises(RuntimeError, match=r"1 of 1 failed:\na: a process was killed, most likely because"):
        do_all([Work("a", tmp_path / "a", tmp_path / "a.state", "", killed)])
    assert capsys.readouterr().out.endswith("a: FAILED\n")


def test_a_page_that_fails_stops_no_other_and_all_failures_are_named(done, checkout, capsys):
    for name in ("broken", "seeded"):
        (checkout / f"notebooks/{name}.md").write_text(SEEDED + "wrong")
    with pytest.raises(RuntimeError, match="2 of 3 failed:\npage broken: ValueError: broken is wrong\npage seeded: V"):
        make_book({})
    assert done == [("other", {})]
    assert [line.endswith("FAILED") for line in capsys.readouterr().out.splitlines()] == [True, False, True]
    done.clear()
    for name in ("broken", "seeded"):
        (checkout / f"notebooks/{name}.md").write_text(SEEDED)
    make_book({})
    assert done == [("broken", {}), ("seeded", {}), "HTML"]


def test_works_run_side_by_side_in_processes(tmp_path, capsys):
    (tmp_path / "source").write_text("it")
    copies = [partial(shutil.copyfile, tmp_path / "source", tmp_path / name) for name in "ab"]
    copies.append(partial(shutil.copyfile, tmp_path / "absent", tmp_path / "c"))
    works = [Work(n, tmp_path / n, tmp_path / f"{n}.state", "", do) for n, do in zip("abc", copies, strict=True)]
    with pytest.raises(RuntimeError, match=r"1 of 3 failed:\nc: FileNotFoundError: .*absent"):
        do_all(works)
    assert [(tmp_path / name).exists() for name in ("a", "b", "c", "a.state", "c.state")] == [
        True,
        True,
        False,
        True,
        False,
    ]
    assert sorted(line.split()[-1] for line in capsys.readouterr().out.splitlines()) == ["FAILED", "a", "b"]
    do_all(works[:2])
    assert "core-s" not in capsys.readouterr().out
