"""Where images come from: the embedded digits, parquet and folders of a user's own, and what is said when they fail."""

import hashlib
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from convscale import datasets
from convscale.datasets import Images, load, sources, subset
from convscale.datasets.sources import DataMissing


def test_digits_are_the_known_ones():
    train, test = load("digits", "train"), load("digits", "test")
    assert (len(train), len(test)) == (1438, 359)  # 1,797, every fifth one a test image
    assert train.classes == test.classes == tuple("0123456789")
    assert test.labels[:10].tolist() == [4, 9, 4, 9, 4, 9, 6, 9, 7, 0]
    pixels = hashlib.sha256()
    for images in (train, test):
        for i in range(len(images)):
            pixels.update(np.asarray(images.image(i)).tobytes())
    assert pixels.hexdigest()[:16] == "9dc08fd72e4ce0f7"
    assert np.asarray(test.image(0)).shape == (8, 8, 3)


def jpeg(colour, size=(20, 10)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "png")
    return out.getvalue()


def write_parquet(path, labels, column="image"):
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [{"bytes": jpeg((10 * i, 0, int(label or 0))), "path": None} for i, label in enumerate(labels)]
    pd.DataFrame(
        {column: cells, "label": pd.Series(labels, dtype="int64" if None not in labels else object)}
    ).to_parquet(path)


def write_folder(path, counts):
    for name, count in counts.items():
        (path / name).mkdir(parents=True)
        for i in range(count):
            (path / name / f"{i}.png").write_bytes(jpeg((i, 0, 0)))
        (path / name / "notes.txt").write_text("not an image")


@pytest.fixture
def root(tmp_path, monkeypatch):
    """CONVSCALE_DATA, and no download."""

    def refuse(folder, split):
        raise OSError("no network here")

    monkeypatch.setattr(sources, "DOWNLOADS", dict.fromkeys(sources.DOWNLOADS, refuse))
    monkeypatch.setenv("CONVSCALE_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("column", ["image", "img"])
def test_parquet_of_hugging_face(root, column):
    write_parquet(root / "cifar10" / "train-00000-of-00002.parquet", [0, 2], column)
    write_parquet(root / "cifar10" / "train-00001-of-00002.parquet", [1], column)
    write_parquet(root / "cifar10" / "test-00000-of-00001.parquet", [1, 0], column)
    train, test = load("cifar10", "train"), load("cifar10", "test")
    assert train.labels.tolist() == [0, 2, 1] and train.classes == ("0", "1", "2")
    assert [train.image(i).getpixel((0, 0)) for i in range(3)] == [(0, 0, 0), (10, 0, 2), (0, 0, 1)]
    assert test.labels.tolist() == [1, 0] and test.image(0).size == (20, 10)


@pytest.mark.parametrize("split", ["test", "val", "validation"])
def test_image_folders(root, split):
    write_folder(root / "imagenette" / "train", {"tench": 3, "church": 2})
    write_folder(root / "imagenette" / split, {"tench": 1, "church": 1})
    train, test = load("imagenette", "train"), load("imagenette", "test")
    assert train.classes == ("church", "tench") and train.labels.tolist() == [0, 0, 1, 1, 1]
    assert train.image(4).getpixel((0, 0)) == (2, 0, 0)
    assert len(test) == 2


def test_folder_of_ones_own(tmp_path):
    write_folder(tmp_path / "mine" / "train", {"a": 1, "b": 1})
    assert load(f"folder:{tmp_path / 'mine'}", "train").classes == ("a", "b")
    with pytest.raises(DataMissing, match=r"mine: needs test/<class>/\*\.jpg or test-\*\.parquet"):
        load(f"folder:{tmp_path / 'mine'}", "test")
    with pytest.raises(DataMissing, match="nowhere: needs train/"):
        load(f"folder:{tmp_path / 'nowhere'}", "train")


def test_another_sets_images_are_not_taken_for_it(root):
    write_parquet(root / "train-0.parquet", [0, 1])
    write_parquet(root / "imagenette" / "train-0.parquet", [0, 1])
    with pytest.raises(DataMissing, match="no cifar10 images"):
        load("cifar10", "train")


def test_missing_data_says_how_to_get_it(root):
    with pytest.raises(DataMissing) as missing:
        load("cifar10", "train")
    words = str(missing.value)
    assert f"no cifar10 images in {root}" in words and "no network here" in words
    assert (
        "set CONVSCALE_DATA" in words and "cifar10/train-*.parquet" in words and "cifar10/train/<class>/*.jpg" in words
    )


def test_empty_data_folder_says_how_to_get_it(root):
    (root / "cifar10").mkdir()
    with pytest.raises(DataMissing, match="set CONVSCALE_DATA"):
        load("cifar10", "train")


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, "0 class folders; at least 2"),
        ({"only": 3}, "1 class folders; at least 2"),
        ({"full": 3, "void": 0}, r"void: no images \(.*\.jpg.*\) in this class folder"),
    ],
)
def test_malformed_image_folders_are_refused(root, counts, words):
    (root / "imagenette" / "train").mkdir(parents=True)
    write_folder(root / "imagenette" / "train", counts)
    with pytest.raises(ValueError, match=words):
        load("imagenette", "train")


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([], "no images"),
        ([0, 0], "1 class; at least 2"),
        ([0, 1, -1], "label -1"),
        ([0, None, 1], "label"),
    ],
)
def test_malformed_parquet_is_refused(root, labels, words):
    file = root / "cifar10" / "train-0.parquet"
    write_parquet(file, labels)
    with pytest.raises(ValueError, match=rf"train-0\.parquet.*{words}"):
        load("cifar10", "train")


def test_parquet_without_images_names_its_columns(root):
    (root / "cifar10").mkdir()
    pd.DataFrame({"picture": [1], "label": [0]}).to_parquet(root / "cifar10" / "train-0.parquet")
    with pytest.raises(ValueError, match=r"train-0\.parquet: columns \['picture', 'label'\]; needed: 'image' or 'img'"):
        load("cifar10", "train")


def test_damaged_parquet_names_the_file(root):
    (root / "cifar10").mkdir()
    (root / "cifar10" / "train-0.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(ValueError, match=r"train-0\.parquet"):
        load("cifar10", "train")


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"unknown data set 'cifar': did you mean cifar10\? allowed: digits, cifar10"):
        load("cifar", "train")
    with pytest.raises(ValueError, match=r"unknown split 'valid': .*allowed: train, test"):
        load("digits", "valid")


def numbered(labels) -> Images:
    return Images([np.full((2, 2), i, np.uint8) for i in range(len(labels))], np.array(labels), ("a", "b", "c"))


def test_subset_is_even_over_classes_and_takes_the_first():
    images = numbered([0, 0, 0, 0, 1, 1, 2, 2, 2])
    assert subset(images, 6).labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert [int(item[0, 0]) for item in subset(images, 6).items] == [0, 1, 4, 5, 6, 7]
    assert np.bincount(subset(images, 8).labels).tolist() == [3, 2, 3]  # class 1 has no more than 2
    assert np.bincount(subset(images, 4).labels).tolist() == [2, 1, 1]


def test_subset_of_real_data_is_balanced():
    chosen = datasets.subset(load("digits", "train"), 300)
    assert np.bincount(chosen.labels).tolist() == [30] * 10


def test_subset_of_all_is_the_set_itself():
    images = numbered([0, 1, 2])
    assert subset(images, None) is images and subset(images, 3) is images


@pytest.mark.parametrize("count", [0, -1, 4])
def test_subset_of_more_than_there_is_is_refused(count):
    with pytest.raises(ValueError, match=f"asked for {count} of 3 images"):
        subset(numbered([0, 1, 2]), count)


def test_grey_and_transparent_images_become_rgb():
    grey, clear = np.full((4, 6), 7, np.uint8), np.full((4, 6, 4), 9, np.uint8)
    images = Images([grey, clear], np.array([0, 1]), ("a", "b"))
    assert images.image(0).getpixel((0, 0)) == (7, 7, 7) and images.image(0).size == (6, 4)
    assert images.image(1).getpixel((0, 0)) == (9, 9, 9)


def test_decoded_images_are_kept_only_while_they_fit(monkeypatch):
    from convscale.datasets import images as module

    monkeypatch.setattr(module, "CACHE_BYTES", 3 * 4 + 5)  # one image of 2 x 2 px, not two
    images = numbered([0, 1])
    assert images.image(0) is images.image(0)
    assert images.image(1) is not images.image(1)
