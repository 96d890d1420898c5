"""EfficientNet-B0 small enough for a core or a small GPU: what Figures 3 and 4 and Table 7 scale."""

from dataclasses import replace

from ...models.efficientnet import EFFICIENTNET_B0
from ...models.stages import ConvNetTable, scale, strided
from ...recipes import Run
from .common import one_size, plain

# So small that eight times its multiply-adds still train on a core, with strides for 24 px.
NARROW = scale(
    EFFICIENTNET_B0, name="b0-narrow", width=0.35, depth=0.25, stem_stride=1, padding="symmetric", bn_momentum=0.1
)
TINY = replace(NARROW, stages=strided(NARROW.stages, (1, 2, 2, 2, 1, 1, 1)), train_size=24, eval_size=24)

# For larger images: half its width on 64 px, so that 2.5 times that is the 160 px of Imagenette.
HALF = scale(EFFICIENTNET_B0, name="b0-half", width=0.5, resolution=64 / 224, bn_momentum=0.1)
HALF_RUN = Run(
    model=HALF,
    dataset="imagenette",
    recipe=plain(64, warmup_epochs=1),
    schedule=one_size(64),
    epochs=20,
    eval_size=64,
    seed=0,
    augment_on="device",
    curve_images=1000,
)


def base_of(run: Run) -> ConvNetTable:
    """The network that the arms of a run scale: a small one if it is the run's, else B0 itself."""
    return next((small for small in (TINY, HALF) if run.model == small), EFFICIENTNET_B0)


def on_larger_images(run: Run, factor: float) -> Run:
    """Larger images in training and test, in whole px; the network stays."""
    stages = tuple(replace(s, image_size=round(s.image_size * factor)) for s in run.schedule.stages)
    return replace(run, schedule=replace(run.schedule, stages=stages), eval_size=round(run.eval_size * factor))
