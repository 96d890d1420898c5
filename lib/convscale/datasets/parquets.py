"""Parquet files in Hugging Face's image layout, read by row group.

A struct column `image` or `img` holds the encoded `bytes`, a column `label` a number or a list of numbers. Only labels
are read at once. Sets of up to HELD_BYTES are then held encoded in memory, which forked workers share. Of a larger set
each process holds the KEPT_GROUPS row groups it used last, because a row group is the least that can be read of a
parquet file: shuffle such sets by windows of no more than KEPT_GROUPS shards (`KeyedSampler(window=)`), or every image
costs the reading of a whole row group.
"""

import io
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .images import Images
from .labels import read_labels, unlabelled

HELD_BYTES = 2 * 2**30  # encoded images kept in memory: Imagenette at full size has 1.5 GiB, ImageNet 140 GiB
KEPT_GROUPS = 16  # of larger sets, per process: Hugging Face writes 100 images (11 MB of ImageNet) to a group


def parquet(files: list[Path]) -> Images | None:
    """Images of these files, in their order; None when all labels are -1, as in splits whose labels are secret.

    Raises ValueError, naming a file, for damage, other columns, no images, fewer than two classes or a bad label, and
    ImportError without pyarrow.
    """
    items, labels, names = read_files(files)
    if unlabelled(labels):
        return None
    array, classes = read_labels(labels, files[0], names)
    items.hold()
    shards = np.repeat(np.arange(len(items.groups)), [g.rows for g in items.groups])
    return Images(items, array, classes, shards, tuple(files))


def read_files(files: list[Path], labelled: bool = True) -> tuple["ParquetItems", list, tuple[str, ...]]:
    """Images of these files, and where they are to be `labelled` the labels and what classes are called.

    Raises ValueError and ImportError as `parquet`.
    """
    try:
        import pyarrow.parquet  # comes with the optional part [parquet]
    except ImportError:
        raise ImportError(f"{files[0]}: parquet needs pyarrow: pip install 'convscale[parquet]'") from None
    groups, labels, size = [], [], 0
    names: tuple[str, ...] = ()
    for file in files:
        try:
            reader = pyarrow.parquet.ParquetFile(file)
            column, names = columns(file, reader, labelled)
            if labelled:
                labels += reader.read(["label"])["label"].to_pylist()
        except (OSError, pyarrow.ArrowException) as error:
            raise ValueError(f"{file}: {error}") from None
        for number in range(reader.num_row_groups):
            group = reader.metadata.row_group(number)
            groups.append(Group(file, number, column, group.num_rows))
            size += group.total_byte_size
    items = ParquetItems(groups, keep=len(groups) if size <= HELD_BYTES else KEPT_GROUPS)
    return items, labels, names


def columns(file: Path, reader, labelled: bool) -> tuple[str, tuple[str, ...]]:
    """Name of the image column, and the class names where Hugging Face's metadata have them."""
    schema, leaves = reader.schema_arrow, reader.schema.names
    column = next((c for c in ("image", "img") if c in schema.names), None)
    if column is None or (labelled and "label" not in schema.names):
        needed = "'image' or 'img'" + (", and 'label'" if labelled else "")
        raise ValueError(f"{file}: columns {schema.names}; needed: {needed}")
    if "bytes" not in leaves and reader.metadata.num_rows:
        raise ValueError(f"{file}: column {column!r} holds no 'bytes'; needed: Hugging Face's image layout")
    features = json.loads((schema.metadata or {}).get(b"huggingface", b"{}")).get("info", {}).get("features", {})
    label = features.get("label", {})
    return column, tuple((label.get("feature") or label).get("names", ()))


@dataclass(frozen=True)
class Group:
    """One row group: the unit that parquet reads."""

    file: Path
    number: int
    column: str
    rows: int

    def read(self):
        """Its encoded images, an arrow array. The file is opened anew, so that no handle crosses into a worker."""
        import pyarrow.parquet

        table = pyarrow.parquet.ParquetFile(self.file).read_row_group(
            self.number, [f"{self.column}.bytes"], use_threads=False
        )
        return table[self.column].combine_chunks().field("bytes")


_one_at_a_time = threading.Lock()  # of threads that decode side by side one might drop the group another looks up


class ParquetItems:
    def __init__(self, groups: list[Group], keep: int):
        self.groups, self.keep = groups, keep
        self.ends = np.cumsum([group.rows for group in groups])
        self.held: OrderedDict[int, object] = OrderedDict()  # row groups in memory, the least used first

    def __len__(self) -> int:
        return int(self.ends[-1]) if len(self.ends) else 0

    def __getitem__(self, i: int) -> "ParquetRow":
        if not 0 <= i < len(self):
            raise IndexError(i)
        number = int(np.searchsorted(self.ends, i, side="right"))
        return ParquetRow(self, number, int(i - self.ends[number] + self.groups[number].rows))

    def hold(self) -> None:
        """Read all row groups now, where all of them are kept: processes that are forked later share them."""
        if self.keep >= len(self.groups):
            for number in range(len(self.groups)):
                self.group(number)

    def group(self, number: int):
        if number not in self.held:
            if len(self.held) >= self.keep:
                self.held.popitem(last=False)
            self.held[number] = self.groups[number].read()
        self.held.move_to_end(number)
        return self.held[number]


@dataclass(frozen=True)
class ParquetRow:
    items: ParquetItems
    group: int
    row: int

    def __str__(self) -> str:
        group = self.items.groups[self.group]
        return f"{group.file}: row {self.row} of row group {group.number}"

    def image(self) -> Image.Image:
        with _one_at_a_time:
            group = self.items.group(self.group)
        return Image.open(io.BytesIO(group[self.row].as_py()))
