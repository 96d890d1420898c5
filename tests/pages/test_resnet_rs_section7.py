"""What the pages on ResNet-RS §7 make of the paper's tables, of counts and of measurements."""

import pytest

from convscale.pages import downstream, pseudo_labels, speed_accuracy, video
from convscale.records import published


def test_activations_order_the_latencies_and_flops_do_not():
    assert speed_accuracy.rank_correlation("FLOPs") == pytest.approx(0.78, abs=0.005)  # by hand, 19 rows
    assert speed_accuracy.rank_correlation("params") == pytest.approx(0.46, abs=0.005)
    assert speed_accuracy.rank_correlation("activations") > 0.98
    (least, most), (low, high) = speed_accuracy.rates()["v1"], speed_accuracy.rates()["rs"]
    assert (round(least, -1), round(most, -1)) == (400, 590)
    assert (round(low), round(high)) == (55, 79)
    assert "5 to 11 times" in speed_accuracy.answer()


def test_measurements_are_the_latest_of_their_device():
    steps = speed_accuracy.measured("training step", "cpu")
    assert set(steps) <= set(speed_accuracy.networks().index) and len(steps) > 10
    dates = [r["provenance"]["date"] for r in published().measurements("rs:2") if r["row"] == "EfficientNet-B4"]
    assert len(dates) > 1 and steps["EfficientNet-B4"]["provenance"]["date"] == max(dates)


def test_what_training_keeps_beside_weights_is_near_the_papers_ratio():
    rows = speed_accuracy.memory_rows(name="tbl-x", caption="").frame.set_index("what")
    assert float(rows.loc["training, less 16 bytes a parameter", "B6 / RS-350"]) == pytest.approx(2.4, abs=0.2)
    assert float(rows.loc["inference memory", "B6 / RS-350"]) < 1 < 2.3


def test_gains_by_pseudo_labels_are_differences_of_two_tables():
    assert pseudo_labels.gain("ResNet-RS-152") == pytest.approx(3.4)
    assert pseudo_labels.gain("EfficientNet-B5") == pytest.approx(2.4)


def test_tasks_stand_in_the_order_of_the_table_and_against_its_first_row():
    rows = downstream.against_supervised()
    assert rows["row"].iloc[0] == "CIFAR-100" and len(rows) == 15
    assert rows[rows["row"] == "Pascal segmentation"].set_index("label")["value"].to_dict() == {
        "RS": 8.2,
        "SimCLR": 2.2,
        "SimCLRv2": 3.1,
    }


def test_steps_of_video_add_up():
    steps = video.steps_of()
    assert steps["value"].iloc[-1] == 78.2 and len(steps) == 10
    assert video.gained(architecture=False) == pytest.approx(4.0)
    assert video.gained(architecture=True) == pytest.approx(0.8)
