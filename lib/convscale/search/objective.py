"""What a search maximizes, as pure functions of what was measured.

Step time and size are taken relative to the backbone's. That is our reading of "normalized" (V2 §3.3), which the paper
does not explain; it multiplies all rewards by one number and changes no order. Accuracy is that of images held out of
training (V2 §5.1 and V1 §5: "minival"), never of test images.
"""

STEP_TIME = -0.07  # w of V2 §3.3
PARAMS = -0.05  # v of V2 §3.3
MULTIPLY_ADDS = -0.07  # w of V1 §4


def training_aware(accuracy: float, step_time: float, params: float) -> float:
    """The reward A * S^w * P^v of V2 §3.3, in the unit of `accuracy`.

    `step_time` is that of a training step and `params` the number of parameters, both over the backbone's.
    Raises ValueError unless both are positive.
    """
    if step_time <= 0 or params <= 0:
        raise ValueError(f"step time {step_time:g} and size {params:g} of the backbone's: both are positive")
    return accuracy * step_time**STEP_TIME * params**PARAMS


def accuracy_and_cost(accuracy: float, multiply_adds: float, target: float) -> float:
    """The reward ACC * (FLOPS / T)^w of V1 §4, in the unit of `accuracy`; the paper's T for B0 is 400 million.

    Raises ValueError unless both costs are positive.
    """
    if multiply_adds <= 0 or target <= 0:
        raise ValueError(f"{multiply_adds:g} multiply-adds with a target of {target:g}: both are positive")
    return accuracy * (multiply_adds / target) ** MULTIPLY_ADDS
