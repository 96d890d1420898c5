"""What is measured for EfficientNet's Table 4 and for the tables of ResNet-RS."""

from .comparison import Comparison, own, rs, v1

V1_COMPARISONS = (
    Comparison(
        table="v1:4",
        quantity="latency of one image on one core",
        unit="s",
        what="inference",
        rows={"ResNet-152": own("resnet-152"), **v1("b1", "b7")},
        batch=1,
        cpu_batch=1,
        cpu_only=True,
        left_out={"GPipe": "no public network has its 557 million parameters (EfficientNet's Table 2)"},
    ),
)

# RS Table 2 in groups of similar cost: a batch that the largest networks take would leave the small ones waiting.
RS_GROUPS = (
    (128, v1("b0", "b1", "b2") | rs("50 @160", "101 @160")),
    (64, v1("b3") | rs("101 @192", "152 @192")),
    (64, v1("b4") | rs("152 @224", "152 @256")),
    (32, v1("b5") | rs("200 @256", "270 @256")),
    (32, v1("b6") | rs("350 @256")),
    (16, v1("b7") | rs("350 @320", "420 @320")),
)
# On a CPU, by the first network of a group: of B7's three together one image each takes 12 GB.
CPU_BATCHES = {"EfficientNet-B4": 2, "EfficientNet-B7": None}
RS_NOTE = "the paper gives neither batch nor precision; networks of similar cost share a session and a batch"

RS_COMPARISONS = (
    *(
        Comparison(
            table="rs:2",
            quantity="training step",
            unit="s",
            what="training",
            rows=rows,
            batch=batch,
            cpu_batch=CPU_BATCHES.get(next(iter(rows)), 1),
            note=RS_NOTE,
        )
        for batch, rows in RS_GROUPS
    ),
    *(
        Comparison(
            table="rs:2",
            quantity="training memory",
            unit="GB",
            what="memory",
            rows=rows,
            batch=batch,
            cpu_batch=1 if "EfficientNet-B6" in rows else None,
            note=RS_NOTE,
        )
        for batch, rows in RS_GROUPS
    ),
    Comparison(
        table="rs:2",
        quantity="inference memory",
        unit="GB",
        what="inference memory",
        rows=v1("b6") | rs("350 @256"),
        batch=1,
        cpu_batch=1,
        note="the paper gives no number; of one image, where weights weigh most",
    ),
    Comparison(
        table="rs:3",
        quantity="training step",
        unit="s",
        what="training",
        rows=v1("b5") | {"ResNet-RS-152": ("resnet-rs-152", 224)},
        batch=32,
        note=RS_NOTE,
    ),
)
