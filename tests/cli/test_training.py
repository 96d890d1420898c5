"""`convscale train` and `evaluate` as people use them: what they print, what they refuse, and how they stop."""

import fcntl
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import termios
import time
from contextlib import nullcontext
from pathlib import Path

import pytest
import timm
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from convscale.cli.ctrl_c import stopping_at_ctrl_c
from convscale.datasets import class_folders
from convscale.errors import Interrupted, Preempted
from convscale.learning import checkpoint
from convscale.models import build, read_network
from convscale.signals import noticing_sigterm

TRAIN = "train --model efficientnetv2-tiny --data images --epochs 1 --batch-size 16 --image-size 16,24 --workers 0 "


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch):
    """They take a second a run, and test_run_folder.py looks at them."""
    for name in ("run_folder.draw_curve", "evaluation_folder.draw_confusion", "evaluation_folder.draw_mistakes"):
        monkeypatch.setattr(f"convscale.cli.{name}", lambda *_: None)


def test_evaluate_gives_the_accuracy_that_training_ended_with(here, convscale):
    code, out, _ = convscale(TRAIN + "--out kept")
    assert code is None
    final = re.search(r"top-1 (\S+) % at the end", out)[1]
    best = re.search(r"best (\S+) % at epoch", out)[1]
    assert re.search(r"next: (.+)", out)[1] == "convscale evaluate --weights kept/best.safetensors --data images"
    for name, expected in (("final", final), ("best", best)):
        code, out, _ = convscale(f"evaluate --weights kept/{name}.safetensors --data images --workers 0")
        assert code is None
        assert round(float(re.search(r"top-1 (\S+) %", out)[1]), 2) == float(expected)


def test_evaluate_shows_images_at_the_size_asked_for(here, convscale):
    convscale(TRAIN + "--out kept")
    for option, px in (("", 24), ("--image-size 40", 40)):
        _, out, _ = convscale(f"evaluate --weights kept/final.safetensors --data images --workers 0 {option}")
        assert out.startswith(f"kept/final.safetensors at {px} px, the whole image")


def test_evaluate_takes_the_test_images_of_a_folder_or_all_of_one_split(here, convscale):
    convscale(TRAIN + "--out kept")
    counts = {split: len(list((here / "images" / split).rglob("*.png"))) for split in ("train", "val")}
    for data, count in (("images", counts["val"]), ("images/val", counts["val"]), ("images/train", counts["train"])):
        assert convscale(f"evaluate --weights kept/final.safetensors --data {data} --workers 0")[1].endswith(
            f" of {count} images\n"
        )


def test_evaluate_refuses_other_classes_and_what_train_did_not_write(here, convscale):
    convscale(TRAIN + "--out kept")
    for label in ("cat", "dog"):
        (here / "pets-of-mine" / label).mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(here / "pets-of-mine" / label / "1.png")
    said, _, _ = convscale("evaluate --weights kept/best.safetensors --data pets-of-mine")
    assert said == (
        "convscale: pets-of-mine: has images of 2 classes not among the classes that kept/best.safetensors was "
        "trained on: cat, dog; those are 4: digit-0, digit-1, digit-2, digit-3"
    )
    (here / "text").write_text("no weights")
    assert "text is cut off, damaged or no file of weights" in convscale("evaluate --weights text --data images")[0]
    assert "no weights at absent" in convscale("evaluate --weights absent --data images")[0]
    said = convscale("evaluate --model resnet-50 --weights kept/best.safetensors --data images")[0]
    assert said.endswith("is of efficientnetv2-tiny, not of resnet-50: name that network, or other weights")
    assert "give --weights that `train` kept, or --model" in convscale("evaluate --data images")[0]
    assert "absent: no such folder" in convscale("evaluate --weights kept/best.safetensors --data absent")[0]
    said = convscale("evaluate --model resnet3d-50 --weights kept/best.safetensors --data images")[0]
    assert said.endswith("resnet3d-50 is a network for video clips and takes no images: choose another")


@pytest.fixture
def alone(here):
    """Class folders alone, to train on in them."""
    (here / "images/train").rename(here / "alone")
    return here / "alone"


def next_command(out: str) -> str:
    return re.search(r"next: convscale (.+)", out)[1] + " --workers 0"


def test_where_there_are_no_test_images_the_next_command_tests_on_those_held_out(alone, convscale):
    _, out, _ = convscale(TRAIN.replace("images", "alone") + "--out kept")
    held_out = int(re.search(r"([\d,]+) for the curve \(images held out of training\)", out)[1])
    best = re.search(r"best (\S+) % at epoch", out)[1]
    _, out, _ = convscale(next_command(out))
    assert f"note: {held_out} images held out of training\n" in out and out.endswith(f" of {held_out} images\n")
    assert round(float(re.search(r"top-1 (\S+) %", out)[1]), 2) == float(best)
    Image.new("RGB", (8, 8)).save(alone / "digit-0/new.png")  # who is held out may be another now
    count = len(list(alone.rglob("*.png")))
    _, out, _ = convscale("evaluate --weights kept/best.safetensors --data alone --workers 0")
    assert f"note: {count} images, all that there are: it has no test images, and training may have seen these\n" in out
    assert out.endswith(f" of {count} images\n")


def test_the_same_command_goes_on_where_it_has_written_into_the_images(alone, convscale, monkeypatch):
    monkeypatch.chdir(alone)
    command = TRAIN.replace("images", ".")
    _, first, _ = convscale(command)
    code, again, _ = convscale(command)
    assert code is None and "note: passed over in alone/: folders without images: 1 (runs/)\n" in again
    assert first.split("top-1")[1] == again.split("top-1")[1]
    assert convscale(next_command(again))[0] is None


def test_the_best_weights_are_chosen_on_validation_images_where_there_are_some(here, convscale):
    shutil.copytree(here / "images/val", here / "images/test")
    removed = sorted((here / "images/val").rglob("*.png"))[0]
    removed.unlink()
    test = len(list((here / "images/test").rglob("*.png")))
    _, out, _ = convscale(TRAIN + "--out kept")
    assert f"{test - 1} for the curve (their own images), {test} to test" in out
    assert convscale(next_command(out))[1].endswith(f" of {test} images\n")
    _, out, _ = convscale(TRAIN + "--validate test --out other")
    assert f"{test} for the curve" in out
    assert f"note: {test - 1} validation images not used: validate = 'test'" in out


def test_a_class_without_test_images_is_trained_and_tested(here, convscale):
    shutil.rmtree(here / "images/val/digit-3")
    _, out, _ = convscale(TRAIN + "--out kept")
    said = "note: test images of images: no images of 1 class: digit-3\n"
    assert said in out and said in convscale(next_command(out))[1]


def test_images_of_one_class_are_tested_as_what_they_are(here, convscale):
    convscale(TRAIN + "--out kept")
    (here / "more").mkdir()
    (here / "images/val/digit-2").rename(here / "more/digit-2")
    count = len(list((here / "more").rglob("*.png")))
    assert convscale("evaluate --weights kept/best.safetensors --data more --workers 0")[1].endswith(
        f" of {count} images\n"
    )


def test_what_weights_say_of_their_network_holds(here, convscale):
    convscale(TRAIN + "--out kept")
    command = "evaluate --weights kept/best.safetensors --data images --workers 0"
    assert convscale(f"{command} --model efficientnetv2-tiny")[1] == convscale(command)[1].replace(
        "kept/best.safetensors at", "efficientnetv2-tiny at"
    )
    assert convscale(f"{command} --model efficientnetv2-tiny8")[0] == (
        "convscale: kept/best.safetensors says that it is of efficientnetv2-tiny, not of efficientnetv2-tiny8: name "
        "that network, or other weights"
    )


def test_classes_are_those_of_the_weights_in_their_order(here, convscale):
    """As of a network that was trained when classes were in another order."""
    convscale(TRAIN + "--out kept")
    command = "evaluate --weights kept/{}.safetensors --data images --workers 0"
    with safe_open("kept/final.safetensors", "pt") as file:
        about, state = file.metadata(), load_file("kept/final.safetensors")
    for name in ("classifier.weight", "classifier.bias"):
        state[name] = state[name].flip(0).contiguous()
    about["classes"] = json.dumps(json.loads(about["classes"])[::-1])
    save_file(state, "kept/other.safetensors", about)
    said, other = (convscale(command.format(name))[1] for name in ("final", "other"))
    assert said.replace("final", "other") == other


OPTIONS = (
    "--schedule v2-m:paper --epochs 3 --batch-size 12 --image-size 18,33 --eval-size 40 --learning-rate 0.5 "
    "--validate tenth --precision bfloat16 --augment-on device --no-flip --accumulate 2 --window 3 --seed 7 "
    "--device cpu --workers 1 --out elsewhere --compile --tensorboard"
)


def test_every_option_of_train_reaches_the_training(here, convscale, monkeypatch):
    """Each is given a value that is not its default. Nothing is trained."""
    asked = {}

    def fit(run, device, folder, workers, **more):
        asked.update(run=run, device=device.kind, folder=folder, workers=workers, **more)
        raise ValueError("far enough")

    monkeypatch.setattr("convscale.learning.fit", fit)
    assert convscale(TRAIN)[0] == "convscale: far enough"
    assert asked["run"].recipe.flip is None  # as the data set says
    assert convscale(TRAIN + OPTIONS)[0] == "convscale: far enough"
    run = asked.pop("run")
    assert callable(asked.pop("begins"))  # which prints the plan
    assert asked == dict(device="cpu", folder=Path("elsewhere"), workers=1, compile=True, tensorboard=True)
    assert (run.model, run.epochs, run.eval_size, run.validate) == ("efficientnetv2-tiny", 3, 40, "tenth")
    assert (run.precision, run.augment_on, run.accumulate) == ("bfloat16", "device", 2)
    assert (run.window, run.seed) == (3, 7)
    assert (run.recipe.batch_size, run.recipe.learning_rate, run.recipe.flip) == (12, 0.5, False)
    assert [stage.image_size for stage in run.schedule.stages] == [18, 23, 28, 33]
    assert run.schedule.stages[-1].randaugment == 20  # V2 Table 6, M


def test_the_plan_is_printed_before_training(here, convscale):
    _, out, _ = convscale(TRAIN + "--out kept")
    before, _, after = out.partition("keeps its state in kept; the same command goes on from there\n")
    assert "efficientnetv2-tiny, from random weights, on folder:images: 4 classes" in before
    assert "steps of 16 images, 1 epoch in 2 stages" in before and "evaluated at 24 px, on cpu: " in before
    assert after.startswith("top-1 ")


def test_one_broken_image_is_named_once_without_a_place_in_the_code(here, convscale):
    broken = sorted((here / "images/val").rglob("*.png"))[0]
    broken.write_bytes(b"no image")
    code, _, err = convscale(TRAIN + "--out kept")
    assert code is None
    assert err.count(broken.name) == 1 and "convscale: warning: 1 of " in err and ".py" not in err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--model efficientnetv2-tinny", "did you mean efficientnetv2-tiny"),
        ("--model resnet3d-50", "resnet3d-50 is a network for video clips and takes no images: choose another"),
        ("--model resnet-3d-50", "did you mean resnet-d-50 or "),
        ("--data absent", "absent: no such folder"),
        ("--batch-size 5000", "batch_size = 5000: choose 1 to "),
        ("--batch-size 15", "batch of 15: it must be a multiple of 2"),
        ("--image-size 8", "does not take images of 8 px"),
        ("--image-size 8", "The stages have 8, 8 px, evaluation 8: name the first size and the last"),
        ("--image-size 1000000", "Stage: image_size = 750000: a whole number from 1 to 16,384"),
        ("--learning-rate 0", "learning_rate = 0.0: a number above 0"),
        ("--learning-rate nan", "learning_rate = nan: a number above 0"),
        ("--seed 1180591620717411303424", "seed = 1180591620717411303424: a whole number from 0"),
        ("--weights absent.safetensors", "no weights at absent.safetensors"),
        ("--accumulate 3", "a batch of 16 images has no 3 equal parts of pairs"),
        ("--accumulate 16", "accumulate = 16: a batch of 16 images has no 16 equal parts of pairs, "),
        ("--batch-size 12 --accumulate 4", "in which images are mixed; use 1, 2, 3, 6"),
        ("--window 2", "window 2: use 0, or with tar shards"),
        ("--device gpu", "unknown device 'gpu'"),
        ("--precision float8", "unknown precision 'float8'"),
        ("--augment-on gpu", "unknown augment_on 'gpu'"),
        ("--freeze", "trained = 'classifier' without weights"),
        ("--frozen-bn", "frozen_bn without weights"),
        ("--optimizer adm", "unknown optimizer 'adm': did you mean adamw"),
        ("--class-weights even", "unknown class_weights 'even'"),
        ("--validate some", "unknown"),
        ("--set reports=[x]", "reports"),
    ],
)
def test_what_does_not_fit_is_one_sentence_and_leaves_nothing(options, words, here, convscale):
    said, out, _ = convscale(f"{TRAIN} {options}")
    assert said.startswith("convscale: ") and words in said and out == ""
    assert not (here / "runs").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--batch-size 0", "'0': a whole number from 1 on is needed"),
        ("--epochs 1.5", "'1.5': a whole number from 1 on is needed"),
        ("--workers -1", "'-1': a whole number from 0 to 1,024 is needed"),
        ("--workers 100000", "'100000': a whole number from 0 to 1,024 is needed"),
        ("--accumulate 0", "'0': a whole number from 1 on is needed"),
        ("--image-size large", "'large': write one size in px, or the first and the last, 128,224"),
        ("--image-size 1,2,3", "'1,2,3': write one size in px"),
    ],
)
def test_numbers_that_are_none_are_refused_at_once(options, words, here, convscale):
    code, _, err = convscale(f"{TRAIN} {options}")
    assert code == 2 and words in err


def test_a_disk_without_room_is_one_sentence(here, convscale, monkeypatch):
    def full(state, file, metadata):
        raise checkpoint.SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(checkpoint, "save_file", full)
    said, _, err = convscale(TRAIN + "--out kept")
    assert "No space left on device" in f"{said}{err}" and "Traceback" not in err
    assert not list(here.glob("kept/*.tmp"))


@pytest.mark.parametrize("where", ["taken", "taken/below", "/proc/kept"])
def test_a_folder_that_cannot_be_written_is_said_before_training(where, here, convscale, monkeypatch):
    monkeypatch.setattr("convscale.learning.trainer.Trainer.advance", lambda *_: pytest.fail("trained"))
    (here / "taken").write_text("a file")
    said, _, _ = convscale(f"{TRAIN} --out {where}")
    assert said.startswith(f"convscale: cannot write into {where} (") and said.endswith("choose another folder")


def test_a_disk_that_is_too_small_is_said_before_training(here, convscale, monkeypatch):
    monkeypatch.setattr("convscale.learning.trainer.Trainer.advance", lambda *_: pytest.fail("trained"))
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1_000_000}))
    said, _, _ = convscale(f"{TRAIN} --out kept")
    assert re.search(r"convscale: kept has 1 MB free and \d+ MB are needed: make room, or choose another folder", said)


def full_disk(*names: str):
    """`save_weights` where files whose path has one of these parts cannot be written."""
    save = checkpoint.save_weights

    def save_weights(model, path, about):
        if any(name in str(path) for name in names):
            raise OSError("No space left on device")
        save(model, path, about)

    return save_weights


def test_weights_that_the_folder_does_not_take_are_kept_elsewhere(here, convscale, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(here / "elsewhere"))
    monkeypatch.setattr(checkpoint, "save_weights", full_disk("kept"))
    code, out, err = convscale(TRAIN + "--out kept")
    weights = Path(re.search("weights: (.*)", out)[1])
    assert code is None and "the final weights are not in kept/final.safetensors: No space left" in err
    assert weights.is_relative_to(here / "elsewhere") and f"evaluate --weights {weights} --data" in out
    named = re.findall(r"(?:weights|curve|epoch \S+): (\S+)$", out, re.M)
    assert [Path(file).exists() for file in named] == [True, True] and "best" not in out


def test_weights_that_nothing_takes_are_an_error(here, convscale, monkeypatch):
    monkeypatch.setattr(checkpoint, "save_weights", full_disk("safetensors"))
    said, out, _ = convscale(TRAIN + "--out kept")
    assert said.startswith("convscale: trained, but no disk took the weights") and "top-1 " in out


def test_what_a_kill_during_a_save_left_is_removed(here, convscale):
    (here / "kept").mkdir()
    for name in ("last.pt", "best.safetensors", "history.csv"):
        (here / "kept" / f"{name}.{'0af' * 10}12.tmp").write_bytes(b"half")
    (here / "kept" / "mine.tmp").write_text("not ours")
    convscale(TRAIN + "--out kept")
    assert [file.name for file in here.glob("kept/*.tmp")] == ["mine.tmp"]


def test_a_line_an_epoch_where_there_is_no_terminal(here, convscale):
    _, out, err = convscale(TRAIN.replace("--epochs 1", "--epochs 2") + "--out kept")
    lines = [line for line in err.splitlines() if line.startswith("epoch ")]
    assert len(lines) == 2 and "epoch " not in out.partition("keeps its state")[2].partition("top-1")[0]
    assert re.fullmatch(r"epoch 2 of 2, 24 px: loss \d+\.\d{3}, top-1 \S+ % after \d+ s", lines[1])


def test_each_class_folder_is_listed_once(here, convscale, monkeypatch):
    listed, below = [], class_folders.images_below
    monkeypatch.setattr(
        class_folders, "images_below", lambda root, name: listed.append(root / name) or below(root, name)
    )
    convscale(TRAIN + "--out kept")
    assert len(listed) > 1 and len(set(listed)) == len(listed)


def test_printed_commands_run_in_a_shell(here, convscale):
    """Also of folders with signs that mean something there."""
    (here / "images").rename(here / "my $pets & co")
    _, out, _ = convscale(*shlex.split(TRAIN.replace("images", "'my $pets & co'") + "--out 'o 1'"))
    command = re.search("next: convscale (.*)", out)[1]
    assert command == "evaluate --weights 'o 1/best.safetensors' --data 'my $pets & co'"
    assert convscale(*shlex.split(command), "--workers", "0")[0] is None


def test_diverged_weights_are_an_error_and_no_accuracy(here, convscale):
    said, _, _ = convscale(TRAIN + "--out kept --learning-rate 1e6")
    assert (
        re.search("convscale: (at step|loss is).* no finite number|loss is nan", said) and "lower the learning" in said
    )


def test_training_starts_from_anybodys_weights_of_a_timm_network(here, convscale):
    theirs = timm.create_model("resnet18", num_classes=7)
    torch.save({"net": theirs.state_dict()}, "own.pth")
    for option in ("--weights", "--init"):
        command = TRAIN.replace("efficientnetv2-tiny", "timm:resnet18").replace("16,24", "32")
        assert convscale(f"{command} {option} own.pth --out kept{option}")[0] is None
    tuned = load_file("kept--init/final.safetensors")
    assert torch.allclose(tuned["conv1.weight"], theirs.state_dict()["conv1.weight"], atol=0.1)
    assert not torch.allclose(tuned["conv1.weight"], timm.create_model("resnet18").conv1.weight, atol=0.1)


def test_ctrl_c_before_the_first_step_ends_at_once():
    for listening in (False, True):
        work = noticing_sigterm() if listening else nullcontext()
        raised = pytest.raises(Interrupted if listening else KeyboardInterrupt)
        with raised, stopping_at_ctrl_c(), work as told:
            signal.raise_signal(signal.SIGINT)
            assert told.is_set()
            raise Preempted("stopped at step 3 of 9")
    assert (Preempted.exit_code, Interrupted.exit_code) == (143, 130)


def in_a_terminal() -> None:
    """What a terminal's processes begin with."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if os.isatty(1):
        fcntl.ioctl(1, termios.TIOCSCTTY, 0)


def started(here, terminal: int | None = None) -> subprocess.Popen:
    """A long training in its own process group, under way: its curve has a point. `terminal` is where it prints."""
    command = f"{TRAIN.replace('--epochs 1', '--epochs 400').replace('--workers 0', '--workers 1')} --out kept".split()
    curve = here / "kept/history.csv"
    curve.unlink(missing_ok=True)  # of an earlier part; it is written whole again
    log = (here / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "convscale", *command],
        cwd=here,
        stdout=log if terminal is None else terminal,
        stderr=log,
        start_new_session=True,
        preexec_fn=in_a_terminal,
    )
    until = time.monotonic() + 120
    while not curve.exists():
        assert process.poll() is None and time.monotonic() < until, (here / "log").read_text()
        time.sleep(0.05)
    return process


@pytest.mark.slow
def test_sigterm_and_ctrl_c_save_and_the_same_command_goes_on(here, convscale):
    process = started(here)
    os.killpg(process.pid, signal.SIGTERM)  # as `timeout` and clusters do: to the loader's processes as well
    assert process.wait(60) == 143 and (here / "kept/last.pt").exists()
    first = int(re.search(r"stopped at step (\d+) of", (here / "log").read_text())[1])

    said, _, _ = convscale(TRAIN.replace("--epochs 1", "--epochs 400") + "--out kept --learning-rate 0.5")
    assert "kept/last.pt is of another run (recipe.learning_rate: " in said and "0.5 here" in said

    process = started(here)
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the loader's processes as well
    assert process.wait(120) == 130
    log = (here / "log").read_text()
    assert int(re.search(r"stopped at step (\d+) of", log)[1]) > first
    assert "stopping after this step" in log and "Traceback" not in log


@pytest.mark.slow
def test_a_closed_terminal_saves_too(here):
    """Also where it printed to that terminal."""
    terminal, inside = os.openpty()
    process = started(here, inside)
    os.close(inside)
    os.close(terminal)
    assert process.wait(60) == 143
    assert "stopped at step" in (here / "log").read_text() and (here / "kept/last.pt").exists()


def test_a_home_folder_that_the_shell_did_not_put_in_is_found(here, convscale, monkeypatch):
    """Shells know ~ at the beginning of a word alone, and not in --out=~/runs."""
    monkeypatch.setenv("HOME", str(here / "home"))
    assert convscale(TRAIN + "--out=~/kept")[0] is None
    assert (here / "home/kept/final.safetensors").is_file() and not (here / "~").exists()
    assert convscale("evaluate --weights=~/kept/final.safetensors --data images --workers 0")[0] is None


def test_anybodys_weights_of_a_table_are_evaluated(here, convscale):
    stages = "[{op: fused, kernel: 3, stride: 2, expand: 1, width: 8, depth: 1}]"
    Path("net.yaml").write_text(
        f"{{table: ConvNetTable, name: mine, stem: 8, stages: {stages}, head: 16, train_size: 28, "
        "eval_size: 32, dropout: 0}"
    )
    torch.save(build(read_network("table:net.yaml"), 4).state_dict(), "own.pth")
    code, out, _ = convscale("evaluate --model table:net.yaml --weights own.pth --data images --workers 0")
    assert code is None and "table:net.yaml at 32 px" in out


def test_a_table_of_released_weights_is_printed_row_by_row_and_goes_on(here, convscale, monkeypatch):
    """With networks of four classes in place of those that would be downloaded; one cannot be, the first time."""
    absent = {"resnet152.tv_in1k"}

    def weights(name):
        if name in absent:
            raise OSError("no network")
        return timm.create_model("resnet18", num_classes=4)

    monkeypatch.setattr("convscale.learning.evaluation.pretrained", weights)
    monkeypatch.setattr(
        "convscale.pages.checkpoints.OTHERS", {"ResNet-50": "resnet50.tv_in1k@32", "ResNet-152": "resnet152.tv_in1k@32"}
    )
    monkeypatch.setattr("convscale.pages.checkpoints.key_of", lambda row: None)
    command = "evaluate --table v1:2 --data images --workers 0 --device cpu"
    said, out, _ = convscale(command)
    assert "1 of 2 could not be evaluated" in said and "ResNet-152: no network" in said
    lines = out.splitlines()
    assert "kept in runs/evaluate/v1-2.csv" in lines[0] and lines[1].split()[:2] == ["row", "top-1"]
    assert lines[2].split()[0::2] == ["ResNet-50", "76.0", "93.0"] and lines[3].split()[1:] == [
        "-",
        "77.8",
        "-",
        "93.8",
    ]
    absent.clear()
    again = convscale(command)
    assert again[0] is None and again[1].splitlines()[2] == lines[2]
    assert convscale("evaluate --table v1:2 --data absent")[1] == ""
