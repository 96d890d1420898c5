"""EfficientNet §4 and §5: what the pages show of the paper's tables is what the tables and the networks have."""

import shlex

import pandas as pd
import pytest

from convscale.cli import parser
from convscale.evidence.paper import paper_table
from convscale.pages import checkpoints, figure8, mnasnet, one_network, v1_imagenet, v1_latency, v1_table3, v1_transfer
from convscale.recipes.presets import list_presets
from convscale.records import Store


def test_every_row_of_table_2_is_drawn_once_and_counted_where_it_is_public():
    assert v1_imagenet.not_public() == ["DenseNet-264", "PolyNet", "AmoebaNet-A", "AmoebaNet-C", "GPipe"]
    params, flops = (v1_imagenet.points(x) for x in ("params", "FLOPs"))
    assert (len(params), len(flops)) == (24, 23)  # no FLOPs of GPipe are printed
    senet = params.set_index("label").loc["SENet"]
    assert (senet["x"], senet["printed_x"]) == (pytest.approx(115.09, abs=0.01), 146)
    gpipe = params.set_index("label").loc["GPipe"]
    assert gpipe["x"] == 557 and pd.isna(gpipe["printed_x"])
    assert v1_imagenet.finding("params") == "All 8 best by parameters are EfficientNets"


def test_ratios_reach_ten_as_printed_and_as_counted():
    assert v1_imagenet.reached("params", False) == v1_imagenet.reached("params", True) == (0, 16)
    assert v1_imagenet.reached("FLOPs", False) == (8, 15) and v1_imagenet.reached("FLOPs", True) == (7, 15)
    assert v1_imagenet.mean("params") == pytest.approx(5.1, abs=0.05)
    assert v1_imagenet.ratios().loc["SENet", "to"] == "EfficientNet-B4"


def test_answers_before_anything_is_trained():
    assert figure8.in_print().endswith("81.1 % by compound scaling, 78.9 to 79.1 % by one dimension alone.")
    assert "gains 2.6 to 2.8 points" in figure8.one_dimension()
    assert mnasnet.answer().startswith("B0 is built as Table 1 prints it in 40 of 41 numbers: stage 6 takes maps of 14")


def test_latencies_are_of_one_session_or_not_there(tmp_path):
    here = v1_latency.latencies()
    assert here.keys() == {"ResNet-152", "EfficientNet-B1", "EfficientNet-B7"}
    assert len({record["session"] for record in here.values()}) == 1
    figure = v1_latency.latency_figure(name="f", store=Store(tmp_path))
    assert figure.title == "Not measured here yet" and figure.data["ours"].isna().all()
    assert v1_latency.latency_figure(name="f").data["ours"].isna().sum() == 1  # GPipe


def test_sources_of_a_top1_are_the_printed_ones():
    found = one_network.sources()
    b6 = found[found["network"] == "B6"]
    assert sorted(zip(b6["kind"], b6["value"], b6["where"], strict=True)) == [
        ("EfficientNet", 84.0, "2"),
        ("EfficientNetV2", 84.3, "7"),
        ("EfficientNetV2", 84.6, "1"),
        ("ResNet-RS", 84.0, "2"),
        ("released code", 84.0, "AutoAugment"),
    ]
    assert not found["where"].str.contains("AdvProp|Noisy").any()


@pytest.mark.parametrize("table", checkpoints.TABLES)
def test_released_weights_are_timms_and_of_rows_of_the_table(table):
    timm = pytest.importorskip("timm")
    found = checkpoints.checkpoints(table)
    assert set(found) <= set(paper_table(table)["row"])
    names = {network.removeprefix("timm:").partition("@")[0] for network in found.values()}
    assert names <= set(timm.list_models(pretrained=True))


def test_table_2_is_evaluated_with_autoaugment_and_where_it_is_public():
    found = checkpoints.checkpoints("v1:2")
    assert len(found) == 19 and found["EfficientNet-B7"] == "timm:tf_efficientnet_b7.aa_in1k@600"
    assert set(found) == set(v1_imagenet.printed().index) - set(v1_imagenet.not_public())
    with pytest.raises(ValueError, match="unknown table of released weights 'v1:3'"):
        checkpoints.checkpoints("v1:3")


def test_table_3_has_fourteen_rows_of_three_networks():
    rows = list(v1_table3.rows())
    assert len(rows) == 14 and [sum(row.network == name for row in rows) for name in v1_table3.NETWORKS] == [4, 5, 5]
    assert sum(row.agrees is None for row in rows) == 2 and sum(row.scaled == "" for row in rows) == 3
    cells = paper_table("v1:3").query("column == 'top-1'")["value"]
    assert [row.top1 for row in rows] == cells.tolist()
    gains = v1_table3.gains_figure(name="g", caption="")
    assert "3 of 3" in gains.title and list(dict.fromkeys(gains.data["detail"])) == [
        "+5 %",
        "+8 to +18 %",
        "+2 to +14 %",
    ]


def test_table_5_is_sixteen_comparisons(tmp_path):
    pairs = v1_transfer.pairs()
    assert len(pairs) == 16 and sum(pair.ratio is not None for pair in pairs) == 13
    assert v1_transfer.tally("public") == "ahead on 6 of 8 data sets and level on 1"
    assert v1_transfer.tally("reported") == "ahead on 3 of 8 data sets and level on 2"
    assert {(pair.theirs, pair.ours) for pair in pairs if pair.data == "Oxford-IIIT Pets"} == {
        ("ResNet-152", "EfficientNet-B4"),
        ("GPipe", "EfficientNet-B6"),
    }
    assert "is not decided here yet" in v1_transfer.answer(Store(tmp_path))


@pytest.mark.parametrize("side", v1_transfer.SIDES)
def test_commands_of_transfer_are_commands_with_presets_and_weights_that_exist(side):
    timm = pytest.importorskip("timm")
    found = v1_transfer.commands(side)
    assert len(found) == 8
    for command in found:
        args = parser().parse_args(shlex.split(command)[1:])
        assert args.schedule in list_presets() and args.weights.removeprefix("timm:") in timm.list_models(
            pretrained=True
        )
        assert args.learning_rate == pytest.approx(0.256 / 4 / 16)


def test_mnasnets_are_read_from_the_built_networks():
    b0, a1, b1 = (mnasnet.stages_of(network) for network in mnasnet.NETWORKS.values())
    assert [row.words for row in a1] == [
        "MBConv1, k3x3, 16 x 1",
        "MBConv6, k3x3, 24 x 2",
        "MBConv3, k5x5, 40 x 3, SE",
        "MBConv6, k3x3, 80 x 4",
        "MBConv6, k3x3, 112 x 2, SE",
        "MBConv6, k5x5, 160 x 3, SE",
        "MBConv3, k3x3, 320 x 1",
    ]
    assert all(row.gated for row in b0) and not any(row.gated for row in b1)
    assert mnasnet.same(b0, a1, "kernel") == 6
    assert mnasnet.target().startswith("B0 takes 386 million multiply-adds, 3.5 % below the target of 400")
