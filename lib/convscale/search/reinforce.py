"""REINFORCE as V2 §3.3 may have used it ("we can apply reinforcement learning"): a softmax for every decision.

Neither paper prints its controller; MnasNet's is a recurrent network trained by PPO. Decisions of a factorized space
are drawn apart here, as the reward is nearly a sum over stages. The policy is a pure function of the study's finished
trials in the order of their numbers, so that any number of workers share it and none keeps a state.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from optuna.trial import TrialState

from .chance import Independent, chance
from .space import Choice, Point

RATE = 0.3  # of learning, for advantages in standard deviations; ours
# Rewards before the policy learns. Ours: the scatter of a few may be nearly none, and the next advantage then so large
# that one trial decides every choice for good.
LEAST = 8


def policy(
    decisions: Mapping[str, Sequence[Choice]], trials: Iterable[tuple[Point, float]], rate: float = RATE
) -> dict[str, np.ndarray]:
    """The probability of every choice after `trials`, (point, reward) in order.

    Each trial moves the logits by `rate` times its advantage times (what was drawn - what was probable); the advantage
    is the reward over the mean of those before, in their standard deviations; the first `LEAST` trials move nothing.
    """
    logits = {name: np.zeros(len(choices)) for name, choices in decisions.items()}
    rewards: list[float] = []
    for point, reward in trials:
        scatter = np.std(rewards) if len(rewards) >= LEAST else 0.0
        if scatter > 0:
            advantage = (reward - np.mean(rewards)) / scatter
            for name, choices in decisions.items():
                drawn = np.zeros(len(choices))
                drawn[choices.index(point[name])] = 1
                logits[name] += rate * advantage * (drawn - softmax(logits[name]))
        rewards.append(reward)
    return {name: softmax(values) for name, values in logits.items()}


def softmax(logits: np.ndarray) -> np.ndarray:
    shares = np.exp(logits - logits.max())
    return shares / shares.sum()


class Reinforce(Independent):
    """Draws every decision by `policy`; `seed` and the trial's number tell all of its chance."""

    def __init__(self, decisions: Mapping[str, Sequence[Choice]], seed: int):
        super().__init__(seed)
        self.decisions = decisions
        self.drawn_for = -1
        self.policy: dict[str, np.ndarray] = {}

    def sample_independent(self, study, trial, param_name, param_distribution):
        if self.drawn_for != trial.number:
            done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
            self.policy = policy(self.decisions, [(t.params, t.value) for t in done])
            self.drawn_for = trial.number
        shares = self.policy[param_name]
        return self.decisions[param_name][chance(self.seed, trial.number, param_name).choice(len(shares), p=shares)]
