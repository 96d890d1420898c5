"""Class folders: which files are images of a class, in which order classes are, and what is told of all the rest."""

import os
import shutil
import unicodedata

import numpy as np
import pytest
from PIL import Image, features

from convscale.datasets import Images, aligned, load, unlabelled_images
from convscale.datasets.endings import IMAGE_ENDINGS, OTHER_IMAGES


@pytest.fixture
def mine(tmp_path, write):
    """`mine()` reads the training images of a folder with three images of cats and two of dogs."""
    write.folder(tmp_path / "mine", [0, 1, 0, 1, 0], ("cat", "dog"))

    def read(split="train"):
        return load(f"folder:{tmp_path / 'mine'}", split)

    read.folder = tmp_path / "mine"
    return read


def test_endings_are_those_that_pillow_opens_by_itself():
    opened = {ending for ending, kind in Image.registered_extensions().items() if kind in Image.OPEN}
    named_only = {".bufr", ".grib", ".h5", ".hdf", ".mpg", ".mpeg"}
    by_other_programs = {".eps", ".ps", ".emf", ".wmf"}
    assert opened - named_only - by_other_programs - IMAGE_ENDINGS == set()  # a new Pillow may read more
    assert not IMAGE_ENDINGS & (OTHER_IMAGES | named_only | by_other_programs)


@pytest.mark.parametrize("ending", ["tif", "TIFF", "gif", "jfif", "JPE", "pgm", "jp2", "avif", "ico", "tga", "webp"])
def test_files_of_every_ending_are_images(mine, write, ending):
    kind = Image.registered_extensions()[f".{ending.lower()}"]
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow was built without AVIF")
    Image.new("RGB", (16, 16), (200, 30, 30)).save(mine.folder / "dog" / f"more.{ending}", kind)
    images = mine()
    assert len(images) == 6 and images.notes == ()
    pixel = images.image(5).getpixel((8, 8))
    assert images.name(5).endswith(f"more.{ending}") and (pixel[0] > 150 or len(set(pixel)) == 1)


HIDDEN = (
    ".ipynb_checkpoints",
    ".thumbnails/large",
    "__MACOSX",
    "@eaDir/x.png",
    "$RECYCLE.BIN",
    "System Volume Information",
)


@pytest.mark.parametrize("place", ["", "cat", "cat/more"])
@pytest.mark.parametrize("folder", HIDDEN)
def test_hidden_and_system_folders_hold_no_images_anywhere(mine, place, folder):
    copies = mine.folder / place / folder
    copies.mkdir(parents=True)
    shutil.copy(mine.folder / "cat/0000.png", copies / "0000.png")
    images = mine()
    assert (len(images), images.classes) == (5, ("cat", "dog"))
    assert images.notes[0].startswith("passed over in mine/: hidden or system folders: 1 (")


def test_everything_that_is_passed_over_is_counted_and_named(mine):
    for name in ("cat/Thumbs.db", "cat/.DS_Store", "dog/a.heic", "dog/b.HEIC", "dog/readme", "notes.txt", "loose.png"):
        (mine.folder / name).write_bytes(b"\0")
    (mine.folder / "labels").mkdir()
    (mine.folder / "labels/cat.txt").write_text("cat")
    os.symlink("nowhere", mine.folder / "cat/lost.png")
    os.symlink(".", mine.folder / "cat/round")
    images = mine()
    assert len(images) == 5
    assert images.notes == (
        "passed over in mine/: .db files: 1 (cat/Thumbs.db); .heic files: 2 (dog/a.heic, dog/b.HEIC); "
        "files in no class folder: 1 (notes.txt); files without ending: 1 (dog/readme); folders without images: 1 "
        "(labels/); images in no class folder: 1 (loose.png); "
        "links to folders that were read already: 1 (cat/round); links to nothing: 1 (cat/lost.png)",
    )


def test_hidden_files_and_what_is_kept_beside_images_are_passed_over_without_a_word(mine):
    for place in (".", "cat"):
        for name in (".DS_Store", "._0000.png", ".convscale-digest.json"):
            (mine.folder / place / name).write_bytes(b"\0")
        (mine.folder / place / ".convscale-pixels").mkdir()
    assert len(mine()) == 5 and mine().notes == ()
    images = unlabelled_images([mine.folder])
    assert len(images) == 5 and images.notes == ()


def test_folders_that_are_links_are_followed(mine, tmp_path):
    shutil.move(mine.folder / "cat", tmp_path / "cats")
    (mine.folder / "cat").mkdir()
    os.symlink(tmp_path / "cats", mine.folder / "cat/elsewhere")
    assert len(mine()) == 5 and mine().notes == ()


def test_a_folder_of_runs_is_no_class_even_with_pictures_in_it(mine, write):
    run = mine.folder / "runs/train/tiny"
    run.mkdir(parents=True)
    for name in ("history.csv", "final.safetensors", "last.pt"):
        (run / name).write_bytes(b"\0")
    for place in (run, run.parent):
        (place / "curve.png").write_bytes(write.encoded((0, 0, 0)))
    assert mine().classes == ("cat", "dog") and "folders of runs: 1 (runs/)" in mine().notes[0]


def test_a_class_of_images_that_cannot_be_read_is_refused_with_all_that_is_wrong(mine):
    for name in ("eel", "fox"):
        (mine.folder / name).mkdir()
        (mine.folder / name / "1.heic").write_bytes(b"\0")
    with pytest.raises(ValueError, match=r"all images of eel \(1\), fox \(1\) are of kinds that Pillow does not"):
        mine()
    for name in ("cat", "dog"):
        shutil.rmtree(mine.folder / name)
    with pytest.raises(
        ValueError, match=r"0 class folders with images; at least 2 are needed, one a class; all images of eel"
    ):
        mine()


def test_images_in_no_class_folder_are_said_where_there_are_no_classes(tmp_path, write):
    (tmp_path / "0.png").write_bytes(write.encoded((0, 0, 0)))
    with pytest.raises(
        ValueError, match="0 class folders with images; at least 2 are needed, one a class; 1 image in no"
    ):
        load(f"folder:{tmp_path}", "train")


NUMBERS = ("0", "1", "10", "2", "33")


@pytest.mark.parametrize("form", ["{}", "class{}", "c {}.5"])
def test_numbers_of_classes_are_in_their_natural_order_and_that_is_said(tmp_path, write, form):
    names = [form.format(number) for number in NUMBERS]
    write.folder(tmp_path / "mine", [0, 1, 2, 3, 4], names)
    images = load(f"folder:{tmp_path / 'mine'}", "train")
    ordered = [form.format(number) for number in ("0", "1", "2", "10", "33")]
    assert list(images.classes) == ordered
    assert [images.image(i).getpixel((0, 0)) for i in range(5)] == [write.colour(i) for i in (0, 1, 3, 2, 4)]
    assert images.notes == (f"classes of mine/ in the order of their numbers: {', '.join(ordered)}",)


def test_known_sets_keep_the_order_of_letters(root, write):
    write.folder(root / "imagenette/train", [0, 1, 2], ("1", "2", "10"))
    images = load("imagenette", "train")
    assert images.classes == ("1", "10", "2") and images.notes == ()


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("absent", ["cat", "dog", "eel"])
def test_a_class_may_have_no_test_images(tmp_path, write, absent, empty):
    names = ("cat", "dog", "eel")
    write.folder(tmp_path / "train", [0, 1, 2, 0, 1, 2], names)
    write.folder(tmp_path / "val", [i for i in (2, 1, 0) if names[i] != absent], names)
    if empty:
        (tmp_path / "val" / absent).mkdir()
    images = load(f"folder:{tmp_path}", "test")
    assert images.classes == names
    assert [names[label] for label in images.labels] == [name for name in names if name != absent]
    assert f"test images of {tmp_path}: no images of 1 class: {absent}" in images.notes


def test_classes_without_training_images_are_named(tmp_path, write):
    write.folder(tmp_path / "train", [0, 1], ("cat", "dog"))
    write.folder(tmp_path / "test", [0, 1, 2], ("cat", "eel", "fox"))
    with pytest.raises(ValueError, match=r"2 classes not among training's classes: eel, fox; those are 2: c"):
        load(f"folder:{tmp_path}", "test")


def test_labels_are_told_in_the_classes_of_another_set():
    pixels = [np.zeros((1, 1), np.uint8)] * 3
    one = aligned(Images(pixels, np.array([1, 0, 1]), ("b", "a")), ("a", "b", "c"), "these", "those")
    assert one.labels.tolist() == [0, 1, 0] and one.notes == ("these: no images of 1 class: c",)
    rows = Images(pixels, np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0]]), ("b", "a", "unused"))
    assert aligned(rows, ("a", "b", "c"), "these", "those").labels.tolist() == [[0, 1, 0], [1, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_classes_are_the_same_in_every_form_of_their_letters(tmp_path, write, form):
    """macOS takes an accent off its letter in the names of a folder, a zip keeps that, other systems do not."""
    other = "NFD" if form == "NFC" else "NFC"
    write.folder(tmp_path / "train", [0, 1, 0, 1], ("café", unicodedata.normalize(form, "été")))
    write.folder(tmp_path / "test", [0, 1, 1], ("café", unicodedata.normalize(other, "été")))
    train, test = (load(f"folder:{tmp_path}", split) for split in ("train", "test"))
    assert test.classes == train.classes and test.labels.tolist() == [0, 1, 1] and test.notes == ()


def test_splits_by_names_that_are_none_are_pointed_out(tmp_path, write):
    for part in ("fold1", "fold2"):
        write.folder(tmp_path / part, [0, 1, 0], ("cat", "dog"))
    (note,) = load(f"folder:{tmp_path}", "train").notes
    assert note.startswith("each of the classes fold1, fold2 holds folders of the same names: cat, dog; if those are")
    write.folder(tmp_path / "fold2", [0], ("cow",))
    assert load(f"folder:{tmp_path}", "train").notes == ()
