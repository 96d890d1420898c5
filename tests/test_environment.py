"""`make book` on other machines: which Python it takes, what it says first, and what the pins ask for there."""

import subprocess
import sys
from importlib.metadata import distribution

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from convscale.paths import CHECKOUT

NAMES = ("python3.11", "python3.12", "python3.13")
SHIM = "#!/bin/sh\necho 'pyenv: command not found' >&2\nexit 127\n"
# Answers as Python does; makes an environment of itself, and only notes what pip is told
WORKING = f"""#!/bin/sh
case "$1 $2" in
"-m venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python && echo "$(basename "$0")" > made-by ;;
"-m pip") echo "$@" >> pip ;;
*) exec {sys.executable} "$@" ;;
esac
"""


@pytest.fixture
def machine(tmp_path):
    """`machine(working, *arguments, **environment)`: the script where only `working` interpreters start."""
    programs = tmp_path / "bin"
    programs.mkdir()

    def run(working, *arguments, uname=("Linux", "x86_64"), **environment):
        for name in {*NAMES, *working}:
            (programs / name).write_text(WORKING if name in working else SHIM)
        (programs / "uname").write_text(f'#!/bin/sh\n[ "$1" = -s ] && echo {uname[0]} || echo {uname[1]}\n')
        for program in programs.iterdir():
            program.chmod(0o755)
        return subprocess.run(
            ["sh", CHECKOUT / "tools/environment.sh", *arguments],
            cwd=tmp_path,
            env={"PATH": f"{programs}:/usr/bin:/bin", **environment},
            capture_output=True,
            text=True,
        )

    return run


@pytest.mark.parametrize("working", [NAMES, NAMES[1:], NAMES[2:]])
def test_the_first_python_that_starts_is_taken(machine, tmp_path, working):
    done = machine(working, "--extra-index-url", "an address")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "made-by").read_text() == f"{working[0]}\n"
    assert "a new one downloads" in done.stdout and "are free" in done.stdout
    pins, ours = (tmp_path / "pip").read_text().splitlines()
    assert pins.endswith("-r requirements.lock --extra-index-url an address")
    assert ours.endswith("--no-deps --no-build-isolation --editable .")


def test_without_one_it_says_which_are_needed(machine, tmp_path):
    done = machine(())
    assert done.returncode == 1 and not (tmp_path / ".venv").exists()
    assert "python3.11, python3.12 and python3.13" in done.stderr and "PYTHON=/path/to/python" in done.stderr


def test_a_python_that_is_named_wins(machine, tmp_path):
    assert machine((*NAMES, "mine"), PYTHON="mine").returncode == 0
    assert (tmp_path / "made-by").read_text() == "mine\n"
    done = machine(NAMES, PYTHON="another")
    assert done.returncode == 1 and "PYTHON=another does not start" in done.stderr


def test_an_environment_that_is_there_is_completed(machine, tmp_path):
    (tmp_path / ".venv/bin").mkdir(parents=True)
    for text, made_anew in ((WORKING, False), (SHIM, True)):
        (tmp_path / ".venv/bin/python").write_text(text)
        (tmp_path / ".venv/bin/python").chmod(0o755)
        assert machine(NAMES).returncode == 0
        assert (tmp_path / "made-by").exists() == made_anew


def test_a_machine_without_builds_is_told_so_before_anything_is_made(machine, tmp_path):
    done = machine(NAMES, uname=("Darwin", "x86_64"))
    assert done.returncode == 1 and "Darwin on x86_64" in done.stderr and not (tmp_path / ".venv").exists()


LOCK = CHECKOUT / "requirements.lock"
PINS = [Requirement(line) for line in LOCK.read_text().splitlines() if not line.startswith("#")]
CUDA = ("nvidia-", "triton")
# What is not pinned, as it is asked for there and not where the pins are made: papermill's, and ipykernel's
ELSEWHERE = {"3.12": {"aiohttp"}, "darwin": {"appnope"}}


def machine_of(platform: str, processor: str, python: str) -> dict:
    system = {"linux": "Linux", "darwin": "Darwin"}[platform]
    return default_environment() | {
        "sys_platform": platform,
        "platform_system": system,
        "platform_machine": processor,
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "extra": "",
    }


# Debian 12 has 3.11.2
@pytest.mark.parametrize("python", ["3.11.2", "3.12.0", "3.13.0"])
@pytest.mark.parametrize("where", [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64")])
def test_pins_fit_together_wherever_they_are_installed(where, python):
    """By the metadata of what is installed here, read as another machine's pip reads it."""
    there = machine_of(*where, python)
    pinned = {canonicalize_name(r.name): r.specifier for r in PINS if r.marker is None or r.marker.evaluate(there)}
    missing = set()
    for name in pinned.keys() - ({"torch-xla"} if where != ("linux", "x86_64") else set()):
        package = distribution(name)
        assert python in SpecifierSet(package.metadata.get("Requires-Python", "")), name
        for needed in map(Requirement, package.requires or ()):
            if needed.marker is not None and not needed.marker.evaluate(there):
                continue
            if (other := canonicalize_name(needed.name)) not in pinned:
                missing.add(other)
            else:
                (pin,) = pinned[other]
                assert needed.specifier.contains(pin.version, prereleases=True), f"{name} needs {needed}"
    cuda = {name for name in missing if name.startswith(CUDA)}
    assert missing - cuda <= ELSEWHERE.get(python[:4], set()) | ELSEWHERE.get(where[0], set())
    assert bool(cuda) == (where == ("linux", "x86_64") and torch_of_pypi())


def torch_of_pypi() -> bool:
    return any(needed.startswith("nvidia-") for needed in distribution("torch").requires)


def test_pins_name_no_cuda_package_and_no_address():
    assert not [r.name for r in PINS if r.name.startswith(CUDA)]
    for file in ("requirements.lock", "Makefile", "environment.yml", "pyproject.toml", "tools/environment.sh"):
        assert "://" not in (CHECKOUT / file).read_text().replace("http://localhost", ""), file
