"""Photographs in installed packages, and the set of textures that is cut from three of them."""

from importlib.util import find_spec

import numpy as np
import pytest

from convscale.datasets import PHOTOGRAPHS, DataMissing, load, photograph, photographs

skimage = pytest.mark.skipif(not find_spec("skimage"), reason="no scikit-image here: the extra `book`")


@skimage
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_every_photograph_is_in_its_package(name):
    image = photograph(name)
    assert image.mode == "RGB" and min(image.size) >= 300
    assert np.asarray(image).std() > 5  # it shows something


@skimage
def test_grey_is_what_is_said_to_be():
    grey = {name for name in PHOTOGRAPHS if (np.ptp(np.asarray(photograph(name)).astype(int), axis=2) == 0).all()}
    assert grey == {name for name, photo in PHOTOGRAPHS.items() if photo.shows.endswith(", grey")}


def test_what_is_not_there_says_what_installs_it(monkeypatch):
    with pytest.raises(ValueError, match=r"unknown photograph 'dog': .*allowed: astronaut, brick, "):
        photograph("dog")
    monkeypatch.setattr(photographs, "installed_file", lambda *names: None)
    with pytest.raises(DataMissing, match="'cat' comes with scikit-image: pip install scikit-image"):
        photograph("cat")
    with pytest.raises(DataMissing, match="pip install scikit-image"):
        load("textures", "train")


@skimage
def test_textures_are_halves_of_photographs():
    train, test = load("textures", "train"), load("textures", "test")
    assert train.classes == test.classes == ("brick", "grass", "gravel")
    assert np.bincount(train.labels).tolist() == np.bincount(test.labels).tolist() == [32, 32, 32]
    gravel = np.asarray(photograph("gravel"))
    pasted = {id(images): np.zeros_like(gravel[:, :256]) for images in (train, test)}
    for images, half in ((train, gravel[:, :256]), (test, gravel[:, 256:])):
        for i in range(32):
            y, x = divmod(i, 4)
            pasted[id(images)][64 * y : 64 * y + 64, 64 * x : 64 * x + 64] = np.asarray(images.image(64 + i))
        assert np.array_equal(pasted[id(images)], half)


@skimage
def test_other_pixels_under_a_textures_name_are_refused(monkeypatch):
    monkeypatch.setattr("convscale.datasets.textures.photograph", lambda name: photograph("coins").resize((512, 512)))
    with pytest.raises(ValueError, match="what was read as textures is another set: the pixels"):
        load("textures", "test")
