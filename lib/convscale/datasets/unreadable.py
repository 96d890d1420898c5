"""Count of images that could not be decoded: left out, listed, and too many of them an error.

One image may always be unreadable, also in a small set, where it is more than the share: it is named at the end, and a
training of hours does not stop for it. Of 200 images on the share allows more.
"""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..words import plural
from .images import BrokenImage, Images

if TYPE_CHECKING:
    from torch import Tensor

SHARE = 0.01  # of a set; ours: beyond it the set is damaged, not its odd image
SHOWN = 5  # faults that are told, each from another try to read the image


class Unreadable:
    """The unreadable images of one set seen so far, each counted once; `indices` has them in order.

    At most `share` of the set may be, rounded down, and one image in any set.
    """

    def __init__(self, images: Images, share: float = SHARE):
        self.images, self.share = images, share
        self.allowed = max(1, math.floor(share * len(images)))
        self._seen: set[int] = set()

    @property
    def indices(self) -> list[int]:
        return sorted(self._seen)

    def note(self, indices: "Tensor | Iterable[int]") -> None:
        """Count these images; -1 means none, as in `Batch.unreadable_B`. Raises ValueError for too many."""
        new = {int(i) for i in indices} - {-1} - self._seen
        self._seen |= new
        if new and len(self._seen) > self.allowed:
            some = "; ".join(self.why(i) for i in self.indices[:SHOWN])
            raise ValueError(
                f"{len(self._seen):,} of {plural(len(self.images), 'image')} are unreadable, and at most "
                f"{self.allowed:,} may be ({100 * self.share:.3g} % of a set, and one of a small one): mend them, take "
                f"them out of the set, or fetch it again. The first: {some}"
            )

    def why(self, i: int) -> str:
        """Name and fault of image `i`, from another try to read it."""
        try:
            self.images.image(i)
        except BrokenImage as error:
            return str(error)
        return f"{self.images.name(i)}: readable at a second try"

    def report(self) -> str:
        """How many were left out, and the name of each on a line of its own, the first with their faults; empty when
        there are none."""
        if not self._seen:
            return ""
        lines = [*map(self.why, self.indices[:SHOWN]), *map(self.images.name, self.indices[SHOWN:])]
        were = f"{len(lines):,} of {plural(len(self.images), 'image')} {'was' if len(lines) == 1 else 'were'}"
        return "\n  ".join([f"{were} unreadable and left out:", *lines])
