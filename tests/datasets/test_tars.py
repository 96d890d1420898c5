"""Tar shards: the same images as in a folder, found once, and what is refused."""

import io
import os
import tarfile

import numpy as np
import pytest
from PIL import Image

from convscale.datasets import BrokenImage, load, read_split, tars

LABELS = [0, 2, 1, 1, 0, 2, 2]


@pytest.mark.parametrize("form", ["cls", "json"])
def test_shards_equal_the_folder_of_the_same_images(tmp_path, write, form):
    write.folder(tmp_path / "folder", LABELS, "abc")
    write.shards(tmp_path / "tar", LABELS, 3, form)
    folder, shards = read_split(tmp_path / "folder"), read_split(tmp_path / "tar")
    assert shards.labels.tolist() == LABELS and shards.shards.tolist() == [0, 0, 0, 1, 1, 1, 2]
    by_name = {os.path.basename(folder.name(i)): i for i in range(7)}
    for i in reversed(range(7)):
        same = by_name[f"{i:04d}.png"]
        assert np.array_equal(shards.image(i), folder.image(same)) and shards.labels[i] == folder.labels[same]
    assert shards.name(4) == f"{tmp_path}/tar/train-000001.tar: 0004.png"


def test_splits_by_name_in_the_manner_of_timms_imagenet(root, write):
    write.shards(root / "imagenet", LABELS, 4)
    for shard in sorted((root / "imagenet").glob("*.tar")):
        shard.rename(shard.with_name(f"imagenet1k-{shard.name}"))
    write.pack(root / "imagenet" / "imagenet1k-validation-00.tar", members(("0.jpg", 1), ("1.jpeg", 0)))
    assert len(load("imagenet", "train")) == 7 and load("imagenet", "test").labels.tolist() == [1, 0]


def members(*images):
    """A pixel and a .cls for each (name, label)."""
    packed = {}
    for name, label in images:
        Image.new("RGB", (2, 2)).save(out := io.BytesIO(), "png")
        packed |= {name: out.getvalue(), f"{name.split('.')[0]}.cls": str(label).encode()}
    return packed


def test_the_headers_are_read_once(tmp_path, write, monkeypatch):
    write.shards(tmp_path / "tar", LABELS, 3)
    first = read_split(tmp_path / "tar")
    with monkeypatch.context() as only_index:
        only_index.setattr(tars, "read_index", None)
        again = read_split(tmp_path / "tar")
    assert again.labels.tolist() == LABELS and again.classes == first.classes
    assert np.array_equal(again.image(5), first.image(5)) and again.name(5) == first.name(5)
    write.shards(tmp_path / "tar", [1, *LABELS[1:]], 3)
    os.utime(tmp_path / "tar" / "train-000000.tar", ns=(1, 1))  # of the same size as before
    assert read_split(tmp_path / "tar").labels[0] == 1


def test_a_damaged_or_unwritable_index_is_done_without(tmp_path, write, monkeypatch):
    write.shards(tmp_path / "tar", LABELS, 3)
    read_split(tmp_path / "tar")
    index = next((tmp_path / "data" / ".index").glob("*.npz"))
    index.write_bytes(index.read_bytes()[:100])
    assert read_split(tmp_path / "tar").labels.tolist() == LABELS
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CONVSCALE_DATA", str(tmp_path / "file"))
    assert read_split(tmp_path / "tar").labels.tolist() == LABELS


def test_no_more_shards_are_open_than_allowed(tmp_path, write, monkeypatch):
    monkeypatch.setattr(tars, "OPEN_FILES", 2)
    monkeypatch.setattr(tars, "_descriptors", type(tars._descriptors)())
    write.shards(tmp_path, LABELS, 2)
    images = read_split(tmp_path)
    for i in (0, 2, 4, 6, 0):
        assert images.image(i).getpixel((0, 0)) == write.colour(i)
        assert len(tars._descriptors) <= 2


def test_lists_of_labels_become_rows(tmp_path, write):
    write.shards(tmp_path, [1, [0, 2]], 2, "json")
    for _ in ("from the headers", "from the index that was kept"):
        assert read_split(tmp_path).labels[:].tolist() == [[0, 1, 0], [1, 0, 1]]


@pytest.mark.parametrize(
    ("packed", "words"),
    [
        ({"a/0.jpg": b"", "1.jpg": b"", "1.cls": b"0"}, r"a/0\.jpg has no label; needed beside it: a/0\.cls with"),
        ({"0.jpg": b"", "0.json": b'{"caption": "dog"}'}, r"0\.jpg has no label"),
        ({"0.jpg": b"", "0.cls": b"dog"}, r"label of 0\.jpg: invalid literal.*'dog'.*whole number"),
        ({"0.jpg": b"", "0.json": b"[1"}, r"label of 0\.jpg: .*whole number"),
        ({"0.jpg": b"", "0.json": b"3"}, r"label of 0\.jpg: .*whole number"),
        ({"0.jpg": b"", "0.png": b"", "0.cls": b"1"}, r"0\.jpg and 0\.png have one key"),
        ({"0.jpg": b"", "0.cls": b"1", "1.cls": b"0"}, "label of 1, but no image"),
        ({"0.jpg": b"", "0.cls": b"0"}, "1 class; at least 2"),
        ({"0.jpg": b"", "0.cls": b"-1"}, "label -1"),
        ({"0.jpg": b"", "0.json": b'{"label": 1.5}'}, "label 1.5 of type float"),
        ({"readme.txt": b""}, "no images"),
    ],
)
def test_malformed_shards_are_refused(tmp_path, write, packed, words):
    write.pack(tmp_path / "0.tar", packed)
    with pytest.raises(ValueError, match=words):
        read_split(tmp_path)


def test_hidden_members_are_no_images(tmp_path, write):
    passed = {"._0.jpg": b"", "@eaDir/0.jpg": b""}
    write.pack(tmp_path / "0.tar", passed | members(("0.jpg", 0), ("1.jpg", 1)))
    images = read_split(tmp_path)
    assert len(images) == 2 and len(images.notes) == 1
    assert images.notes[0].endswith(": files in hidden or system folders: 1 (@eaDir/0.jpg)")


def test_compressed_and_truncated_shards_are_refused(tmp_path, write):
    write.shards(tmp_path, LABELS, 7)
    shard = tmp_path / "train-000000.tar"
    whole = shard.read_bytes()
    shard.write_bytes(whole[:1300])
    with pytest.raises(ValueError, match=r"train-000000\.tar: no whole, uncompressed tar file \(.*fetch or make it"):
        read_split(tmp_path)
    with tarfile.open(shard, "w:gz") as tar:
        tar.add(__file__)
    with pytest.raises(ValueError, match="no whole, uncompressed tar file"):
        read_split(tmp_path)


def test_a_shard_cut_after_its_index_was_made_gives_broken_images(tmp_path, write):
    write.shards(tmp_path, LABELS, 7)
    images = read_split(tmp_path)
    os.truncate(tmp_path / "train-000000.tar", 600)
    with pytest.raises(BrokenImage, match=r"train-000000\.tar: 0003\.png: no image of a kind"):
        images.image(3)
