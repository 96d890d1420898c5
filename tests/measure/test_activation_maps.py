"""Class activation maps are exact, and deletion and insertion tell a good map from a bad one."""

from dataclasses import replace

import pytest
import torch

from convscale.measure.activation_maps import activation_map, blurred, deletion_insertion, enlarged, half_area
from convscale.models import build, table

TINY = replace(table("efficientnet-tiny8"), eval_size=32)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return build(TINY, num_classes=3).eval()


def test_the_mean_of_the_map_and_the_bias_are_the_logit(model):
    x = torch.randn(1, 3, 32, 32)
    torch.nn.init.normal_(model.classifier.bias)
    for label in range(3):
        found = activation_map(model, x, label)
        assert found.shape == (4, 4)
        with torch.no_grad():
            logit, bias = float(model(x)[0, label]), float(model.classifier.bias[label])
        assert float(found.mean()) + bias == pytest.approx(logit, abs=1e-5)


def test_maps_of_a_network_in_training_and_of_a_class_that_is_not_there_are_refused(model):
    with pytest.raises(ValueError, match="in training"):
        activation_map(model.train(), torch.zeros(1, 3, 32, 32), 0)
    with pytest.raises(ValueError, match="label = 3: the model has 3 classes"):
        activation_map(model.eval(), torch.zeros(1, 3, 32, 32), 3)


def test_half_of_a_map_lies_on_the_fewest_places_that_hold_it():
    assert half_area(torch.ones(4, 4)) == 0.5
    assert half_area(torch.tensor([[6.0, 1.0], [1.0, 2.0]])) == 0.25  # the 6 alone is more than half of 10
    assert half_area(torch.tensor([[4.0, 1.0], [1.0, 4.0]])) == 0.5  # one 4 is not
    with pytest.raises(ValueError, match="no half"):
        half_area(torch.zeros(2, 2))


def test_a_map_is_enlarged_to_the_image_and_to_1():
    large = enlarged(torch.tensor([[-5.0, 0.0], [0.0, 2.0]]), 8)
    assert large.shape == (8, 8) and float(large.min()) == 0 and float(large.max()) == 1
    assert large[7, 7] == 1 and large[0, 0] == 0
    assert not enlarged(-torch.ones(2, 2), 4).any()  # nothing speaks for the class, and nothing is divided by 0


class Corner(torch.nn.Module):
    """Sees its first class in one bright patch, and nothing else."""

    def forward(self, x_BCHW):
        bright_B = x_BCHW[:, 0, :8, :8].mean((1, 2))
        return torch.stack([8 * bright_B, 0 * bright_B], 1)


def test_a_map_that_marks_the_object_is_worth_more_than_one_that_marks_the_rest():
    x = torch.zeros(1, 3, 32, 32)
    x[..., :8, :8] = 1 - 2 * ((torch.arange(8)[:, None] + torch.arange(8)) % 2 == 0)  # a fine pattern with mean 0
    x[:, 0, :8, :8] = 1.0
    x[:, :, 8:, 8:] = -1.0
    good = torch.zeros(32, 32)
    good[:8, :8] = 1
    right, wrong = (deletion_insertion(Corner(), x, found, 0) for found in (good, 1 - good))
    assert right.deletion < wrong.deletion and right.insertion > wrong.insertion
    assert 0 <= right.deletion <= right.insertion <= 1


def test_areas_lie_between_the_probabilities_of_the_blank_and_the_whole_image(model):
    """With one step the area is the mean of both ends, whatever the map."""
    x = torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        whole, blank = (float(model(image).softmax(1)[0, 1]) for image in (x, blurred(x)))
    found = deletion_insertion(model, x, torch.rand(32, 32), 1, steps=1)
    assert found.deletion == pytest.approx((whole + blank) / 2, abs=1e-6) == found.insertion
    with pytest.raises(ValueError, match=r"a map of \(4, 4\) for an image of \(32, 32\)"):
        deletion_insertion(model, x, torch.rand(4, 4), 1)
