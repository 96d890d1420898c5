"""An image for the tests of augmentation."""

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def picture():
    """Smooth waves, noise, and less than the full range of values, so that no operation is a no-op by accident."""

    def make(height=180, width=220, seed=0):
        y, x = np.mgrid[:height, :width]
        waves = np.stack([np.sin(x / 17), np.cos(y / 11), np.sin((x + y) / 23)], axis=-1)
        noise = np.random.default_rng(seed).normal(0, 12, waves.shape)
        return Image.fromarray(np.clip(120 + 70 * waves + noise, 20, 235).astype(np.uint8))

    return make
