"""A trained network at work: EfficientNet-Lite0 with its package's weights names photographs that packages carry."""

from importlib.util import find_spec

import pytest
import torch
from timm.data import ImageNetInfo
from torchvision.transforms.functional import pil_to_tensor

from convscale.augment import normalise
from convscale.datasets import photograph
from convscale.learning.evaluation import released
from convscale.models.packages import PACKAGES

NEEDED = ("skimage", PACKAGES["efficientnet-lite0"].folder)
pytestmark = pytest.mark.skipif(not all(map(find_spec, NEEDED)), reason="without the extras `book` and `weights`")


@pytest.fixture(scope="module")
def lite0():
    return released("efficientnet-lite0", "pretrained", 1000, None)


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("camera", {"tripod"}),
        ("cat", {"tabby", "tiger cat", "Egyptian cat"}),
        ("coffee", {"espresso"}),
        ("motorcycle", {"moped"}),
        ("palace", {"palace"}),
        ("rocket", {"missile"}),
    ],
)
def test_a_photograph_is_named(lite0, name, answers):
    x_BCHW = pil_to_tensor(lite0.pixels.transform(photograph(name)))[None]
    with torch.no_grad():
        answer = lite0.model.eval()(normalise(x_BCHW, lite0.pixels.normalisation)).argmax().item()
    assert ImageNetInfo().index_to_description(answer).split(",")[0] in answers
