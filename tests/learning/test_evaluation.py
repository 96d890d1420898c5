"""Accuracy on images: checked on a network whose answers are known, and the same wherever it is asked for."""

import json
from dataclasses import replace

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file
from timm.data import create_transform, resolve_model_data_config

from convscale.augment import papers_pixels, timm_pixels
from convscale.datasets import DataMissing, Images, load, read_split
from convscale.devices import Device, pick
from convscale.learning import evaluate, fit, load_trained
from convscale.learning.evaluation import pixels_of, released, to_evaluate
from convscale.learning.kept import kept_preprocessing
from convscale.models import Preprocessing, build, export_weights, table
from convscale.recipes import Schedule, progressive


@pytest.fixture
def folder(tmp_path):
    """Six classes with 1, 2, ... 6 images of noise each, not square."""
    rng = np.random.default_rng(0)
    for label in range(6):
        (tmp_path / f"class{label}").mkdir()
        for i in range(label + 1):
            pixels = rng.integers(0, 256, (40, 56, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / f"class{label}" / f"{i}.png")
    return tmp_path


@pytest.fixture
def ranked(tmp_path_factory):
    """Weights of a network that always answers 5, 4, 3, 2, 1, 0, in this order."""
    model = build("efficientnetv2-tiny", 6)
    torch.nn.init.zeros_(model.classifier.weight)
    with torch.no_grad():
        model.classifier.bias.copy_(torch.arange(6))
    path = tmp_path_factory.mktemp("weights") / "ranked.safetensors"
    export_weights(model, path)
    return path


@pytest.mark.parametrize("workers", [0, 2])
def test_top1_top5_and_loss_of_a_network_with_known_answers(folder, ranked, workers):
    images = read_split(folder)
    trained = released("efficientnetv2-tiny", str(ranked), len(images.classes), None)
    result = evaluate(trained.model, images, trained.pixels, "cpu", workers=workers, batch_size=4)
    losses = -torch.arange(6.0).log_softmax(0)
    expected = {"images": 21, "top1": 100 * 6 / 21, "top5": 100 * 20 / 21}
    assert {name: result[name] for name in expected} == expected
    assert result["loss"] == pytest.approx((losses * torch.arange(1, 7)).sum().item() / 21, rel=1e-6)


def test_of_several_labels_any_one_counts(ranked):
    model = released("efficientnetv2-tiny", str(ranked), 6, 32)
    rows = np.array([[1, 0, 0, 0, 0, 0], [1, 0, 1, 0, 0, 0], [0, 0, 0, 1, 0, 1], [0, 1, 0, 0, 0, 0]])
    images = Images([np.full((8, 8), i, np.uint8) for i in range(4)], rows, tuple("abcdef"))
    result = evaluate(model.model, images, model.pixels, "cpu")
    assert (result["top1"], result["top5"]) == (25.0, 75.0)


def test_the_papers_preprocessing_is_that_of_our_networks(folder):
    s = released("efficientnetv2-s", None, 6, None).pixels
    assert (s.size, s.transform.preprocessing.crop, s.normalisation[0][0]) == (384, None, 128)
    smaller = released("efficientnetv2-s", None, 6, 300).pixels
    assert smaller.transform.preprocessing.crop == 300 / 332
    assert smaller.words == "300 px, 0.904 of the shorter side, bilinear"


@pytest.mark.parametrize(
    ("network", "weights", "mean", "words"),
    [
        ("efficientnet-lite2", "package", 127.0, "260 px, 0.890 of the shorter side, bilinear"),
        ("efficientnet-b0", None, 0.485 * 255, "224 px, 0.875 of the shorter side, bicubic"),
        ("efficientnet-b0", "timm:tf_efficientnet_b0.ap_in1k", 127.5, "224 px, 0.875 of the shorter side, bicubic"),
        ("efficientnetv2-b3", "timm:tf_efficientnetv2_b3", 127.5, "300 px, 0.904 of the shorter side, bicubic"),
        ("efficientnetv2-s", "timm:tf_efficientnetv2_s.in1k", 128.0, "384 px, the whole image, bilinear"),
        ("resnet-50", "timm:resnet50.a1_in1k", 0.485 * 255, "224 px, 0.950 of the shorter side (center), bicubic"),
    ],
)
def test_images_are_shown_as_the_weights_expect(network, weights, mean, words):
    pixels = pixels_of(network, weights, None)
    assert (pixels.normalisation[0][0], pixels.words) == (pytest.approx(mean), words)


def test_weights_of_timm_are_evaluated_alike_in_our_network_and_in_timms(folder, monkeypatch):
    """Those that timm trained; pretrained ones would be downloaded."""
    reference = timm.create_model("resnet50.a1_in1k", num_classes=6).eval()
    for place in ("convscale.models.weights.pretrained", "convscale.learning.evaluation.pretrained"):
        monkeypatch.setattr(place, lambda name: reference)
    ours = released("resnet-50", "timm:resnet50.a1_in1k", 6, 64)
    theirs = released("timm:resnet50.a1_in1k", "pretrained", 6, 64)
    losses = [evaluate(t.model, read_split(folder), t.pixels, "cpu")["loss"] for t in (ours, theirs)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_timms_own_configuration_is_that_of_its_weights(folder):
    """Pixels and normalisation together are what timm's own evaluation transform gives."""
    config = resolve_model_data_config(timm.create_model("tf_efficientnetv2_b0.in1k"))
    pixels, image = timm_pixels(config), read_split(folder).image(3)
    theirs = create_transform(**config, is_training=False)(image)
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in pixels.normalisation)
    assert pixels.size == 192 and pixels.transform(image).dtype == torch.uint8
    torch.testing.assert_close((pixels.transform(image) - mean) / std, theirs, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("eval_crop", "normalisation", "interpolation"), [("padded", "imagenet", "bicubic"), ("0.875", "half", "bilinear")]
)
def test_curve_metrics_and_evaluate_agree_where_a_part_of_the_image_is_cut(
    tiny, tmp_path, eval_crop, normalisation, interpolation
):
    """Images are not square, so that cropping before resizing and after it are told apart."""
    rng = np.random.default_rng(0)
    for split, count in (("train", 24), ("test", 40)):
        for i in range(count):
            file = tmp_path / split / f"class{i % 4}" / f"{i}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            coarse = Image.fromarray(rng.integers(0, 256, (5, 7, 3), dtype=np.uint8))
            coarse.resize((52, 40), Image.Resampling.BICUBIC).save(file)
    pixels = dict(eval_crop=eval_crop, normalisation=normalisation, interpolation=interpolation)
    recipe = replace(tiny().recipe, **pixels, batch_size=8, bn_momentum=0.5)
    run = tiny(dataset=f"folder:{tmp_path}", recipe=recipe, train_images=None, curve_images=None, epochs=1)
    outcome = fit(run, "cpu", tmp_path / "kept", progress=False)
    kept = load_trained(tmp_path / "kept/final.safetensors")
    again = evaluate(kept.model, load(run.dataset, "test"), kept.pixels, "cpu", batch_size=7)
    assert outcome.history[-1]["test_loss"] == outcome.metrics["test_loss"]
    assert again["loss"] == pytest.approx(outcome.metrics["test_loss"], rel=1e-5)
    assert again["top1"] == pytest.approx(outcome.metrics["test_top1"])
    named = released(run.model, str(tmp_path / "kept/final.safetensors"), 4, None)  # the network by its name as well
    assert named.pixels == kept.pixels
    assert kept.classes == ("class0", "class1", "class2", "class3")
    assert kept.pixels.transform.preprocessing == Preprocessing(24, normalisation, eval_crop, interpolation)
    other = papers_pixels(Preprocessing(24, normalisation, "whole", interpolation))
    assert evaluate(kept.model, load(run.dataset, "test"), other, "cpu")["loss"] != pytest.approx(again["loss"])


def test_a_network_of_ones_own_table_is_kept_with_it(tiny, tmp_path):
    own = replace(table("efficientnetv2-tiny"), name="mine", stem=8, head=64)
    run = tiny(model=own, epochs=1, schedule=Schedule(progressive(1, (16, 16), dropout=(0, 0))))
    outcome = fit(run, "cpu", tmp_path, progress=False)
    kept = load_trained(tmp_path / "final.safetensors", image_size=16)
    assert kept.model.table == own and kept.pixels.size == 16
    assert all(map(torch.equal, kept.model.state_dict().values(), outcome.model.state_dict().values()))


def test_short_batches_are_filled_up_where_steps_are_traced(folder, ranked, monkeypatch):
    """As on XLA, where another shape would be compiled: the images that fill them do not count."""
    images = read_split(folder)
    trained = released("efficientnetv2-tiny", str(ranked), 6, None)
    expected = evaluate(trained.model, images, trained.pixels, "cpu", batch_size=8)
    device, shapes = pick("cpu"), []
    device.traced = True
    trained.model.register_forward_pre_hook(lambda _, inputs: shapes.append(len(inputs[0])))
    assert evaluate(trained.model, images, trained.pixels, device, batch_size=8) == pytest.approx(expected)
    assert shapes == [8, 8, 8] and not Device("cpu").traced


def test_weights_of_another_number_of_classes_are_refused(ranked):
    with pytest.raises(ValueError, match="classifier"):
        released("efficientnetv2-tiny", str(ranked), 7, None)


def test_bad_input_is_one_clear_error(tmp_path, ranked):
    with pytest.raises(DataMissing, match="no such folder"):
        read_split(tmp_path / "absent")
    with pytest.raises(ValueError, match=r"holds another network than this ResNet.*\n  missing \(102\): conv1\.weight"):
        released("timm:resnet18.a1_in1k", str(ranked), 6, None)
    with pytest.raises(ValueError, match="did you mean"):
        released("timm:resnet18x", None, 6, None)
    with pytest.raises(ValueError, match="does not say what it is of"):
        load_trained(ranked)
    save_file(
        {"x": torch.zeros(1)}, tmp_path / "odd", {"image_size": "24", "preprocessing": '{"normalisation": "odd"}'}
    )
    with pytest.raises(ValueError, match="odd: what it says of its preprocessing cannot be read"):
        kept_preprocessing(tmp_path / "odd")
    (tmp_path / "text").write_text(json.dumps({}))
    with pytest.raises(ValueError, match="text is cut off, damaged or no file of weights"):
        load_trained(tmp_path / "text")


def test_outputs_that_are_no_numbers_are_an_error(folder, ranked):
    """One of six in each row, or all rows: neither is an answer."""
    trained = released("efficientnetv2-tiny", str(ranked), 6, None)
    for value in (float("nan"), float("inf")):
        trained.model.classifier.bias.data[2] = value
        with pytest.raises(FloatingPointError, match="outputs for 21 of 21 images are no finite numbers"):
            evaluate(trained.model, read_split(folder), trained.pixels, "cpu")


@pytest.mark.parametrize("wrapped", [lambda s: s, lambda s: {"net": s, "epoch": 3}, lambda s: {"model_state_dict": s}])
def test_anybodys_weights_of_a_timm_network_are_evaluated(wrapped, tmp_path):
    theirs = timm.create_model("resnet18", num_classes=6)
    torch.save(wrapped(theirs.state_dict()), tmp_path / "own.pth")
    ours = released("timm:resnet18", str(tmp_path / "own.pth"), 6, 64)
    x_BCHW = torch.randn(2, 3, 64, 64)
    assert torch.equal(ours.model.eval()(x_BCHW), theirs.eval()(x_BCHW)) and ours.pixels.size == 64
    with pytest.raises(ValueError, match=r"misshaped \(2\): fc\.weight \(6, 512\), not \(7, 512\), fc\.bias"):
        released("timm:resnet18", str(tmp_path / "own.pth"), 7, None)


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ({"classes": None}, "does not say its classes"),
        ({"model": None, "classes": None}, "does not say its model and classes"),
        ({"classes": '["a", '}, "what it says of its classes cannot be read"),
        ({"classes": '{"a": 0}'}, r"what it says of its classes is no list of names: {.a.: 0}"),
        ({"model": "{odd"}, "what it says of its network cannot be read"),
        (
            {"classes": '["a", "b", "c"]'},
            r"says that it is of efficientnetv2-tiny with 3 classes; it is not\n  misshaped",
        ),
        ({"model": "efficientnetv2-s"}, "says that it is of efficientnetv2-s with 2 classes; it is not"),
    ],
)
def test_a_kept_file_that_says_what_it_does_not_hold_is_refused(says, words, tmp_path):
    pixels = {"normalisation": "v2", "eval_crop": "whole", "interpolation": "bilinear"}
    about = {"model": "efficientnetv2-tiny", "classes": '["a", "b"]', "image_size": "24"}
    said = {name: text for name, text in (about | {"preprocessing": json.dumps(pixels)} | says).items() if text}
    save_file(build("efficientnetv2-tiny", 2).state_dict(), tmp_path / "kept", said)
    with pytest.raises(ValueError, match=words):
        load_trained(tmp_path / "kept")


def test_a_network_without_weights_and_weights_without_a_network_are_refused(folder):
    with pytest.raises(ValueError, match="efficientnetv2-tiny without weights answers at random"):
        to_evaluate(str(folder), "efficientnetv2-tiny", None)
    for weights in ("pretrained", "package", "timm:resnet18.a1_in1k"):
        with pytest.raises(ValueError, match=f"weights {weights}: name their network with --model"):
            to_evaluate(str(folder), None, weights)


def test_an_image_size_that_the_network_does_not_take_is_refused(folder, ranked, tmp_path_factory):
    file = tmp_path_factory.mktemp("timm") / "own.pth"
    torch.save(timm.create_model("vit_tiny_patch16_224", num_classes=6).state_dict(), file)
    with pytest.raises(ValueError, match=r"does not take images of 33 px: .*patch size"):
        to_evaluate(str(folder), "timm:vit_tiny_patch16_224", str(file), 33)
    with pytest.raises(ValueError, match=r"\(8, 8\) is below the total stride of efficientnetv2-tiny: use at least 16"):
        to_evaluate(str(folder), "efficientnetv2-tiny", str(ranked), 8)
