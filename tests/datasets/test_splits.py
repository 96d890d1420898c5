"""Splits of a person's folder: however they are spelled and nested they are splits, and never classes."""

import pytest

from convscale.datasets import DataMissing, load
from convscale.datasets.splits import split_of_folder


@pytest.fixture
def found(tmp_path, write):
    """`found("Train", "valid/x")` writes two classes into each of these folders and says which images each split has.

    The number of images of a folder is 3 for the first of them, 4 for the next, and so on.
    """

    def make(*folders):
        for number, folder in enumerate(folders):
            write.folder(tmp_path / "mine" / folder, [i % 2 for i in range(3 + number)], ("cat", "dog"))
        sizes = {}
        for split in ("train", "validation", "test"):
            try:
                images = load(f"folder:{tmp_path / 'mine'}", split)
            except DataMissing:
                continue
            assert images.classes == ("cat", "dog")
            sizes[split] = len(images)
        return sizes

    return make


TRAIN = ("train", "Train", "TRAIN", "training", "Training_set", "train_images", "TrainData", "train2017", "trn")
VALIDATION = ("val", "valid", "validation", "Valid", "VAL", "validate", "dev", "eval", "Evaluation", "val set")
TEST = ("test", "Test", "testing", "Testing", "TEST", "test_set", "TestImages", "tst")


@pytest.mark.parametrize(("split", "names"), [("train", TRAIN), ("validation", VALIDATION), ("test", TEST)])
def test_usual_spellings_are_splits(split, names):
    assert {name: split_of_folder(name) for name in names} == dict.fromkeys(names, split)


@pytest.mark.parametrize(
    "name", ["cat", "steam train", "model-train-shop", "testament", "retrain", "images", "2017", ""]
)
def test_other_names_are_none(name):
    assert split_of_folder(name) is None


@pytest.mark.parametrize("folders", [("Train", "Test"), ("Training", "Testing"), ("TRAIN", "VAL"), ("training", "dev")])
def test_two_splits_are_for_training_and_testing(found, folders):
    assert found(*folders) == {"train": 3, "test": 4}


@pytest.mark.parametrize("validation", ["val", "valid", "validation", "dev", "Eval"])
def test_validation_images_are_a_split_of_their_own_where_there_are_test_images(found, validation):
    assert found("train", validation, "test") == {"train": 3, "validation": 4, "test": 5}


def test_evaluation_images_beside_others_to_choose_on_are_for_the_end(found):
    assert found("train", "dev", "eval") == {"train": 3, "validation": 4, "test": 5}


@pytest.mark.parametrize(
    "folders",
    [
        ("pics/train", "pics/val", "pics/test"),
        ("a/b/train", "a/b/val", "a/b/test"),
        ("train/train", "val/val", "test/test"),
        ("train/images", "val/images", "test/images"),
        ("seg_train/seg_train", "seg_val/seg_val", "seg_test/seg_test"),
    ],
)
def test_folders_in_folders_as_archives_unpack(found, folders):
    assert found(*folders) == {"train": 3, "validation": 4, "test": 5}


def test_classes_alone_with_test_images_beside_them(found):
    assert found("", "test") == {"train": 3, "test": 4}


def test_what_an_archive_of_a_mac_brings_along_does_not_hide_the_folder(found, tmp_path, write):
    write.folder(tmp_path / "mine" / "__MACOSX" / "pics", [0, 1], ("cat", "dog"))
    assert found("pics/train", "pics/test") == {"train": 3, "test": 4}


def test_test_images_without_classes_are_told_and_not_used(found, tmp_path, write):
    (tmp_path / "mine/test").mkdir(parents=True)
    (tmp_path / "mine/test/1.png").write_bytes(write.encoded((0, 0, 0)))
    assert found("train") == {"train": 3}
    notes = load(f"folder:{tmp_path / 'mine'}", "train").notes
    assert notes == ("test/ is not used: it has no class folders with images",)


def test_test_images_without_classes_are_no_class_beside_class_folders(found, tmp_path, write):
    (tmp_path / "mine/test").mkdir(parents=True)
    (tmp_path / "mine/test/1.png").write_bytes(write.encoded((0, 0, 0)))
    assert found("") == {"train": 3}


def test_folders_beside_the_splits_are_told(found, tmp_path, write):
    write.folder(tmp_path / "mine", [0], ("unlabelled",))
    assert found("train", "val") == {"train": 3, "test": 4}
    assert load(f"folder:{tmp_path / 'mine'}", "train").notes == ("not used beside the splits: unlabelled/",)


def test_trains_are_a_class_beside_other_vehicles(tmp_path, write):
    write.folder(tmp_path, [0, 1, 2], ("bus", "steam-train", "train"))
    images = load(f"folder:{tmp_path}", "train")
    assert images.classes == ("bus", "steam-train", "train")
    assert images.notes == ("train/ is taken for a class, as are the 2 folders beside it",)


@pytest.mark.parametrize(
    ("labels", "names", "words"),
    [
        ([0, 1], ("train", "test"), "train: images without class folders: put them in a folder for each class"),
        ([0, 1], ("train", "unlabelled/x"), "train: images without class folders"),
        (
            [0, 1, 2, 3],
            ("cat/train", "cat/test", "dog/train", "dog/test"),
            "splits lie below the classes cat, dog: put",
        ),
        (
            [0, 1, 2, 3, 4],
            ("train/a", "train/b", "val/a", "valid/a", "test/a"),
            "val/ and valid/, two spellings of one",
        ),
    ],
)
def test_folders_that_may_be_meant_otherwise_are_refused(tmp_path, write, labels, names, words):
    write.folder(tmp_path, labels, names)
    with pytest.raises(ValueError, match=words):
        load(f"folder:{tmp_path}", "train")
        load(f"folder:{tmp_path}", "validation")  # reads that one alone


@pytest.mark.parametrize("ending", ["parquet", "tar"])
@pytest.mark.parametrize(
    "names",
    [
        ("train-0", "validation-0", "test-0"),
        ("Training-00000-of-00001", "valid", "TEST_0"),
        ("data/imagenet1k-train-0", "data/imagenet1k-val-0", "data/imagenet1k-test-0"),
    ],
)
def test_shards_are_of_the_split_that_their_names_say(tmp_path, write, ending, names):
    for number, name in enumerate(names):
        path = tmp_path / "mine" / f"{name}.{ending}"
        labels = [i % 2 for i in range(2 + number)]
        if ending == "parquet":
            write.parquet(path, labels)
        else:
            members = [
                (f"{i}.png", write.encoded(write.colour(i)), f"{i}.cls", b"%d" % k) for i, k in enumerate(labels)
            ]
            write.pack(path, {name: content for a, b, c, d in members for name, content in ((a, b), (c, d))})
    sizes = [len(load(f"folder:{tmp_path / 'mine'}", split)) for split in ("train", "validation", "test")]
    assert sizes == [2, 3, 4]


def test_a_test_split_whose_labels_are_secret_leaves_the_validation_images_for_the_end(tmp_path, write):
    for split, labels in (("train", [0, 1]), ("validation", [1, 0, 1]), ("test", [-1, -1])):
        write.parquet(tmp_path / f"{split}-0.parquet", labels)
    assert len(load(f"folder:{tmp_path}", "test")) == 3
    with pytest.raises(DataMissing, match="needs validation/"):
        load(f"folder:{tmp_path}", "validation")


def test_known_sets_have_no_validation_images_apart(root, write):
    for split in ("train", "val", "test"):
        write.folder(root / "imagenette" / split, [0, 1])
    with pytest.raises(DataMissing, match="imagenette has no validation images that are not its test images"):
        load("imagenette", "validation")
    with pytest.raises(DataMissing, match="digits has no validation images"):
        load("digits", "validation")
