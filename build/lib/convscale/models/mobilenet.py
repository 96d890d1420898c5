"""MobileNetV1 and V2 as tables, the base networks of V1 Table 3; `convnet.py` builds them.

Which code the paper scaled is not published. Rows: Howard et al. 2017 Table 1, Sandler et al. 2018 Table 2.
ReLU6, batch-norm epsilon and symmetric padding follow the public PyTorch ports (timm efficientnet.py
`mobilenetv1_100`, `mobilenetv2_100`; torchvision mobilenetv2.py), whose weights therefore fit.
"""

from .stages import ConvNetTable, Stage

PORT = dict(
    stem=32,
    train_size=224,
    eval_size=224,
    drop_path_rate=0.0,
    bn_eps=1e-5,
    act="relu6",
    padding="symmetric",
    round_limit=0.9,  # timm's rounding of these two
    pixels="mobilenet",
)

MOBILENETV1 = ConvNetTable(
    name="mobilenetv1",
    stages=(
        Stage("separable", 3, 1, 1, 64, 1),
        Stage("separable", 3, 2, 1, 128, 2),
        Stage("separable", 3, 2, 1, 256, 2),
        Stage("separable", 3, 2, 1, 512, 6),
        Stage("separable", 3, 2, 1, 1024, 2),
    ),
    head=0,
    dropout=0.001,  # tensorflow/models research/slim mobilenet_v1.py keeps 0.999
    **PORT,
)

MOBILENETV2 = ConvNetTable(
    name="mobilenetv2",
    stages=(
        Stage("mbconv", 3, 1, 1, 16, 1),
        Stage("mbconv", 3, 2, 6, 24, 2),
        Stage("mbconv", 3, 2, 6, 32, 3),
        Stage("mbconv", 3, 2, 6, 64, 4),
        Stage("mbconv", 3, 1, 6, 96, 3),
        Stage("mbconv", 3, 2, 6, 160, 3),
        Stage("mbconv", 3, 1, 6, 320, 1),
    ),
    head=1280,
    dropout=0.2,  # torchvision mobilenetv2.py
    **PORT,
)

MOBILENETS = (MOBILENETV1, MOBILENETV2)
