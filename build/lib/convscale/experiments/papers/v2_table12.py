"""EfficientNetV2 Table 12 (§6.2): is progressive learning, which takes less time, no worse for older networks?"""

from dataclasses import replace
from functools import partial

from ...models.stages import scale
from ...models.tables import table
from ...recipes import Run
from ..experiment import Arm, Experiment, Scale
from .v2_table13 import EXPERIMENT as TABLE_13
from .v2_table13 import schedule

NETWORKS = {"resnet50-380": "resnet-tiny8", "efficientnet-b4": "efficientnet-tiny8"}  # of the paper: of ours


def trained(network: str, sizes: str, regularization: str, width: float, run: Run) -> Run:
    model = network if width == 1 else scale(table(network), name=f"{network}-x{width:g}", width=width)
    return replace(schedule(sizes, regularization, run), model=model)


def arms() -> dict[str, Arm]:
    """Two of the table's five networks with both trainings, and each once more at half its width."""
    made: dict[str, Arm] = {}
    for network, ours in NETWORKS.items():
        words = f"{ours}, for {network}"
        made |= {
            f"{network}-baseline": Arm(
                f"{words}: the last size and regularization throughout", partial(trained, ours, "fixed", "final", 1.0)
            ),
            f"{network}-progressive": Arm(
                f"{words}: growing sizes, each with its own regularization",
                partial(trained, ours, "progressive", "adaptive", 1.0),
            ),
            f"{network}-half-width": Arm(
                f"{words} at half its width: the last size and regularization throughout",
                partial(trained, ours, "fixed", "final", 0.5),
                control=True,
            ),
        }
    return made


SMOKE, SMALL = (TABLE_13.scales[name] for name in ("smoke", "small"))

EXPERIMENT = Experiment(
    name="v2_table12",
    title="Table 12, progressive learning for other networks",
    table="v2:12",
    arms=arms(),
    scales={
        "smoke": replace(SMOKE, base=replace(SMOKE.base, train_images=64, epochs=2), seeds=1),
        "small": Scale(
            base=replace(SMALL.base, early_loss=False),
            seeds=12,
            cost="2 to 6 minutes of a core",
            shows="whether a small ResNet and a small EfficientNet lose more than a point by growing images, and how "
            "much time of a processor that saves",
            cannot="the paper's gains of 0.2 to 0.5 points, which would take a hundred seeds; the networks that it "
            "has besides; what growing images save on an accelerator",
            reasons={
                "as v2_table13": "the same images, sizes, regularization and epochs; the last size is that of the test",
                "no worse by 1 point": "about what 12 seeds can exclude; a network of half the width has to be seen as "
                "worse than that, or the training could not tell",
            },
        ),
    },
    reasons={
        "half width": "no worse means nothing where nothing would be seen: a network known to be worse is trained, too",
        "no paper scale": "the paper gives neither the stages nor the regularization of these networks",
    },
    claims=("v2-section6-2-resnet-no-worse", "v2-section6-2-efficientnet-no-worse"),
)
