"""Parquet in Hugging Face's layout: what is read, how much of it is held, and what is refused."""

import json
import sys

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from convscale.datasets import load, parquets, read_split


def colours(images):
    return [images.image(i).getpixel((0, 0)) for i in range(len(images))]


@pytest.mark.parametrize("column", ["image", "img"])
def test_parquet_of_hugging_face(root, write, column):
    write.parquet(root / "cifar10" / "train-00000-of-00002.parquet", [0, 2], column)
    write.parquet(root / "cifar10" / "train-00001-of-00002.parquet", [1], column)
    write.parquet(root / "cifar10" / "test-00000-of-00001.parquet", [1, 0], column)
    train, test = load("cifar10", "train"), load("cifar10", "test")
    assert train.labels.tolist() == [0, 2, 1] and train.classes == ("0", "1", "2")
    assert colours(train) == [write.colour(0), write.colour(1), write.colour(0)]
    assert test.labels.tolist() == [1, 0] and test.image(0).size == (20, 10)
    assert train.name(2) == f"{root}/cifar10/train-00001-of-00002.parquet: row 0 of row group 0"


@pytest.mark.parametrize("held", [0, 2**20])
def test_row_groups_are_the_shards_of_large_and_small_sets_alike(tmp_path, write, monkeypatch, held):
    monkeypatch.setattr(parquets, "HELD_BYTES", held)
    monkeypatch.setattr(parquets, "KEPT_GROUPS", 2)
    write.parquet(tmp_path / "0.parquet", [0, 1, 2, 0, 1, 2, 0], row_group_size=3)
    images = read_split(tmp_path)
    assert images.shards.tolist() == [0, 0, 0, 1, 1, 1, 2]
    assert len(images.items.held) == (3 if held else 0)
    assert colours(images) == [write.colour(i) for i in range(7)]
    assert list(images.items.held) == ([0, 1, 2] if held else [1, 2])


def test_class_names_are_those_of_the_metadata(tmp_path, write):
    write.parquet(tmp_path / "0.parquet", [0, 1])
    label = {"names": ["hen", "cock", "owl"], "_type": "ClassLabel"}
    meta = {b"huggingface": json.dumps({"info": {"features": {"label": label}}}).encode()}
    pq.write_table(pq.read_table(tmp_path / "0.parquet").replace_schema_metadata(meta), tmp_path / "0.parquet")
    assert read_split(tmp_path).classes == ("hen", "cock", "owl")
    with pytest.raises(ValueError, match=r"1 of 3 classes have no training image, .*'owl' \(number 2\)"):
        (tmp_path / "0.parquet").rename(tmp_path / "train-0.parquet")
        load(f"folder:{tmp_path}", "train")


def test_labels_beyond_the_named_classes_are_refused(tmp_path, write):
    write.parquet(tmp_path / "0.parquet", [0, 2])
    meta = {b"huggingface": json.dumps({"info": {"features": {"label": {"names": ["hen", "cock"]}}}}).encode()}
    pq.write_table(pq.read_table(tmp_path / "0.parquet").replace_schema_metadata(meta), tmp_path / "0.parquet")
    with pytest.raises(ValueError, match=r"0\.parquet: label 2, but the set names 2 classes: use 0 to 1"):
        read_split(tmp_path)


def test_lists_of_labels_become_rows(tmp_path, write):
    write.parquet(tmp_path / "0.parquet", [[0, 2], [1], []])
    images = read_split(tmp_path)
    rows = images.labels[:]
    assert rows.tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 0]] and rows.dtype == "float32"
    assert images.classes == ("0", "1", "2") and images.main_labels().tolist() == [0, 1, 0]


def test_secret_labels_are_passed_over(root, write):
    write.parquet(root / "imagenet" / "test-0.parquet", [-1, -1])
    write.parquet(root / "imagenet" / "validation-0.parquet", [0, 1, 1])
    assert load("imagenet", "test").labels.tolist() == [0, 1, 1]
    (root / "imagenet" / "validation-0.parquet").rename(root / "labels.parquet")
    (root / "labels.parquet").unlink()
    with pytest.raises(ValueError, match="every label is -1"):
        read_split(root / "imagenet")


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([], "no images"),
        ([0, 0], "1 class; at least 2"),
        ([0, 1, -1], "label -1"),
        ([0, None, 1], "label None of type NoneType; needed: whole numbers"),
        ([[0], [-1]], "label -1"),
        ([[], []], "label 'absent'"),
    ],
)
def test_malformed_parquet_is_refused(root, write, labels, words):
    write.parquet(root / "cifar10" / "train-0.parquet", labels)
    with pytest.raises(ValueError, match=rf"train-0\.parquet.*{words}"):
        load("cifar10", "train")


def test_parquet_without_images_names_its_columns(root):
    (root / "cifar10").mkdir()
    pd.DataFrame({"picture": [1], "label": [0]}).to_parquet(root / "cifar10" / "train-0.parquet")
    with pytest.raises(ValueError, match=r"train-0\.parquet: columns \['picture', 'label'\]; needed: 'image' or 'img'"):
        load("cifar10", "train")
    pq.write_table(pa.table({"image": ["a.jpg"], "label": [0]}), root / "cifar10" / "train-0.parquet")
    with pytest.raises(ValueError, match="column 'image' holds no 'bytes'"):
        load("cifar10", "train")


def test_damaged_parquet_names_the_file(root):
    (root / "cifar10").mkdir()
    (root / "cifar10" / "train-0.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(ValueError, match=r"train-0\.parquet"):
        load("cifar10", "train")


def test_without_pyarrow_the_error_says_what_to_install(tmp_path, write, monkeypatch):
    write.parquet(tmp_path / "0.parquet", [0, 1])
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(ImportError, match=r"0\.parquet: parquet needs pyarrow: pip install 'convscale\[parquet\]'"):
        read_split(tmp_path)
