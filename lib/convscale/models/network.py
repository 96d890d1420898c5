"""What every network here has in common: stem, blocks, head, global average pool, dropout, classifier."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from torch import Tensor, nn


class Row(NamedTuple):
    """One line of a network's table as the papers print it (V2 Table 4)."""

    operator: str
    stride: int  # in height and width
    channels: int  # at its output
    layers: int  # blocks, or 1 for stem and head


class Part(NamedTuple):
    """A row together with the modules that it describes."""

    stage: int  # 0 = stem, as in V2 Table 4; V1 Table 1 counts from 1
    row: Row
    modules: tuple[nn.Module, ...]


def check_size(table, size: Sequence[int]) -> None:
    """Raise ValueError if an image of `size` (..., height, width) px is below the table's total stride."""
    if min(size[-2:]) < table.total_stride:
        raise ValueError(
            f"image size {tuple(size)} is below the total stride of {table.name}: use at least {table.total_stride} px"
        )


class Network(nn.Module):
    """Base of the builders. They set `stem`, `blocks` (one module a block), `head`, `dropout`, `classifier`."""

    def __init__(self, table, num_classes: int):
        super().__init__()
        self.table, self.num_classes = table, num_classes

    def forward(self, x: Tensor) -> Tensor:
        """x_BCHW, for video x_BCTHW -> logits_BK. Raises ValueError below `table.total_stride` px."""
        check_size(self.table, x.shape[2:])
        features_BC = self.head(self.blocks(self.stem(x))).mean(tuple(range(2, x.dim())))
        return self.classifier(self.dropout(features_BC))

    def initialize(self, rule: Callable[[nn.Module], None]) -> None:
        """Apply `rule` to every module, unless the network is on the meta device, which has no values to set."""
        if not self.classifier.weight.is_meta:
            self.apply(rule)

    def parts(self) -> list[Part]:
        """The rows of the table in order, each with its modules, which together are the whole network."""
        stem, *stages, head = self.table.rows()
        parts, blocks = [Part(0, stem, (self.stem,))], iter(self.blocks)
        for row in stages:
            parts.append(Part(len(parts), row, tuple(next(blocks) for _ in range(row.layers))))
        return [*parts, Part(len(parts), head, (self.head, self.dropout, self.classifier))]
