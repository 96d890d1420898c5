"""Claims of kind "trend" and "interaction": a contrast of arms, each trained with the same seeds."""

from collections.abc import Iterable

import numpy as np

from ..experiments.factorial import Factorial
from ..experiments.registry import experiments
from .effects import array_effect
from .runs import Evidence, choose, contrast_of, evidence_at, pool_of, values
from .statistics import LEVEL, Effect, contrast_effect, holm, paired_effect, seeds_needed
from .verdict import INFINITE, Verdict

TESTED = 1 - LEVEL


def region(rule: dict) -> tuple[float, float]:
    """Where the true effect lies if the claim holds: above 0, above -`no_worse_by`, or within ±`equal_within`."""
    if "equal_within" in rule:
        return -rule["equal_within"], rule["equal_within"]
    return 0.0 - rule.get("no_worse_by", 0.0), INFINITE  # a -0 would be printed


def p_of(effect: Effect, low: float, high: float) -> float:
    """Two-sided p that decides for or against the region: of the farther end from within, of the nearer from without.

    Within ±m it is the larger of two, Schuirmann's two one-sided tests at 2.5 % each.
    """
    if effect.mean < low:
        return effect.p(low)
    if effect.mean > high:
        return effect.p(high)
    return max(effect.p(end) for end in (low, high) if np.isfinite(end))


def effect_of(claim: dict, evidence: Evidence, experiment: Iterable[dict]) -> Effect:
    """The effect that the claim is about, positive as claimed, with the error pooled over the claim's experiment."""
    contrast = contrast_of(evidence.rule)
    if design := design_of(evidence.rule):
        return array_effect(design, values(evidence, design.runs, evidence.rule["metric"])[:, 0], contrast)
    arms = pool_of(claim, evidence.scale, experiment)
    coefficients = np.array([contrast.get(arm, 0.0) for arm in arms])
    return contrast_effect(values(evidence, arms, evidence.rule["metric"]), coefficients)


def design_of(rule: dict) -> Factorial | None:
    """The design whose own scatter gives the error, where a rule asks for one seed; None for all others."""
    return experiments()[rule["experiment"]].design if rule["seeds"] == 1 else None


def difference(evidence: Evidence, first: tuple[str, str], second: tuple[str, str]) -> Effect:
    """The difference first - second of (arm, metric) pairs, by seed."""
    above, below = (values(evidence, [arm], name)[0] for arm, name in (first, second))
    return paired_effect(above - below)


def failed_condition(rule: dict, evidence: Evidence) -> str:
    """The first condition whose interval is not wholly at or above its bound, or the control not seen; "" if all hold.

    A control is seen if it is worse than `than` by more than the claim's margin, with its whole interval.
    """
    for condition in rule["conditions"]:
        arm1, metric1, arm2, metric2 = condition["difference"]
        found = difference(evidence, (arm1, metric1), (arm2, metric2))
        if found.mean - found.half < condition["at_least"]:
            return f"condition fails: {condition['name']} ({found.mean:+.3g} ± {found.half:.2g})"
    if control := rule.get("control"):
        name, sign = rule["metric"], -1 if rule.get("lower") else 1
        found, margin = difference(evidence, (rule["than"], name), (control, name)), -region(rule)[0]
        if sign * found.mean - found.half <= margin:
            shown = f"{rule['than']} - {control}: {found.mean:+.3g} ± {found.half:.2g}, margin {margin:g}"
            return f"the control was not seen ({shown})"
    return ""


def p_in_family(member: dict, scale: str, records: list[dict], experiment: Iterable[dict]) -> float:
    """The p that Holm's correction takes for a claim of the family: 1 as long as its runs are not complete."""
    evidence = evidence_at(member, scale, records, experiment)
    return p_of(effect_of(member, evidence, experiment), *region(evidence.rule)) if evidence.complete else 1.0


def judge_trend(
    claim: dict, records: list[dict], family: Iterable[dict] = (), experiment: Iterable[dict] = ()
) -> Verdict:
    """The verdict on a claim as data/claims.yml describes it; nothing is computed before all its runs are there.

    `family` are the claims that Holm's correction takes together with this one, `experiment` those that share its
    experiment, both with the claim itself; without them it stands alone. Raises ValueError for an unknown metric and
    for two different runs of one arm and seed.
    """
    evidence = choose(claim, records, experiment)
    scale, rule = evidence.scale, evidence.rule
    used = [record for of_seed in evidence.runs.values() for record in of_seed.values()]
    device = ", ".join(sorted({record["provenance"]["device"]["name"] for record in used}))
    if not evidence.complete:
        why = f"{len(evidence.seeds)} of {rule['seeds']} seeds at {scale}"
        return Verdict("not run", why, seeds=len(evidence.seeds), scale=scale, device=device)
    effect = effect_of(claim, evidence, experiment)
    if np.isnan(effect.mean):
        return Verdict("not run", f"{rule['metric']} needs step times", seeds=rule["seeds"], scale=scale, device=device)
    alone, adjusted, tests = p_of(effect, *region(rule)), None, 1
    if members := [member for member in family if scale in member["scales"]]:
        all_p = holm([p_in_family(member, scale, records, experiment) for member in members])
        adjusted, tests = all_p[[member["id"] for member in members].index(claim["id"])], len(members)
    word, why = decision(evidence, effect, alone if adjusted is None else adjusted, tests)
    return Verdict(
        word,
        why,
        effect.mean,
        effect.mean - effect.half,
        effect.mean + effect.half,
        seeds=rule["seeds"],
        scale=scale,
        device=device,
        p=alone,
        adjusted=adjusted,
        digits=3 if "loss" in rule["metric"] else 1,
    )


def decision(evidence: Evidence, effect: Effect, p: float, tests: int) -> tuple[str, str]:
    """The word, and why, for an effect whose p for or against the claimed region is `p`, after Holm among `tests`."""
    rule = evidence.rule
    low, high = region(rule)
    inside = low < effect.mean < high
    end = low if abs(effect.mean - low) <= abs(effect.mean - high) else high
    least, most = effect.mean - effect.half, effect.mean + effect.half
    smallest = rule.get("smallest", 0.0)
    small = -smallest < least and most < smallest
    if p < TESTED:
        if inside and (failed := failed_condition(rule, evidence)):
            return "inconclusive", failed
        side = f"{'above' if effect.mean > end else 'below'} {end:g}"
        if inside and np.isfinite(high):
            side = f"within ±{high:g}"
        short = f", all of it nearer to 0 than the smallest effect of interest, {smallest:g}" if small else ""
        return "reproduced" if inside else "not reproduced", f"the interval lies {side}{short}"
    if small:
        return "no difference seen", f"the interval lies within ±{smallest:g}, the smallest effect of interest"
    if p_of(effect, low, high) < TESTED:
        return "inconclusive", f"the interval leaves {end:g} out, but not after Holm's correction (p = {p:.2g})"
    return "inconclusive", f"the interval contains {end:g}; {seeds_it_takes(rule, effect, end, tests)}"


def seeds_it_takes(rule: dict, effect: Effect, end: float, tests: int) -> str:
    """How many seeds would see the published effect, where it is known, and the one found, after Holm's correction."""
    seeds = rule["seeds"]
    deviation = effect.error * np.sqrt(seeds)
    arms = 1 + round(effect.freedom / max(1, seeds - 1))
    truths = {"the one found": effect.mean}
    if "published" in rule and "lower" not in rule:
        truths = {"the published one": rule["published"]} | truths
    found = []
    for name, truth in truths.items():
        needed = seeds_needed(abs(truth - end), deviation, tests, arms)
        found.append(f"{needed or 'more than 1,000'} if the true effect is {name}")
    corrected = " after Holm's correction" if tests > 1 else ""
    return f"seeds that give 80 % power{corrected}: {', '.join(found)}"
