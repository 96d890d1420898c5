"""Samplers by name: random search, NSGA-II and REINFORCE."""

import zlib
from collections.abc import Mapping, Sequence

from optuna.samplers import BaseSampler, NSGAIISampler

from ..errors import check_name
from .chance import Independent, chance
from .reinforce import Reinforce
from .space import Choice

SAMPLERS = ("random", "evolution", "reinforce")
POPULATION = 16  # of the evolution; ours: a generation of 64 trials would leave 128 of them two


class Uniform(Independent):
    """Every choice with the same probability: random search."""

    def sample_independent(self, study, trial, param_name, param_distribution):
        choices = param_distribution.choices
        return choices[chance(self.seed, trial.number, param_name).integers(len(choices))]


def sampler(name: str, decisions: Mapping[str, Sequence[Choice]], seed: int, worker: int = 0) -> BaseSampler:
    """Random search, REINFORCE, or NSGA-II, whose chance is also the worker's own.

    Raises ValueError for another name.
    """
    check_name("sampler", name, SAMPLERS)
    if name == "evolution":
        return NSGAIISampler(population_size=POPULATION, seed=zlib.crc32(f"{seed} {worker}".encode()))
    return Uniform(seed) if name == "random" else Reinforce(decisions, seed)
