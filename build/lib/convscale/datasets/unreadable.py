"""Count of images that could not be decoded: left out, listed, and too many of them an error."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .images import BrokenImage, Images

if TYPE_CHECKING:
    from torch import Tensor

SHARE = 0.01  # of a set; ours: beyond it the set is damaged, not its odd image
SHOWN = 5  # in the error


class Unreadable:
    """The unreadable images of one set seen so far, each counted once; `indices` has them in order.

    One unreadable image never ends a run; more than one do when they are more than `share` of the set.
    """

    def __init__(self, images: Images, share: float = SHARE):
        self.images, self.share = images, share
        self._seen: set[int] = set()

    @property
    def indices(self) -> list[int]:
        return sorted(self._seen)

    def note(self, indices: "Tensor | Iterable[int]") -> None:
        """Count these images; -1 means none, as in `Batch.unreadable_B`. Raises ValueError beyond the share."""
        new = {int(i) for i in indices} - {-1} - self._seen
        self._seen |= new
        if new and len(self._seen) > max(1, self.share * len(self.images)):
            some = "; ".join(self.why(i) for i in self.indices[:SHOWN])
            raise ValueError(
                f"{len(self._seen):,} of {len(self.images):,} images are unreadable, more than {self.share:.1%}: fetch "
                f"the set again or take them out of it. The first: {some}"
            )

    def why(self, i: int) -> str:
        """Name and fault of image `i`, from another try to read it."""
        try:
            self.images.image(i)
        except BrokenImage as error:
            return str(error)
        return f"{self.images.name(i)}: readable at a second try"

    def report(self) -> str:
        """How many were left out, and the name of each on a line of its own; empty when there are none."""
        if not self._seen:
            return ""
        names = "".join(f"\n  {self.images.name(i)}" for i in self.indices)
        return f"{len(self._seen):,} of {len(self.images):,} images were unreadable and left out:{names}"
