"""EfficientNet B0-B8, L2 and a tiny one as tables.

Source: V1 Table 1 and tensorflow/tpu models/official/efficientnet/efficientnet_builder.py (head 7dc921f).
Strides follow the code: the paper's Table 1 swaps those of stages 5 and 6 (tensorflow/tpu issue 383).
"""

from dataclasses import replace

from .stages import ConvNetTable, Stage, scale, strided

SE = 0.25  # efficientnet_builder.py; the paper names the module but not the ratio

# Stochastic depth of the last block. §5.2 says 0.3; the code uses 0.2, which the author calls right
# (tensorflow/tpu issue 381).
DROP_PATH_RATE = {"paper": 0.3, "release": 0.2}

EFFICIENTNET_B0 = ConvNetTable(
    name="efficientnet-b0",
    stem=32,
    stages=(
        Stage("mbconv", 3, 1, 1, 16, 1, SE),
        Stage("mbconv", 3, 2, 6, 24, 2, SE),
        Stage("mbconv", 5, 2, 6, 40, 2, SE),
        Stage("mbconv", 3, 2, 6, 80, 3, SE),
        Stage("mbconv", 5, 1, 6, 112, 3, SE),
        Stage("mbconv", 5, 2, 6, 192, 4, SE),
        Stage("mbconv", 3, 1, 6, 320, 1, SE),
    ),
    head=1280,
    train_size=224,
    eval_size=224,
    dropout=0.2,
    drop_path_rate=DROP_PATH_RATE["release"],
    bn_momentum=0.01,  # §5.2 and efficientnet_builder.py: 0.99 in TensorFlow's convention
    round_limit=0.9,  # efficientnet_model.py `round_filters`
)

# Width, depth, image size in px, dropout (efficientnet_builder.py `efficientnet_params`). Set by hand:
# no integer phi of Eq. 3 gives B1-B4 (tensorflow/tpu issue 390). B8 and L2 are not in the paper.
COEFFICIENTS = {
    "b0": (1.0, 1.0, 224, 0.2),
    "b1": (1.0, 1.1, 240, 0.2),
    "b2": (1.1, 1.2, 260, 0.3),
    "b3": (1.2, 1.4, 300, 0.3),
    "b4": (1.4, 1.8, 380, 0.4),
    "b5": (1.6, 2.2, 456, 0.4),
    "b6": (1.8, 2.6, 528, 0.5),
    "b7": (2.0, 3.1, 600, 0.5),
    "b8": (2.2, 3.6, 672, 0.5),
    "l2": (4.3, 5.3, 800, 0.5),
}

# Ours, for experiments on small images: B0 made small, with strides that leave 16 to 32 px a map of 2 to 4 px, padded
# alike on every side, whatever the size. Sizes are best multiples of 8. Depth is halved and not quartered, because a
# stage of one block that changes the width has no shortcut, and so nothing for stochastic depth to drop. Batch norm
# forgets as fast as EfficientNetV2's, because trainings are short.
HALF = scale(
    EFFICIENTNET_B0,
    name="efficientnet-tiny8",
    width=0.4,
    depth=0.5,
    stem_stride=1,
    padding="symmetric",
    bn_momentum=0.1,
    train_size=32,
    eval_size=32,
)
EFFICIENTNET_TINY8 = replace(HALF, stages=strided(HALF.stages, (1, 2, 2, 2, 1, 1, 1)))

EFFICIENTNETS = (
    *(
        scale(
            EFFICIENTNET_B0,
            name=f"efficientnet-{variant}",
            width=width,
            depth=depth,
            train_size=size,
            eval_size=size,
            dropout=dropout,
        )
        for variant, (width, depth, size, dropout) in COEFFICIENTS.items()
    ),
    EFFICIENTNET_TINY8,
)
