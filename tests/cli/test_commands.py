"""The command line as a whole: its commands, their help, and errors that need no waiting."""

import argparse
import json
import shlex
import subprocess
import sys

import pytest

from convscale.cli import main, parser
from convscale.cli.command import parameters

# Those of the plan that work so far; no others.
COMMANDS = {
    "train",
    "evaluate",
    "show",
    "recipes",
    "paper",
    "claims",
    "experiment list",
    "experiment plan",
    "experiment run",
    "records list",
    "records check",
}
COMMANDS |= {"records publish", "measure", "page run", "page publish", "book", "doctor"}


def commands(top: argparse.ArgumentParser, before: str = "") -> dict[str, argparse.ArgumentParser]:
    """Every command by its words."""
    found = {}
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                found |= commands(inner, f"{before} {name}".strip()) or {f"{before} {name}".strip(): inner}
    return found


def test_commands_are_those_of_the_plan():
    assert commands(parser()).keys() == COMMANDS


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_an_example_that_parses(name):
    example = commands(parser())[name].epilog.removeprefix("example: convscale ")
    assert example.startswith(name)
    assert callable(parser().parse_args(shlex.split(example)).function)


# Every line of commands in one process in which torch cannot be imported.
SCRIPT = """
import contextlib, io, json, sys
for name in ("torch", "timm", "torchvision"):
    sys.modules[name] = None
from convscale.cli import main
found = {}
for words in json.loads(sys.argv[1]):
    sys.argv = ["convscale", *words.split()]
    out, code = io.StringIO(), 0
    with contextlib.redirect_stdout(out):
        try:
            main()
        except SystemExit as stop:
            code = stop.code
        except BaseException as error:
            code = f"{type(error).__name__}: {error}"
    found[words] = [code, out.getvalue()]
print(json.dumps(found))
"""
ERRORS = [
    ("show efficientnetv2-q", "unknown model 'efficientnetv2-q': did you mean efficientnetv2-"),
    ("show table:absent.yaml", "absent.yaml: no table of a network: "),
    ("recipes v2-s", "preset 'v2-s' comes in 2 variants"),
    ("recipes v2-s:papre", "unknown preset 'v2-s:papre': did you mean v2-s:paper"),
    ("paper v2:14", "unknown paper table 'v2:14'"),
    ("claims v2-table13-progresive", "unknown claim 'v2-table13-progresive': did you mean v2-table13-progressive"),
    ("measure v2:99", "unknown table of speeds 'v2:99'"),
    ("measure --device gpu", "unknown device 'gpu'"),
    ("experiment plan v2_tabel13", "unknown experiment 'v2_tabel13': did you mean v2_table13"),
    ("experiment run v2_table13 --scale tiny", "unknown scale 'tiny'"),
    ("experiment run v2_table13_first --scale paper", "unknown scale of v2_table13_first 'paper': allowed: small"),
    ("experiment run v2_table13 --arm progresive-adaptive", "unknown arm 'progresive-adaptive': did you mean progre"),
    ("experiment run v2_table13 --seed 3", "unknown seed '3': allowed: 10, 11"),
    ("experiment run v2_table13 --shard=", "an empty word stands for a value"),
    ("experiment run v2_table13 --shard x", "shard 'x': write k/n"),
    ("experiment run v2_table13 --shard 100/200", "leave no run"),
    ("experiment run", "name experiments, or say --all"),
    ("experiment run v2_table13 --all", "name experiments, or say --all"),
    ("experiment run v2_table13 --device gpu", "unknown device 'gpu'"),
    ("page run nothing", "unknown page 'nothing'"),
    ("page run claims -p seads=3", "unknown page parameter 'seads'"),
    ("page run claims -p seads", "parameter 'seads': write it as name=value"),
    ("page publish nothing", "unknown page 'nothing'"),
    ("train --model efficientnetv2-q --data digits", "unknown model 'efficientnetv2-q'"),
    ("train --model resnet-50 --data digits --schedule v2-s:papre", "did you mean v2-s:paper"),
    ("train --model resnet-50 --data nowhere", "nowhere: no such folder, and no data set of this name"),
    ("train --model resnet-50 --data digits --device gpu", "unknown device 'gpu'"),
    ("train --model resnet-50 --data digits --precision float8", "unknown precision 'float8'"),
    (
        "train --model resnet-50 --data digits --epochs 99999999999",
        "epochs = 99999999999: a whole number from 1 to 100,000",
    ),
    ("train --model resnet-50 --data digits --weights=", "an empty word stands for a value"),
    ("evaluate --data digits", "nothing to evaluate"),
    ("evaluate --model resnet-50 --data digits --device gpu", "unknown device 'gpu'"),
]
LISTS = [
    "show",
    "show resnet-rs-*",
    "recipes",
    "recipes v2-s:paper",
    "paper",
    "paper v2:13",
    "page run",
    "records list",
    "experiment list",
    "experiment plan v2_table13 --runs",
]


@pytest.fixture(scope="module")
def without_torch() -> dict[str, tuple[object, str]]:
    words = json.dumps([*LISTS, *(words for words, _ in ERRORS)])
    done = subprocess.run([sys.executable, "-c", SCRIPT, words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("words", "said"), ERRORS)
def test_errors_of_words_answer_without_torch(words, said, without_torch):
    code, out = without_torch[words]
    assert str(code).startswith("convscale: ") and said in code and out == ""


@pytest.mark.parametrize("value", ["{a: [b", "[" * 100_000, "a: b: c"])
def test_parameters_that_are_no_yaml_are_one_sentence(value):
    with pytest.raises(ValueError, match="the value is no YAML: ") as raised:
        parameters([f"seeds={value}"])
    assert str(raised.value).startswith("parameter 'seeds=") and len(str(raised.value)) < 300


def test_memory_that_is_not_there_is_one_sentence(monkeypatch):
    def need_too_much(_):
        raise MemoryError

    monkeypatch.setattr("convscale.cli.doctor", need_too_much)
    monkeypatch.setattr("sys.argv", ["convscale", "doctor"])
    with pytest.raises(SystemExit, match="convscale: this does not fit into memory"):
        main()


@pytest.mark.parametrize("words", LISTS)
def test_lists_are_shown_without_torch(words, without_torch):
    code, out = without_torch[words]
    assert code == 0 and out.strip()
