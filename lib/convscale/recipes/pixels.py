"""RandAugment's two distances in pixels, which the release gives for one size of image."""

from dataclasses import dataclass

from ..checks import check_fields, number

TRANSLATE_PX, CUTOUT_PX = 100, 40  # tpu efficientnet autoaugment.py: distances at magnitude 10, at any image size
REFERENCE_PX = 300  # the last training size of EfficientNetV2-S (V2 Table 6), whose magnitudes they go with


@dataclass(frozen=True)
class Pixels:
    """How far images are moved, and half the side of what is hidden, in px at magnitude 10."""

    translate: float = TRANSLATE_PX
    cutout: float = CUTOUT_PX

    def __post_init__(self):
        check_fields(self, translate=number(0), cutout=number(0))

    def at(self, image_size: int, reference: int = REFERENCE_PX) -> "Pixels":
        """The same shares of another size: 100 px of 300 are 11 px of 32."""
        return self.times(image_size / reference)

    def times(self, factor: float) -> "Pixels":
        return Pixels(self.translate * factor, self.cutout * factor)


RELEASED = Pixels()  # as tpu efficientnet autoaugment.py has them, at any image size
