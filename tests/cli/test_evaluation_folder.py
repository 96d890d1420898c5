"""What `convscale evaluate --out` leaves: tables that agree, pictures, and the same bytes each time."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from convscale.cli.evaluation_folder import weak_classes, write_evaluation
from convscale.cli.pictures import draw_confusion, draw_curve
from convscale.datasets import Images
from convscale.learning import answers_of, load_trained

FILES = ["calibration.csv", "confusion.csv", "confusion.svg", "mistakes.csv", "mistakes.png", "per_class.csv"]


@pytest.fixture
def pets(tmp_path, monkeypatch, picture):
    """Images of four of the six classes of `kept`, ten each, in class folders of their names; work goes on there."""
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate(("cat", "dog", "fox", "hen")):
        (tmp_path / "zoo" / name).mkdir(parents=True)
        for i in range(10):
            picture(10 * number + i).save(tmp_path / "zoo" / name / f"{i}.png")
    return tmp_path


def test_tables_and_pictures_agree_and_are_the_same_each_time(pets, kept, convscale):
    said = [convscale(f"evaluate --weights {kept} --data zoo --workers 0 --out {out}") for out in ("a", "b")]
    code, out, _ = said[0]
    assert code is None and "note: zoo: no images of 2 classes: eel, gnu" in out
    top1, top5 = (float(word) for word in re.search(r"top-1 (\S+) %, top-5 (\S+) % of 40 images\n$", out).groups())
    results = json.loads((pets / "a/results.json").read_text())
    assert (round(results["top1"], 3), round(results["top5"], 3), results["images"]) == (top1, top5, 40)
    assert f"calibration error {results['calibration_error']:.2f} points" in out
    counts = pd.read_csv("a/confusion.csv", index_col="class")
    right = sum(counts.loc[name, name] for name in ("cat", "dog", "fox", "hen") if name in counts)
    rows = pd.read_csv("a/per_class.csv")
    assert right == 40 * top1 / 100 == pytest.approx((rows["images"] * rows["top1"]).sum() / 100)
    assert counts.to_numpy().sum() == 40 and len(pd.read_csv("a/mistakes.csv")) == 40 - right
    assert sorted(path.name for path in (pets / "a").iterdir()) == [*FILES, "results.json"]
    assert (pets / "a/confusion.svg").read_text().startswith("<?xml") and Image.open("a/mistakes.png").width > 1000
    for name in FILES:
        assert (pets / "a" / name).read_bytes() == (pets / "b" / name).read_bytes(), name
    weak = re.search(r"weakest classes: (\w+) (\S+) % of 10", out)
    assert rows.set_index("class")["top1"][weak[1]] == float(weak[2]) == rows["top1"].min()


def test_a_folder_that_cannot_be_written_is_said_first(pets, kept, convscale):
    (pets / "taken").write_text("")
    assert convscale(f"evaluate --weights {kept} --data zoo --out taken")[0].startswith(
        "convscale: cannot write into taken ("
    )


def test_a_network_without_mistakes_has_an_empty_list_of_them(tmp_path, kept, picture):
    trained = load_trained(kept)
    items = [np.asarray(picture(i)) for i in range(8)]
    first = answers_of(trained, Images(items, np.zeros(8, int), trained.classes), "cpu").answer_NA[:, 0]
    images = Images(items, first, trained.classes)
    found = answers_of(trained, images, "cpu")
    write_evaluation(tmp_path, found, images, trained.classes)
    assert pd.read_csv(tmp_path / "mistakes.csv").empty and not list(weak_classes(found, trained.classes))


def test_many_classes_and_names_with_signs_are_drawn(tmp_path):
    names = ["$x_1$", "<b>&", *(f"class {i}" for i in range(70))]
    counts = pd.DataFrame(np.eye(72, dtype=int), index=pd.Index(names), columns=pd.Index(names))
    draw_confusion(counts, tmp_path / "many.svg")
    assert (tmp_path / "many.svg").stat().st_size < 300_000
    draw_confusion(counts.iloc[:2, :2], tmp_path / "few.svg")
    assert "$x_1$" in (tmp_path / "few.svg").read_text()


def test_the_curve_is_drawn_with_its_image_sizes(tmp_path):
    columns = {"epoch": [1.0, 2.0, 3.0], "image_size": [16, 16, 24], "test_top1": [10.0, 30.0, 40.0]}
    history = pd.DataFrame({**columns, "train_loss": [2.0, 1.5, 1.4], "test_loss": [2.1, 1.9, float("nan")]})
    draw_curve(history, tmp_path / "curve.svg")
    text = (tmp_path / "curve.svg").read_text()
    assert "16 px" in text and "24 px" in text and "top-1 (%)" in text


def test_a_picture_leaves_the_settings_of_other_drawings(tmp_path):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    draw_confusion(pd.DataFrame([[3, 1], [0, 4]], index=["a", "b"], columns=["a", "b"]), tmp_path / "confusion.svg")
    assert dict(mpl.rcParams) == before
