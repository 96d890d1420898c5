"""Files that must stay in step: dependencies and pins, pages and their sources, the repository's one address."""

import hashlib
import json
import re
import subprocess
import tomllib

import pytest
import yaml

from convscale.pages.sources import files_in
from convscale.paths import CHECKOUT

PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
LOCK = (CHECKOUT / "requirements.lock").read_text().splitlines()
TRIO = {"torch": "2.9.0", "torchvision": "0.24.0", "torch_xla": "2.9.0"}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement(text: str) -> str:
    """Name of a requirement such as "timm>=1.0.20"."""
    return normal(re.match(r"[A-Za-z0-9._-]+", text).group())


def pins() -> dict[str, str]:
    lines = [line.split(";")[0].strip() for line in LOCK if line.strip() and not line.startswith("#")]
    return {normal(name): version for name, version in (line.split("==") for line in lines)}


def test_every_line_of_the_lock_is_one_exact_version():
    for line in LOCK:
        assert re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.!+]*( ; .+)?", line), line


def test_no_address_in_the_lock():
    assert not any("://" in line or " @ " in line or line.startswith("-") for line in LOCK)


def test_every_dependency_and_extra_is_pinned():
    wanted = {requirement(text) for text in PROJECT["dependencies"]}
    for texts in PROJECT["optional-dependencies"].values():
        wanted |= {requirement(text) for text in texts}
    assert wanted - {"convscale"} - pins().keys() == set()


def test_pins_satisfy_what_pyproject_asks_for():
    packaging = pytest.importorskip("packaging.requirements")
    texts = [*PROJECT["dependencies"], *(t for extra in PROJECT["optional-dependencies"].values() for t in extra)]
    for asked in map(packaging.Requirement, texts):
        if normal(asked.name) != "convscale":
            assert asked.specifier.contains(pins()[normal(asked.name)], prereleases=True), str(asked)


def test_every_package_is_installed():
    listed = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = {file.parent.relative_to(CHECKOUT / "lib") for file in files_in(CHECKOUT / "lib/convscale", "*.py")}
    assert {".".join(folder.parts) for folder in folders} | {"convscale._data"} == set(listed)


def test_trio_is_exact_and_matched():
    found = pins()
    assert {name: found[normal(name)] for name in TRIO} == TRIO
    asked = {text.partition(" ;")[0] for text in PROJECT["optional-dependencies"]["all"]}
    assert {f"{name}=={version}" for name, version in TRIO.items()} <= asked


def test_conda_environment_refers_to_the_lock():
    environment = yaml.safe_load((CHECKOUT / "environment.yml").read_text())
    python, pip = environment["dependencies"][:2]
    (nested,) = [d["pip"] for d in environment["dependencies"] if isinstance(d, dict)]
    assert python == f"python={PROJECT['requires-python'].removeprefix('>=')}" and pip == "pip"
    assert "-r requirements.lock" in nested and "-e ." in nested
    assert all(text.startswith("-") for text in nested)  # no version stands here a second time


def test_workflows_and_makefile_use_the_same_python():
    asked = PROJECT["requires-python"].removeprefix(">=")
    assert f"for python in .venv/bin/python python{asked} " in (CHECKOUT / "tools/environment.sh").read_text()
    for workflow in (CHECKOUT / ".github/workflows").glob("*.yml"):
        assert set(re.findall(r'python-version: "([\d.]+)"', workflow.read_text())) <= {asked}, workflow.name


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [name for name in done.stdout.split("\0") if name and (CHECKOUT / name).is_file()]


def test_the_repositorys_address_stands_in_one_place():
    """Committed notebooks and the book repeat it, because they are made from _config.yml."""
    home = yaml.safe_load((CHECKOUT / "_config.yml").read_text())["repository"]["url"]
    address = re.compile(re.escape(home.removeprefix("https://")), re.IGNORECASE)
    holders = [
        name
        for name in tracked()
        if not name.endswith(".ipynb") and address.search((CHECKOUT / name).read_bytes().decode(errors="ignore"))
    ]
    assert holders == ["_config.yml"]


def test_committed_notebooks_install_from_that_address():
    home = yaml.safe_load((CHECKOUT / "_config.yml").read_text())["repository"]
    for name in sources():
        first = notebook(name)["cells"][0]
        assert f"git+{home['url']}@{home['branch']}" in "".join(first["source"]), name


def sources() -> list[str]:
    folder = CHECKOUT / "notebooks"
    return sorted(str(path.relative_to(folder).with_suffix("")) for path in files_in(folder, "*.md"))


def notebook(name: str) -> dict:
    return json.loads((CHECKOUT / "book" / f"{name}.ipynb").read_text())


def test_every_source_has_an_executed_page_made_from_it():
    assert sources()
    for name in sources():
        made = notebook(name)["metadata"]["convscale"]
        text = (CHECKOUT / "notebooks" / f"{name}.md").read_bytes()
        assert made["source"] == f"notebooks/{name}.md"
        assert made["source_sha256"] == hashlib.sha256(text).hexdigest(), f"{name}: run `convscale page publish {name}`"


def test_executed_pages_are_whole():
    for name in sources():
        code = [cell for cell in notebook(name)["cells"] if cell["cell_type"] == "code"]
        code = [cell for cell in code if "nbval-skip" not in cell["metadata"].get("tags", ())]  # only offered
        assert all(cell["execution_count"] for cell in code if "".join(cell["source"]).strip()), name
        assert not any(out["output_type"] == "error" for cell in code for out in cell["outputs"]), name
        assert not any(out.get("name") == "stderr" for cell in code for out in cell["outputs"]), name


def test_no_picture_of_an_executed_page_needs_the_books_style_to_have_a_size():
    """Without it a browser draws an SVG as wide as the page, as in JupyterLab and on Colab."""
    unsized = re.compile(r'<svg(?= )(?![^>]*\bwidth="\d)(?! class="sf-[gm][ "])[^>]*>')
    for name in sources():
        for cell in notebook(name)["cells"]:
            for output in cell.get("outputs", ()):
                html = "".join(output.get("data", {}).get("text/html", ""))
                assert not unsized.findall(html), name
                assert 'class="sf-g' not in html or ":where(.sf-g){width:1em;height:1em}" in html, name


def test_no_notebook_without_a_source():
    made = {str(p.relative_to(CHECKOUT / "book").with_suffix("")) for p in files_in(CHECKOUT / "book", "*.ipynb")}
    assert {name for name in made if not name.endswith(".partial")} == set(sources())


def test_contents_and_pages_agree():
    toc = yaml.safe_load((CHECKOUT / "_toc.yml").read_text())
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    chapters += [section for chapter in chapters for section in chapter.get("sections", ())]
    listed = [toc["root"], *(chapter["file"] for chapter in chapters)]
    there = {
        str(path.relative_to(CHECKOUT).with_suffix(""))
        for ending in ("md", "ipynb")
        for path in (CHECKOUT / "book").rglob(f"*.{ending}")
        if not path.name.endswith(".partial.ipynb")
    }
    assert len(listed) == len(set(listed)) and set(listed) == there


def test_no_file_names_a_folder_of_the_makers():
    """Paths of one machine help nobody else."""
    private = re.compile(rb"/(work|home|root)/\w")
    holders = [name for name in tracked() if private.search((CHECKOUT / name).read_bytes())]
    assert holders == [__file__.removeprefix(f"{CHECKOUT}/")] or holders == []
