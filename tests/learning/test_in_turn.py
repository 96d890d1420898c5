"""A table of released weights is evaluated one after the other; what is done is not done again."""

import numpy as np
import pytest
import timm
from PIL import Image

from convscale.datasets import DataMissing
from convscale.learning import evaluate_in_turn
from convscale.learning.in_turn import FIELDS, kept

NETWORKS = ("timm:resnet18.a1_in1k@64", "timm:test_vit.r160_in1k", "timm:resnet18.tv_in1k@32")


@pytest.fixture
def data(tmp_path):
    rng = np.random.default_rng(0)
    for label in range(3):
        folder = tmp_path / "images" / f"class{label}"
        folder.mkdir(parents=True)
        for i in range(2):
            Image.fromarray(rng.integers(0, 256, (70, 70, 3), dtype=np.uint8)).save(folder / f"{i}.png")
    return tmp_path / "images"


@pytest.fixture
def fetched(monkeypatch):
    """Names whose weights were fetched; those in the second set cannot be."""
    asked, refused = [], set()

    def weights(name):
        asked.append(name)
        if name in refused:
            raise OSError("no network\n here")
        return timm.create_model(name.partition(".")[0], num_classes=3)

    monkeypatch.setattr("convscale.learning.evaluation.pretrained", weights)
    return asked, refused


def test_rows_are_kept_and_what_failed_is_tried_again(data, fetched, tmp_path):
    asked, refused = fetched
    refused.add("test_vit.r160_in1k")
    file = tmp_path / "new/table.csv"
    first = list(evaluate_in_turn(NETWORKS, str(data), file, "cpu", batch_size=4))
    assert [row["network"] for row in first] == list(NETWORKS) and [row["images"] for row in first] == ["6", "", "6"]
    assert [row["error"] for row in first] == ["", "no network here", ""]
    assert all(0 <= float(row["top1"]) <= float(row["top5"]) == 100 for row in first if not row["error"])

    asked.clear(), refused.clear()
    again = list(evaluate_in_turn(NETWORKS, str(data), file, "cpu", batch_size=4))
    assert asked == ["test_vit.r160_in1k"]  # the only one that was missing
    assert again[0] == first[0] and again[2] == first[2] and again[1]["images"] == "6" and not again[1]["error"]
    assert sorted(row["network"] for row in kept(file)) == sorted(NETWORKS) and tuple(kept(file)[0]) == FIELDS


def test_each_row_is_on_disk_before_the_next_is_begun(data, fetched, tmp_path):
    file = tmp_path / "table.csv"
    rows = evaluate_in_turn(NETWORKS, str(data), file, "cpu", batch_size=4)
    next(rows)
    assert [row["network"] for row in kept(file)] == [NETWORKS[0]]


def test_other_images_are_other_rows(data, fetched, tmp_path):
    file = tmp_path / "table.csv"
    list(evaluate_in_turn(NETWORKS[:1], str(data), file, "cpu"))
    Image.fromarray(np.zeros((70, 70, 3), dtype=np.uint8)).save(data / "class0/more.png")
    (row,) = evaluate_in_turn(NETWORKS[:1], str(data), file, "cpu")
    assert row["images"] == "7" and len(kept(file)) == 2 and len(fetched[0]) == 2


def test_nothing_is_fetched_for_unusable_images_or_into_another_file(data, fetched, tmp_path):
    with pytest.raises(DataMissing, match="no such folder"):
        list(evaluate_in_turn(NETWORKS, str(tmp_path / "absent"), tmp_path / "table.csv", "cpu"))
    (tmp_path / "notes.csv").write_text("date,text\n1,2\n")
    with pytest.raises(ValueError, match=r"notes\.csv holds something else"):
        list(evaluate_in_turn(NETWORKS, str(data), tmp_path / "notes.csv", "cpu"))
    assert not fetched[0]
