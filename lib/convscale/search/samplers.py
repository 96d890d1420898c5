"""Samplers by name: random search, NSGA-II and REINFORCE."""

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


class Evolution(BaseSampler):
    """NSGA-II, begun anew for each trial: its generations lie in the study, its chance is that of the trial's number.

    One NSGA-II for a worker's life would draw on a second machine, and after a stop, what was drawn before.
    """

    def __init__(self, seed: int):
        self.seed = seed

    def before_trial(self, study, trial):
        seed = int(chance(self.seed, trial.number, "evolution").integers(2**32))
        self.now = NSGAIISampler(population_size=POPULATION, seed=seed)
        self.now.before_trial(study, trial)

    def infer_relative_search_space(self, study, trial):
        return self.now.infer_relative_search_space(study, trial)

    def sample_relative(self, study, trial, search_space):
        return self.now.sample_relative(study, trial, search_space)

    def sample_independent(self, study, trial, param_name, param_distribution):
        return self.now.sample_independent(study, trial, param_name, param_distribution)


def sampler(name: str, decisions: Mapping[str, Sequence[Choice]], seed: int) -> BaseSampler:
    """Random search, NSGA-II or REINFORCE. What a trial draws follows from `seed`, its number and the study.

    Raises ValueError for another name.
    """
    check_name("sampler", name, SAMPLERS)
    if name == "evolution":
        return Evolution(seed)
    return Uniform(seed) if name == "random" else Reinforce(decisions, seed)
