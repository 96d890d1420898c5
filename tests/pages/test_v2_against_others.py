"""The pages on V2's Tables 7, 10 and 11: who is compared with whom, products that multiply, speeds from records."""

import pytest

from convscale.evidence.claims import claim_of
from convscale.pages import against_v1, imagenet, table6, training_time
from convscale.records import Store


def number(row: str, column: str) -> float:
    return float(imagenet.printed().loc[row, column] or "nan")


def test_every_row_of_table_7_is_counted_or_in_no_library():
    assert imagenet.tally().startswith("31 of the 36 rows have a network here or in timm.")
    frame = imagenet.table(name="n", caption="c", fold="").frame
    assert (frame["cause"] == "not in timm").sum() == 5
    assert (frame["ours"] != "").sum() == 31 and len(frame) == 36
    small = frame.set_index("network")
    assert small.loc["EfficientNetV2-S", "ours"] == small.loc["EfficientNetV2-S (21k)", "ours"] == "**21.5**"
    assert small.loc["EfficientNet-B7", "ours"] == "66.3" and small.loc["EfficientNet-B7", "cause"] == ""


@pytest.mark.parametrize("id", ["v2-figure1-training", "v2-section5-1-ahead"])
def test_each_network_meets_the_fastest_v2_of_as_much_accuracy_from_the_same_images(id):
    pairs = claim_of(id)["pairs"]
    timed = [row for row in imagenet.printed().index if number(row, "train-time") > 0]
    ours = [row for row in timed if row.startswith("EfficientNetV2")]
    for row in set(timed) - set(ours):
        pool = [r for r in ours if r.endswith("(21k)") == row.endswith("(21k)")]
        good = [r for r in pool if number(r, "top-1") >= number(row, "top-1")]
        if not good:
            assert row == "NFNet-F4" and pairs.get(row, [{}])[0] != row
            continue
        assert pairs[row] == [row, min(good, key=lambda r: number(r, "train-time"))]
    assert pairs.keys() <= set(timed)


def test_rivals_are_filled_where_the_printed_digits_allow_five_times():
    rows = training_time.rivals().set_index("label")
    assert rows.loc["LambdaResNet-420, 84.9", "look"] == "filled" and rows.loc["B4, 82.9", "look"] == "outlined"
    assert (rows["ratio"].between(rows["low"], rows["high"])).all()
    assert "3.8 times faster than ViT" in training_time.answer() and "6 of 12" in training_time.answer()


def test_the_work_of_a_training_is_three_passes_over_every_image():
    b3 = training_time.work().set_index("row").loc["EfficientNet-B3"]
    macs = imagenet.counted().loc["EfficientNet-B3", "ours FLOPs"] * 1e9
    assert b3["work"] == pytest.approx(3 * macs * 1_281_167 * 350 / 1e18)
    assert b3["rate"] == pytest.approx(1e6 * b3["work"] / (10 * 3600 * 32))
    assert training_time.work()["sizes"].map(len).tolist() == [1] * 5 + [4] * 3


def test_the_networks_that_none_beats_saw_imagenet_alone():
    for cost in imagenet.COSTS:
        assert not [name for name in imagenet.best(cost) if name.endswith("(21k)")]
    assert imagenet.best("train-time") == ["V2-S", "V2-M", "V2-L", "NFNet-F4"]
    assert imagenet.rank_correlation("infer-time", "train-time") == pytest.approx(0.87, abs=0.005)
    assert len(imagenet.points("infer-time", "train-time")) == 17


def test_the_factors_of_the_speed_up_multiply():
    rows = against_v1.factors()
    training, network, less, faster, both = (rows["start"] / rows["end"]).tolist()
    assert training * network == pytest.approx(both) and less * faster == pytest.approx(network)
    assert (round(training, 2), round(network, 2)) == (2.57, 4.15)


def test_speeds_of_a_cpu_come_from_records_alone(tmp_path):
    bare = against_v1.speedups(Store(tmp_path))
    assert bare["ours"].isna().all() and bare["paper"].tolist() == [2.15, 1.99, 2.7, 3.1]
    assert against_v1.table11(name="n", caption="c", store=Store(tmp_path)).frame.iloc[:, -2].eq("not measured").all()
    assert against_v1.protocol(Store(tmp_path)) == ""
    found = against_v1.speedups()
    assert (found["low"] <= found["ours"]).all() and (found["ours"] <= found["high"]).all()


def test_v2_is_compared_with_v1_only_where_v1_has_a_line():
    above = against_v1.above_v1()
    assert above.index.tolist() == ["V2-B1", "V2-B3", "V2-S"] and above.between(0.4, 0.6).all()


def test_table_6_beside_the_release():
    frame = table6.table6(name="n", caption="c").frame.set_index("setting")
    assert frame.loc["image size, px", ["S, paper", "S, release"]].tolist() == ["128\u2013300", "**171\u2013300**"]
    releases = ["S, release", "M, release", "L, release"]
    assert frame.loc["mixup, alpha", releases].tolist() == ["0", "0\u20130.2", "**0\u20130.5**"]
    assert frame.loc["dropout rate", "M, release"] == "**0.3**"
