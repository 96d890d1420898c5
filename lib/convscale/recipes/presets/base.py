"""A preset: one training of a paper, with the source of every value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from ...errors import check_name
from ..recipe import Recipe
from ..run import Run
from ..schedule import Schedule

STAGE_FIELDS = ("image_size", "randaugment", "mixup", "cutmix", "dropout")
RUN_FIELDS = ("model", "weights", "dataset", "epochs", "steps", "eval_size", "precision", "validate")


@dataclass(frozen=True)
class Preset:
    """Everything of a `Run` but its seed, and where each value comes from.

    `name` is `<who>:<variant>`. `sources` has one entry for each of `values()`. `unstated` are the values that the
    paper does not give: its variant then has the release's. `differs` maps each value that is not that of
    `<who>:paper` to the rows of the page "Where paper, code and reports differ".
    """

    name: str
    model: str
    dataset: str
    recipe: Recipe
    schedule: Schedule
    epochs: int
    eval_size: int  # px
    classes: int  # outputs of the network; a run takes them from its data set
    images: int  # of the training split, as the source counts them
    sources: Mapping[str, str] = field(hash=False)
    steps: int | None = None  # optimizer steps; None = `epochs` whole epochs
    precision: str = "bfloat16"
    weights: str | None = None  # to start from
    validate: str = "test"
    unstated: tuple[str, ...] = ()
    differs: Mapping[str, str] = field(default_factory=dict, hash=False)
    further: Mapping[str, object] = field(default_factory=dict, hash=False)  # fields of the run that no paper has
    smallest: int = 1  # px that `shortened` makes no stage smaller than, unless all training is

    @property
    def who(self) -> str:
        return self.name.partition(":")[0]

    def values(self) -> dict[str, object]:
        """Every value by name. Those of the stages are one value, or a tuple of one a stage."""
        chosen = {name: getattr(self, name) for name in RUN_FIELDS}
        chosen |= {"classes": self.classes, "sizes": self.schedule.sizes}
        for name in STAGE_FIELDS:
            by_stage = tuple(getattr(stage, name) for stage in self.schedule.stages)
            chosen[name] = by_stage if len(set(by_stage)) > 1 else by_stage[0]
        return {**chosen, **{f.name: getattr(self.recipe, f.name) for f in fields(self.recipe)}, **self.further}

    def run(self, seed: int = 0, **changes) -> Run:
        """The run; `changes` replace its fields: `preset("v1-b0:paper").run(dataset="folder:~/my-images")`.

        Raises ValueError for a field that a run does not have.
        """
        for name in changes:
            check_name("field of a run", name, [f.name for f in fields(Run)])
        chosen = {name: getattr(self, name) for name in (*RUN_FIELDS, "recipe", "schedule")}
        return replace(Run(seed=seed, **chosen), **{**self.further, **changes})


def as_in_paper(release: Preset, stated: Mapping[str, str], recipe: Mapping | None = None, **changes) -> Preset:
    """`<who>:paper`: the release's values but for those that the paper gives otherwise, in `recipe` and `changes`.

    `stated` has the paper's section for each value that it gives, whether or not it is the release's.
    """
    return replace(
        release,
        name=f"{release.who}:paper",
        recipe=replace(release.recipe, **(recipe or {})),
        sources={**release.sources, **stated},
        unstated=tuple(n for n, value in release.values().items() if n not in stated and value is not None),
        differs={},
        **changes,
    )
