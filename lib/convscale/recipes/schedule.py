"""Progressive learning with adaptive regularization (EfficientNetV2 Algorithm 1) as pure functions of the step.

There is no scheduler object with state: resuming a run needs its step number and nothing else.
"""

import random
from dataclasses import dataclass, replace
from math import cos, pi

from ..checks import check_fields, check_values, each, number, of, optional, whole
from ..errors import check_name
from .recipe import MAX_PX, Recipe

RAMPS = ("paper", "release")
SIZES = ("fixed", "progressive", "random", "shuffled")
REGULARIZATIONS = ("adaptive", "final", "minimum")
UNITS = ("epochs", "steps")


@dataclass(frozen=True)
class Stage:
    """What one stage of training uses: image size in px and the magnitude of each regularization.

    Together the stages of a schedule are the S_i and Phi_i of Algorithm 1. Any can be written by hand, of any number,
    size and magnitude; all of them last equally long:

        Schedule((Stage(96, randaugment=5, mixup=0, dropout=0), Stage(160, randaugment=12, mixup=0.2, dropout=0.3)))

    Raises ValueError for an image size that is no whole number from 1 on, a magnitude or alpha below 0, or a rate
    outside [0, 1).
    """

    image_size: int
    randaugment: float  # magnitude on the papers' scale, where 10 is the nominal maximum
    mixup: float  # alpha of Beta(alpha, alpha); 0 = no mixup
    dropout: float  # rate before the classifier
    cutmix: float = 0.0  # alpha; with mixup, each is given half of the batch
    drop_path: float | None = None  # rate of the deepest block; None = the recipe's

    def __post_init__(self):
        check_fields(
            self,
            image_size=whole(1, MAX_PX),
            randaugment=number(0),
            mixup=number(0),
            dropout=number(0, below=1),
            cutmix=number(0),
            drop_path=optional(number(0, below=1)),
        )


def ramp_at(i: int, stages: int, lo: float, hi: float, *, late: bool = False) -> float:
    """Linear value of stage `i` of `stages` (0-based).

    Algorithm 1 walks i / (M - 1), from `lo` to `hi`. The released code walks image sizes with
    (i + 1) / M instead (`late`; automl main.py), so that its first stage is already a quarter of the way up.
    """
    if late:
        return lo + (hi - lo) * ((i + 1) / stages)
    return lo + (hi - lo) * (i / (stages - 1)) if stages > 1 else hi


def progressive(
    stages: int = 4,
    image_size: tuple[int, int] = (128, 300),
    randaugment: tuple[float, float] = (5, 15),
    mixup: tuple[float, float] = (0, 0),
    dropout: tuple[float, float] = (0.1, 0.3),
    ramp: str = "paper",
    cutmix: tuple[float, float] = (0, 0),
    drop_path: tuple[float, float] | None = None,
) -> tuple[Stage, ...]:
    """The stages of Algorithm 1; the defaults are the S column of V2 Table 6.

    `ramp` = "paper" interpolates everything with i / (M - 1). "release" is google/automl main.py: sizes with
    (i + 1) / M, dropout constant at its maximum (the code that ramps it is commented out), the rest as in the paper.
    Sizes are truncated to whole pixels, as in the release. `drop_path` None leaves stochastic depth to the recipe, as
    both do. Steps that are not linear: write the `Stage`s by hand.

    >>> [s.image_size for s in progressive()], [s.image_size for s in progressive(ramp="release")]
    ([128, 185, 242, 300], [171, 214, 257, 300])

    Raises ValueError for an unknown ramp, fewer than one stage, or values that no `Stage` may have.
    """
    late = check_name("ramp", ramp, RAMPS) == "release"
    check_values("progressive", stages=(stages, whole(1)))
    return tuple(
        Stage(
            image_size=int(ramp_at(i, stages, *image_size, late=late)),
            randaugment=ramp_at(i, stages, *randaugment),
            mixup=ramp_at(i, stages, *mixup),
            dropout=dropout[1] if late else ramp_at(i, stages, *dropout),
            cutmix=ramp_at(i, stages, *cutmix),
            drop_path=None if drop_path is None else ramp_at(i, stages, *drop_path),
        )
        for i in range(stages)
    )


@dataclass(frozen=True)
class Schedule:
    """Which of the stages' sizes and regularizations training uses when.

    sizes: "fixed" the last stage's size throughout; "progressive" stage after stage; "random" a stage drawn
    anew every `every` epochs (V2 §6.3: "because TPU needs to recompile the graph for each new size"); "shuffled" (ours)
    random without replacement: in each group of as many such blocks as there are stages every stage comes once, in an
    order drawn anew. Each seed then has every stage equally long, where training is a whole number of groups.
    unit: what `every` counts. `every=1, unit="steps"` draws a size for each batch, as Hoffer et al. (2019) do.
    regularization: "adaptive" that of the stage whose size is in use; "final" the last stage's throughout
    (the papers' "vanilla"); "minimum" the first stage's throughout.
    """

    stages: tuple[Stage, ...]
    sizes: str = "progressive"
    regularization: str = "adaptive"
    every: int = 8  # epochs between draws of the random modes; V2 §6.3
    unit: str = "epochs"  # or "steps"

    def __post_init__(self):
        check_fields(self, stages=each(of(Stage), least=1), every=whole(1))
        check_name("sizes", self.sizes, SIZES)
        check_name("regularization", self.regularization, REGULARIZATIONS)
        check_name("unit", self.unit, UNITS)


def stage_at(schedule: Schedule, step: int, steps: int, steps_per_epoch: int, seed: int = 0) -> Stage:
    """The stage in use at `step` (0-based) of `steps`; random and shuffled sizes depend on `seed` and nothing else."""
    stages = schedule.stages
    if schedule.sizes == "fixed":
        now = stages[-1]
    elif schedule.sizes == "progressive":
        now = stages[min(step * len(stages) // steps, len(stages) - 1)]
    else:
        block = step // (schedule.every * (steps_per_epoch if schedule.unit == "epochs" else 1))
        now = stages[drawn(schedule.sizes, block, len(stages), seed)]
    return regularized(schedule, now)


def drawn(sizes: str, block: int, stages: int, seed: int) -> int:
    """Number of the stage of a block of epochs or steps of the "random" or "shuffled" mode."""
    if sizes == "random":
        return random.Random(f"sizes {seed} {block}").randrange(stages)
    group, place = divmod(block, stages)
    return random.Random(f"shuffled sizes {seed} {group}").sample(range(stages), stages)[place]


def regularized(schedule: Schedule, now: Stage) -> Stage:
    """The size of `now` with the regularization that the schedule uses there."""
    if schedule.regularization == "adaptive":
        return now
    source = schedule.stages[-1] if schedule.regularization == "final" else schedule.stages[0]
    return replace(source, image_size=now.image_size)


def stages_in_use(schedule: Schedule) -> tuple[Stage, ...]:
    """Every stage that `stage_at` may return."""
    sizes = schedule.stages[-1:] if schedule.sizes == "fixed" else schedule.stages
    return tuple(regularized(schedule, stage) for stage in sizes)


def cosine(step: int, steps: int, warmup: int = 0) -> float:
    """Share of the peak learning rate: half a cosine counted from step 0; a linear warm-up overrides its start.

    Form of the released trainers (tpu efficientnet utils.py, automl utils.py).
    """
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + cos(pi * step / steps))


def cosine_joined(step: int, steps: int, warmup: int = 0) -> float:
    """As `cosine`, but the warm-up climbs to where the cosine then is, not to the peak (garden's linear warm-up)."""
    return cosine(max(step, warmup), steps) * min((step + 1) / warmup, 1) if warmup else cosine(step, steps)


def staircase(step: int, steps_per_epoch: int, warmup: int = 0, decay: float = 0.97, epochs: float = 2.4) -> float:
    """Share of the peak learning rate: x 0.97 every 2.4 epochs (V1 §5.2, V2 §5.1), in steps, not smoothly.

    Epochs count from step 0, so the warm-up overlaps the first drops (tpu efficientnet utils.py).
    """
    if step < warmup:
        return (step + 1) / warmup
    return decay ** (step // (epochs * steps_per_epoch))


def tenths(step: int, steps: int, warmup: int = 0) -> float:
    """Share of the peak learning rate: x 0.1 at 30, 60 and 80 ninetieths of training (tpu resnet_main.py)."""
    if step < warmup:
        return (step + 1) / warmup
    return (1, 0.1, 0.01, 0.001)[sum(90 * step >= at * steps for at in (30, 60, 80))]


def constant(step: int, warmup: int = 0) -> float:
    """Share of the peak learning rate: all of it after a linear warm-up (automl's fine-tuning)."""
    return min((step + 1) / warmup, 1.0) if warmup else 1.0


def lr_share(recipe: Recipe, step: int, steps: int, steps_per_epoch: int) -> float:
    """Share of the recipe's learning rate at `step` (0-based) of `steps`."""
    warmup = round(recipe.warmup_epochs * steps_per_epoch)
    name = recipe.lr_schedule
    if name == "cosine":
        return cosine(step, steps, warmup)
    if name == "cosine-joined":
        return cosine_joined(step, steps, warmup)
    if name == "staircase":
        return staircase(step, steps_per_epoch, warmup, epochs=recipe.decay_epochs)
    return tenths(step, steps, warmup) if name == "step" else constant(step, warmup)


def ema_decay_at(step: int, decay: float) -> float:
    """Decay of the weights' moving average, warmed up as (1 + step) / (10 + step) (TF ExponentialMovingAverage)."""
    return min(decay, (1 + step) / (10 + step))
