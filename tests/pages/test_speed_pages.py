"""What pages on speed, memory and size show: from records where there are any, and how to make them where not."""

import pytest

from convscale.pages import growth, memory, review, speeds, stage_times, step_times, tested_sizes
from convscale.records import Store
from convscale.records.schema import SCHEMA, measurement_key

DEVICE = {"kind": "cuda", "name": "a GPU", "count": 1, "threads": 1}
MADE = {"commit": "0" * 40, "date": "2026-11-28T00:00:00+00:00", "device": DEVICE}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def write(store, table, row, quantity, rounds, session="s1", **more):
    record = {
        "schema": SCHEMA,
        "kind": "measurement",
        "table": table,
        "row": row,
        "quantity": quantity,
        "session": session,
        "unit": "ms/image",
        "value": float(sorted(rounds)[len(rounds) // 2]),
        "rounds": rounds,
        "protocol": "p",
        "network": "n",
        "image_sizes": [380],
        "batch": 32,
        "precision": "bfloat16",
        "provenance": MADE,
    } | more
    store.write(record | {"key": measurement_key(record)})


def test_the_published_stages_are_those_of_b4():
    times = stage_times.stage_times("x", "cpu")
    assert times.faster == [1, 2, 3]
    rows = times.of("MBConv")
    assert rows.loc[6, "multiply_adds"] / rows.loc[2, "multiply_adds"] == pytest.approx(1.91, abs=0.01)
    # stage 1 by hand, from the recorded milliseconds: three products a multiply-add
    assert rows.loc[1, "rate"] == pytest.approx(3 * 85_775_040 / rows.loc[1, "ms"] / 1e6)
    assert times.peak >= times.rows["rate"].max()
    shown = times.table("c").frame
    assert [gain.startswith("**") for gain in shown["gain"]] == [True] * 3 + [False] * 4


def test_bytes_follow_the_precision(store):
    quantity = stage_times.QUANTITY
    for block in ("MBConv", "Fused-MBConv"):
        for i in range(1, 8):
            write(store, "v2:3", f"{block}, stage {i}", quantity, [1.0, 1.0, 1.0])
    for row in ("stem", "head", "copy", "matrix product"):
        write(store, "v2:3", row, quantity, [1.0, 1.0, 1.0])
    half, full = stage_times.stage_times("x", "cuda", store), stage_times.stage_times("x", "cpu")
    assert (half.batch, half.rounds, half.device) == (32, 3, "a GPU")
    ratio = half.of("MBConv")["intensity"] / full.of("MBConv")["intensity"]
    assert (ratio.iloc[0] > 1.99) and (ratio >= 1.99).all()  # and more where weights count, by the larger batch
    assert stage_times.stage_times("x", "xla", store) is None


def test_what_was_not_measured_says_how(store):
    assert "convscale measure v2:3 --device cuda" in stage_times.on_a_gpu("x", "c").text
    assert "convscale measure v2:f3 --device xla" in step_times.step_times("xla", name="f", caption="c").text
    assert "convscale sizes 128" in tested_sizes.tested_sizes("efficientnet-lite1", 240, name="f", caption="c").text


def test_speeds_stand_beside_the_papers():
    columns = {"TPU throughput": "TPU", "V100 throughput": "V100"}
    rows = speeds.speed_rows("v2:3", "training throughput", columns).set_index("network")
    assert rows.loc["Fused stage1-7"].tolist()[:4] == ["254", f"0.97{speeds.TIMES}", "206", f"1.33{speeds.TIMES}"]
    absent = speeds.speed_rows("v2:3", "no such quantity", columns)
    assert set(absent["a CPU"]) == {"not run"}


def test_the_session_with_most_rounds_counts(store):
    cpu = {"provenance": MADE | {"device": DEVICE | {"kind": "cpu"}}}
    for session, rounds in (("a", [1.0, 1.0, 1.0]), ("b", [2.0])):
        write(store, "v2:2", "train size=380", "q", rounds, session, **cpu)
    assert speeds.last_session("v2:2", "q", store) == {"train size=380": [1.0, 1.0, 1.0]}
    assert speeds.last_session("v2:2", "other", store) == {}


def test_memory_of_the_cells_of_table_2():
    rows = memory.memory_rows().set_index(["px", "device", "batch"])
    assert rows.loc[("512", "TPUv3", "128"), "paper"] == "out of memory"
    assert rows.loc[("380", "V100", "12"), "paper"] == "37"
    assert rows.loc[("512", "V100", "24"), "paper"] == "not transcribed"
    assert rows.xs("V100", level="device")["fits 16 GB"].tolist() == ["yes", "yes", "yes", "no"]
    images = [memory.bytes_of_an_image(size)[0] for size in (380, 512)]
    assert images[1] / images[0] == pytest.approx((512 / 380) ** 2, rel=0.02)
    assert memory.memory_table("x", "c.").caption == "c. One image takes 0.58 GB at 380 px and 1.04 GB at 512 px."


def test_sizes_have_the_interval_of_a_share(store):
    quantity = tested_sizes.quantity_of("efficientnet-lite0")
    for size, top1 in ((224, 70.0), (128, 60.0)):
        write(store, "v2:2", f"{size} px", quantity, [top1], image_sizes=[size], images=1000)
    rows = tested_sizes.size_rows("efficientnet-lite0", store)
    assert rows["image_size"].tolist() == [128, 224] and rows["half"].round(1).tolist() == [3.0, 2.8]
    titles = [
        tested_sizes.tested_sizes("efficientnet-lite0", px, name="f", caption="", store=store).title
        for px in (224, 128)
    ]
    assert titles == [
        "Trained at 224 px, it is best at 224 px",
        "Trained at 128 px, it is 10.0 points better at 224 px",
    ]


def test_what_v2_changed():
    assert growth.made_up() == pytest.approx((1487 - 943) / (1671 - 943))
    b4 = growth.convnet("efficientnet-b4")
    assert 1 + sum(growth.px_by_stage(b4)) == 1799
    layers = growth.layers_by_stage("x", "c").frame.set_index("stage")
    assert layers.loc["6"].tolist() == ["15", "18", "25", "32", "+10", f"1.67{growth.TIMES}"]
    shares = growth.last_stages("x", "c").frame.set_index("network")["of all"]
    assert shares.loc[["B0", "B4", "V2-M", "V2-L"]].tolist() == ["14 %", "23 %", "33 %", "34 %"]


@pytest.mark.parametrize(
    ("row", "top1"),
    [
        ("EfficientNet-B6", 84.3),
        ("EfficientNet-B6, smaller", 84.6),
        ("EfficientNet-B4, smaller", 82.9),
        ("ResNet-RS-152 @256", 83.0),
        ("NFNet-F0", 83.6),
    ],
)
def test_accuracies_are_printed_ones(row, top1):
    assert step_times.top1_of(row) == top1


def test_answers_of_section_3_are_counted():
    assert "1.9 to 4.5 times its parameters" in review.finding() and "0.3 to 0.7 times as long" in review.finding()
    assert "3 of 6 stages fused" in growth.finding() and "40 layers and a mean expansion of 5.0" in growth.finding()
    assert "has 32 layers and 5.7." in growth.finding() and "75 % of the view" in growth.finding()
    times = stage_times.stage_times("x", "cpu")
    early = times.parts[times.parts["first"]].groupby("bar")["share"].sum()
    assert early["Parameters"] == pytest.approx(1.385, abs=0.001) and early["Time of a training step"] > 30
    assert f"{early['Time of a training step']:.0f} % of the time" in times.finding()


def test_rivals_of_b6_are_larger_and_faster():
    rows = review.relative_costs().set_index(["group", "label"])
    assert rows.loc[("ResNet-RS-420", "parameters"), "paper"] == pytest.approx(192 / 43)
    assert rows.loc[("NFNet-F1", "training, TPUv3"), "paper"] == pytest.approx(20 / 75)
    counted = rows["ours"].dropna()
    assert len(counted) == 4 and (counted > 1).all() and (rows.loc[rows["ours"].isna(), "paper"] < 1).all()
