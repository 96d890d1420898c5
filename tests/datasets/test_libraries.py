"""Sets of torchvision and timm: read where they lie, in the splits that the papers used; nothing is downloaded."""

import inspect
import json

import numpy as np
import pytest
import timm.data
import torchvision.datasets
from scipy.io import savemat

from convscale.datasets import DataMissing, load, sources
from convscale.datasets.libraries import TORCHVISION


@pytest.fixture
def data(tmp_path, monkeypatch):
    """CONVSCALE_DATA, where small sets pass for the known ones; whoever tries to download meets an error."""

    def refuse(*_, **__):
        raise OSError("no network here")

    for module in ("utils", "cifar", "flowers102"):
        for name in ("download_url", "download_and_extract_archive"):
            monkeypatch.setattr(f"torchvision.datasets.{module}.{name}", refuse, raising=False)
    monkeypatch.setattr(sources, "check_genuine", lambda *_: None)
    monkeypatch.setenv("CONVSCALE_DATA", str(tmp_path))
    return tmp_path


def test_stanford_cars_where_they_lie(data, write):
    folder = data / "cars" / "stanford_cars"
    (folder / "devkit").mkdir(parents=True)
    savemat(folder / "devkit" / "cars_meta.mat", {"class_names": np.array(["Audi", "BMW"], object)})
    for part, classes in (("train", [2, 1, 1]), ("test", [1, 2])):
        write.folder(folder, [0] * len(classes), (f"cars_{part}",), kind="jpeg")
        rows = np.array([(f"{i:04d}.jpeg", c) for i, c in enumerate(classes)], [("fname", object), ("class", object)])
        path = folder / ("devkit/cars_train_annos.mat" if part == "train" else "cars_test_annos_withlabels.mat")
        savemat(path, {"annotations": rows})
    train, test = load("cars", "train"), load("cars", "test")
    assert train.labels.tolist() == [1, 0, 0] and test.labels.tolist() == [0, 1]
    assert train.classes == test.classes == ("Audi", "BMW")
    assert train.image(2).size == (20, 10) and train.name(2).endswith("cars_train/0002.jpeg")


def test_food_by_torchvisions_own_name(data, write):
    folder = data / "Food101" / "food-101"
    (folder / "meta").mkdir(parents=True)
    listed = {"apple_pie": ["apple_pie/0000"], "waffles": ["waffles/0001"]}
    (folder / "meta" / "train.json").write_text(json.dumps(listed))
    (folder / "images").mkdir()
    images = load("torchvision:Food101", "train")
    assert images.labels.tolist() == [0, 1] and images.classes == ("apple_pie", "waffles")
    assert images.name(1).endswith("waffles/0001.jpg")


def test_flowers_are_trained_on_both_the_first_splits(data, monkeypatch):
    """V1 Table 6 and V2 Table 9: 2,040 training images, of which torchvision calls one half validation."""

    class Fake:
        classes = ("rose", "lily")

        def __init__(self, root, split):
            self.parts, self._labels = split, {"train": [0, 1], "val": [1, 0, 0], "test": [1]}[split]
            self._image_files = [root / f"{split}{i}.jpg" for i in range(len(self._labels))]

    monkeypatch.setattr(torchvision.datasets, "Flowers102", Fake)
    train = load("flowers", "train")
    assert train.labels.tolist() == [0, 1, 1, 0, 0] and train.name(2).endswith("flowers/val0.jpg")
    assert load("flowers", "test").labels.tolist() == [1]


def test_sets_in_memory_are_read_through_torchvision(data, monkeypatch):
    class Fake(torchvision.datasets.CIFAR100):
        def __init__(self, root, train):
            self.data, self.targets = np.arange(3 * 48, dtype=np.uint8).reshape(3, 4, 4, 3), [1, 0, 1]
            self.classes, self.transform, self.target_transform = ["a", "b"], None, None

    monkeypatch.setattr(torchvision.datasets, "CIFAR100", Fake)
    images = load("cifar100", "train")
    assert np.array_equal(images.image(2), np.arange(96, 144).reshape(4, 4, 3))
    assert images.name(2) == "torchvision Fake: image 2" and images.labels.tolist() == [1, 0, 1]


@pytest.mark.parametrize("name", ["cifar10", "cifar100", "flowers", "cars", "torchvision:Flowers102"])
def test_without_network_the_error_says_what_to_do(data, name):
    with pytest.raises(DataMissing, match=r"could not be downloaded \(.*set CONVSCALE_DATA to a folder that holds"):
        load(name, "train")


@pytest.mark.parametrize("name", TORCHVISION)
def test_every_listed_set_takes_its_arguments(name):
    make = getattr(torchvision.datasets, name)
    known = {key for parent in make.__mro__[:2] for key in inspect.signature(parent).parameters}
    assert {key for split in TORCHVISION[name].values() for arguments in split for key in arguments} <= known


def test_sets_that_are_no_classification_are_refused():
    with pytest.raises(ValueError, match="unknown torchvision data set 'VOCDetection'"):
        load("torchvision:VOCDetection", "train")
    with pytest.raises(ValueError, match=r"unknown torchvision data set 'Flowers': did you mean Flowers102\?"):
        load("torchvision:Flowers", "train")


@pytest.mark.parametrize("kind", ["tfds", "wds", "hfids"])
def test_timm_sets_that_only_stream_are_refused(kind):
    with pytest.raises(ValueError, match=f"timm:{kind}/mnist: {kind}/ is read in order only.*tar shards or parquet"):
        load(f"timm:{kind}/mnist", "train")
    with pytest.raises(ValueError, match=r"unknown kind of timm data set 'torchvision'.*allowed: torch, hfds"):
        load("timm:torchvision/cifar10", "train")


class Reader:
    """What timm's reader of a Hugging Face data set offers."""

    label_key, class_to_idx = "label", {"owl": 1, "hen": 0}

    def __init__(self, path, labels):
        self.path, self.dataset = path, {"label": labels}

    def __getitem__(self, i):
        return self.path.open("rb"), self.dataset["label"][i]

    def filename(self, i):
        return f"file{i}.png"


def test_timms_hugging_face_sets(data, write, monkeypatch):
    (data / "a.png").write_bytes(write.encoded((1, 2, 3)))
    labels = {"train": [1, 0], "test": [-1, -1], "validation": [0, 0, 1]}

    def create_dataset(name, root, split):
        assert name == "hfds/birds"
        if split not in labels:
            raise ValueError(f"Unknown split {split!r}")
        return type("ImageDataset", (), {"reader": Reader(data / "a.png", labels[split])})

    monkeypatch.setattr(timm.data, "create_dataset", create_dataset)
    train, test = load("timm:hfds/birds", "train"), load("timm:hfds/birds", "test")
    assert train.classes == ("hen", "owl") and train.labels.tolist() == [1, 0] and test.labels.tolist() == [0, 0, 1]
    assert train.image(1).getpixel((0, 0)) == (1, 2, 3) and train.name(1) == "timm file1.png"
    del labels["validation"]
    with pytest.raises(DataMissing, match=r"no test images with labels \(Unknown split 'val'\)"):
        load("timm:hfds/birds", "test")


def test_timms_torch_sets_come_through_torchvision(data, monkeypatch):
    with pytest.raises(DataMissing, match=r"could not be downloaded \(no network here\)"):
        load("timm:torch/cifar100", "train")
