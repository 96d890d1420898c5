"""What lies under a known set's name is that set, or is refused. The sets here are small, and so are their sizes."""

from dataclasses import replace

import numpy as np
import pytest

from convscale.datasets import genuine, load, sizes, sources
from convscale.datasets.genuine import check_genuine, digest_of_labels, digest_of_samples

LABELS = [0, 1, 2, 1, 0, 2] * 4


@pytest.fixture
def official(numbered, monkeypatch):
    """24 images that are the official cifar10 in this test, in 3 classes."""
    images = numbered(LABELS)
    known = sizes.Size(len(LABELS), 6, 3, (2, 2))
    for module in (genuine, sources):
        monkeypatch.setattr(module, "SIZES", {"cifar10": known, "pets": known, "imagenette": known})
    digests = (digest_of_labels(images), digest_of_samples(images))
    monkeypatch.setattr(genuine, "OFFICIAL", {("cifar10", "train"): digests})
    return images


def test_the_official_images_pass(official):
    check_genuine("cifar10", "train", official)
    check_genuine("pets", "train", official)


def showing(images, items):
    return replace(images, items=items, _decoded={}, _bytes=0)


def changed(images, at, pixels=None):
    items = list(images.items)
    items[at] = np.full((2, 2), 99, np.uint8) if pixels is None else pixels
    return showing(images, items)


OTHERS = {
    "fewer": (lambda i: i.take(np.arange(23)), "23 train images, not 24"),
    "two classes": (lambda i: replace(i, labels=np.minimum(i.labels, 1)), "train images of 2 classes, not 3"),
    "relabelled": (lambda i: replace(i, labels=(i.labels + 1) % 3), "the labels of its train images are others"),
    "shuffled": (lambda i: i.take(np.arange(24)[::-1]), "labels of its train images are others, or in another order"),
    "other pixels": (lambda i: changed(i, 0), "the pixels of its train images are others"),
    "broken": (lambda i: changed(i, 0, b"no image"), "image 0: no image of a kind"),
}


@pytest.mark.parametrize("other", OTHERS)
def test_another_set_is_refused_with_what_to_do(official, other):
    make, words = OTHERS[other]
    with pytest.raises(ValueError, match=rf"read as cifar10 is another set: .*{words}.*\. Give it .*folder:PATH"):
        check_genuine("cifar10", "train", make(official))


def test_of_other_sets_number_and_classes_are_known(official):
    check_genuine("pets", "train", changed(official, 0))
    with pytest.raises(ValueError, match="read as pets is another set: 24 test images, not 6"):
        check_genuine("pets", "test", official)


@pytest.mark.parametrize(
    ("shape", "words"),
    [((120, 160), "not 160 px"), ((160, 160), "16 of 16 images .* squares"), ((320, 240), "not 160 px")],
)
def test_squashed_or_larger_images_are_not_imagenette(official, shape, words):
    images = showing(official, [np.zeros(shape, np.uint8)] * 24)
    with pytest.raises(ValueError, match=words):
        check_genuine("imagenette", "train", images)


@pytest.mark.parametrize("shape", [(160, 213), (240, 160)])
def test_images_of_imagenettes_shape_pass(official, shape):
    check_genuine("imagenette", "train", showing(official, [np.zeros(shape, np.uint8)] * 24))


@pytest.mark.parametrize("split", ["train", "test"])
def test_scikit_learns_digits_are_the_known_ones(split, monkeypatch):
    images = load("digits", split)
    check_genuine("digits", split, images)
    moved = showing(images, [np.roll(item, 1) for item in images.items])
    with pytest.raises(ValueError, match="the pixels of its"):
        check_genuine("digits", split, moved)


def test_loading_checks_once_and_knows_torchvisions_name(tmp_path, write, monkeypatch):
    monkeypatch.setenv("CONVSCALE_DATA", str(tmp_path))
    checks, original = [], sources.check_genuine
    monkeypatch.setattr(sources, "check_genuine", lambda *what: checks.append(what[:2]))
    for name in ("cifar10", "CIFAR10"):
        write.folder(tmp_path / name / "train", [0, 1])
    for name in ("cifar10", "cifar10", "torchvision:CIFAR10", f"folder:{tmp_path / 'cifar10'}"):
        load(name, "train")
    assert checks == [("cifar10", "train")] * 2
    sources._listed.clear()
    monkeypatch.setattr(sources, "check_genuine", original)
    for name in ("cifar10", "torchvision:CIFAR10"):
        with pytest.raises(ValueError, match="read as cifar10 is another set: 2 train images, not 50,000"):
            load(name, "train")
    assert len(load(f"folder:{tmp_path / 'cifar10'}", "train")) == 2
