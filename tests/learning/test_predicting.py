"""Predictions: on images of any layout, the answers of the network that was kept, image by image."""

import io
import tarfile

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from convscale import load_trained
from convscale import predict as public_predict
from convscale.datasets import DataMissing, Images, unlabelled_images
from convscale.devices import Device
from convscale.learning import answers_of, evaluate, predict
from convscale.learning.evaluation import Trained
from convscale.models import build

CLASSES = ("cat", "dog", "eel", "fox", "gnu", "hen")


@pytest.fixture(scope="module")
def trained(kept) -> Trained:
    return load_trained(kept)


@pytest.fixture
def photos(tmp_path, picture):
    """Images in folders of no meaning, in a folder with other things."""
    root = tmp_path / "photos"
    for i, name in enumerate(("b.png", "a/2.jpg", "a/10.jpg", "train/odd one.webp")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        picture(i).save(root / name)
    (root / "a/notes.txt").write_text("")
    return root


def names(images: Images) -> list[str]:
    return [images.name(i) for i in range(len(images))]


def by_hand(trained: Trained, image: Image.Image) -> np.ndarray:
    """Probabilities in three lines, as the docstring of `Trained` has them."""
    with torch.no_grad():
        return trained.model(trained.transform(image)[None]).softmax(1)[0].numpy()


@pytest.mark.parametrize("batch_size", [3, 64])
def test_each_image_has_its_networks_answers(trained, photos, batch_size):
    table = public_predict(trained, photos, "cpu", batch_size=batch_size)
    assert list(table.columns[:4]) == ["file", "class", "probability", "class_2"] and len(table.columns) == 11
    assert list(table["file"]) == [str(photos / n) for n in ("a/10.jpg", "a/2.jpg", "b.png", "train/odd one.webp")]
    assert table["class"].nunique() > 1  # or the test could not tell images apart
    for row in table.to_dict("records"):
        expected = by_hand(trained, Image.open(row["file"]))
        best = np.argsort(-expected)[:5]
        found = [(row[f"class{end}"], row[f"probability{end}"]) for end in ("", "_2", "_3", "_4", "_5")]
        assert [name for name, _ in found] == [CLASSES[k] for k in best]
        assert [p for _, p in found] == pytest.approx(expected[best], rel=1e-4)


def test_an_image_is_shown_as_its_owner_sees_it(trained, photos, picture):
    lying = picture(7, (40, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    lying.save(photos / "phone.png", exif=exif)
    expected = by_hand(trained, lying.transpose(Image.Transpose.ROTATE_270))
    row = predict(trained, photos / "phone.png", "cpu").iloc[0]
    assert row["probability"] == pytest.approx(expected.max(), rel=1e-4)
    assert by_hand(trained, Image.open(photos / "phone.png")) == pytest.approx(expected)
    assert trained.transform(picture(1).convert("LA")).shape == (3, 24, 24)


def test_files_and_folders_in_the_order_in_which_they_are_named(photos):
    images = unlabelled_images([photos / "b.png", photos / "a"])
    assert names(images) == [str(photos / name) for name in ("b.png", "a/10.jpg", "a/2.jpg")]
    assert len(images.notes) == 1 and "passed over" in images.notes[0] and "notes.txt" in images.notes[0]
    with pytest.raises(IndexError):
        images.items[3]


def test_shards_need_no_labels(trained, photos, picture):
    encoded = io.BytesIO()
    picture(5).save(encoded, "PNG")
    with tarfile.open(photos / "a/shard.tar", "w") as tar:
        for name in ("x.png", "y.png"):
            info = tarfile.TarInfo(name)
            info.size = len(encoded.getvalue())
            tar.addfile(info, io.BytesIO(encoded.getvalue()))
    table = predict(trained, photos, "cpu")
    assert list(table["file"][4:]) == [f"{photos / 'a/shard.tar'}: {name}" for name in ("x.png", "y.png")]
    assert table["probability"][4] == pytest.approx(by_hand(trained, picture(5)).max(), rel=1e-4)
    alone = predict(trained, photos / "a/shard.tar", "cpu")
    assert list(alone["class"]) == list(table["class"][4:])


def test_parquet_with_secret_labels_or_none(trained, tmp_path, picture):
    pytest.importorskip("pyarrow", reason="comes with the optional part [parquet]")
    encoded = io.BytesIO()
    picture(5).save(encoded, "PNG")
    for name, more in (("secret", {"label": [-1, -1]}), ("none", {})):
        table = pd.DataFrame({"image": [{"bytes": encoded.getvalue(), "path": "x"}] * 2, **more})
        table.to_parquet(tmp_path / f"{name}.parquet")
        found = predict(trained, tmp_path / f"{name}.parquet", "cpu")
        assert list(found["probability"]) == pytest.approx([by_hand(trained, picture(5)).max()] * 2, rel=1e-4)


def test_unreadable_images_are_named_and_the_others_keep_their_answers(trained, photos):
    whole = predict(trained, photos, "cpu")
    for name in ("a/11.jpg", "zz.png"):
        (photos / name).write_bytes(b"no image")
    with pytest.warns(UserWarning, match="2 of 6 images were unreadable and left out") as warned:
        table = predict(trained, photos, "cpu", batch_size=1)
    assert "a/11.jpg" in str(warned[0].message) and "zz.png" in str(warned[0].message)
    pd.testing.assert_frame_equal(table, whole, rtol=1e-4)


def test_what_cannot_be_predicted_is_one_error(trained, photos, tmp_path):
    with pytest.raises(DataMissing, match=r"no such file or folder: .*absent, .*gone"):
        unlabelled_images([photos, tmp_path / "absent", tmp_path / "gone"])
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/raw.nef").write_text("")
    with pytest.raises(DataMissing, match=r"empty: no images; needed: .*\npassed over .*raw.nef"):
        unlabelled_images([tmp_path / "empty"])
    (tmp_path / "text.txt").write_text("")
    with pytest.warns(UserWarning), pytest.raises(ValueError, match=r"none of 1 image can be read. The first: .*text"):
        predict(trained, tmp_path / "text.txt", "cpu")
    with pytest.raises(ValueError, match="does not say what its classes are called"):
        predict(Trained(trained.model, trained.pixels), photos, "cpu")


def test_answers_and_evaluation_are_one(trained, picture):
    """Of labelled images, of one class each or of several, and with fewer classes than five."""
    items = [np.asarray(picture(i)) for i in range(40)]
    rng = np.random.default_rng(0)
    for labels in (rng.integers(0, 6, 40), (rng.random((40, 6)) < 0.3).astype(np.float32) + np.eye(6, dtype="f4")[1]):
        images = Images(items, labels, CLASSES)
        found = answers_of(trained, images, "cpu", batch_size=7).results()
        assert found == pytest.approx(evaluate(trained.model, images, trained.pixels, "cpu"), rel=1e-5)
        assert 0 < found["top1"] < found["top5"]


def test_processes_share_the_images_and_each_gets_all_answers(trained, photos):
    images = unlabelled_images([photos])
    whole = answers_of(trained, images, "cpu")
    found = []

    class Half(Device):
        world = 2

        def total(self, values):
            found.append(values)
            return [sum(of_all) for of_all in zip(*found, strict=True)]

    for rank in (1, 0):  # the last knows what the other has found
        device = Half("cpu")
        device.rank = rank
        if rank:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(device, "total", lambda values: found.append(values) or values)
                assert len(answers_of(trained, images, device)) == 2
        else:
            both = answers_of(trained, images, device)
    for name, column in vars(whole).items():
        np.testing.assert_allclose(vars(both)[name], column, rtol=1e-4)


def test_what_only_fills_a_batch_up_has_no_answer(trained, photos):
    traced = Device("cpu")
    traced.traced = True
    found, whole = (answers_of(trained, unlabelled_images([photos]), on, batch_size=3) for on in (traced, "cpu"))
    assert len(found) == 4 and found.probability_NA == pytest.approx(whole.probability_NA, rel=1e-4)


def test_a_class_of_several_is_the_answer_if_it_is_one_of_them(trained, picture):
    items = [np.asarray(picture(i)) for i in range(12)]
    first = answers_of(trained, Images(items, np.zeros(12, int), CLASSES), "cpu").answer_NA[:, 0]
    labels = np.eye(6, dtype=np.float32)[first]
    labels[:6] = 0
    labels[:, 2:4] += 1
    found = answers_of(trained, Images(items, labels, CLASSES), "cpu")
    assert list(found.label_N[6:]) == list(first[6:])
    assert list(found.label_N[:6]) == [k if k in (2, 3) else 2 for k in first[:6]]


def test_outputs_that_are_no_numbers_are_an_error(trained, photos):
    damaged = build("efficientnetv2-tiny", 6)
    torch.nn.init.constant_(damaged.classifier.bias, float("nan"))
    with pytest.raises(FloatingPointError, match="outputs for 4 of 4 images are no finite numbers"):
        predict(Trained(damaged, trained.pixels, trained.classes), photos, "cpu")


def test_classes_are_those_of_the_file(trained):
    assert trained.classes == CLASSES and not trained.model.training
