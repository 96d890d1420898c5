"""EfficientNetV2 S, M, L, XL, B0-B3, the early S and two tiny ones as tables.

Sources: V2 Table 4 and google/automl efficientnetv2/effnetv2_configs.py (commit 6a54c87), which agree with
torchvision and timm on every row. Rates and sizes are the release's; Table 6's belong to training recipes.
"""

from dataclasses import replace

from .stages import ConvNetTable, Stage, scale, strided

# Batch-norm momentum in torch's convention: §5.1 says 0.99 in TensorFlow's, automl hparams.py has 0.9.
BN_MOMENTUM = {"paper": 0.01, "release": 0.1}

SE = 0.25  # V2 Table 4
FUSED1 = Stage("fused", 3, 1, 1, 0, 0)
FUSED4 = Stage("fused", 3, 2, 4, 0, 0)
MB4 = Stage("mbconv", 3, 2, 4, 0, 0, SE)
MB6 = Stage("mbconv", 3, 1, 6, 0, 0, SE)
MB6_S2 = replace(MB6, stride=2)


def rows(*stages: tuple[Stage, int, int]) -> tuple[Stage, ...]:
    """(kind, width, depth) triples as stage rows."""
    return tuple(replace(kind, width=width, depth=depth) for kind, width, depth in stages)


EFFICIENTNETV2_S = ConvNetTable(
    name="efficientnetv2-s",
    stem=24,
    stages=rows((FUSED1, 24, 2), (FUSED4, 48, 4), (FUSED4, 64, 4), (MB4, 128, 6), (MB6, 160, 9), (MB6_S2, 256, 15)),
    head=1280,
    train_size=300,
    eval_size=384,
    dropout=0.2,
    bn_momentum=BN_MOMENTUM["release"],
    pixels="v2",
)

# The first public version, which the paper's 24M parameters and 8.8B FLOPs (Fig. 1, Tables 8 and 11) describe:
# 272 channels in stage 6 (google/automl issue 999), a 1792-wide head and Fig. 2's projection in stage 1 (timm
# efficientnet.py, `efficientnetv2_rw_s`). 272 and 1792 are what B0 gives at width 1.4.
EFFICIENTNETV2_S_PREPRINT = replace(
    EFFICIENTNETV2_S,
    name="efficientnetv2-s-preprint",
    stages=(
        replace(EFFICIENTNETV2_S.stages[0], op="fused+1x1"),
        *EFFICIENTNETV2_S.stages[1:-1],
        replace(EFFICIENTNETV2_S.stages[-1], width=272),
    ),
    head=1792,
)

# M, L and XL have a seventh stage, though §3.3 says that V2 has no last stride-1 stage.
EFFICIENTNETV2_M = replace(
    EFFICIENTNETV2_S,
    name="efficientnetv2-m",
    stages=rows(
        (FUSED1, 24, 3),
        (FUSED4, 48, 5),
        (FUSED4, 80, 5),
        (MB4, 160, 7),
        (MB6, 176, 14),
        (MB6_S2, 304, 18),
        (MB6, 512, 5),
    ),
    train_size=384,  # the paper says 380
    eval_size=480,
    dropout=0.3,
)

EFFICIENTNETV2_L = replace(
    EFFICIENTNETV2_M,
    name="efficientnetv2-l",
    stem=32,
    stages=rows(
        (FUSED1, 32, 4),
        (FUSED4, 64, 7),
        (FUSED4, 96, 7),
        (MB4, 192, 10),
        (MB6, 224, 19),
        (MB6_S2, 384, 25),
        (MB6, 640, 7),
    ),
    dropout=0.4,
)

EFFICIENTNETV2_XL = replace(
    EFFICIENTNETV2_L,
    name="efficientnetv2-xl",
    stages=rows(
        (FUSED1, 32, 4),
        (FUSED4, 64, 8),
        (FUSED4, 96, 8),
        (MB4, 192, 16),
        (MB6, 256, 24),
        (MB6_S2, 512, 32),
        (MB6, 640, 8),
    ),
    eval_size=512,  # above the paper's cap of 480
)

EFFICIENTNETV2_B0 = ConvNetTable(
    name="efficientnetv2-b0",
    stem=32,
    stages=rows((FUSED1, 16, 1), (FUSED4, 32, 2), (FUSED4, 48, 2), (MB4, 96, 3), (MB6, 112, 5), (MB6_S2, 192, 8)),
    head=1280,
    train_size=192,
    eval_size=224,
    dropout=0.2,
    bn_momentum=BN_MOMENTUM["release"],
)

# Width and depth of V1's B1-B3 (effnetv2_configs.py `efficientnetv2_params`).
EFFICIENTNETV2_B1 = scale(EFFICIENTNETV2_B0, name="efficientnetv2-b1", depth=1.1, eval_size=240)
EFFICIENTNETV2_B2 = scale(
    EFFICIENTNETV2_B0, name="efficientnetv2-b2", width=1.1, depth=1.2, train_size=208, eval_size=260, dropout=0.3
)
EFFICIENTNETV2_B3 = scale(
    EFFICIENTNETV2_B0, name="efficientnetv2-b3", width=1.2, depth=1.4, train_size=240, eval_size=300, dropout=0.3
)

# The network of the smoke and small scales: B0 at half width and quarter depth, and no stride in the stem,
# because its images are 16 to 32 px instead of 192 to 224.
EFFICIENTNETV2_TINY = scale(
    EFFICIENTNETV2_B0, name="efficientnetv2-tiny", width=0.5, depth=0.25, stem_stride=1, train_size=28, eval_size=32
)

# Ours, for experiments on small images: the tiny one without its last stride, so that 16 to 32 px leave a map of 2 to 4
# px and not of 1 to 2, and padded alike on every side, whatever the size. Sizes are best multiples of 8.
EFFICIENTNETV2_TINY8 = replace(
    EFFICIENTNETV2_TINY,
    name="efficientnetv2-tiny8",
    stages=strided(EFFICIENTNETV2_TINY.stages, (1, 2, 2, 2, 1, 1)),
    padding="symmetric",
    train_size=32,
)

EFFICIENTNETV2S = (
    EFFICIENTNETV2_S,
    EFFICIENTNETV2_M,
    EFFICIENTNETV2_L,
    EFFICIENTNETV2_XL,
    EFFICIENTNETV2_B0,
    EFFICIENTNETV2_B1,
    EFFICIENTNETV2_B2,
    EFFICIENTNETV2_B3,
    EFFICIENTNETV2_S_PREPRINT,
    EFFICIENTNETV2_TINY,
    EFFICIENTNETV2_TINY8,
)
