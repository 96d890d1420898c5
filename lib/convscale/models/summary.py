"""A model's stages printed as V2 Table 4 prints them, as text and as HTML in a notebook."""

from dataclasses import dataclass
from math import ceil

import pandas as pd
import torch

from ..words import plural
from .network import Network
from .tables import NetworkTable
from .zoo import build

THOUSANDS = {"Parameters": "{:,}".format}


@dataclass(frozen=True)
class Summary:
    """`title` in one line and `frame` with a row a stage; prints as text, displays as HTML in a notebook."""

    title: str
    frame: pd.DataFrame

    def __str__(self) -> str:
        # pandas right-aligns text; operators of one width read as left-aligned.
        width = self.frame["Operator"].str.len().max()
        frame = self.frame.rename(columns={"Operator": "Operator".ljust(width)})
        text = frame.to_string(index=False, formatters={"Operator".ljust(width): f"{{:{width}}}".format, **THOUSANDS})
        return f"{self.title}\n\n{text}"

    def _repr_html_(self) -> str:
        return f"<p>{self.title}</p>{self.frame.to_html(index=False, formatters=THOUSANDS, border=0)}"


def show(model: str | NetworkTable | Network, image_size: int | None = None) -> Summary:
    """Stages of one of our models, a table or a built network.

    Columns: Stage, Operator, Stride, #Channels, #Layers as in V2 Table 4, then the size in px at which the stage's
    input arrives for an image of `image_size` px (default: the table's `eval_size`) and learnable parameters.
    Raises ValueError as `build` does.
    """
    if not isinstance(model, Network):
        with torch.device("meta"):
            model = build(model, image_size=image_size)
    size = image_size or model.table.eval_size
    rows = []
    for stage, row, modules in model.parts():
        params = sum(p.numel() for m in modules for p in m.parameters())
        rows.append((stage, row.operator, row.stride, row.channels, row.layers, size, params))
        size = ceil(size / row.stride)
    columns = ["Stage", "Operator", "Stride", "#Channels", "#Layers", "Input", "Parameters"]
    frame = pd.DataFrame(rows, columns=columns)
    title = (
        f"{model.table.name}: {frame['Parameters'].sum():,} parameters with {plural(model.num_classes, 'class')}, "
        f"{model.table.eval_size if image_size is None else image_size} px, total stride {model.table.total_stride}"
    )
    return Summary(title, frame)
