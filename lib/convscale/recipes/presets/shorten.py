"""A preset for fewer epochs, smaller batches, other images. No paper says how: these rules are ours.

learning rate   x batch / the preset's batch, the linear rule that all three releases scale by; the root of that for
                AdamW, whose step does not grow with the gradient's noise (Malladi et al. 2022)
warm-up, drops  as the same share of training: warmup_epochs and decay_epochs x epochs / the preset's; but where the
                preset warms up, then over 100 steps at least, or over a tenth of training that has fewer than 1,000
EMA             averages over the same share of the steps: 1 / (1 - decay) of all, never slower than the preset's
batch norm      so do its statistics: 1 / momentum of all steps, never slower than the preset's, and never over fewer
                than 10 steps unless the preset does (momentum 0.1, which V2's release has at full length)
sizes           in the same proportions, or between two given ones; evaluation grows and shrinks with the last, and
                no stage of a preset that names its smallest is made smaller
RandAugment     moves and hides the same shares of the image; magnitudes stay, stage by stage
"""

from dataclasses import replace

from ...models.tables import NetworkTable
from ...words import plural
from ..pixels import Pixels
from ..run import Run
from ..schedule import Stage
from .base import Preset

FASTEST_BN_MOMENTUM = 0.1  # automl hparams.py; PyTorch's default, too
WARMUP_STEPS, WARMUP_SHARE = 100, 0.1  # ours: RMSProp needs some steps to know the size of gradients


def shortened(
    preset: Preset,
    *,
    dataset: str,
    epochs: int,
    batch_size: int,
    images: int,
    image_size: int | tuple[int, int] | None = None,
    model: str | NetworkTable | None = None,
) -> Run:
    """The run of `preset` on another data set of `images` training images, by the rules above; seed 0.

    `image_size` in px is that of the last stage, or of the first and the last; None keeps the preset's. All that is
    not named here stays as it is: `replace` changes it.

    Raises ValueError for fewer images than a batch, for two sizes where the preset has one, and for another `model`
    where the preset starts from weights.
    """
    if images < batch_size or epochs < 1:
        raise ValueError(
            f"{plural(epochs, 'epoch')} of {plural(images, 'image')}: at least 1 of one batch of {batch_size} is needed"
        )
    if preset.weights and model not in (None, preset.model):
        other = model if isinstance(model, str) else model.name
        raise ValueError(
            f"{preset.name} starts from {preset.weights}, not weights of {other}: take the preset of your model"
        )
    stages = resized(preset, image_size)
    last, before = stages[-1].image_size, preset.schedule.stages[-1].image_size
    pixels = Pixels(preset.recipe.translate_px, preset.recipe.cutout_px).at(last, reference=before)
    of_training, steps = epochs / preset.epochs, epochs * (images // batch_size)
    recipe = replace(
        preset.recipe,
        batch_size=batch_size,
        learning_rate=preset.recipe.learning_rate * rate_of_batch(preset, batch_size),
        warmup_epochs=warmup_epochs(preset, epochs, steps),
        decay_epochs=preset.recipe.decay_epochs * of_training,
        ema_decay=ema_decay(preset, steps),
        bn_momentum=bn_momentum(preset, steps),
        translate_px=pixels.translate,
        cutout_px=pixels.cutout,
    )
    return preset.run(
        dataset=dataset,
        model=model or preset.model,
        recipe=recipe,
        schedule=replace(preset.schedule, stages=stages),
        epochs=epochs,
        steps=None,
        eval_size=round(preset.eval_size * last / before),
    )


def steps_of(preset: Preset) -> int:
    return preset.steps or preset.epochs * (preset.images // preset.recipe.batch_size)


def rate_of_batch(preset: Preset, batch_size: int) -> float:
    """What the learning rate of another batch is multiplied by."""
    share = batch_size / preset.recipe.batch_size
    return share**0.5 if preset.recipe.optimizer == "adamw" else share


def warmup_epochs(preset: Preset, epochs: int, steps: int) -> float:
    """The same share of `epochs` as in the preset; for a few steps at least, unless the preset has none."""
    own = preset.recipe.warmup_epochs * epochs / preset.epochs
    least = min(WARMUP_STEPS, WARMUP_SHARE * steps) * epochs / steps
    return max(own, least) if own else own


def ema_decay(preset: Preset, steps: int) -> float:
    """Decay whose horizon 1 / (1 - decay) is the same share of `steps` as the preset's of its own."""
    share = 1 / (1 - preset.recipe.ema_decay) / steps_of(preset)
    return min(preset.recipe.ema_decay, max(0.0, 1 - 1 / (share * steps)))


def bn_momentum(preset: Preset, steps: int) -> float | None:
    """Momentum whose horizon 1 / momentum is the same share of `steps` as the preset's of its own, within bounds."""
    own = preset.recipe.bn_momentum
    if own is None:
        return None
    return max(own, min(FASTEST_BN_MOMENTUM, own * steps_of(preset) / steps))


def resized(preset: Preset, image_size: int | tuple[int, int] | None) -> tuple[Stage, ...]:
    """The preset's stages at other sizes, whole pixels."""
    stages = preset.schedule.stages
    first, last = stages[0].image_size, stages[-1].image_size
    if image_size is None:
        return stages
    if isinstance(image_size, int):
        least = min(preset.smallest, image_size)
        return tuple(replace(s, image_size=max(least, int(s.image_size * image_size / last))) for s in stages)
    start, end = image_size
    if first == last:
        raise ValueError(f"{preset.name} trains at one size: image_size = {image_size} should be one number")
    return tuple(
        replace(s, image_size=int(start + (end - start) * (s.image_size - first) / (last - first))) for s in stages
    )
