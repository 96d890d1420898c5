"""The transcription of the papers' tables, checked against everything else that states or implies their numbers."""

from math import prod

import pandas as pd
import pytest
import timm
import torch

from convscale.evidence.paper import UNITS, list_paper_tables, paper_table, show_paper_table
from convscale.paths import DATA

# rows, numbers, sum of the numbers and sum of the ± of each table, added up from the papers' text, not from the files
TOTALS = {
    "v2:1": (3, 9, 740.7, 0.0),
    "v2:2": (2, 7, 445.9, 0.0),
    "v2:3": (4, 20, 2618.1, 0.0),
    "v2:4": (8, 23, 2038.0, 0.0),
    "v2:5": (3, 9, 726.7, 0.8),
    "v2:6": (4, 24, 1521.1, 0.0),
    "v2:7": (36, 155, 12052.4, 0.0),
    "v2:8": (11, 62, 6436.1, 1.04),
    "v2:9": (4, 12, 144782.0, 0.0),
    "v2:10": (2, 14, 451.1, 0.0),
    "v2:11": (8, 36, 18721.4, 0.0),
    "v2:12": (5, 25, 693.3, 0.0),
    "v2:13": (2, 6, 338.6, 0.42),
    "v2:figure1b": (4, 8, 652.3, 0.0),
    "rs:1l": (11, 21, 891.8, 0.0),
    "rs:1r": (6, 18, 991.6, 0.0),
    "rs:2": (19, 124, 28806.04, 0.0),
    "rs:3": (2, 8, 2022.14, 0.0),
    "rs:4": (4, 24, 3550.8, 0.0),
    "rs:5": (10, 18, 765.9, 0.0),
    "v1:1": (9, 27, 2702.0, 0.0),
    "v1:2": (24, 142, 6618.09, 0.0),
    "v1:3": (14, 28, 1139.1, 0.0),
    "v1:4": (4, 10, 359.852, 0.0),
    "v1:5": (9, 73, 6722.9, 0.0),
    "v1:6": (8, 24, 313398.0, 0.0),
    "v1:7": (5, 10, 402.1, 0.0),
}


def printed(name):
    """(row, column) -> the text as printed in the file."""
    tables = pd.read_csv(file_of(name), dtype=str, keep_default_na=False)
    return {(r.row, r.column): r.value for r in tables.itertuples()}


def file_of(name):
    short, number = name.split(":")
    paper = {"v2": "efficientnetv2", "rs": "resnet_rs", "v1": "efficientnet"}[short]
    return DATA / "paper" / f"{paper}_{number if number.startswith('figure') else f'table{number}'}.csv"


def value(name, row, column):
    return float(printed(name)[row, column])


def rounding(text):
    """The interval of true values that are printed as `text`."""
    half = 0.5 * 10 ** -len(text.partition(".")[2])
    return float(text) - half, float(text) + half


def overlap(a, b):
    return a[0] <= b[1] + 1e-9 and b[0] <= a[1] + 1e-9


def quotient(a, b):
    """The interval of the quotient of two printed numbers."""
    (a0, a1), (b0, b1) = rounding(a), rounding(b)
    return a0 / b1, a1 / b0


def test_every_table_is_there():
    assert list_paper_tables() == list(TOTALS)
    found = {p.name for p in (DATA / "paper").iterdir()} - {"published_results.csv"}
    assert found == {file_of(name).name for name in TOTALS}


@pytest.mark.parametrize("name", TOTALS)
def test_tables_are_tidy(name):
    table = paper_table(name)
    assert list(table) == ["paper", "table", "row", "column", "value", "unit", "spread", "note"]
    *shape, total, spreads = TOTALS[name]
    assert [table["row"].nunique(), len(table)] == shape
    assert table["value"].sum() == pytest.approx(total, abs=1e-6)
    assert table["spread"].sum() == pytest.approx(spreads, abs=1e-6)
    assert not table.duplicated(["row", "column"]).any()
    assert set(table["unit"]) <= set(UNITS)
    assert table["value"].dtype == table["spread"].dtype == float
    assert table["value"].notna().all() and (table["spread"].dropna() > 0).all()
    assert set(table["table"]) == {name.split(":")[1]}
    assert file_of(name).name.startswith(f"{table['paper'].iloc[0]}_") and table["paper"].nunique() == 1
    accuracy = table[(table["unit"] == "%") & ~table["column"].str.endswith("change")]
    assert accuracy["value"].between(40, 100).all()


def test_only_resnet_rs_counts_a_multiply_add_as_two_operations():
    for name in TOTALS:
        flops = paper_table(name).query("column == 'FLOPs'")
        assert flops["note"].str.contains("FLOPs = 2 x multiply-adds").eq(name == "rs:2").all()


def ratios():
    """(table, row, printed ratio, numerator, denominator); a numerator or denominator is (row, column)."""
    base = None
    for row in dict.fromkeys(r for r, _ in printed("v1:2")):
        base = row if row.startswith("EfficientNet") else base
        for what in ("params", "FLOPs"):
            # GPipe stands below B7, whose FLOPs it does not print
            if (row, what) in printed("v1:2"):
                yield "v1:2", row, f"{what} ratio", (row, what), (base, what)
    for row in dict.fromkeys(r for r, _ in printed("v1:5")):
        for side in ("public", "reported"):
            if (row, f"{side} baseline params") in printed("v1:5"):
                columns = (f"{side} baseline params", f"{side} ours params")
                yield "v1:5", row, f"{side} params ratio", *((row, c) for c in columns)
    yield "v1:4", "EfficientNet-B1", "speed-up", ("ResNet-152", "latency"), ("EfficientNet-B1", "latency")
    yield "v1:4", "EfficientNet-B7", "speed-up", ("GPipe", "latency"), ("EfficientNet-B7", "latency")
    for new, old in (("V2-B0", "V1-B1"), ("V2-B1", "V1-B2"), ("V2-B3", "V1-B4"), ("V2-S", "V1-B5")):
        yield "v2:11", new, "speed-up", (new, "throughput"), (old, "throughput")
    pairs = {"RS-101 @160": "B2", "RS-152 @224": "B4", "RS-152 @256": "B4", "RS-270 @256": "B5", "RS-350 @256": "B6"}
    for chip in ("V100", "TPUv3"):
        for rs, b in pairs.items():
            rows = (f"EfficientNet-{b}", f"{chip} latency"), (f"ResNet-{rs}", f"{chip} latency")
            yield "rs:2", f"ResNet-{rs}", f"{chip} speed-up", *rows
        rows = ("EfficientNet-B5", f"{chip} latency"), ("ResNet-RS-152", f"{chip} latency")
        yield "rs:3", "ResNet-RS-152", f"{chip} speed-up", *rows


DOES_NOT_FOLLOW = {("v1:2", "PNASNet", "FLOPs ratio"), ("v1:5", "Oxford-IIIT Pets", "public params ratio")}


def test_every_printed_ratio_is_recomputed():
    checked = {(table, row, column) for table, row, column, *_ in ratios()}
    in_papers = {(n, r, c) for n in TOTALS for (r, c) in printed(n) if c.endswith(("ratio", "speed-up"))}
    assert in_papers - checked == {("v1:5", "Geo-Mean", f"{side} params ratio") for side in ("public", "reported")}


@pytest.mark.parametrize(("name", "row", "column", "over", "under"), list(ratios()))
def test_printed_ratios_follow_from_the_printed_numbers(name, row, column, over, under):
    cells = printed(name)
    follows = overlap(rounding(cells[row, column]), quotient(cells[over], cells[under]))
    note = paper_table(name).set_index(["row", "column"]).loc[(row, column), "note"]
    assert follows == ("does not follow" not in note) == ((name, row, column) not in DOES_NOT_FOLLOW)


def test_geometric_means_of_efficientnet_table_5():
    table = paper_table("v1:5").set_index("row")
    for side in ("public", "reported"):
        ratio = table.loc[table["column"] == f"{side} params ratio", "value"]
        mean, ratio = ratio["Geo-Mean"], ratio.drop("Geo-Mean")
        assert prod(ratio) ** (1 / len(ratio)) == pytest.approx(mean, abs=0.05)


@pytest.mark.parametrize(
    ("name", "old", "new", "change"),
    [
        *[
            ("v2:10", ("V1-B7", c), ("V2-M (ours)", c), ("V2-M (ours)", f"{c} change"))
            for c in ("params", "FLOPs", "train-time", "infer-time")
        ],
        *[
            ("v2:12", (r, "baseline train-time"), (r, "progressive train-time"), (r, "train-time change"))
            for r in ("ResNet50 (224)", "ResNet50 (380)", "ResNet152 (380)", "EfficientNet-B4", "EfficientNet-B5")
        ],
    ],
)
def test_relative_changes_follow(name, old, new, change):
    cells = printed(name)
    assert round(100 * (float(cells[new]) / float(cells[old]) - 1)) == float(cells[change])


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("v2:13", "vanilla", "adaptive"), ("rs:1r", "weight decay 1e-4", "weight decay 4e-5")],
)
def test_differences_of_two_columns_follow(name, old, new):
    table = paper_table(name).pivot(index="row", columns="column", values="value")
    assert (table[new] - table[old]).tolist() == pytest.approx(table["change"].tolist())


@pytest.mark.parametrize("name", ["rs:1l", "rs:5"])
def test_additive_studies_add_up(name):
    table = paper_table(name).pivot(index="row", columns="column", values="value").loc[[*show_paper_table(name).index]]
    steps = table["top-1"].diff()
    assert steps.iloc[1:].tolist() == pytest.approx(table["change"].fillna(0).iloc[1:].tolist())
    assert pd.isna(table["change"].iloc[0])


# sentences of the papers' running text, which is transcribed nowhere else
SAID = [
    ("v2 abstract: 87.3 % is 2.0 above ViT", "v2:7", "top-1", "EfficientNetV2-XL (21k)", "ViT-L/16 (21k)", 2.0),
    ("v2 5.1: 0.6 above ResNeSt", "v2:7", "top-1", "EfficientNetV2-M", "ResNeSt-269", 0.6),
    ("v2 5.2: 1.5 above ViT-L/16(21k)", "v2:7", "top-1", "EfficientNetV2-L (21k)", "ViT-L/16 (21k)", 1.5),
    ("v2 5.3: CIFAR-100, 0.6 above B7", "v2:8", "CIFAR-100", "EfficientNetV2-L", "EfficientNet-B7", 0.6),
    ("v2 5.3: CIFAR-100, 1.5 above DeiT", "v2:8", "CIFAR-100", "EfficientNetV2-L", "DeiT-B (ViT+regularization)", 1.5),
    ("rs 5.1: +3.2 by training alone", "rs:1l", "top-1", "+ Decrease weight decay", "ResNet-200 - 256x256", 3.2),
    ("rs 7.4: +4.0 by training alone", "rs:5", "top-1", "+ Scale jittering", "3D ResNet-50", 4.0),
    ("rs 7.4: +0.8 by architecture", "rs:5", "top-1", "+ ResNet-D", "+ Scale jittering", 0.8),
]


@pytest.mark.parametrize(("said", "name", "column", "high", "low", "difference"), SAID)
def test_differences_said_in_the_text(said, name, column, high, low, difference):
    assert value(name, high, column) - value(name, low, column) == pytest.approx(difference), said


B7, M, L = "EfficientNet-B7", "EfficientNetV2-M", "EfficientNetV2-L (21k)"
VIT, RESNEST, RS350 = "ViT-L/16 (21k)", "ResNeSt-269", "ResNet-RS-350 @256"
TIMES = "baseline train-time", "progressive train-time"
SAID_RATIOS = [  # sentence, table, numerator, denominator, the ratio as printed
    ("v2 5.1: M trains 11x faster than B7", "v2:7", (B7, "train-time"), (M, "train-time"), "11"),
    ("v2 5.1: 2.8x faster than ResNeSt", "v2:7", (RESNEST, "infer-time"), (M, "infer-time"), "2.8"),
    ("v2 5.2: 2.5x fewer parameters", "v2:7", (VIT, "params"), (L, "params"), "2.5"),
    ("v2 5.2: 3.6x fewer FLOPs", "v2:7", (VIT, "FLOPs"), (L, "FLOPs"), "3.6"),
    ("v2 6.1: 4.1x faster in training", "v2:10", ("V1-B7", "train-time"), ("V2-M (ours)", "train-time"), "4.1"),
    ("v2 3.2: up to 2.2x", "v2:2", ("train size=380", "TPUv3 batch=128"), ("train size=512", "TPUv3 batch=32"), "2.2"),
    ("v2 6.2: 1.4x for ResNet50", "v2:12", ("ResNet50 (224)", TIMES[0]), ("ResNet50 (224)", TIMES[1]), "1.4"),
    ("v2 6.2: 2.1x for ResNet152", "v2:12", ("ResNet152 (380)", TIMES[0]), ("ResNet152 (380)", TIMES[1]), "2.1"),
    ("v2 6.2: 2.2x for B4", "v2:12", ("EfficientNet-B4", TIMES[0]), ("EfficientNet-B4", TIMES[1]), "2.2"),
    ("rs 7.1: 1.8x more FLOPs", "rs:2", (RS350, "FLOPs"), ("EfficientNet-B6", "FLOPs"), "1.8"),
    ("rs 7.1: 3.8x more parameters", "rs:2", (RS350, "params"), ("EfficientNet-B6", "params"), "3.8"),
    ("v1 fig. 1: 7.6x smaller", "v1:2", ("ResNet-152", "params"), ("EfficientNet-B1", "params"), "7.6"),
    ("v1 abstract: 8.4x smaller", "v1:2", ("GPipe", "params"), (B7, "params"), "8.4"),
    ("v1 5.2: 18x fewer FLOPS", "v1:2", ("ResNeXt-101", "FLOPs"), ("EfficientNet-B3", "FLOPs"), "18"),
]


@pytest.mark.parametrize(("said", "name", "over", "under", "ratio"), SAID_RATIOS)
def test_ratios_said_in_the_text(said, name, over, under, ratio):
    cells = printed(name)
    assert overlap(quotient(cells[over], cells[under]), rounding(ratio)), said


SAME = [  # numbers that two tables print
    *[
        ("v2:9", d, a, "v1:6", d, b)
        for d in ("CIFAR-10", "CIFAR-100", "Flowers")
        for a, b in (("train images", "train size"), ("eval images", "test size"), ("classes", "classes"))
    ],
    *[
        ("v2:9", "Cars", a, "v1:6", "Stanford Cars", b)
        for a, b in (("train images", "train size"), ("eval images", "test size"), ("classes", "classes"))
    ],
    *[
        ("v2:8", m, "ImageNet top-1", "v2:7", m, "top-1")
        for m in ("EfficientNet-B7", "ViT-B/32", "ViT-B/16", "EfficientNetV2-M", "EfficientNetV2-L")
    ],
    *[("v2:8", m, "params", "v2:7", m, "params") for m in ("EfficientNet-B7", "ViT-B/32", "ViT-B/16")],
    *[
        ("v2:8", f"{m} (ViT+regularization)", a, "v2:7", f"{m} (ViT+reg)", b)
        for m in ("DeiT-B", "DeiT-B-384")
        for a, b in (("ImageNet top-1", "top-1"), ("params", "params"))
    ],
    ("v2:8", "GPipe", "params", "v1:5", "CIFAR-10", "reported baseline params"),
    *[
        ("v2:8", m, a, "v1:5", d, f"reported {who} accuracy")
        for m, who in (("GPipe", "baseline"), ("EfficientNet-B7", "ours"))
        for d, a in (("CIFAR-10", "CIFAR-10"), ("CIFAR-100", "CIFAR-100"))
    ],
    *[
        ("v2:8", "EfficientNet-B7", a, "v1:5", d, "reported ours accuracy")
        for a, d in (("Flowers", "Flowers"), ("Cars", "Stanford Cars"))
    ],
    *[("v2:1", "NFNet-F1", c, "v2:7", "NFNet-F1", c) for c in ("top-1", "params", "FLOPs")],
    *[("v2:1", "EfficientNet-B6", c, "v2:7", "EfficientNet-B6", c) for c in ("params", "FLOPs")],
    *[("v2:1", "ResNet-RS-420", c, "rs:2", "ResNet-RS-420 @320", c) for c in ("top-1", "params")],
    ("v2:2", "train size=512", "top-1", "v2:7", "EfficientNet-B6", "top-1"),
    ("v2:2", "train size=380", "top-1", "v2:1", "EfficientNet-B6", "top-1"),
    *[("v2:10", "V1-B7", c, "v2:7", "EfficientNet-B7", c) for c in ("params", "FLOPs", "infer-time")],
    *[
        ("v2:10", "V2-M (ours)", c, "v2:7", "EfficientNetV2-M", c)
        for c in ("top-1", "FLOPs", "infer-time", "train-time")
    ],
    *[("v2:12", f"EfficientNet-{b}", "baseline top-1", "v2:11", f"V1-{b}", "top-1") for b in ("B4", "B5")],
    *[("v2:11", f"V1-{b}", c, "v1:2", f"EfficientNet-{b}", c) for b in ("B1", "B4", "B5") for c in ("params", "FLOPs")],
    ("v2:11", "V2-S", "FLOPs", "v2:7", "EfficientNetV2-S", "FLOPs"),
    ("v2:11", "V2-S", "params", "v2:8", "EfficientNetV2-S", "params"),
    *[("rs:3", "EfficientNet-B5", c, "rs:2", "EfficientNet-B5", c) for c in ("V100 latency", "TPUv3 latency")],
    *[("rs:3", "ResNet-RS-152", c, "rs:2", "ResNet-RS-152 @224", c) for c in ("V100 latency", "TPUv3 latency")],
    *[("rs:2", f"EfficientNet-B{n}", "params", "v1:2", f"EfficientNet-B{n}", "params") for n in range(8)],
    *[
        ("v1:4", m, "accuracy", "v1:2", m, "top-1")
        for m in ("ResNet-152", "EfficientNet-B1", "GPipe", "EfficientNet-B7")
    ],
    *[("v1:3", "Baseline ResNet-50", c, "v1:2", "ResNet-50", c) for c in ("top-1", "FLOPs")],
    ("v1:7", "Baseline model (EfficientNet-B0)", "top-1", "v1:2", "EfficientNet-B0", "top-1"),
]


@pytest.mark.parametrize(("name", "row", "column", "name2", "row2", "column2"), SAME)
def test_a_number_printed_twice_is_the_same(name, row, column, name2, row2, column2):
    assert value(name, row, column) == value(name2, row2, column2)


PUBLISHED = pd.read_csv(DATA / "paper" / "published_results.csv")


@pytest.mark.parametrize(
    ("source", "name", "top1"),
    [
        ("EfficientNet paper (ICML 2019 text), Table 2", "v1:2", "top-1"),
        ("EfficientNet paper (ICML 2019 text), Table 3", "v1:3", "top-1"),
        ("EfficientNet paper (ICML 2019 text), Table 7", "v1:7", "top-1"),
        ("EfficientNetV2 paper, Table 3", "v2:3", "top-1"),
        ("EfficientNetV2 paper, Table 7", "v2:7", "top-1"),
        ("EfficientNetV2 paper, Table 11", "v2:11", "top-1"),
        ("EfficientNetV2 paper, Table 12 (progressive training)", "v2:12", "progressive top-1"),
        ("ResNet-RS paper, Table 2", "rs:2", "top-1"),
    ],
)
def test_the_list_of_published_results_has_the_same_numbers(source, name, top1):
    theirs = PUBLISHED.query("source == @source").reset_index(drop=True)
    ours = paper_table(name).pivot(index="row", columns="column", values="value").loc[[*show_paper_table(name).index]]
    if name == "v1:2":  # listed there with the EfficientNets first
        theirs = theirs.set_index("model").loc[ours.index]
    assert theirs["top1"].tolist() == ours[top1].tolist()
    for column, name_there, factor in (
        ("params", "params_m", 1),
        ("FLOPs", "gmacs", 2 if name == "rs:2" else 1),
        ("top-5", "top5", 1),
        ("image resolution", "image_size", 1),
    ):
        if column in ours:
            pd.testing.assert_series_equal(
                theirs[name_there] * factor, ours[column], check_names=False, check_index=False
            )


def test_parameter_counts_of_the_released_networks_round_to_the_printed_ones():
    counts = PUBLISHED[PUBLISHED["source"].str.startswith("huggingface/pytorch-image-models results")]
    counts = counts.set_index(counts["timm_name"].str.split(".").str.get(0))["params_m"].groupby(level=0).first()
    rows = [("v1:2", f"EfficientNet-B{n}", f"tf_efficientnet_b{n}") for n in range(8)]
    sizes = {50: 160, 101: 160, 152: 224, 200: 256, 270: 256, 350: 256, 420: 320}
    rows += [("rs:2", f"ResNet-RS-{n} @{px}", f"resnetrs{n}") for n, px in sizes.items()]
    rows += [("v2:7", f"NFNet-F{n}", f"dm_nfnet_f{n}") for n in range(5)]
    rows += [("v2:7", f"EfficientNetV2-{n}", f"tf_efficientnetv2_{n.lower()}") for n in "SML"]
    wrong = {row for name, row, timm in rows if not overlap(rounding(printed(name)[row, "params"]), 2 * [counts[timm]])}
    # released networks have 21.46, 118.5 and 9.11M where the papers print 22, 120 and 9.2; 71.49 is 71.5 is 72
    assert wrong == {"EfficientNetV2-S", "EfficientNetV2-L", "EfficientNet-B2", "NFNet-F0"}


def architecture(timm_name):
    """Channels, layers and strides of stem, stages and head, counted in timm's network."""
    model = timm.create_model(timm_name)
    convs = [[m for m in stage.modules() if isinstance(m, torch.nn.Conv2d)] for stage in model.blocks]
    channels = [model.conv_stem.out_channels, *(c[-1].out_channels for c in convs), model.conv_head.out_channels]
    layers = [1, *map(len, model.blocks), 1]
    strides = [model.conv_stem.stride[0], *(prod(conv.stride[0] for conv in c) for c in convs)]
    return channels, layers, strides


def test_architecture_of_efficientnetv2_s_is_timms():
    table = paper_table("v2:4").pivot(index="row", columns="column", values="value").sort_index()
    channels, layers, strides = architecture("tf_efficientnetv2_s")
    assert table["channels"].tolist() == channels
    assert table["layers"].tolist() == layers
    assert table["stride"].dropna().tolist() == strides


def test_architecture_of_efficientnet_b0_is_timms_but_for_one_resolution():
    table = paper_table("v1:1").pivot(index="row", columns="column", values="value").sort_index()
    channels, layers, strides = architecture("tf_efficientnet_b0")
    assert table["channels"].tolist() == channels
    assert table["layers"].tolist() == layers
    sizes = dict(zip(table.index, (224 // prod(strides[:n]) for n in range(len(channels))), strict=True))
    differs = table["resolution"][table["resolution"] != pd.Series(sizes)]
    assert differs.to_dict() == {"6 MBConv6, k5x5": 28}  # 14 in the network; the note of that line says so
    note = paper_table("v1:1").set_index(["row", "column"])["note"]
    assert "misprint" in note["6 MBConv6, k5x5", "resolution"]


def test_tables_shown_as_printed():
    shown = show_paper_table("v2:13")
    assert shown.loc["progressive"].tolist() == ["84.3 ± 0.14", "85.1 ± 0.07", "+0.8"]
    assert list(shown) == ["vanilla (%)", "adaptive (%)", "change (pp)"]
    assert list(show_paper_table("v2:10"))[1:5] == ["params (M)", "params change (%)", "FLOPs (B)", "FLOPs change (%)"]
    assert show_paper_table("v2:10").loc["V1-B7", "top-1 (%)"] == "85.0"  # not 85
    assert show_paper_table("v2:6").loc["image size"].tolist()[:2] == ["128 px", "300 px"]
    assert show_paper_table("v2:6").loc["mixup alpha", "M max"] == "0.2"


def test_dashes_of_the_paper_have_no_number():
    shown = show_paper_table("v2:7")
    assert shown.loc["EfficientNet-X", "infer-time (ms)"] == shown.loc["TResNet-L", "FLOPs (B)"] == ""
    assert "ResNeSt-101" not in set(paper_table("v2:7").query("column == 'train-time'")["row"])


@pytest.mark.parametrize("reader", [paper_table, show_paper_table])
def test_an_unknown_table_is_named_with_the_nearest(reader):
    with pytest.raises(ValueError, match=r"unknown paper table 'v2:14'.*did you mean.*v2:1.*allowed: v2:1, v2:2"):
        reader("v2:14")
