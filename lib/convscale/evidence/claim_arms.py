"""What a claim says of its experiment: arms and seeds that it does not have would never come, and read "not run"."""

from collections.abc import Iterable

from ..errors import check_name
from ..experiments.registry import experiments
from .runs import arms_of, experiment_at, rule_at


def check_arms(claim: dict) -> None:
    """Raise ValueError for an arm, a scale or a number of seeds that an experiment of the claim does not have."""
    for scale in claim.get("scales", ()):
        check_rule(rule_at(claim, scale), scale, experiment_at(claim, scale))


def check_rule(rule: dict, scale: str, name: str | None) -> None:
    """The same for the rule of one scale; one without an experiment waits for it, so only its seeds can be judged."""
    seeds = rule["seeds"]
    if name is None:
        check_least(seeds, False, scale)
        if isinstance(rule.get("contrast"), str):
            raise ValueError(
                f"contrast = {rule['contrast']!r} at {scale}: without an `experiment` that has it, {{arm: 1}} is needed"
            )
        return
    experiment = experiments()[check_name("experiment", name, experiments())]
    chosen = experiment.scales[check_name(f"scale of {name}", scale, experiment.scales)]
    check_least(seeds, experiment.design is not None, scale)
    if seeds > chosen.seeds:
        raise ValueError(f"seeds = {seeds} at {scale}: {name} has {chosen.seeds} there, and a claim asks for no more")
    check_names(arms_of(rule), f"arm of {name} at {scale}", chosen.only or experiment.arms)


def check_least(seeds: int, designed: bool, scale: str) -> None:
    """One seed has no scatter to judge by, unless the arms are a design that gives its own."""
    if seeds < 2 and not designed:
        raise ValueError(f"seeds = {seeds} at {scale}: needed are 2 or more; 1 where the experiment has a `design`")


def check_names(names: Iterable[str], kind: str, allowed: Iterable[str]) -> None:
    for name in sorted(names):
        check_name(kind, name, allowed)
