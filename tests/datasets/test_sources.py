"""Where images come from: the embedded digits and folders of a user's own, and what is said when they fail."""

import hashlib

import numpy as np
import pytest

from convscale.datasets import DATASETS, DataMissing, flips, load, read_split, sources


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


@pytest.mark.parametrize("split", ["test", "val", "validation"])
def test_image_folders(root, write, split):
    write.folder(root / "imagenette" / "train", [1, 0, 1, 0, 1], ("church", "tench"))
    write.folder(root / "imagenette" / split, [0, 1], ("church", "tench"))
    (root / "imagenette" / "train" / "tench" / "notes.txt").write_text("not an image")
    (root / "imagenette" / "train" / "tench" / "._0000.png").write_text("macOS's own")
    (root / "imagenette" / "train" / ".ipynb_checkpoints").mkdir()
    train, test = load("imagenette", "train"), load("imagenette", "test")
    assert train.classes == ("church", "tench") and train.labels.tolist() == [0, 0, 1, 1, 1]
    assert [train.image(i).getpixel((0, 0)) for i in range(5)] == [write.colour(i) for i in (1, 3, 0, 2, 4)]
    assert len(test) == 2


def test_folders_below_a_class_belong_to_it_in_order_of_their_parts(tmp_path, write):
    for inside in ("b-2/0.png", "b/1.JPG", "b/c/0.png"):
        file = tmp_path / "class0" / inside
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(write.encoded((0, 0, 0)))
    write.folder(tmp_path, [0], ("class1",))
    images = read_split(tmp_path)
    assert [images.name(i).removeprefix(f"{tmp_path}/") for i in range(4)] == [
        "class0/b/1.JPG",
        "class0/b/c/0.png",
        "class0/b-2/0.png",
        "class1/0000.png",
    ]


def test_folder_of_ones_own(tmp_path, write):
    write.folder(tmp_path / "mine" / "train", [0, 1])
    assert load(f"folder:{tmp_path / 'mine'}", "train").classes == ("a", "b")
    with pytest.raises(DataMissing, match=r"mine: needs test/<class>/\*\.jpg, test-\*\.parquet or test-\*\.tar"):
        load(f"folder:{tmp_path / 'mine'}", "test")
    with pytest.raises(DataMissing, match="nowhere: needs train/"):
        load(f"folder:{tmp_path / 'nowhere'}", "train")


def test_a_split_folder_may_hold_parquet_or_tar_files(tmp_path, write):
    write.parquet(tmp_path / "a" / "train" / "part.parquet", [0, 1, 0])
    write.shards(tmp_path / "b" / "train", [0, 1, 0], 2)
    assert len(load(f"folder:{tmp_path / 'a'}", "train")) == len(load(f"folder:{tmp_path / 'b'}", "train")) == 3


def test_two_layouts_of_one_split_are_refused(tmp_path, write):
    write.folder(tmp_path / "train", [0, 1])
    write.shards(tmp_path, [0, 1], 2)
    with pytest.raises(ValueError, match=r"holds train-000000\.tar and train/, two layouts of the same images"):
        load(f"folder:{tmp_path}", "train")
    write.shards(tmp_path / "train", [0, 1], 2)
    with pytest.raises(ValueError, match=r"holds train-000000\.tar and class folders, two layouts"):
        read_split(tmp_path / "train")


def test_another_sets_images_are_not_taken_for_it(root, write):
    write.parquet(root / "train-0.parquet", [0, 1])
    write.parquet(root / "imagenette" / "train-0.parquet", [0, 1])
    with pytest.raises(DataMissing, match="no cifar10 images"):
        load("cifar10", "train")


@pytest.mark.parametrize("name", sorted(set(DATASETS) - {"digits", "textures"}))
def test_missing_data_says_how_to_get_it(root, name):
    with pytest.raises(DataMissing) as missing:
        load(name, "train")
    words = str(missing.value)
    assert f"no {name} images in {root}" in words and "set CONVSCALE_DATA" in words
    assert ("no network here" in words) == (name not in ("imagenet", "birdsnap"))
    assert all(
        layout in words for layout in (f"{name}/train-*.parquet", f"{name}/train-*.tar", f"{name}/train/<class>")
    )


def test_empty_data_folder_says_how_to_get_it(root):
    (root / "cifar10").mkdir()
    with pytest.raises(DataMissing, match="set CONVSCALE_DATA"):
        load("cifar10", "train")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ((), "0 class folders with images; at least 2"),
        (("only",), "1 class folder with images; at least 2"),
        (("full", "void"), r"void: no images \(.*\.jpg.*\) in this class folder"),
    ],
)
def test_malformed_image_folders_are_refused(root, write, names, words):
    (root / "imagenette" / "train").mkdir(parents=True)
    for name in names:
        (root / "imagenette" / "train" / name).mkdir()
    if names:
        write.folder(root / "imagenette" / "train", [0], names)
    with pytest.raises(ValueError, match=words):
        load("imagenette", "train")


def test_classes_without_training_images_are_refused_and_may_lack_test_images(root, write):
    for split in ("train", "test"):
        write.parquet(root / "imagenette" / f"{split}-0.parquet", [0, 3, 4])
    with pytest.raises(ValueError, match=r"2 of 5 classes have no training image, the first of them '1'.*without gaps"):
        load("imagenette", "train")
    assert load("imagenette", "test").labels.tolist() == [0, 3, 4]


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"'cifar': did you mean cifar10 .*allowed: digits, textures, cifar10"):
        load("cifar", "train")
    with pytest.raises(ValueError, match=r"unknown data set 'folders'.*folder:PATH, torchvision:<Name>"):
        load("folders", "train")
    with pytest.raises(ValueError, match=r"unknown split 'valid': .*allowed: train, test"):
        load("digits", "valid")


def test_digits_and_signs_are_not_mirrored():
    upright = {"digits", "torchvision:MNIST", "torchvision:SVHN", "timm:torch/mnist", "timm:hfds/ylecun/mnist"}
    assert not any(flips(name) for name in upright)
    mirrored = {"cifar10", "imagenette", "imagenet", "flowers", "torchvision:CIFAR100", "timm:hfds/uoft-cs/cifar10"}
    assert all(flips(name) for name in (*mirrored, "folder:my/digits", "torchvision:FashionMNIST"))
    assert set(DATASETS) - {"digits"} == {name for name in DATASETS if flips(name)}


def test_a_list_is_read_once_while_its_folder_stays_the_same(tmp_path, write, monkeypatch):
    write.folder(tmp_path / "train", [0, 1, 0])
    name, reads = f"folder:{tmp_path}", []
    original = sources.read
    monkeypatch.setattr(sources, "read", lambda *what: reads.append(what) or original(*what))
    first, again = load(name, "train"), load(name, "train")
    assert len(reads) == 1 and [again.name(i) for i in range(3)] == [first.name(i) for i in range(3)]
    first.image(0)
    assert first._decoded and not again._decoded  # pixels are each set's own
    write.folder(tmp_path / "train", [0, 1, 0, 1])
    assert len(load(name, "train")) == 4 and len(reads) == 2
    (tmp_path / "train" / "a" / "0000.png").unlink()
    assert len(load(name, "train")) == 3 and len(reads) == 3


@pytest.mark.parametrize("layout", ["parquet", "tar"])
def test_a_shard_that_changed_is_read_anew(tmp_path, write, layout):
    make = write.parquet if layout == "parquet" else lambda path, labels: write.shards(path.parent, labels, 9)
    make(tmp_path / "train-0.parquet", [0, 1])
    assert load(f"folder:{tmp_path}", "train").labels.tolist() == [0, 1]
    make(tmp_path / "train-0.parquet", [1, 0, 1])
    assert load(f"folder:{tmp_path}", "train").labels.tolist() == [1, 0, 1]
