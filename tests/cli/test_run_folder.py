"""What a finished `convscale train` leaves, how it is repeated, and what its options become."""

import re
import shlex

import pandas as pd
import pytest
import torch
import yaml
from safetensors.torch import load_file

from convscale.cli.run_folder import file_of_main
from convscale.cli.training_options import FIELDS
from convscale.devices import Device
from convscale.recipes import read_run, setting_names

TRAIN = "train --model efficientnetv2-tiny --data images --epochs 1 --batch-size 16 --image-size 16,24 --workers 0 "
KEPT = [
    "README.md",
    "best.safetensors",
    "curve.svg",
    "evaluation",
    "final.safetensors",
    "history.csv",
    "last.pt",
    "run.yaml",
]


@pytest.fixture
def no_training(monkeypatch):
    """`asked["run"]` is what would have been trained."""
    asked = {}

    def fit(run, *_, begins, **__):
        asked["run"] = run
        begins(None)
        raise ValueError("far enough")

    monkeypatch.setattr("convscale.learning.fit", fit)
    return asked


def test_a_finished_run_leaves_all_that_is_told_of_it(here, convscale):
    code, out, _ = convscale(TRAIN + "--seed 3 --out kept")
    assert code is None and sorted(path.name for path in (here / "kept").iterdir()) == KEPT
    card = (here / "kept/README.md").read_text()
    top1 = re.search(r"\| top-1 \| (\S+) % \|", card)[1]
    assert f"best {top1} % at epoch" in out
    for line in ("# efficientnetv2-tiny for 4 classes", "digit-0, digit-1, digit-2, digit-3", "seed 3"):
        assert line in card
    assert "test images, at 24 px. Weakest classes: digit-" in card
    assert "The same images chose these weights" in card
    said = re.search(
        "top-1 (\\S+) %", convscale("evaluate --weights kept/best.safetensors --data images --workers 0")[1]
    )
    assert f"{float(said[1]):.2f}" == top1
    assert pd.read_csv("kept/evaluation/per_class.csv")["images"].sum() == len(
        list((here / "images/val").rglob("*.png"))
    )
    assert "curve: kept/history.csv\nmodel card: kept/README.md\nevaluation: kept/evaluation\n" in out
    run = read_run(here / "kept/run.yaml")
    assert (run.seed, run.dataset, run.model) == (3, "folder:images", "efficientnetv2-tiny")


def test_the_same_again_from_its_file_gives_the_same_bytes(here, convscale):
    convscale(TRAIN + "--mixup 0,0.2 --set recipe.label_smoothing=0.05 --out kept")
    _, printed, _ = convscale(TRAIN + "--mixup 0,0.2 --set recipe.label_smoothing=0.05 --print-config")
    assert printed == (here / "kept/run.yaml").read_text()
    code, _, _ = convscale("train --config kept/run.yaml --workers 0 --out again")
    assert code is None
    for name in ("curve.svg", "history.csv", "run.yaml", "README.md", "evaluation/results.json"):
        assert (here / "kept" / name).read_bytes() == (here / "again" / name).read_bytes(), name
    for name in ("best", "final"):
        first, again = (load_file(here / folder / f"{name}.safetensors") for folder in ("kept", "again"))
        assert all(torch.equal(weight, again[key]) for key, weight in first.items())


def test_images_of_a_run_may_lie_elsewhere(here, convscale, no_training):
    (here / "run.yaml").write_text(convscale(TRAIN + "--print-config")[1])
    (here / "images").rename(here / "moved")
    assert convscale("train --config run.yaml --out kept")[0].startswith("convscale: images: needs train/<class>")
    convscale("train --config run.yaml --data moved --seed 5 --set epochs=2")
    run = no_training["run"]
    assert (run.dataset, run.seed, run.epochs) == ("folder:moved", 5, 2)


PAPERS = "--schedule v2-s:paper "  # RMSProp, in four stages
OPTIONS = (
    "--optimizer adamw --learning-rate 0.002 --weight-decay 0.05 --label-smoothing 0.2 --ema 0.5 --randaugment 6,9 "
    "--mixup 0.1,0.4 --cutmix 0.3 --dropout 0,0.3 --drop-path 0.1 --class-weights balanced --freeze --frozen-bn "
    "--no-flip --eval-size 40 --validate tenth --precision bfloat16 --augment-on device --accumulate 2 --window 3 "
    "--seed 7"
)


def test_every_named_option_is_its_field(here, convscale):
    """Each is given a value that is not its default, and changes its field and no other."""
    train = TRAIN + PAPERS  # whose optimizer and stages are not those of the options
    before, after = (yaml.safe_load(convscale(train + options + " --print-config")[1]) for options in ("", OPTIONS))
    assert set(FIELDS.values()) <= set(setting_names())
    changed = {name: value for name, value in after.items() if value != before[name]}
    recipe = {name: value for name, value in changed.pop("recipe").items() if value != before["recipe"][name]}
    del recipe["warmup_epochs"]  # follows from how many images are left to train on
    stages = changed.pop("schedule")["stages"]
    assert recipe == dict(
        optimizer="adamw", learning_rate=0.002, weight_decay=0.05, label_smoothing=0.2, ema_decay=0.5, flip=False
    )
    assert changed == dict(
        class_weights="balanced",
        trained="classifier",
        frozen_bn=True,
        eval_size=40,
        validate="tenth",
        precision="bfloat16",
        augment_on="device",
        accumulate=2,
        window=3,
        seed=7,
    )
    assert [stage["randaugment"] for stage in stages] == [6, 7, 8, 9]
    assert [round(stage["mixup"], 6) for stage in stages] == [0.1, 0.2, 0.3, 0.4]
    assert [round(stage["dropout"], 6) for stage in stages] == [0, 0.1, 0.2, 0.3]
    assert {stage["cutmix"] for stage in stages} == {0.3} and {stage["drop_path"] for stage in stages} == {0.1}
    assert len(FIELDS) == len(changed) + len(recipe) + 5


def test_no_randaugment_is_none_and_not_a_harsh_magnitude(here, convscale):
    values = yaml.safe_load(convscale(TRAIN + "--randaugment 0 --print-config")[1])
    assert values["recipe"]["policy"] == "none"


def test_set_reaches_every_other_field_and_reads_numbers_as_people_write_them(here, convscale):
    command = TRAIN + PAPERS + "--weight-decay 0.3 --set recipe.weight_decay=1e-3 --set stages.dropout=[0,0.3]"
    command += " --print-config"
    values = yaml.safe_load(convscale(command)[1])
    assert values["recipe"]["weight_decay"] == 1e-3 and values["schedule"]["stages"][3]["dropout"] == 0.3


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (TRAIN + "--set recipe.label_smooting=0.1", "did you mean recipe.label_smoothing"),
        (TRAIN + "--set recipe.label_smoothing", "write it as name=value"),
        (TRAIN + "--optimizer adam", "unknown optimizer 'adam': did you mean adamw"),
        (TRAIN + "--label-smoothing 2", "label_smoothing = 2.0: a number at least 0 and below 1 is needed"),
        (TRAIN + "--class-weights rare", "unknown class_weights 'rare'"),
        (TRAIN + "--freeze", "trained = 'classifier' without weights"),
        (TRAIN + "--frozen-bn", "frozen_bn without weights"),
        ("train --data images", "--model needed: what to train"),
        ("train", "--model and --data needed: what to train, and on which images; or --config with both"),
        ("train --config absent.yaml", "absent.yaml: no run, as `train --print-config` prints one"),
        (
            "train --config run.yaml --model resnet-50 --epochs 3",
            "run.yaml is a whole run: leave out --model, --epochs,",
        ),
    ],
)
def test_what_does_not_fit_is_one_sentence(command, words, here, convscale):
    (here / "run.yaml").write_text(convscale(TRAIN + "--print-config")[1])
    said, _, _ = convscale(f"{command} --out kept" if "--out" not in command else command)
    assert said.startswith("convscale: ") and words in said
    assert not (here / "kept/final.safetensors").exists()


def test_a_ramp_that_is_none_is_refused_at_once(here, convscale):
    code, _, err = convscale(TRAIN + "--mixup 0,1,2")
    assert code == 2 and "'0,1,2': write one number, or that of the first and the last stage, 5,15" in err


def test_more_epochs_than_a_finished_runs_are_another_run(here, convscale):
    convscale(TRAIN + "--out kept")
    weights = (here / "kept/final.safetensors").read_bytes()
    said, _, _ = convscale(TRAIN.replace("--epochs 1", "--epochs 2") + "--out kept")
    assert said.startswith("convscale: kept holds this run, finished after 1 epoch; 2 epochs are another run")
    command = re.search(r"\n  convscale (train .+)\n", said)[1]
    assert command.endswith("--init kept/best.safetensors --out kept-further")
    assert convscale(*shlex.split(command))[0] is None
    assert read_run(here / "kept-further/run.yaml").weights == "kept/best.safetensors"
    assert (here / "kept/final.safetensors").read_bytes() == weights
    for other in ("--seed 4", "--learning-rate 0.1"):
        said, _, _ = convscale(TRAIN.replace("--epochs 1", "--epochs 2") + f"--out kept {other}")
        assert "kept/last.pt is of another run" in said


def test_the_range_test_prints_a_rate_and_trains_nothing(here, convscale, monkeypatch):
    monkeypatch.setattr("convscale.learning.rates.STEPS", 20)
    code, out, _ = convscale(TRAIN + "--lr-find --optimizer sgd")
    assert code is None and re.search(r"try --learning-rate \S+: with sgd half of the longest fall", out)
    assert not (here / "runs").exists()


def test_a_schedules_rate_with_another_optimizer_is_said(here, convscale, no_training):
    note = "note: this learning rate is the schedule's, for its own optimizer; --lr-find looks for another\n"
    assert note in convscale(TRAIN + "--optimizer adamw")[1]
    assert note not in convscale(TRAIN + "--optimizer adamw --learning-rate 0.01")[1]
    assert note not in convscale(TRAIN)[1]


def test_what_cannot_be_told_of_a_finished_run_is_a_warning(here, convscale, monkeypatch):
    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr("convscale.cli.run_folder.draw_curve", full)
    code, out, err = convscale(TRAIN + "--out kept")
    assert code is None and "convscale: warning: not all that is told of a run is in kept: No space left" in err
    assert "next: convscale evaluate" in out


class Second(Device):
    """The second of two processes, to which the first has told `told`."""

    rank, world = 1, 2

    def __init__(self, told: bytes):
        super().__init__("cpu")
        self.told = told

    def from_main(self, value):
        assert value is None
        return self.told


def test_a_machine_without_the_kept_weights_is_given_them(tmp_path):
    """Two hosts without a folder in common: both evaluate, though only the first keeps anything."""
    with file_of_main(tmp_path / "kept/best.safetensors", Second(b"weights")) as file:
        assert file.name == "best.safetensors" and file.read_bytes() == b"weights"
    assert not file.exists() and not list(tmp_path.iterdir())
