import io
import re

import pandas as pd

from convscale import drawing
from convscale.drawing.ink import spread, ticks, wrap
from convscale.drawing.plane import frontier

NAN = float("nan")
NETWORKS = pd.DataFrame(
    {
        "label": ["B0", "B3", "B7", "RS-50", "RS-200", "S", "L", "ViT-B/16"],
        "x": [0.39, 1.8, 37, 4.6, 40, 8.8, 53, 55.4],
        "y": [77.1, 81.6, 84.3, 78.8, 83.4, 83.9, 85.7, 77.9],
        "family": ["v1", "v1", "v1", "rs", "rs", "v2", "v2", ""],
        "printed_x": [NAN, 2.1, NAN, NAN, NAN, 9.9, NAN, NAN],
        "printed_y": [NAN, 81.6, NAN, NAN, NAN, 83.9, NAN, NAN],
    }
)


def test_points_and_the_paper_s_own(check):
    figure = drawing.scatter(
        NETWORKS, name="fig-x", title="More", x="FLOPs, billions", y="top-1, %", log="x", joined=True, pareto=True
    )
    titles = check(figure)
    assert "EfficientNet, B3: FLOPs, billions 1.8, top-1, % 81.6; printed 2.1 and 81.6 (the paper's)" in titles
    assert "no network has more at less: B0, B3, S, B7, L" in titles
    for name in (*NETWORKS["label"], "EfficientNet", "ResNet-RS", "EfficientNetV2"):
        assert f">{name}</text>" in figure.wide
    pd.testing.assert_frame_equal(
        pd.read_csv(io.StringIO(figure.csv), keep_default_na=True).fillna({"family": ""}), NETWORKS
    )


def test_names_keep_off_the_numbers_at_the_axis_and_have_a_ground_over_a_crowd(check):
    places = [(1 + 0.4 * (i % 3), i // 3) for i in range(9)] + [(40, 1)]  # columns so near that words go to the left
    named = pd.DataFrame(places, columns=["x", "y"]).assign(label=[f"net {i}" for i in range(10)], family="")
    crowd = pd.DataFrame({"label": "", "x": [1.0, 1.1, 2.0], "y": [0.0, 1.0, 2.0], "family": "", "crowd": True})
    figure = drawing.scatter(named.assign(crowd=False), name="fig-x", title="t", x="a", y="b")
    over = drawing.scatter(pd.concat([named.assign(crowd=False), crowd]), name="fig-x", title="t", x="a", y="b")
    check(figure)  # no words over others
    assert 'fill-opacity="0.8"' in over.narrow or 'opacity="0.8"' in over.narrow
    assert "0.8" not in re.findall(r'opacity="([\d.]+)"', figure.narrow)


def test_a_network_that_is_beaten_is_not_on_the_frontier():
    assert frontier(NETWORKS)["label"].tolist() == ["B0", "B3", "S", "B7", "L"]


def test_rows_of_paper_and_ours(check):
    rows = NETWORKS.iloc[:4].assign(
        paper=[5.3, 12, 66, NAN], ours=[5.29, 12.23, NAN, 35.7], agrees=[True, False, True, True]
    )
    figure = drawing.dots(rows[["label", "paper", "ours", "family", "agrees"]], name="d", title="t", unit="M", log=True)
    titles = check(figure)
    assert "B3: paper 12.0, ours 12.2, differs" in titles and "B7: paper 66.0, not run" in titles
    assert "RS-50: paper no number, ours 35.7" in titles
    check(drawing.dots(rows[["label", "paper", "ours", "family"]], name="d", title="t", unit="parameters, millions"))


def test_stages_as_bars(check):
    rows = pd.DataFrame(
        {
            "network": ["EfficientNet-B0"] * 2 + ["EfficientNetV2-S"] * 3,
            "operator": ["Conv k3", "MBConv6 k3", "Conv k3", "Fused-MBConv4 k3", "MBConv6 k3"],
            "channels": [32, 192, 24, 48, 256],
            "layers": [1, 4, 1, 4, 15],
            "width": [0.01, 4, 1, 4, 15],
            "family": [""] * 2 + ["v2"] * 3,
        }
    )
    figure = drawing.stages_bars(rows, name="fig-s", title="Deeper", unit="layers")
    titles = check(figure)
    ends = re.findall(r"<path d=\"M([\d.]+) [\d.]+L([\d.]+)", figure.wide)
    assert len(ends) == 7 and all(float(left) <= float(right) for left, right in ends)
    assert titles[-1] == "EfficientNetV2-S, MBConv6 k3, 256 channels, 15 layers: 15 layers"


def test_blocks_layer_by_layer(check):
    rows = pd.DataFrame(
        {
            "block": ["MBConv4"] * 4 + ["Fused-MBConv4"] * 2,
            "label": ["conv 1x1", "depthwise conv 3x3", "SE", "conv 1x1", "conv 3x3", "conv 1x1"],
            "channels": [96, 96, 96, 24, 96, 24],
            "kind": ["conv", "depthwise", "gate", "conv", "conv", "conv"],
            "shortcut": [True] * 4 + [False] * 2,
            "family": "v2",
        }
    )
    figure = drawing.blocks(rows, name="fig-b", title="One for two")
    titles = check(figure)
    assert "MBConv4, depthwise conv 3x3: 96 channels" in titles
    assert titles.count("MBConv4: the input is added") == 1 and "Fused-MBConv4: the input is added" not in titles


def test_labels_move_apart_and_stay_in_order():
    assert spread([10, 11, 50], 16, 0, 100) == [2.5, 18.5, 50]
    assert spread([98, 99, 99], 16, 0, 100) == [68, 84, 100]
    assert spread([5, 1], 10, 0, 100) == [10, 0]


def test_ticks_are_few_and_round():
    assert (
        ticks(-7, 9) == [-5, 0, 5]
        and ticks(0, 1) == [0, 0.25, 0.5, 0.75, 1.0]
        and ticks(13, 61) == [20, 30, 40, 50, 60]
    )


def test_words_break_at_spaces_and_after_hyphens():
    assert wrap("EfficientNetV2-S at 300 px", 90) == ["EfficientNetV2-", "S at 300 px"] and wrap("", 90) == []
