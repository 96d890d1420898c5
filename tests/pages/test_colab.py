"""A page where only its own first cell installs convscale, as on Colab. Nothing is downloaded."""

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import nbformat
import papermill
import pytest
import yaml
from PIL import Image

from convscale import paths
from convscale.pages import setup_cell
from convscale.pages.notebook import bake, read_page
from convscale.paths import CHECKOUT

OURS = ("convscale", "__editable__")


@pytest.fixture(scope="module")
def colab(tmp_path_factory) -> Path:
    """Python of a new environment that has every installed package but convscale, as Colab's has torch and the rest."""
    root = tmp_path_factory.mktemp("colab")
    packages = root / "packages"
    packages.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.lower().startswith(OURS) and entry.suffix != ".pth":
            (packages / entry.name).symlink_to(entry)
    venv.create(root / "env", with_pip=False, symlinks=True)
    site = next((root / "env/lib").glob("python*/site-packages"))
    (site / "others.pth").write_text(f"{packages}\n")
    return root / "env/bin/python"


@pytest.fixture
def clone(tmp_path) -> str:
    """A git repository of the files as they are here, as pip takes it."""
    copy = tmp_path / "clone"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (CHECKOUT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(CHECKOUT / name, copy / name)
    identity = ["-c", "user.name=us", "-c", "user.email=us@example.org"]
    for command in (["init", "-q", "-b", "trunk"], ["add", "-A"], [*identity, "commit", "-q", "-m", "as it is"]):
        subprocess.run(["git", *command], cwd=copy, check=True)
    return f"file://{copy}"


@pytest.fixture
def kernel(colab, tmp_path, monkeypatch) -> str:
    """Name of a Jupyter kernel in that environment, away from this checkout and this person's folders."""
    spec = tmp_path / "jupyter/kernels/colab"
    spec.mkdir(parents=True)
    (tmp_path / "home").mkdir()
    argv = [str(colab), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Colab", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_NO_BUILD_ISOLATION", "0")  # pip reads it upside down: 0 = build with what is installed
    for name in ("PYTHONPATH", "VIRTUAL_ENV"):
        monkeypatch.delenv(name, raising=False)
    return "colab"


# Everything that the rooms of the library offer, and where it came from.
PROBE = """
import importlib, pkgutil
import convscale, convscale.paths as p, torch

for room in pkgutil.iter_modules(convscale.__path__, "convscale."):
    if room.ispkg:
        there = importlib.import_module(room.name)
        offered = [getattr(there, name) for name in getattr(there, "__all__", ())]
        print(room.name, len(offered))
print(convscale.__file__, p.DATA, torch.__file__, sep="\\n")
"""


def check_commands(python: Path, folder: Path) -> None:
    """What the library answers wherever it is installed, outside a clone."""
    for split, count in (("train", 4), ("test", 2)):
        for grey in (50, 200):
            (folder / f"images/{split}/{grey}").mkdir(parents=True)
            for i in range(count):
                Image.new("RGB", (32, 32), (grey, grey, 9 * i)).save(folder / f"images/{split}/{grey}/{i}.png")
    train = (
        "train --model efficientnetv2-tiny --data images --schedule v2-s:paper --epochs 1 --batch-size 4 --device cpu"
    )
    said = {}
    for command in ("paper v2:13", "claims v2-table7-flops", "show efficientnetv2-s", "recipes v2-s:paper", train):
        done = subprocess.run([python, "-m", "convscale", *command.split()], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        said[command] = done.stdout
    assert "84.3" in said["paper v2:13"] and "56.08 against 53" in said["claims v2-table7-flops"]
    (weights,) = (folder / "runs/train").glob("*/best.safetensors")
    evaluate = [python, "-m", "convscale", "evaluate", "--weights", weights, "--data", "images/test"]
    assert "top-1" in subprocess.run(evaluate, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_page_installs_convscale_and_runs(colab, clone, kernel, small_checkout, tmp_path, monkeypatch):
    assert subprocess.run([colab, "-c", "import convscale"], cwd=tmp_path, capture_output=True).returncode != 0
    (small_checkout / "_config.yml").write_text(yaml.safe_dump({"repository": {"url": clone, "branch": "trunk"}}))
    monkeypatch.setattr(paths, "CHECKOUT", small_checkout)
    notebook = read_page("small")
    bake(notebook, {"seeds": 1, "device": "cpu"})
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab")
    monkeypatch.delenv("CONVSCALE_RECORDS")  # so that nothing is found in a store
    notebook.cells.append(nbformat.v4.new_code_cell(PROBE))
    done = papermill.execute_notebook(
        notebook, tmp_path / "there.ipynb", kernel_name=kernel, cwd=str(tmp_path), progress_bar=False
    )
    *rooms, where, data, torch_file = done.cells[-1].outputs[0]["text"].splitlines()
    folders = {f"convscale.{p.parent.name}" for p in (CHECKOUT / "lib/convscale").glob("*/__init__.py")}
    assert {room.split()[0] for room in rooms} == folders
    assert [room for room in rooms if room.endswith(" 0")] == ["convscale.cli 0"]  # which offers a program
    site = next((colab.parents[1] / "lib").glob("python*/site-packages"))
    assert Path(where) == site / "convscale/__init__.py"
    assert Path(data) == site / "convscale/_data"
    assert (site / "convscale/_data/claims.yml").exists()
    assert (site / "convscale/_data/paper/efficientnetv2_table13.csv").exists()
    published = {p.name for p in (CHECKOUT / "data/records").rglob("*.json")}
    assert {p.name for p in (site / "convscale/_data/records").rglob("*.json")} == published
    assert not torch_file.startswith(str(site))  # torch was left alone
    assert len(list((tmp_path / "home/.cache/convscale/records").rglob("*.json"))) == 2  # one of each arm
    check_commands(colab, tmp_path)
    outputs = [o.data for c in done.cells for o in c.get("outputs", []) if "data" in o]
    assert sum(":name: tbl-v2-table13\n" in data.get("text/markdown", "") for data in outputs) == 1


HOME = {"url": "https://example.org/us/it", "branch": "v1.2.0"}


@pytest.fixture
def calls(monkeypatch):
    """Commands that the first cell has started; none is carried out."""
    calls = []
    monkeypatch.setattr(subprocess, "run", lambda command, check: calls.append(command))
    return calls


@pytest.mark.parametrize("tag", [None, "release-colab"])
def test_first_cell_does_nothing_where_everything_is_there(monkeypatch, calls, tag):
    if tag:
        monkeypatch.setenv("COLAB_RELEASE_TAG", tag)
    exec(setup_cell.setup_cell(HOME).source, {})
    assert calls == []


def test_first_cell_leaves_dependencies_alone(monkeypatch, calls):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab")
    exec(setup_cell.setup_cell(HOME).source, {})
    (command,) = calls
    assert command[:5] == [sys.executable, "-m", "pip", "install", "-q"] and "--no-deps" in command
    assert "git+https://example.org/us/it@v1.2.0" in command and "torch" not in command


def test_first_cell_installs_nothing_on_a_readers_machine(monkeypatch, calls):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'convscale @ git\+https://example.org/us/it@v1.2.0'"):
        exec(setup_cell.setup_cell(HOME).source, {})
    assert calls == []


def test_medium_is_offered_with_what_is_known_of_its_time(monkeypatch, record):
    words, code = setup_cell.medium_cells("v2_table13")
    assert "!convscale experiment run v2_table13 --scale medium" in code.source
    assert "nbval-skip" in code.metadata["tags"]
    assert "is not known" in words.source
    monkeypatch.setattr(setup_cell, "records_of", lambda sweep, store: [record(), record()])
    assert "2 runs in 2 minutes on a processor" in setup_cell.medium_cells("v2_table13")[0].source
    assert setup_cell.medium_cells("v2_table13_first") == []
    with pytest.raises(ValueError, match="unknown experiment 'v2_table31': did you mean v2_table13"):
        setup_cell.medium_cells("v2_table31")
