"""Fractional factorials: what they can tell apart, and that their effects are those that were put in."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from convscale.evidence.effects import effects
from convscale.experiments.factorial import Factorial, opposite, total
from convscale.experiments.papers import rs_factorial, v2_search

DESIGNS = {"search": v2_search.ARRAY, "RS Table 1": rs_factorial.DESIGN}


def column(design, *factors):
    return np.sign(list(design.effect(*factors).values()))


@pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS)
def test_main_effects_are_balanced_and_clear_of_each_other_and_of_all_pairs(design):
    """By the columns themselves, not by the words."""
    for first in design.factors:
        assert column(design, first).sum() == 0
        for second in set(design.factors) - {first}:
            assert column(design, first) @ column(design, second) == 0
        assert all(column(design, first) @ column(design, *pair) == 0 for pair in combinations(design.factors, 2))


def mixed_up(design):
    """Pairs of pairs of factors whose interactions are one column."""
    pairs = list(combinations(design.factors, 2))
    return [(a, b) for a, b in combinations(pairs, 2) if column(design, *a) @ column(design, *b) != 0]


def test_the_search_array_has_resolution_five():
    array = v2_search.ARRAY
    assert len(array.runs) == 64 and len(array.factors) == 8 and array.resolution == 5
    assert mixed_up(array) == []


def test_the_recipes_have_resolution_four_and_three_factors_with_clear_interactions():
    design = rs_factorial.DESIGN
    assert len(design.runs) == 32 and len(design.factors) == 7 and design.resolution == 4
    mixed = {factor for two in mixed_up(design) for pair in two for factor in pair}
    assert mixed == {"cosine", "smoothing", "stochastic-depth", "dropout"} and len(mixed_up(design)) == 3


def responses(design, seeds, noise, **coefficients):
    """Runs whose outcome is a sum of products of levels: {"a": 2, "a*b": 1}, plus a shift by seed."""
    rng = np.random.default_rng(0)
    rows = []
    for arm, levels in design.runs.items():
        for seed in range(seeds):
            mean = sum(c * np.prod([levels[f] for f in term.split("*")]) for term, c in coefficients.items())
            rows.append({"arm": arm, "seed": seed, "top1": 40 + 3 * seed + mean + rng.normal(0, noise)})
    return pd.DataFrame(rows)


FULL = Factorial(("a", "b", "c"))
MODEL = {"a": 2.0, "b": -1.0, "a*b": 0.5}


def test_effects_are_differences_and_differences_of_differences():
    runs = responses(FULL, 1, 0, **MODEL)
    by_hand = {tuple(levels.values()): t for levels, t in zip(FULL.runs.values(), runs["top1"], strict=True)}
    table = effects(FULL, runs, "top1").set_index("effect")
    assert table.loc["a", "estimate"] == pytest.approx(4) and table.loc["b", "estimate"] == pytest.approx(-2)
    gain_high, gain_low = (by_hand[1, b, -1] - by_hand[-1, b, -1] for b in (1, -1))
    assert table.loc["a x b", "estimate"] == pytest.approx(gain_high - gain_low) == pytest.approx(2)
    values = dict(zip(FULL.runs, runs["top1"], strict=True))
    for level, gain in ((1, gain_high), (-1, gain_low)):
        contrast = FULL.gain("a", {"b": level})
        assert sum(c * values[run] for run, c in contrast.items()) == pytest.approx(gain)
    assert total(FULL.effect("a"), opposite(FULL.effect("a"))) == dict.fromkeys(FULL.runs, 0)


def test_errors_are_those_of_least_squares():
    """Against a regression with seeds as dummies, for a design in which pairs are mixed up."""
    design = rs_factorial.DESIGN
    runs = responses(design, 3, 1.0, **{"epochs": 2.0, "epochs*randaugment": 1.0})
    table = effects(design, runs, "top1").set_index("effect")
    terms = [name.partition(" = ")[0].split(" x ") for name in table.index]
    levels = [design.runs[arm] for arm in runs["arm"]]
    columns = [[np.prod([of[f] for f in term]) for of in levels] for term in terms]
    X = np.column_stack([*columns, *(runs["seed"] == s for s in range(3))]).astype(float)
    fit, residual, *_ = np.linalg.lstsq(X, runs["top1"], rcond=None)
    freedom = len(runs) - X.shape[1]
    scale = np.array([2.0 ** len(term) for term in terms])
    assert set(table["freedom"]) == {freedom} and freedom == 96 - 3 - 7 - 18
    np.testing.assert_allclose(table["estimate"], fit[: len(terms)] * scale)
    np.testing.assert_allclose(table["error"], scale * np.sqrt(residual[0] / freedom / 96))
    assert "cosine x smoothing = stochastic-depth x dropout" in table.index


def test_runs_that_are_missing_are_counted():
    with pytest.raises(ValueError, match="1 of 16 runs of the design have no top1"):
        effects(FULL, responses(FULL, 2, 0, **MODEL).iloc[1:], "top1")


def test_without_degrees_of_freedom_there_is_no_interval():
    table = effects(FULL, responses(FULL, 1, 0, **MODEL), "top1", order=3)
    assert table["error"].isna().all() and np.isinf(table["high"]).all() and (table["freedom"] == 0).all()


def test_a_generator_is_a_product_of_base_factors():
    with pytest.raises(ValueError, match="generator d = a x e: a product of a, b, c is needed"):
        Factorial(("a", "b", "c"), {"d": ("a", "e")})
