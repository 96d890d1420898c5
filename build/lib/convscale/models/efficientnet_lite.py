"""EfficientNet-Lite0 to Lite4 as tables: EfficientNets for phones, which no paper of their own describes.

Source: tensorflow/tpu models/official/efficientnet/lite/efficientnet_lite_builder.py (commit 22d5cab) and its README.
Against B0 to B4 they have no squeeze-and-excitation and ReLU6, stem and head keep their width, and the first and last
stage their depth (efficientnet_model.py, `fix_head_stem`); Lite3 and Lite4 take smaller images than B3 and B4.
"""

from dataclasses import replace

from .efficientnet import EFFICIENTNET_B0
from .stages import ConvNetTable, scale

EFFICIENTNET_LITE0 = replace(
    EFFICIENTNET_B0,
    name="efficientnet-lite0",
    stages=tuple(replace(stage, se=0.0) for stage in EFFICIENTNET_B0.stages),
    act="relu6",
    pixels="lite",
)

# Width, depth, image size in px, dropout (efficientnet_lite_builder.py `efficientnet_lite_params`).
LITE_COEFFICIENTS = {
    "lite0": (1.0, 1.0, 224, 0.2),
    "lite1": (1.0, 1.1, 240, 0.2),
    "lite2": (1.1, 1.2, 260, 0.3),
    "lite3": (1.2, 1.4, 280, 0.3),
    "lite4": (1.4, 1.8, 300, 0.3),
}


def lite(variant: str, width: float, depth: float, size: int, dropout: float) -> ConvNetTable:
    """Lite0 scaled, except for stem, head and the depth of its first and last stage."""
    base = EFFICIENTNET_LITE0
    name = f"efficientnet-{variant}"
    scaled = scale(base, name=name, width=width, depth=depth, train_size=size, eval_size=size, dropout=dropout)
    first, *between, last = scaled.stages
    ends = [replace(stage, depth=kept.depth) for stage, kept in ((first, base.stages[0]), (last, base.stages[-1]))]
    return replace(scaled, stem=base.stem, stages=(ends[0], *between, ends[1]), head=base.head)


EFFICIENTNET_LITES = tuple(lite(variant, *numbers) for variant, numbers in LITE_COEFFICIENTS.items())
