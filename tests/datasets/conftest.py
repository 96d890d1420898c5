"""Small image sets in every layout, which the tests of this room read back."""

import io
import json
import tarfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from convscale.datasets import Images, sources


def encoded(colour, size=(20, 10), kind="png") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def pack(path, members: dict[str, bytes]) -> None:
    """A tar file of these members, in this order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


class Writer:
    """Writes image sets; image number i is `colour(i)` throughout."""

    pack = staticmethod(pack)
    encoded = staticmethod(encoded)

    @staticmethod
    def colour(i):
        return (i, 255 - i, 7 * i % 256)

    def folder(self, path, labels, names="abcdefgh", kind="png"):
        for i, label in enumerate(labels):
            (path / names[label]).mkdir(parents=True, exist_ok=True)
            (path / names[label] / f"{i:04d}.{kind}").write_bytes(encoded(self.colour(i), kind=kind))

    def shards(self, path, labels, per_shard, form="cls"):
        """train-000000.tar and so on, `per_shard` images each; form "cls" or "json"."""
        for shard, start in enumerate(range(0, len(labels), per_shard)):
            members = {}
            for i, label in list(enumerate(labels))[start : start + per_shard]:
                members[f"{i:04d}.png"] = encoded(self.colour(i))
                members[f"{i:04d}.{form}"] = (str(label) if form == "cls" else json.dumps({"label": label})).encode()
            pack(path / f"train-{shard:06d}.tar", members)

    def parquet(self, path, labels, column="image", **options):
        path.parent.mkdir(parents=True, exist_ok=True)
        cells = [{"bytes": encoded(self.colour(i)), "path": None} for i in range(len(labels))]
        kind = None if labels and isinstance(labels[0], list) else "int64" if None not in labels else object
        pd.DataFrame({column: cells, "label": pd.Series(labels, dtype=kind)}).to_parquet(path, **options)


@pytest.fixture
def write():
    return Writer()


@pytest.fixture
def root(tmp_path, monkeypatch):
    """CONVSCALE_DATA, where small sets pass for the known ones, and no download."""

    def refuse(*_):
        raise OSError("no network here")

    monkeypatch.setattr(sources, "check_genuine", lambda *_: None)
    monkeypatch.setattr(sources, "DOWNLOADS", dict.fromkeys(sources.DOWNLOADS, refuse))
    monkeypatch.setenv("CONVSCALE_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def numbered():
    """Images of 2 x 2 px, each of its own grey, with these labels."""

    def make(labels, classes=("a", "b", "c"), **more) -> Images:
        return Images(
            [np.full((2, 2), i % 256, np.uint8) for i in range(len(labels))], np.array(labels), classes, **more
        )

    return make
