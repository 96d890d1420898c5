"""Sets in memory: decoded once, found again by content, and left alone where they do not fit."""

import io
import os
import pickle
import tarfile
import time
from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pyarrow.parquet
import pytest
from PIL import Image

from convscale.datasets import BrokenImage, Images, decoded, digest_of_folder, load, parquets, resident, sources, tars
from convscale.files import replace_file


def png(x_HWC):
    file = io.BytesIO()
    Image.fromarray(x_HWC).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def folder(tmp_path):
    """train/ and test/ with two classes of PNG files of several sizes."""
    rng = np.random.default_rng(0)
    for split, count in (("train", 7), ("test", 3)):
        for i in range(count):
            for name in ("cat", "dog"):
                file = tmp_path / "pets" / split / name / f"{i}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                pixels = rng.integers(0, 256, (9 + i, 12 - i, 3), np.uint8)
                Image.fromarray(pixels).save(file)
                os.utime(file, (1e9, 1e9))
    return tmp_path / "pets"


def pixels_of(images):
    return [np.asarray(images.image(i)) for i in range(len(images))]


def same(ours, theirs):
    return all(np.array_equal(a, b) for a, b in zip(pixels_of(ours), pixels_of(theirs), strict=True))


def test_pixels_labels_and_parts_stay_what_they_were(folder):
    plain = load(f"folder:{folder}", "train")
    images = resident(plain, "pets")
    assert images.decoded is not None and plain.decoded is None and same(images, plain)
    chosen = np.array([9, 0, 3])
    assert same(images.take(chosen), plain.take(chosen)) and same(images.take(chosen).take([2, 0]), plain.take([3, 9]))
    assert resident(images, "pets") is images


def test_the_second_run_maps_what_the_first_decoded(folder, capsys, monkeypatch):
    first = resident(load(f"folder:{folder}", "train"), "pets")
    assert "14 images decoded once, 0 MiB in" in capsys.readouterr().err
    monkeypatch.setattr(Images, "read", lambda *_: pytest.fail("an image was decoded again"))
    again = resident(load(f"folder:{folder}", "train"), "pets")
    assert capsys.readouterr().err == "" and np.array_equal(first.decoded.pixels, again.decoded.pixels)
    again.decoded.pixels[:] = 0  # a mapping of its own: the file stays
    assert resident(load(f"folder:{folder}", "train"), "pets").decoded.pixels.any()


@pytest.mark.parametrize("inside", [".", "train"])  # a folder of splits, and of classes alone
def test_what_is_kept_beside_the_images_leaves_list_and_digest_as_they_are(folder, inside, monkeypatch):
    plain, digest = load(f"folder:{folder / inside}", "train"), digest_of_folder(folder / inside)
    assert resident(plain, "pets").decoded.file.parent == folder / inside / ".convscale-pixels"
    with monkeypatch.context() as patched:
        patched.setattr(sources, "read", lambda *_: pytest.fail("the folder was listed again"))
        assert load(f"folder:{folder / inside}", "train").items is plain.items
    sources._listed.clear()
    again = load(f"folder:{folder / inside}", "train")
    assert again.items.names.tolist() == plain.items.names.tolist() and again.notes == plain.notes == ()
    assert digest_of_folder(folder / inside) == digest


def test_a_changed_image_is_decoded_anew(folder):
    before = resident(load(f"folder:{folder}", "train"), "pets")
    file = folder / "train" / "cat" / "0.png"
    Image.new("RGB", (12, 9), (1, 2, 3)).save(file)
    os.utime(file, (1e9, 1e9))
    images = resident(load(f"folder:{folder}", "train"), "pets")
    assert np.asarray(images.image(0))[0, 0].tolist() == [1, 2, 3]
    assert not np.array_equal(np.asarray(before.image(0)), np.asarray(images.image(0)))


def test_images_that_change_while_they_are_decoded_are_not_kept_as_what_they_were(folder, monkeypatch):
    """Or the old images, put back, would be found with the pixels of the new."""
    file, plain = folder / "train" / "cat" / "0.png", load(f"folder:{folder}", "train")
    before, read, new = file.read_bytes(), Images.read, png(np.full((9, 12, 3), (1, 2, 3), np.uint8))

    def changed(images, i):
        replace_file(file, lambda path: path.write_bytes(new))  # whole at once: several threads read and write it
        return read(images, i)

    with monkeypatch.context() as patched:
        patched.setattr(Images, "read", changed)
        assert resident(plain, "pets").decoded is not None  # in memory, for this run
    assert not list((folder / ".convscale-pixels").glob("*.pixels"))
    file.write_bytes(before)
    assert same(resident(load(f"folder:{folder}", "train"), "pets"), load(f"folder:{folder}", "train"))


def test_pixels_of_former_images_and_of_killed_processes_do_not_stay(folder, monkeypatch):
    monkeypatch.setattr(decoded, "KEPT", 2)
    kept = folder / ".convscale-pixels"
    kept.mkdir()
    left, young = (kept / f"a.pixels.{digit * 32}.tmp" for digit in "01")
    for file in (left, young):
        file.touch()
    os.utime(left, (1e9, 1e9))
    for value in range(4):
        Image.new("RGB", (12, 9), (value, 0, 0)).save(folder / "train" / "cat" / "0.png")
        resident(load(f"folder:{folder}", "train"), "pets")
        resident(load(f"folder:{folder}", "test"), "pets")
    assert len(list(kept.glob("*.pixels"))) == len(list(kept.glob("*.npy"))) == 2
    assert young.exists() and not left.exists()


def test_a_worker_that_is_spawned_maps_the_pixels_itself(folder, monkeypatch):
    images = resident(load(f"folder:{folder}", "train"), "pets").take(np.array([3, 1]))
    sent = pickle.dumps(images)
    assert len(sent) < len(pickle.dumps(replace(images, decoded=replace(images.decoded, file=None)))) - 1000
    assert same(pickle.loads(sent), images)


def test_what_another_decoder_reads_is_kept_apart(folder, monkeypatch):
    resident(load(f"folder:{folder}", "train"), "pets")
    monkeypatch.setattr("PIL.__version__", "0.1")
    resident(load(f"folder:{folder}", "train"), "pets")
    assert len(list((folder / ".convscale-pixels").glob("*.pixels"))) == 2


@pytest.mark.parametrize("damage", ["pixels", "npy"])
def test_pixels_cut_short_are_made_again(folder, damage):
    plain = load(f"folder:{folder}", "train")
    resident(plain, "pets")
    (file,) = (folder / ".convscale-pixels").glob(f"*.{damage}")
    file.write_bytes(file.read_bytes()[:50])
    assert same(resident(plain, "pets"), plain)


def test_where_nothing_can_be_written_memory_serves(folder, monkeypatch, capsys):
    def refused(*_):
        raise PermissionError("read-only")

    monkeypatch.setattr(decoded, "replace_file", refused)
    plain = load(f"folder:{folder}", "train")
    for _ in range(2):
        assert same(resident(plain, "pets"), plain)
    assert capsys.readouterr().err.count("pets: no file of their pixels could be kept in") == 1


def test_what_does_not_fit_is_decoded_when_needed_and_said(folder, monkeypatch, capsys):
    plain = load(f"folder:{folder}", "train")
    monkeypatch.setattr(decoded, "free_memory", lambda: 4000)
    assert resident(plain, "pets") is plain
    monkeypatch.setattr(decoded, "content_of", lambda _: pytest.fail("all files were read for nothing"))
    assert resident(plain, "pets") is plain
    assert capsys.readouterr().err.count("pets: 14 images would take about 0 MiB decoded, more than 25%") == 1


def test_processes_of_torchrun_share_the_memory_that_is_free(monkeypatch, capsys):
    arrays = Images([np.zeros((10, 10, 3), np.uint8)] * 10, [0, 1] * 5, ("a", "b"))
    monkeypatch.setattr(decoded, "free_memory", lambda: 4 * 3000 + 3)
    assert resident(arrays, "arrays").decoded is not None
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    for rank in ("1", "0"):
        monkeypatch.setenv("LOCAL_RANK", rank)
        decoded._said.clear()
        assert resident(arrays, "arrays").decoded is None
        assert bool(capsys.readouterr().err) == (rank == "0")  # said once


def test_a_set_with_an_unreadable_image_is_left_to_the_loader(folder, capsys):
    (folder / "train" / "dog" / "3.png").write_bytes(b"no image")
    said = []
    for _ in range(2):  # the second time from the file
        assert resident(load(f"folder:{folder}", "train"), "pets").decoded is None
        said.append(capsys.readouterr().err)
    assert "pets: 1 image cannot be decoded, the first is" in said[0] and said[1] == ""  # once, not for every run


def test_an_image_that_could_not_be_read_for_a_moment_is_no_reason_for_ever(folder, monkeypatch):
    def away(images, i):
        raise BrokenImage("the disk is away")

    with monkeypatch.context() as patched:
        patched.setattr(Images, "read", away)
        assert resident(load(f"folder:{folder}", "train"), "pets").decoded is None
    plain = load(f"folder:{folder}", "train")
    assert resident(plain, "pets").decoded is not None and same(resident(plain, "pets"), plain)


def test_grey_arrays_become_rgb():
    grey = [np.full((4, 5), value, np.uint8) for value in (3, 9)]
    images = resident(Images(grey, [0, 1], ("a", "b")), "grey")
    assert images.decoded.image(1).shape == (4, 5, 3) and (images.decoded.image(1) == 9).all()
    assert same(images, replace(images, decoded=None))


def test_pixels_as_they_are_seen_and_as_the_papers_read_them_are_kept_apart(tmp_path):
    for split in ("train", "test"):
        for name in ("cat", "dog"):
            (tmp_path / split / name).mkdir(parents=True)
            Image.new("RGBA", (4, 4), (9, 9, 9, 0)).save(tmp_path / split / name / "0.png")
    seen = load(f"folder:{tmp_path}", "train")
    for images, value in ((seen, 255), (replace(seen, as_shown=False), 9)):
        assert resident(images, "pets").image(0).getpixel((0, 0)) == (value,) * 3


class Slow(OrderedDict):
    """Gives other threads time where they could do harm."""

    def move_to_end(self, key, last=True):
        time.sleep(1e-3)
        super().move_to_end(key, last)


@pytest.mark.parametrize("kind", ["tar", "parquet"])
def test_threads_that_decode_side_by_side_read_their_own_images(tmp_path, monkeypatch, kind):
    """Of more shards than stay open: one thread must not close what another reads."""
    monkeypatch.setattr(tars, "OPEN_FILES", 1)
    monkeypatch.setattr(tars, "_descriptors", Slow())
    monkeypatch.setattr(parquets, "OrderedDict", Slow)
    monkeypatch.setattr(parquets, "HELD_BYTES", 0)
    monkeypatch.setattr(parquets, "KEPT_GROUPS", 1)
    monkeypatch.setattr(decoded, "cores", lambda: 4)
    for shard in range(8):
        pixels = [png(np.full((2, 2, 3), 4 * shard + i, np.uint8)) for i in range(4)]
        if kind == "tar":
            with tarfile.open(tmp_path / f"train-{shard}.tar", "w") as tar:
                for i, encoded in enumerate(pixels):
                    for name, content in ((f"{i}.png", encoded), (f"{i}.cls", b"%d" % (i % 2))):
                        member = tarfile.TarInfo(name)
                        member.size = len(content)
                        tar.addfile(member, io.BytesIO(content))
        else:
            columns = {"image": [{"bytes": encoded} for encoded in pixels], "label": [0, 1] * 2}
            pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / f"train-{shard}.parquet")
    order = np.arange(32).reshape(8, 4).T.ravel()
    found = decoded.decode(load(f"folder:{tmp_path}", "train").take(order), "shards")
    assert found.pixels[::12].tolist() == order.tolist()
