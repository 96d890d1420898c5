"""What the released trainings of ResNet-RS and of EfficientNet set, against the sentences of RS §4 about them."""

from collections.abc import Callable

from ..recipes.presets import preset

FIRST, SECOND, OTHER = "rs-50-160:tf1", "rs-50-160:tf2", "v1-b0:release"  # the two of ResNet-RS, that of EfficientNet
MOMENTUM = ("momentum", "sgd")  # plain, and Nesterov's


def epochs() -> dict[str, float]:
    return {"EfficientNet": preset(OTHER).epochs, "ResNet-RS": preset(FIRST).epochs}


def differences() -> dict[str, float]:
    """1 where a release has what RS §4 says of it, else 0."""
    theirs = preset(OTHER).recipe
    found = {
        "EfficientNet: RMSProp": theirs.optimizer == "rmsprop_tf",
        "EfficientNet: exponential decay": theirs.lr_schedule == "staircase",
    }
    for which, name in (("first", FIRST), ("second", SECOND)):
        recipe = preset(name).recipe
        found[f"ResNet-RS, {which} release: momentum"] = recipe.optimizer in MOMENTUM
        found[f"ResNet-RS, {which} release: cosine"] = recipe.lr_schedule.startswith("cosine")
    return {row: float(value) for row, value in found.items()}


RECIPE_SETTINGS: dict[str, Callable[[], dict[str, float]]] = {
    "epochs of the releases": epochs,
    "differences of the releases": differences,
}
