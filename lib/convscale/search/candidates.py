"""What a candidate of a search is judged by: a short training of it, and its costs, at each scale.

V2 §3.3 trains each candidate about 10 epochs with a reduced image size, which it does not print, and looks at 25,000
images held out of training (§5.1). Settings without a source are ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..errors import check_name
from ..experiments.papers import v2_search
from ..experiments.papers.common import adamw, one_size
from ..measure.layers import layers
from ..models.efficientnet import EFFICIENTNET_B0, EFFICIENTNET_TINY8, EFFICIENTNETS
from ..models.mobilenet import MOBILENETV2
from ..models.stages import ConvNetTable, scale
from ..recipes import V2_PAPER, Run, canonical
from .objective import accuracy_and_cost, training_aware
from .space import Point, Space
from .spaces import compound_space, mnasnet_space, v2_space

SPACES = ("v2", "mnasnet", "compound")
ACCURACY = "unseen_top1"  # the metric: top-1 in % of training images that the run does not train on
B0_TARGET = 400e6  # T of V1 §4, multiply-adds
B4 = next(network for network in EFFICIENTNETS if network.name == "efficientnet-b4")
BACKBONES = {"medium": EFFICIENTNET_B0, "paper": B4}  # B4: V2 §3.3, "comparable size"


@dataclass(frozen=True)
class Costs:
    """Of a candidate: parameters, multiply-adds at its training size, seconds of a training step."""

    params: int
    multiply_adds: int
    step_time: float = float("nan")


@dataclass(frozen=True)
class Proxy:
    """A space, the run that every candidate makes with its own network, and what rewards it.

    `target` is T of V1's reward in multiply-adds; None is V2's reward, for which step times are measured.
    """

    space: Space
    scale: str
    backbone: ConvNetTable
    base: Run
    target: float | None = None
    timed: str = ""  # what step times are of: a device, and whole networks or blocks

    def run(self, point: Point, seed: int) -> Run:
        """The training of a point. Raises OutsideSpace."""
        network, growth = self.space.table(point), self.space.resolution(point)
        if growth == 1:
            return replace(self.base, model=network, seed=seed)
        sized = tuple(replace(s, image_size=round(s.image_size * growth)) for s in self.base.schedule.stages)
        schedule = replace(self.base.schedule, stages=sized)
        return replace(
            self.base, model=network, seed=seed, schedule=schedule, eval_size=round(self.base.eval_size * growth)
        )

    def costs(self, run: Run, step_time: float = float("nan")) -> Costs:
        """Counted on the table of the run's network."""
        found = layers(run.model, largest(run))  # type: ignore[arg-type]
        return Costs(sum(layer.params for layer in found), sum(layer.multiply_adds for layer in found), step_time)

    def reward(self, accuracy: float, costs: Costs, backbone: Costs) -> float:
        """Of a candidate with this accuracy in %; `backbone` are the costs of the space's backbone."""
        if self.target:
            return accuracy_and_cost(accuracy, costs.multiply_adds, self.target)
        return training_aware(accuracy, costs.step_time / backbone.step_time, costs.params / backbone.params)

    @property
    def watched(self) -> "Proxy":
        """For a pruner: a point of the curve each epoch, on a tenth of the training images and never on test images."""
        return replace(self, base=replace(self.base, validate="tenth", curve_points=self.base.epochs))

    @property
    def identity(self) -> dict:
        """What makes two searches the same study, as plain values."""
        objective = f"V1, T = {self.target:g}" if self.target else f"V2, step times of {self.timed}"
        what = {"space": self.space.name, "decisions": dict(self.space.decisions)}
        return what | {"run": canonical(self.base), "objective": objective}


def largest(run: Run) -> int:
    """The largest training size in px."""
    return max(stage.image_size for stage in run.schedule.stages)


def small_backbone() -> ConvNetTable:
    """efficientnetv2-tiny8 with the last stage of stride 1 that EfficientNet has and V2-S has not."""
    return replace(v2_search.network({**dict.fromkeys(v2_search.ARRAY.factors, -1), "seventh": 1}), name="search-tiny8")


def bases() -> Mapping[str, Run]:
    """The run at each scale, of whatever network."""
    small = v2_search.EXPERIMENT.scales
    medium = Run(
        model=BACKBONES["medium"].name,
        dataset="imagenette",
        recipe=adamw(64, 96, learning_rate=3e-3, warmup_epochs=1, drop_path_rate=0.0, crop_area=(0.25, 1.0)),
        schedule=one_size(96),
        epochs=10,
        eval_size=96,
        seed=0,
        train_images=8000,  # of 9,469
        subset="seed",
        curve_points=1,
        unseen=1400,
    )
    paper = Run(
        model=BACKBONES["paper"].name,
        dataset="imagenet",
        recipe=replace(V2_PAPER, warmup_epochs=1),
        schedule=one_size(224, randaugment=5, dropout=0.1),  # the first stage's regularization in V2 Table 6
        epochs=10,
        eval_size=224,
        seed=0,
        train_images=1_256_000,  # of 1,281,167: 25,000 are held out (V2 §5.1)
        subset="seed",
        precision="auto",
        curve_points=1,
        unseen=25_000,
    )
    return {"smoke": small["smoke"].base, "small": small["small"].base, "medium": medium, "paper": paper}


def proxy(space: str, scale_name: str) -> Proxy:
    """The search of a space, "v2", "mnasnet" or "compound", at a scale. Raises ValueError for another one of either."""
    check_name("search space", space, SPACES)
    base = bases()[check_name("scale", scale_name, bases())]
    tiny = scale_name in ("smoke", "small")
    if space == "v2":
        backbone = small_backbone() if tiny else BACKBONES[scale_name]
        return Proxy(v2_space(backbone), scale_name, backbone, base)
    backbone = EFFICIENTNET_TINY8 if tiny else EFFICIENTNET_B0
    base = replace(base, model=backbone.name)
    counted = sum(layer.multiply_adds for layer in layers(backbone, largest(base)))
    if space == "compound":
        return Proxy(compound_space(backbone), scale_name, backbone, base, target=2 * counted)
    reference = scale(MOBILENETV2, name="mobilenetv2-tiny8", width=0.4, depth=0.5) if tiny else MOBILENETV2
    target = B0_TARGET if scale_name == "paper" else counted
    return Proxy(mnasnet_space(backbone, reference), scale_name, backbone, base, target)
