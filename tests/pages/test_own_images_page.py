"""The how-to page on one's own images: its images, and its tables and picture of what a training came to."""

import numpy as np

from convscale.datasets import load, photograph
from convscale.learning import Answers, Outcome
from convscale.pages import own_images as shown
from convscale.recipes import preset


def test_squares_are_of_both_splits_and_share_no_pixel(tmp_path):
    shown.write_patches(tmp_path)
    train, test = (load(f"folder:{tmp_path}", split) for split in ("train", "test"))
    assert train.classes == test.classes == shown.CLASSES
    assert len(train) == len(test) == 209 and np.bincount(train.labels).max() == shown.MOST
    for name in shown.CLASSES:
        width, height = photograph(name).size
        both = [set(shown.corners(width, height, colour)) for colour in (0, 1)]
        assert not both[0] & both[1]
        assert all(x + 64 <= width and y + 64 <= height and x % 64 == y % 64 == 0 for x, y in both[0] | both[1])


def found(answers: list[int], labels: list[int]) -> Answers:
    given, label = np.array(answers), np.array(labels)
    N = len(label)
    loss = np.where(given == label, 0.1, 2.0 + np.arange(N))
    return Answers(np.arange(N), given[:, None], np.ones((N, 1)), label, np.ones(N), given == label, loss)


def test_errors_of_classes_and_the_surest_mistakes(tmp_path):
    shown.write_patches(tmp_path)
    test = load(f"folder:{tmp_path}", "test").take(np.array([0, 1, 30, 31]))
    answers = found([0, 3, 1, 2], test.labels.tolist())
    table = shown.class_errors(answers, test.classes, name="t", caption="c").frame
    assert table["class"].tolist() == ["brick", "cat"] and table["top-1"].tolist() == ["50 %", "50 %"]
    assert table["taken for"].tolist() == ["flower (1)", "coffee (1)"]
    drawing = shown.mistakes_shown(answers, test, test.classes, name="f", title="t", caption="c")
    assert drawing.data["answer"].tolist() == ["coffee", "flower"]  # by loss
    assert drawing.subtitle == "2 of 2 mistakes, the surest first"


def test_no_mistake_is_no_picture_and_no_error(tmp_path):
    shown.write_patches(tmp_path)
    test = load(f"folder:{tmp_path}", "test").take(np.array([0, 30]))
    drawing = shown.mistakes_shown(found([0, 1], [0, 1]), test, test.classes, name="f", title="t", caption="c")
    assert drawing.subtitle == "0 of 0 mistakes, the surest first" and drawing.data.empty


def test_trainings_side_by_side():
    run = preset("own").run(epochs=3)
    outcome = Outcome({"test_top1": 91.26}, [], {"cpu_seconds": 4.04}, None, [])
    table = shown.compared({"mine": run}, {"mine": outcome}, name="t", caption="c").frame
    assert table.iloc[0].tolist() == ["mine", "168, 224", "3", "91.3 %", "4.0"]
