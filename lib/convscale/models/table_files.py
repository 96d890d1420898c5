"""Network tables as plain values and as YAML files: `--model table:net.yaml`.

A file names the type of its table and that type's fields; fields that have defaults may be left out:

    table: ConvNetTable
    name: my-net
    stem: 16
    stages:
      - {op: fused, kernel: 3, stride: 1, expand: 1, width: 16, depth: 1}
      - {op: mbconv, kernel: 3, stride: 2, expand: 4, width: 32, depth: 2, se: 0.25}
    head: 256
    train_size: 28
    eval_size: 32
    dropout: 0.2
"""

from dataclasses import MISSING, asdict, fields
from pathlib import Path

import yaml

from ..errors import check_name
from .resnet_tables import ResNetTable
from .stages import ConvNetTable, Stage
from .tables import NetworkTable
from .video_tables import VideoTable

PREFIX = "table:"
TYPES = {kind.__name__: kind for kind in (ConvNetTable, ResNetTable, VideoTable)}


def read_network(model: str) -> str | NetworkTable:
    """The table in the file of a "table:net.yaml"; any other name as it is.

    Raises ValueError, naming the file, for one that cannot be read or holds no table.
    """
    if not model.startswith(PREFIX):
        return model
    path = Path(model.removeprefix(PREFIX)).expanduser()
    try:
        return table_from(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        raise ValueError(f"{path}: no table of a network: {error}") from None


def table_values(table: NetworkTable) -> dict:
    """All fields of a table and its type as plain values, which `table_from` reads back."""
    return {"table": type(table).__name__, **asdict(table)}


def table_from(values: object) -> NetworkTable:
    """The table of plain values. Raises ValueError for an unknown type or field, and for one that is missing."""
    if not isinstance(values, dict):
        raise ValueError(f"a mapping with `table` and the fields of one is needed, this is a {type(values).__name__}")
    values = dict(values)
    kind = TYPES[check_name("type of table", values.pop("table", None), TYPES)]
    return filled(kind, {name: frozen(name, value) for name, value in values.items()})


def filled(kind: type, values: dict):
    """A dataclass of these values."""
    for name in values:
        check_name(f"field of a {kind.__name__}", name, [f.name for f in fields(kind)])
    missing = [f.name for f in fields(kind) if f.default is MISSING and f.name not in values]
    if missing:
        raise ValueError(f"a {kind.__name__} lacks {', '.join(missing)}")
    return kind(**values)


def frozen(name: str, value: object):
    """Lists as tuples; the mappings of `stages` as rows."""
    if isinstance(value, list | tuple):
        return tuple(frozen(name, v) for v in value)
    if name == "stages":
        if not isinstance(value, dict):
            raise ValueError(f"a stage is a mapping such as {{op: mbconv, kernel: 3, ...}}, this is {value!r}")
        return filled(Stage, value)
    return value
