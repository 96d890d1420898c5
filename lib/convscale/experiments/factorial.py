"""Fractional factorials: many choices of two levels, varied all at once, so that every run tells about every choice.

Regular two-level designs (Box, Hunter and Hunter, Statistics for Experimenters): all combinations of the base factors;
every further factor follows the product of some of them. Levels are -1 (low) and +1 (high).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, product
from math import fsum, prod

Contrast = dict[str, float]  # run -> coefficient


@dataclass(frozen=True)
class Factorial:
    """2^(base + generated - generated) runs. `generated` maps a factor to the base factors whose product it is.

    >>> half = Factorial(("a", "b"), {"c": ("a", "b")})
    >>> list(half.runs), half.resolution
    (['c', 'b', 'a', 'a+b+c'], 3)

    Raises ValueError for a generator that names something else than base factors.
    """

    base: tuple[str, ...]
    generated: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    def __post_init__(self):
        for factor, of in self.generated.items():
            if not set(of) <= set(self.base) or factor in self.base:
                raise ValueError(
                    f"generator {factor} = {' x '.join(of)}: a product of {', '.join(self.base)} is needed"
                )

    @property
    def factors(self) -> tuple[str, ...]:
        return (*self.base, *self.generated)

    @cached_property
    def runs(self) -> dict[str, dict[str, int]]:
        """Run -> level of every factor. A run is named by its high factors, "a+c", or "low" where it has none."""
        found = {}
        for levels in product((-1, 1), repeat=len(self.base)):
            of = dict(zip(self.base, levels, strict=True))
            of |= {factor: prod(of[name] for name in names) for factor, names in self.generated.items()}
            found["+".join(factor for factor in self.factors if of[factor] > 0) or "low"] = of
        return found

    @cached_property
    def words(self) -> frozenset[frozenset[str]]:
        """The defining relation: the sets of factors whose product is +1 in every run."""
        generators = [frozenset({factor, *of}) for factor, of in self.generated.items()]
        found = set()
        for count in range(1, len(generators) + 1):
            for chosen in combinations(generators, count):
                word: frozenset[str] = frozenset()
                for generator in chosen:
                    word ^= generator
                found.add(word)
        return frozenset(found)

    @property
    def resolution(self) -> int:
        """Length of the shortest word: IV keeps main effects clear of two-factor interactions, V those of each other.

        A design of all combinations mixes up nothing: one more than it has factors.
        """
        return min(map(len, self.words), default=len(self.factors) + 1)

    def same(self, factors: frozenset[str]) -> frozenset[frozenset[str]]:
        """All products of factors that are the same column as this one, itself among them (its aliases)."""
        return frozenset({factors, *(factors ^ word for word in self.words)})

    def effect(self, *factors: str) -> Contrast:
        """The main effect of a factor, mean at high - mean at low; of two factors the difference of differences: how
        much more one of them gains where the other is high; of three the difference of those, and so on."""
        share = 2 ** len(factors) / len(self.runs)
        return {run: share * prod(levels[factor] for factor in factors) for run, levels in self.runs.items()}

    def gain(self, factor: str, given: Mapping[str, int]) -> Contrast:
        """What `factor` gains where the factors of `given` have these levels, over all levels of the others.

        Presumes that no three factors interact, as the few runs that have all these levels would be too few.
        """
        main = self.effect(factor)
        return {run: c * (1 + sum(level * self.runs[run][f] for f, level in given.items())) for run, c in main.items()}


def total(*contrasts: Contrast) -> Contrast:
    """The sum of contrasts over the same runs."""
    return {run: fsum(contrast[run] for contrast in contrasts) for run in contrasts[0]}


def opposite(contrast: Contrast) -> Contrast:
    return {run: -coefficient for run, coefficient in contrast.items()}
