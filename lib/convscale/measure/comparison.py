"""One session of measurements for a paper's table, as a value, and the networks of our own that its rows name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..models import NetworkTable, table


@dataclass(frozen=True)
class Comparison:
    """Rows of one table that are measured together.

    `rows` maps a row to its network and image size in px, or sizes that take equal shares of training. `batch` and
    `precision` are those on a GPU or TPU; on a CPU, where there is a `cpu_batch`, it is float32. Of the rows only
    `cpu_rows` are then measured, or all. Of "stages" each row is one stage of its network, by its number in `stages`.
    """

    table: str
    quantity: str
    unit: str  # "images/s"; "ms" or "s" of a batch; "ms/image"; "GB"; "images"
    what: str  # "inference", "training", "memory" (of training), "inference memory", "stages" or "largest batch"
    rows: Mapping[str, tuple[str | NetworkTable, int | tuple[int, ...]]]
    batch: int
    precision: str = "auto"
    cpu_batch: int | None = None
    cpu_rows: tuple[str, ...] | None = None
    cpu_only: bool = False
    note: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, int] = field(default_factory=dict)
    budget: int = 0  # bytes of memory, of "largest batch"


def v1(*names: str) -> dict[str, tuple[str, int]]:
    """EfficientNets "b0" to "b7" at their own sizes."""
    return {f"EfficientNet-{b.upper()}": own(f"efficientnet-{b}") for b in names}


def own(model: str) -> tuple[str, int]:
    """One of our networks at the size of its evaluation."""
    return model, table(model).eval_size


def rs(*names: str) -> dict[str, tuple[str, int]]:
    """ "152 @224" -> ResNet-RS-152 at 224 px."""
    pairs = {name: name.split(" @") for name in names}
    return {f"ResNet-RS-{name}": (f"resnet-rs-{depth}", int(size)) for name, (depth, size) in pairs.items()}
