"""The command line as a whole: its commands, their help, and errors that need no waiting."""

import argparse
import io
import json
import os
import shlex
import subprocess
import sys

import pandas as pd
import pytest

from convscale.cli import main, parser
from convscale.cli.command import parameters
from convscale.datasets import data_root

# Those of the plan that work so far; no others.
COMMANDS = {
    "train",
    "evaluate",
    "predict",
    "export",
    "show",
    "sizes",
    "recipes",
    "paper",
    "claims",
    "experiment list",
    "experiment plan",
    "experiment run",
    "experiment repeat",
    "experiment status",
    "experiment cancel",
    "experiment logs",
    "records list",
    "records check",
}
COMMANDS |= {"search run", "search show", "search export", "search time"}
COMMANDS |= {"records publish", "measure", "page run", "page publish", "book", "doctor"}
COMMANDS |= {"search run", "search show", "search export", "search time"}


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
    ("claims --paper v3", "unknown paper 'v3': allowed: v2, rs, v1, efficientnetv2, resnet_rs, efficientnet"),
    ("claims --verdict done", "unknown verdict 'done': allowed: reproduced, same direction"),
    ("claims --kind exactly", "unknown kind 'exactly': did you mean exact?"),
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
    ("page run claims -p scale=small", "unknown page parameter 'scale': there is none here"),
    ("page run howto/your-own-images -p seeds=3", "unknown page parameter 'seeds': allowed: scale, device"),
    ("page run howto/your-own-images -p scale=medium", "unknown scale 'medium': allowed: smoke, small"),
    ("page run efficientnetv2/5-3-transfer -p scale=medium", "unknown scale of v1_transfer 'medium': allowed: smoke"),
    ("page run efficientnetv2/5-3-transfer -p seeds=0", "seeds = 0: a whole number from 1 on"),
    ("page run efficientnetv2/5-3-transfer -p fresh=1", "fresh = 1: True or False"),
    ("page run -p scale=small", "run which page?"),
    ("page run claims -p seads", "parameter 'seads': write it as name=value"),
    ("page run claims -p seeds=1 -p seeds=2", "parameter 'seeds' is given twice: leave out all but one"),
    ("page run claims -p seeds=1 -p seeds=1", "parameter 'seeds' is given twice"),
    ("page publish nothing", "unknown page 'nothing'"),
    ("train --model efficientnetv2-q --data digits", "unknown model 'efficientnetv2-q'"),
    ("train --model resnet-50 --data digits --schedule v2-s:papre", "did you mean v2-s:paper"),
    ("train --model resnet-50 --data digits --set seed=1 --set seed=2", "parameter 'seed' is given twice"),
    ("train --model resnet-50 --data nowhere", "nowhere: no such folder, and no data set of this name"),
    ("train --model resnet-50 --data digits --device gpu", "unknown device 'gpu'"),
    ("train --model resnet-50 --data digits --precision float8", "unknown precision 'float8'"),
    (
        "train --model resnet-50 --data digits --epochs 99999999999",
        "epochs = 99999999999: a whole number from 1 to 100,000",
    ),
    ("train --model resnet-50 --data digits --weights=", "an empty word stands for a value"),
    ("evaluate --data digits", "nothing to evaluate"),
    ("evaluate --table v1:3 --data digits", "unknown table of released weights 'v1:3'"),
    ("evaluate --table v1:2 --image-size 64 --data digits", "leave out --image-size"),
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
    "records list --published",
    "claims",
    "claims v2-table7-params",
    "claims --paper rs --json",
    "claims --paper resnet_rs --json",
    "claims --kind printed --csv",
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


@pytest.mark.parametrize("value", ["0x10", "1:30", "0b1", "1_000", "-0x1"])
def test_whole_numbers_are_decimal_whatever_yaml_takes_them_for(value):
    assert parameters(["seeds=010", "other= 7"]) == {"seeds": 10, "other": 7}
    with pytest.raises(ValueError, match=f"parameter 'seeds={value}': write whole numbers in decimal digits"):
        parameters([f"seeds={value}"])


@pytest.mark.parametrize("words", ["page run claims", "page publish claims", "book"])
@pytest.mark.parametrize("module", ["papermill", "jupytext", "ipykernel"])
def test_without_jupyter_a_page_is_one_sentence(words, module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr("sys.argv", ["convscale", *words.split()])
    with pytest.raises(SystemExit, match=rf"pages need {module}: pip install -e '\.\[book\]' in the clone"):
        main()


def test_memory_that_is_not_there_is_one_sentence(monkeypatch):
    def need_too_much(_):
        raise MemoryError

    monkeypatch.setattr("convscale.cli.doctor.doctor", need_too_much)
    monkeypatch.setattr("sys.argv", ["convscale", "doctor"])
    with pytest.raises(SystemExit, match="convscale: this does not fit into memory"):
        main()


@pytest.mark.parametrize("words", LISTS)
def test_lists_are_shown_without_torch(words, without_torch):
    code, out = without_torch[words]
    assert code == 0 and out.strip()


def test_claims_are_data_for_programs(without_torch):
    rows = json.loads(without_torch["claims --paper rs --json"][1])
    assert rows == json.loads(without_torch["claims --paper resnet_rs --json"][1])
    assert {row["paper"] for row in rows} == {"resnet_rs"} and all(row["statement"] for row in rows)
    table = pd.read_csv(io.StringIO(without_torch["claims --kind printed --csv"][1]))
    assert set(table["kind"]) == {"printed"} and list(table.columns) == list(rows[0])


@pytest.mark.parametrize(("words", "width"), [("claims", 80), ("claims v2-table7-params", 80)])
def test_claims_fit_a_terminal_of_80_columns(words, width, without_torch):
    assert max(map(len, without_torch[words][1].splitlines())) <= width


def test_records_fit_a_window_of_100_columns_and_have_units(without_torch):
    lines = without_torch["records list --published"][1].splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[0].split("  ")[-1].strip() == "date" and "top-1 (%)" in lines[0] and "core-min" in lines[0]


def run_here(monkeypatch, capsys, *words) -> str:
    monkeypatch.setattr("sys.argv", ["convscale", *words])
    main()
    return capsys.readouterr().out


def test_records_are_data_for_programs(monkeypatch, capsys):
    for kind, column in (("runs", "test_top1"), ("measurements", "quantity")):
        found = run_here(monkeypatch, capsys, "records", "list", "--published", "--csv", kind)
        assert column in pd.read_csv(io.StringIO(found)).columns


def test_a_claim_says_how_many_seeds_decide(without_torch, monkeypatch, capsys):
    lines = run_here(monkeypatch, capsys, "claims", "v2-table13-progressive").splitlines()
    assert "command    convscale experiment run v2_table13 --scale small" in lines
    assert "decides    16 seeds at small" in lines


def test_doctor_names_the_folder_that_training_reads(monkeypatch, capsys):
    (data_root() / "cifar10").mkdir(parents=True)
    found = dict(line.split(":", 1) for line in run_here(monkeypatch, capsys, "doctor").splitlines())
    assert found["data sets"].strip() == f"{data_root()} (CONVSCALE_DATA)"
    assert found["sets there"].strip() == "cifar10"
    assert "torch " in found["versions"] and "cores" in found["cpu"] and found["memory"].strip().endswith("GiB free")


def test_help_says_defaults_and_choices(capsys):
    for words, said in (
        ("train", "default: own, or own:finetune where there are --weights"),
        ("train", "default: 20"),
        ("train", "augmentation; default: 0"),
    ):
        with pytest.raises(SystemExit):
            parser().parse_args([words, "--help"])
        assert said in " ".join(capsys.readouterr().out.split())
    with pytest.raises(SystemExit):
        parser().parse_args(["claims", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "trend, interaction, ratio" in text and "rs (resnet_rs)" in text and "within 3 %" in text


def test_a_pipe_that_closes_ends_a_command_quietly():
    with subprocess.Popen(
        [sys.executable, "-m", "convscale", "claims", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (141, b"")


LATIN = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}  # as in a locale that has few of our characters


def test_a_command_answers_in_every_locale_and_with_the_backend_of_any_notebook():
    strange = os.environ | LATIN | {"MPLBACKEND": "module://ipympl.backend_nbagg"}
    command = [sys.executable, "-m", "convscale", "claims", "v1-section3-3-doubling"]
    done = subprocess.run(command, env=strange, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()


def test_doctor_says_why_a_device_cannot_be_had(monkeypatch, capsys):
    def no_tpu():
        raise RuntimeError("device 'xla' does not start: libtpu not found")

    monkeypatch.setattr("convscale.devices.pick", no_tpu)
    found = dict(line.split(":", 1) for line in run_here(monkeypatch, capsys, "doctor").splitlines())
    assert found["device auto"].strip() == "device 'xla' does not start: libtpu not found"
    assert "records" in found  # it goes on
