"""Fields of a run by dotted names, and a run as a file that repeats it."""

from dataclasses import fields, replace

import pytest
import yaml

from convscale.models import table
from convscale.recipes import (
    Recipe,
    Run,
    Schedule,
    Stage,
    list_presets,
    preset,
    read_run,
    run_text,
    setting_names,
    with_settings,
)
from convscale.recipes.run_files import run_from, run_values

RUN = preset("v2-s:paper").run()


def test_every_field_has_a_name_and_every_name_sets_its_field():
    parts = {"": Run, "recipe.": Recipe, "schedule.": Schedule, "stages.": Stage}
    named = {f"{part}{field.name}" for part, kind in parts.items() for field in fields(kind)}
    assert set(setting_names()) == named - {"recipe", "schedule", "schedule.stages", "after", "teacher"}
    changed = with_settings(
        RUN,
        {"epochs": 7, "recipe.crop_area": [0.3, 1], "schedule.sizes": "fixed", "stages.cutmix": 0.5, "classes": [1, 3]},
    )
    assert (changed.epochs, changed.recipe.crop_area, changed.schedule.sizes) == (7, (0.3, 1), "fixed")
    assert changed.classes == (1, 3) and {stage.cutmix for stage in changed.schedule.stages} == {0.5}
    assert with_settings(RUN, {}) == RUN


def test_a_pair_is_a_ramp_over_the_stages():
    stages = with_settings(RUN, {"stages.image_size": [96, 192], "stages.dropout": (0, 0.3)}).schedule.stages
    assert [stage.image_size for stage in stages] == [96, 128, 160, 192]
    assert [stage.dropout for stage in stages] == pytest.approx([0, 0.1, 0.2, 0.3])


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("recipe.label_smooting", 0.1, "did you mean recipe.label_smoothing"),
        ("label_smoothing", 0.1, "did you mean recipe.label_smoothing"),
        ("recipe", 1, "unknown setting 'recipe'"),
        ("recipe.label_smoothing", 1.5, "label_smoothing = 1.5: a number at least 0 and below 1 is needed"),
        ("recipe.lr_schedule", "cosin", "did you mean cosine"),
        ("stages.mixup", [0, 0.1, 0.2], r"stages.mixup = \(0, 0.1, 0.2\): give one value, or the first and the last"),
        ("stages.mixup", ["a", "b"], "give one value, or the first and the last"),
        ("class_weights", "balancd", "did you mean balanced"),
        ("trained", "head", "unknown trained 'head': allowed: all, classifier"),
    ],
)
def test_a_wrong_name_or_value_is_one_error(name, value, words):
    with pytest.raises(ValueError, match=words):
        with_settings(RUN, {name: value})


def test_one_stage_has_no_ramp():
    fixed = replace(RUN, schedule=Schedule(RUN.schedule.stages[-1:]))
    assert with_settings(fixed, {"stages.dropout": 0.4}).schedule.stages[0].dropout == 0.4
    with pytest.raises(ValueError, match="or the first and the last of several stages"):
        with_settings(fixed, {"stages.dropout": [0, 0.4]})


@pytest.mark.parametrize("name", list_presets())
def test_a_run_is_its_file(name, tmp_path):
    run = preset(name).run()
    (tmp_path / "run.yaml").write_text(run_text(run))
    assert read_run(tmp_path / "run.yaml") == run


def test_a_run_of_ones_own_network_after_another_is_its_file(tmp_path):
    own = replace(table("efficientnetv2-tiny"), name="mine")
    run = replace(RUN, model=own, weights=None, dataset="folder:Bilder/Äpfel")
    run = replace(run, after=run, groups=((0, 1), (2,)), teacher=run, pseudo=5)
    (tmp_path / "run.yaml").write_text(run_text(run), encoding="utf-8")
    assert read_run(tmp_path / "run.yaml") == run and read_run(tmp_path / "run.yaml").key == run.key


def test_a_file_names_every_field_so_that_later_defaults_change_nothing():
    values = yaml.safe_load(run_text(RUN))
    assert values == run_values(RUN)
    assert values.keys() == {field.name for field in fields(Run)}
    assert values["recipe"].keys() == {field.name for field in fields(Recipe)}


def test_numbers_are_read_as_people_write_them(tmp_path):
    text = run_text(RUN).replace("weight_decay: 1.0e-05", "weight_decay: 1e-4")
    (tmp_path / "run.yaml").write_text(text)
    assert read_run(tmp_path / "run.yaml").recipe.weight_decay == 1e-4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda values: values.pop("seed"), "a Run lacks seed"),
        (lambda values: values.update(epoch=3), "unknown field of a Run 'epoch': did you mean epochs"),
        (lambda values: values["recipe"].update(optimiser="sgd"), "did you mean optimizer"),
        (lambda values: values.update(recipe="v2"), "a Recipe is a mapping of its fields, this is 'v2'"),
        (lambda values: values.update(epochs="many"), "epochs = 'many': a whole number from 1 on"),
    ],
)
def test_a_file_that_is_no_run_is_one_error(change, words, tmp_path):
    values = run_values(RUN)
    change(values)
    with pytest.raises(ValueError, match=words):
        run_from(values)
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(ValueError, match=r"run.yaml: no run, as `train --print-config` prints one: "):
        read_run(tmp_path / "run.yaml")


def test_a_file_that_is_not_there_or_no_yaml_is_one_error(tmp_path):
    (tmp_path / "bad.yaml").write_text("a: [")
    for name in ("bad.yaml", "absent.yaml"):
        with pytest.raises(ValueError, match=f"{name}: no run"):
            read_run(tmp_path / name)
