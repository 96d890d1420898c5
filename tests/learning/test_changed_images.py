"""A run on a person's folder is a run on its images: they may be moved, but not changed, before it goes on."""

import pytest

from convscale.datasets import load
from convscale.learning import fit


@pytest.fixture
def images(tmp_path):
    digits = load("digits", "train")
    for split, numbers in (("train", range(64)), ("test", range(64, 96))):
        for i in numbers:
            folder = tmp_path / "images" / split / ("even", "odd")[digits.labels[i] % 2]
            folder.mkdir(parents=True, exist_ok=True)
            digits.image(i).save(folder / f"{i}.png")
    return tmp_path / "images"


def test_a_run_goes_on_with_the_same_images_and_no_others(images, tiny, tmp_path):
    few = dict(train_images=None, curve_images=None, epochs=1, curve_points=1)
    done = fit(tiny(dataset=f"folder:{images}", **few), "cpu", tmp_path / "kept", progress=False)
    moved = images.rename(tmp_path / "moved")
    again = fit(tiny(dataset=f"folder:{moved}", **few), "cpu", tmp_path / "kept", progress=False)
    assert (again.metrics, again.history) == (done.metrics, done.history)  # of the state that was kept
    file = next((moved / "train/odd").iterdir())
    load("digits", "train").image(0).resize((9, 9)).save(file)
    with pytest.raises(ValueError, match=r"of another run \(dataset: folder:\w{16} there, folder:\w{16} here, so the"):
        fit(tiny(dataset=f"folder:{moved}", **few), "cpu", tmp_path / "kept", progress=False)
