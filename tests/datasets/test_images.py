"""One set of images: decoding, the memory of it, and labels that fit."""

import numpy as np
import pytest
from PIL import Image

from convscale.datasets import BrokenImage, Images, KeyedSampler, TrainSet, train_loader
from convscale.datasets import images as module


def test_grey_and_transparent_images_become_rgb():
    grey, clear = np.full((4, 6), 7, np.uint8), np.full((4, 6, 4), 9, np.uint8)
    images = Images([grey, clear], np.array([0, 1]), ("a", "b"))
    assert images.image(0).getpixel((0, 0)) == (7, 7, 7) and images.image(0).size == (6, 4)
    assert images.image(1).getpixel((0, 0)) == (9, 9, 9)


def test_orientation_in_exif_is_ignored(tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6  # orientation: a quarter turn
    Image.new("RGB", (20, 10)).save(tmp_path / "a.jpg", exif=turned)
    assert Images([tmp_path / "a.jpg"], np.array([0]), ("a", "b")).image(0).size == (20, 10)


def test_decoded_images_are_kept_only_while_they_fit(monkeypatch, numbered):
    monkeypatch.setattr(module, "CACHE_BYTES", 4 * 4 + 5)  # one image of 2 x 2 px, not two
    images = numbered([0, 1])
    assert images.image(0) is images.image(0)
    assert images.image(1) is not images.image(1)


def test_arrays_are_kept_as_arrays_and_take_a_byte_for_each_value(monkeypatch, numbered):
    monkeypatch.setattr(module, "CACHE_BYTES", 3 * 4)  # a Pillow image of 2 x 2 px takes 16
    images = numbered([0])
    assert images.image(0) is not images.image(0)
    assert images.array(0) is images.array(0)
    assert np.array_equal(np.asarray(images.image(0)), images.array(0))


def test_of_a_set_that_is_far_larger_than_what_is_kept_nothing_is(monkeypatch, numbered):
    monkeypatch.setattr(module, "CACHE_BYTES", 2 * 16)
    for count, kept in ((8, True), (9, False)):
        images = numbered([0, 1] * 4 + [0] * (count - 8))
        assert (images.image(0) is images.image(0)) == kept


def test_workers_share_out_the_memory_for_decoded_images(monkeypatch, numbered):
    monkeypatch.setattr(module, "CACHE_BYTES", 4 * 16)  # four images of 2 x 2 px
    images = numbered([0, 1] * 4)

    def kept(*_):
        """A pixel that says how many images this worker has kept."""
        return Image.new("RGB", (1, 1), (len(images._decoded),) * 3)

    sampler = KeyedSampler(8, 2, 0, 16, 0, lambda step: (1, 0.0))
    assert max(int(batch.x_BCHW.max()) for batch in train_loader(TrainSet(images, kept, 0), sampler, workers=2)) == 2


@pytest.mark.parametrize(
    ("content", "fault"),
    [(b"", "no image of a kind"), (b"no image", "no image of a kind"), ("cut", "OSError"), (None, "FileNotF")],
)
def test_broken_images_are_named_with_their_fault(tmp_path, write, content, fault):
    file = tmp_path / "a.jpg"
    if content == "cut":
        content = write.encoded((200, 10, 99), size=(200, 100), kind="jpeg")[:700]
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BrokenImage, match=rf"a\.jpg: {fault}"):
        Images([file], np.array([0]), ("a", "b")).image(0)


def test_a_decompression_bomb_is_a_broken_image(monkeypatch, write):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    images = Images([write.encoded((0, 0, 0))], np.array([0]), ("a", "b"))
    words = r"image 0: Image size \(200 pixels\) exceeds limit of 100 pixels; .*: store it with fewer pixels"
    with pytest.raises(BrokenImage, match=words):
        images.image(0)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0], "2 images with 1 label:"),
        ([0, 3], "label 3 with 3 classes: use 0 to 2"),
        ([-1, 0], "label -1 with 3 classes"),
        ([[1, 0], [0, 1]], "labels of 2 columns for 3 classes"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, words):
    with pytest.raises(ValueError, match=words):
        Images([np.zeros((2, 2), np.uint8)] * 2, np.array(labels), ("a", "b", "c"))
