"""A folder is called by what is in it: wherever it lies, and no longer so once an image of it is another."""

import json
import os
import shutil

import pytest

from convscale.datasets import DataMissing, digest_of_folder, identified, identity


@pytest.fixture(autouse=True)
def settled(tmp_path, monkeypatch):
    """Files written a moment ago count as old ones, and nothing is kept in the checkout."""
    monkeypatch.setattr(identity, "SETTLED", -10.0)
    monkeypatch.setattr(identity, "CACHE", tmp_path / "cache")


@pytest.fixture
def mine(tmp_path, write):
    write.folder(tmp_path / "mine/train", [0, 1, 0, 1])
    write.folder(tmp_path / "mine/val", [1, 0])
    return tmp_path / "mine"


@pytest.fixture
def computed(monkeypatch):
    """How many times a digest was computed from the files."""
    times, original = [], identity.digest_of
    monkeypatch.setattr(identity, "digest_of", lambda *what: times.append(what) or original(*what))
    return times


def replace_image(folder, write):
    (folder / "train/a/0000.png").write_bytes(write.encoded((9, 9, 9)))


CHANGES = {
    "changed": replace_image,
    "changed, for the test": lambda folder, write: (folder / "val/a/0001.png").write_bytes(write.encoded((9, 9, 9))),
    "relabelled": lambda folder, _: (folder / "train/a/0000.png").rename(folder / "train/b/0000.png"),
    "renamed": lambda folder, _: (folder / "train/a/0000.png").rename(folder / "train/a/9.png"),
    "removed": lambda folder, _: (folder / "train/a/0000.png").unlink(),
    "added": lambda folder, _: shutil.copy(folder / "train/a/0000.png", folder / "train/a/9.png"),
    "class renamed": lambda folder, _: [(folder / s / "b").rename(folder / s / "c") for s in ("train", "val")],
    "classes exchanged": lambda folder, _: exchange(folder / "train/a", folder / "train/b"),
    "no test": lambda folder, _: shutil.rmtree(folder / "val"),
    "images to choose on": lambda folder, _: shutil.copytree(folder / "val", folder / "test"),
    "a class in another order": lambda folder, _: shutil.copytree(folder / "train/a", folder / "train/A"),
}


def exchange(one, other):
    one.rename(one.with_name("x"))
    other.rename(one)
    one.with_name("x").rename(other)


@pytest.mark.parametrize("change", CHANGES)
def test_other_images_are_another_set(mine, write, change):
    before = digest_of_folder(mine)
    CHANGES[change](mine, write)
    assert digest_of_folder(mine) != before


def test_the_same_images_elsewhere_are_the_same_set(mine, tmp_path, monkeypatch):
    digest = digest_of_folder(mine)
    shutil.copytree(mine, tmp_path / "copy")  # with the digest kept in it
    assert digest_of_folder(tmp_path / "copy") == digest and len(digest) == 16
    monkeypatch.chdir(mine)
    assert digest_of_folder(".") == digest_of_folder("../mine") == digest_of_folder("train/..") == digest


def test_files_that_are_no_images_play_no_part(mine):
    digest = digest_of_folder(mine)
    (mine / "train/a/notes.txt").write_text("mine")
    (mine / "train/a/._0000.png").write_text("macOS's own")
    shutil.copytree(mine / "train/a", mine / "train/b/.ipynb_checkpoints")
    shutil.copytree(mine / "train", mine / "__MACOSX/train")
    shutil.copytree(mine / "val", mine / "unused")
    assert digest_of_folder(mine) == digest


def test_an_unchanged_folder_is_not_read_again(mine, computed):
    digest = digest_of_folder(mine)
    assert digest_of_folder(mine) == digest and len(computed) == 1
    os.utime(mine / "train/a/0000.png")  # touched
    assert digest_of_folder(mine) == digest and len(computed) == 2


def test_a_change_that_keeps_size_and_time_is_seen(mine):
    before, file = digest_of_folder(mine), mine / "train/a/0000.png"
    stat, content = file.stat(), bytearray(file.read_bytes())
    content[-20] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert digest_of_folder(mine) != before


def test_the_digest_of_files_just_written_is_not_kept(mine, computed, monkeypatch):
    monkeypatch.setattr(identity, "SETTLED", 60.0)
    assert digest_of_folder(mine) == digest_of_folder(mine) and len(computed) == 2
    assert not (mine / identity.NOTE).exists()


@pytest.mark.parametrize("note", ["", "{}", "[]", '{"format": 0, "state": "", "digest": ""}'])
def test_a_damaged_note_is_made_anew(mine, computed, note):
    digest = digest_of_folder(mine)
    (mine / identity.NOTE).write_text(note)
    assert digest_of_folder(mine) == digest and len(computed) == 2
    assert json.loads((mine / identity.NOTE).read_text())["digest"] == digest


def test_a_folder_that_cannot_be_written_has_its_digest_elsewhere(mine, computed, monkeypatch, tmp_path):
    original = identity.replace_file

    def read_only(path, write):
        if path.is_relative_to(mine):
            raise PermissionError(13, "Permission denied")
        original(path, write)

    monkeypatch.setattr(identity, "replace_file", read_only)
    assert digest_of_folder(mine) == digest_of_folder(mine) and len(computed) == 1
    assert not (mine / identity.NOTE).exists() and len(list((tmp_path / "cache/digests").iterdir())) == 1
    monkeypatch.setattr(identity, "CACHE", mine / "nor-here")
    assert digest_of_folder(mine) == digest_of_folder(mine) and len(computed) == 3


@pytest.mark.parametrize("layout", ["parquet", "tar"])
def test_shards_are_sets_too(tmp_path, write, layout):
    make = write.parquet if layout == "parquet" else lambda path, labels: write.shards(path.parent, labels, 9)
    digests = []
    for folder, labels in (("a", [0, 1]), ("b", [0, 1]), ("c", [1, 0])):
        make(tmp_path / folder / "train-0.parquet", labels)
        digests.append(digest_of_folder(tmp_path / folder))
    assert digests[0] == digests[1] != digests[2]
    make(tmp_path / "a" / "train-0.parquet", [0, 1, 1])
    assert digest_of_folder(tmp_path / "a") != digests[0]


def test_class_folders_alone_are_a_set(tmp_path, write):
    write.folder(tmp_path / "alone", [0, 1])
    assert digest_of_folder(tmp_path / "alone") == digest_of_folder(tmp_path / "alone")
    with pytest.raises(DataMissing, match="nowhere: needs train/"):
        digest_of_folder(tmp_path / "nowhere")


def test_runs_are_the_same_where_their_images_are(mine, tmp_path, tiny, write):
    shutil.copytree(mine, tmp_path / "copy")
    runs = [tiny(dataset=f"folder:{folder}") for folder in (mine, tmp_path / "copy")]
    here, there = map(identified, runs)
    assert here == there and here.key == there.key != runs[0].key
    assert here.dataset == f"folder:{digest_of_folder(mine)}"
    replace_image(tmp_path / "copy", write)
    assert identified(runs[1]).key != here.key


@pytest.mark.parametrize("name", ["digits", "cifar10", "imagenet", "torchvision:MNIST", "timm:hfds/birds"])
def test_runs_on_named_sets_are_what_they_are(tiny, name):
    assert identified(tiny(dataset=name)) == tiny(dataset=name)


def test_folders_of_runs_that_a_run_builds_on_are_known_by_content_too(mine, tiny):
    run, digest = tiny(after=tiny(dataset=f"folder:{mine}")), f"folder:{digest_of_folder(mine)}"
    assert [each.dataset for each in identified(run).chain] == ["digits", digest]
    assert identified(tiny(after=tiny())) == tiny(after=tiny())
