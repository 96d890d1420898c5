"""One line of a network's table as the papers print it, and the smallest image that a table takes."""

from collections.abc import Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """One line of a network's table as the papers print it (V2 Table 4)."""

    operator: str
    stride: int  # in height and width
    channels: int  # at its output
    layers: int  # blocks, or 1 for stem and head


def check_size(table, size: Sequence[int]) -> None:
    """Raise ValueError if an image of `size` (..., height, width) px is below the table's total stride."""
    if min(size[-2:]) < table.total_stride:
        raise ValueError(
            f"image size {tuple(size)} is below the total stride of {table.name}: use at least {table.total_stride} px"
        )
