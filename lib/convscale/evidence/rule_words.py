"""The rule of a claim in words, as data/claims.yml and its judge have it. Names of arms and rows are in `backticks`."""

from ..experiments import JUDGED
from .claims import TRAINED, TRUTHS, family, states_facts
from .judge_exact import NEAR
from .judge_trend import region
from .names import DEVICES
from .runs import contrast_of, rule_at

METRICS = {
    "test_top1": "test top-1",
    "test_top1@best": "test top-1 at the size that suits each run best",
    "train_top1": "training top-1",
    "train_test_gap": "training less test top-1",
    "weight_norm": "the L2 norm of the weights",
    "early_loss": "test loss up to half of the training",
    "log_reward": "the search's reward in % (100 times its logarithm)",
}
# Sentences of kind "printed" for each operation; `a` and `b` are the two numbers of a pair.
ARITHMETIC = {
    "ratio": "the ratio a / b",
    "difference": "the difference a - b",
    "change": "the change from b to a in %",
    "sum": "the sum",
    "product": "the product",
    "greater": "a is the greater, whatever digits were rounded away",
    "greater in print": "a is printed as the greater",
    "equal in print": "both are printed as the same number",
}


def unit_of(claim: dict) -> str:
    """The unit of the claim's estimate: "points" of accuracy, "loss", "%", "norm", "ratio"; "" where rows count."""
    if claim["kind"] in TRAINED:
        words = {"log_reward": "%", "early_loss": "loss", "weight_norm": "norm"}
        return words.get(claim["metric"], "points")
    return "ratio" if claim["kind"] == "ratio" else ""


def rule_words(claim: dict) -> str:
    """What decides the claim, in a few sentences."""
    if claim["kind"] in TRAINED:
        return trend_words(claim)
    return {"ratio": ratio_words, "printed": printed_words}.get(claim["kind"], exact_words)(claim)


def exact_words(claim: dict) -> str:
    where = "The released code" if claim["kind"] == "release" else "What is counted"
    must = "has the printed number, rounded to its digits, in every row"
    if "bound" in claim:
        must = f"is {claim['bound']} the printed number in every row"
    elif "tolerance" in claim:
        must = f"is within {claim['tolerance']} of the printed number in every row"
    twice = " A multiply-add counts as two FLOPs." if claim.get("unit") == 2 else ""
    else_ = f" Within {NEAR} %: no row is farther off."
    if claim["kind"] == "release":
        else_ = " It agrees or differs, and neither is a verdict on the paper."
    return f"{where} {must}.{twice}{else_}"


def printed_words(claim: dict) -> str:
    what = ARITHMETIC[claim["operation"]]
    if claim["operation"] in TRUTHS and states_facts(claim):
        return f"In the printed table {what}, for every pair."
    if claim["operation"] in TRUTHS:
        what = f"the number of pairs in which {what}"
    more = " More than that holds too." if claim.get("bound") == "at least" else ""
    return f"{what[0].upper()}{what[1:]} of numbers that print as the cells do can print as the sentence has it.{more}"


def ratio_words(claim: dict) -> str:
    low, high = claim["between"]
    bounds = f"above {low:g}" if high is None else f"between {low:g} and {high:g}"
    devices = " or ".join(DEVICES[kind] for kind in claim["devices"])
    return (
        f"{claim['quantity'].capitalize()} of `{claim['ratio_of']}` over `{claim['to']}`, in turn on {devices}, "
        f"in at least {claim['rounds']} rounds. The 95 % interval of the median lies {bounds}."
    )


def effect_words(rule: dict) -> str:
    """ "test top-1 of `a` minus `b`" for the rule at one scale, positive if the claim is true."""
    what = METRICS.get(rule["metric"], rule["metric"])
    if isinstance(rule.get("contrast"), str):  # of very many runs
        return f"effect of `{rule['contrast']}` on {what}, over all runs of `{rule['experiment']}`"
    terms = sorted(contrast_of(rule).items(), key=lambda term: -term[1])
    if [weight for _, weight in terms] == [1, -1]:
        return f"{what} of `{terms[0][0]}` minus `{terms[1][0]}`"
    parts = [
        ("- " if weight < 0 else "+ ") + ("" if abs(weight) == 1 else f"{abs(weight):g} x ") + f"`{arm}`"
        for arm, weight in terms
    ]
    return f"{what} of " + " ".join(parts).removeprefix("+ ")


def region_words(rule: dict) -> str:
    low, high = region(rule)
    return f"above {low:g}" if high == float("inf") else f"between {low:g} and {high:g}"


def trend_words(claim: dict) -> str:
    by_sentence: dict[str, list[tuple[str, dict]]] = {}
    for scale in (scale for scale in reversed(JUDGED) if scale in claim["scales"]):
        rule = rule_at(claim, scale)
        words = effect_words(rule)
        sentence = f"{words[0].upper()}{words[1:]}: the 95 % interval lies {region_words(rule)}"
        by_sentence.setdefault(sentence, []).append((scale, rule))
    parts = []
    for sentence, rules in by_sentence.items():
        seeds = ", ".join(f"{rule['seeds']} seed{'s' * (rule['seeds'] > 1)} at {scale} scale" for scale, rule in rules)
        smallest = ", ".join(f"{rule['smallest']:g}" for _, rule in rules if "smallest" in rule)
        parts.append(f"{sentence} ({seeds}{'; smallest effect of interest ' if smallest else ''}{smallest}).")
    if mates := len(family(claim)):
        parts.append(f"Holm's correction among the {mates} comparisons of its table.")
    return " ".join(parts)


def condition_words(claim: dict) -> list[str]:
    """What must hold besides, for "reproduced" to mean anything."""
    words = []
    for condition in claim.get("conditions", []):
        bound = condition["at_least"]
        if isinstance(bound, dict):
            bound = ", ".join(f"{value:g} at {scale}" for scale, value in bound.items())
        first, metric1, second, metric2 = condition["difference"]
        above, below = (METRICS.get(metric, metric) for metric in (metric1, metric2))
        other = f"`{second}`" if metric1 == metric2 else f"its {below}" if first == second else f"{below} of `{second}`"
        what = f"{above} of `{first}` minus {other}"
        words.append(f"{condition['name']} ({what}, at least {bound})")
    if control := claim.get("control"):
        words.append(f"the control `{control}` is seen to be worse")
    return words
