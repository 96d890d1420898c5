"""What every network here has in common: stem, blocks, head, global average pool, dropout, classifier."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor, nn

from .rows import Row, check_size


class Part(NamedTuple):
    """A row together with the modules that it describes."""

    stage: int  # 0 = stem, as in V2 Table 4; V1 Table 1 counts from 1
    row: Row
    modules: tuple[nn.Module, ...]


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
