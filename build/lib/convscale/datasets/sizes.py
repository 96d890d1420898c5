"""How large the known sets are: told without having them."""

from typing import NamedTuple

PHOTOGRAPH = (375, 500)  # px, height and width of a usual ImageNet image


class Size(NamedTuple):
    """Images of both splits, classes, and height and width of a usual image in px."""

    train: int
    test: int
    classes: int
    px: tuple[int, int]


# V1 Table 6 and V2 Table 9; ImageNet: Russakovsky et al. 2015; Imagenette: its README; digits: `sources`; textures:
# `textures`.
SIZES = {
    "digits": Size(1438, 359, 10, (8, 8)),
    "textures": Size(96, 96, 3, (64, 64)),
    "cifar10": Size(50_000, 10_000, 10, (32, 32)),
    "cifar100": Size(50_000, 10_000, 100, (32, 32)),
    "flowers": Size(2040, 6149, 102, PHOTOGRAPH),
    "cars": Size(8144, 8041, 196, PHOTOGRAPH),
    "aircraft": Size(6667, 3333, 100, PHOTOGRAPH),
    "pets": Size(3680, 3669, 37, PHOTOGRAPH),
    "food101": Size(75_750, 25_250, 101, PHOTOGRAPH),
    "birdsnap": Size(47_386, 2443, 500, PHOTOGRAPH),
    "imagenette": Size(9469, 3925, 10, (160, 213)),  # its official version of 160 px
    "imagenet": Size(1_281_167, 50_000, 1000, PHOTOGRAPH),
}
