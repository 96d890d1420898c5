"""Pixels as each code base shows them to its network."""

import pytest
import torch

from convscale.augment.normalisation import NORMALISATIONS, normalise

PIXELS = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).expand(2, 3, 16, 16)

# x in 0..255; the formulas as the code bases write them
FORMULAS = {
    "v2": lambda x, c: (x - 128) / 128,
    "imagenet": lambda x, c: (x / 255 - (0.485, 0.456, 0.406)[c]) / (0.229, 0.224, 0.225)[c],
    "half": lambda x, c: (x / 255 - 0.5) / 0.5,
    "unit": lambda x, c: x / 255,
    "lite": lambda x, c: (x - 127) / 128,
    "clip": lambda x, c: (x / 255 - (0.48145466, 0.4578275, 0.40821073)[c]) / (0.26862954, 0.26130258, 0.27577711)[c],
    "dpn": lambda x, c: (x / 255 - (124 / 255, 117 / 255, 104 / 255)[c]) / (1 / (0.0167 * 255)),
    "satellite": lambda x, c: (x / 255 - (0.43, 0.411, 0.296)[c]) / (0.213, 0.156, 0.143)[c],
}


@pytest.mark.parametrize("name", NORMALISATIONS)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_formula(name, dtype):
    found = normalise(PIXELS.to(dtype), name)
    assert found.dtype == torch.float32
    for channel in range(3):
        wanted = FORMULAS[name](PIXELS[:, channel].double(), channel)
        torch.testing.assert_close(found[:, channel].double(), wanted, rtol=0, atol=1e-6)


def test_v2_is_exact_and_below_1():
    found = normalise(PIXELS, "v2")
    assert torch.equal(found, (PIXELS.float() - 128) / 128) and found.min() == -1 and found.max() == 127 / 128


def test_clips_are_normalised_frame_by_frame():
    clips_BCTHW = PIXELS[:, :, None].expand(2, 3, 4, 16, 16)
    assert torch.equal(normalise(clips_BCTHW, "imagenet")[:, :, 3], normalise(PIXELS, "imagenet"))


def test_memory_layout_is_kept():
    pixels = PIXELS.contiguous(memory_format=torch.channels_last)
    assert normalise(pixels, "imagenet").is_contiguous(memory_format=torch.channels_last)


def test_another_name_is_refused():
    with pytest.raises(ValueError, match="unknown normalisation 'imagenette': did you mean imagenet"):
        normalise(PIXELS, "imagenette")
