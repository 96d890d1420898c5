"""Chance that comes from a seed and the trial's number, so that workers never draw the same twice."""

import zlib

import numpy as np
from optuna.samplers import BaseSampler


def chance(seed: int, trial: int, decision: str) -> np.random.Generator:
    """Random numbers for one decision of one trial."""
    return np.random.default_rng((seed, trial, zlib.crc32(decision.encode())))


class Independent(BaseSampler):
    """A sampler that draws every decision apart."""

    def __init__(self, seed: int):
        self.seed = seed

    def infer_relative_search_space(self, study, trial):
        return {}

    def sample_relative(self, study, trial, search_space):
        return {}
