"""The house: which room may know which, what each exports, and that nothing is imported before it is used."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys

import pytest

import convscale
from convscale.paths import CHECKOUT, PACKAGE
from tools.rooms import GROUND, ROOMS, imported_rooms, with_map

WITHOUT_TORCH = (
    "recipes",
    "records",
    "evidence",
    "datasets",
    "models",
    "devices",
    "augment",
    "measure",
    "pages",
    "drawing",
)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_knows_only_rooms_below_it(room):
    below = {room, *ROOMS[ROOMS.index(room) + 1 :], *GROUND, "__version__"}
    for file in (PACKAGE / room).rglob("*.py"):
        assert imported_rooms(file) <= below, file


def test_every_folder_is_a_room():
    assert {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()} == set(ROOMS)


def test_the_map_of_rooms_is_that_of_the_code():
    guide = (CHECKOUT / "CONTRIBUTING.md").read_text()
    assert with_map(guide) == guide, "make drawings"


def test_one_file_knows_xla():
    users = {f.name for f in PACKAGE.rglob("*.py") if "import torch_xla" in f.read_text()}
    assert users == {"xla.py"}
    asking = {f.name for f in PACKAGE.rglob("*.py") if 'type == "xla"' in f.read_text()}
    assert asking == set()


PACKAGES = ["convscale"] + [m.name for m in pkgutil.walk_packages(convscale.__path__, "convscale.") if m.ispkg]


@pytest.mark.parametrize("name", PACKAGES)
def test_no_submodule_is_shadowed_and_every_export_is_there(name):
    package = importlib.import_module(name)
    exported = set(getattr(package, "__all__", ()))
    modules = {m.name for m in pkgutil.iter_modules(package.__path__)}
    shadowed = {n for n in exported & modules if not isinstance(getattr(package, n), type(sys))}
    assert shadowed == set()
    assert all(getattr(package, export) is not None for export in exported)


@pytest.mark.parametrize("name", ["convscale", *(f"convscale.{room}" for room in WITHOUT_TORCH)])
def test_a_room_is_entered_without_torch(name):
    script = f"import sys, {name}; sys.exit('torch' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_recipes_and_network_tables_never_need_torch():
    script = (
        "import sys; sys.modules['torch'] = sys.modules['timm'] = None\n"
        "from convscale import Recipe, Run, Schedule, list_models, preset, progressive\n"
        "from convscale.models import fuse, released_preprocessing, table\n"
        "preset('v2-s:paper').run().key, fuse(table('efficientnet-b4'), 3), released_preprocessing('resnet-rs-50')"
    )
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_files_of_tests_have_names_of_their_own():
    """pytest collects only the first of two files of one name, as the folders of tests are no packages."""
    names = [file.name for file in (CHECKOUT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))


READERS = {"read_text", "write_text", "open"}


def unencoded(file) -> list[str]:
    """Calls that read or write text in whatever encoding the person's locale has."""
    calls = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    texts = [call for call in calls if getattr(call.func, "attr", getattr(call.func, "id", "")) in READERS]
    ours = (call for call in texts if not ELSEWHERE.search(ast.unparse(call)))
    return [ast.unparse(call) for call in ours if "encoding" not in {word.arg for word in call.keywords}]


# Bytes, images, descriptors, locks without content, and ASCII of the kernel's own files.
ELSEWHERE = re.compile(r"""["']r?[wr]b["']|Image\.|os\.|tarfile\.|["']r:["']|open\('w'\)|CGROUP|/proc|\(d / """)


@pytest.mark.parametrize("folder", ["lib/convscale", "tools", "benchmarks"])
def test_text_is_utf8_in_every_locale(folder):
    found = {file.name: calls for file in (CHECKOUT / folder).rglob("*.py") if (calls := unencoded(file))}
    assert found == {}
