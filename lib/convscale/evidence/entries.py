"""The networks that claims name, as tables: nothing here is built but by `built`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..errors import check_name
from ..models.names import timm_name
from ..models.resnet_tables import ResNetTable
from ..models.stages import scale
from ..models.tables import table
from ..models.transformations import KERNELS, fuse

CHANGES = ("model", "depth", "width", "resolution", "fused", "deeper")


@dataclass(frozen=True)
class Entry:
    """A network of a claim: one of ours, changed or not, at a size in px (None: its own), or "timm:name" at a size.

    `changes` are the factors depth, width and resolution of `stages.scale`; or `fused`, the last stage that has
    Fused-MBConv; or `deeper`, the group of a ResNet that has a block more, from 0 for c2.
    """

    model: str
    size: int | None = None
    changes: tuple[tuple[str, float], ...] = ()

    @cached_property
    def table(self) -> Any:
        """Its table. Raises ValueError for an unknown name, and for a network of timm, of which we have none."""
        factors: dict[str, Any] = dict(self.changes)
        chosen: Any = table(self.model)  # a ConvNetTable where a claim has it fused, a ResNetTable where it is deeper
        if (upto := factors.pop("fused", None)) is not None:
            # V2 Table 3 leaves the 5x5 kernels open; 3x3 in the first comes nearest (row A31 of the discrepancies)
            chosen = fuse(chosen, upto, kernels=KERNELS["first 3x3"])
        if (group := factors.pop("deeper", None)) is not None:
            chosen = one_deeper(chosen, group)
        if factors:
            chosen = scale(chosen, name=self.model, **factors)
        return chosen if self.size is None else replace(chosen, eval_size=self.size)

    @property
    def px(self) -> int:
        """The size of its images. Raises ValueError for a network of timm without one."""
        if timm_name(self.model) is None:
            return self.table.eval_size
        if self.size is None:
            raise ValueError(f"{self.model}: a network of timm needs a size, {self.model}@224")
        return self.size

    @property
    def key(self) -> tuple[str, str, int]:
        """(network, changes, px), its row in data/counts.csv: ("efficientnet-b0", "depth=1.4 width=1.2", 224)."""
        return self.model, " ".join(f"{name}={value:g}" for name, value in self.changes), self.px

    def built(self):
        """The network without memory, with new weights."""
        import torch

        from ..models import build

        with torch.device("meta"):
            return build(self.model if timm_name(self.model) else self.table, image_size=self.px)


def one_deeper(plain: ResNetTable, group: int) -> ResNetTable:
    return replace(plain, depths=tuple(n + (i == group) for i, n in enumerate(plain.depths)))


def entry_of(written: str | Mapping[str, Any]) -> Entry:
    """An entry as data/claims.yml has it: "name", "name@px", or {model: name, depth: 4}.

    Raises ValueError for other names beside `model`, and where that is missing.
    """
    changes: dict[str, Any] = {"model": written} if isinstance(written, str) else dict(written)
    if "model" not in changes:
        raise ValueError(f"entry {changes}: it names no model")
    for name in changes:
        check_name(f"change of {changes['model']}", name, CHANGES)
    name, _, size = changes.pop("model").partition("@")
    return Entry(name, int(size) if size else None, tuple(changes.items()))
