"""Photographs that scikit-image and scikit-learn carry in their packages: real images where nothing can be downloaded.

They are read as files. scikit-image's own functions would download what its package does not hold.
"""

from pathlib import Path
from typing import NamedTuple

from PIL import Image

from ..errors import check_name
from ..files import installed_file
from .places import DataMissing

DISTRIBUTIONS = {"skimage": "scikit-image", "sklearn": "scikit-learn"}  # of these packages


class Photograph(NamedTuple):
    """A file of an installed package, what it shows, and its licence with the author or source where one is stated."""

    package: str
    file: str
    shows: str
    licence: str


# Licences as scikit-image 0.26 (skimage/data/_fetchers.py, README.txt) and scikit-learn (datasets/images/README.txt)
# state them.
PHOTOGRAPHS = {
    "astronaut": Photograph(
        "skimage", "data/astronaut.png", "Eileen Collins, a shuttle behind her", "public domain, NASA"
    ),
    "brick": Photograph("skimage", "data/brick.png", "a brick wall, grey", "CC0, CC0Textures Bricks25"),
    "camera": Photograph("skimage", "data/camera.png", "a man with a camera on a tripod, grey", "CC0, Lav Varshney"),
    "cat": Photograph("skimage", "data/chelsea.png", "the head of a tabby cat", "CC0, Stefan van der Walt"),
    "clock": Photograph(
        "skimage", "data/clock_motion.png", "a wall clock, blurred, grey", "public domain, Stefan van der Walt"
    ),
    "coffee": Photograph("skimage", "data/coffee.png", "a cup of espresso with a spoon", "CC0, Rachel Michetti"),
    "coins": Photograph(
        "skimage", "data/coins.png", "coins from Pompeii, grey", "no known restrictions, Brooklyn Museum"
    ),
    "flower": Photograph("sklearn", "datasets/images/flower.jpg", "a dahlia", "CC BY 2.0, vultilion"),
    "grass": Photograph("skimage", "data/grass.png", "grass from above, grey", "CC0, DeviantArt linolafett"),
    "gravel": Photograph("skimage", "data/gravel.png", "gravel from above, grey", "CC0, CC0Textures Gravel04"),
    "moon": Photograph("skimage", "data/moon.png", "the surface of the moon, grey", "none stated"),
    "motorcycle": Photograph(
        "skimage", "data/motorcycle_left.png", "a motorcycle in a garage", "none stated, Middlebury"
    ),
    "palace": Photograph("sklearn", "datasets/images/china.jpg", "a Chinese palace", "CC BY 2.0, danielbuechele"),
    "rocket": Photograph("skimage", "data/rocket.jpg", "a rocket on its launch pad", "public domain, SpaceX"),
}


def photograph(name: str) -> Image.Image:
    """One of PHOTOGRAPHS, in RGB and in the size that its package has it in.

    Raises ValueError for another name, DataMissing with the command that installs its package.
    """
    return Image.open(photograph_file(name)).convert("RGB")


def photograph_file(name: str) -> Path:
    """Where its file lies. Raises as `photograph` does."""
    chosen = PHOTOGRAPHS[check_name("photograph", name, PHOTOGRAPHS)]
    path = installed_file(chosen.package, chosen.file)
    if path is None:
        distribution = DISTRIBUTIONS[chosen.package]
        raise DataMissing(f"photograph {name!r} comes with {distribution}: pip install {distribution}")
    return path
