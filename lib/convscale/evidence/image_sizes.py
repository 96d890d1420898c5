"""How image sizes grow with cost in EfficientNet and in ResNet-RS: strategy 2 of ResNet-RS (§6.2) in numbers."""

from collections.abc import Callable

import numpy as np

from ..models.resnet_tables import RS_TABLE2
from .counts import counts_of
from .entries import Entry
from .paper import printed
from .power_law import power_law

Network = tuple[str, Entry]  # its row of RS Table 2, and itself
V1: tuple[Network, ...] = tuple((f"EfficientNet-B{i}", Entry(f"efficientnet-b{i}")) for i in range(8))
RS: tuple[Network, ...] = tuple((f"ResNet-RS-{d} @{px}", Entry(f"resnet-rs-{d}", px)) for d, px, _ in RS_TABLE2)


def multiply_adds(network: Network) -> float:
    """Of one image, counted."""
    return counts_of(network[1]).multiply_adds


def latency(column: str) -> Callable[[Network], float]:
    """A printed time of RS Table 2."""
    return lambda network: float(printed("rs:2", network[0], column))


COSTS: dict[str, Callable[[Network], float]] = {
    "multiply-adds": multiply_adds,
    "TPUv3 latency": latency("TPUv3 latency"),
    "V100 latency": latency("V100 latency"),
}


def exponent(networks: tuple[Network, ...], cost: str) -> float:
    """By which power of a cost image sizes grow, fitted over a family."""
    costs = np.array([COSTS[cost](network) for network in networks])
    return power_law(costs, np.array([entry.px for _, entry in networks])).exponent


def growth() -> dict[str, float]:
    """The exponent of EfficientNet over that of ResNet-RS, by each cost: above 1 where ResNet-RS grows more slowly."""
    return {f"by {cost}": exponent(V1, cost) / exponent(RS, cost) for cost in COSTS}


def smallest_lead() -> dict[str, float]:
    """Over all ResNet-RS within EfficientNet's costs: the least ratio of EfficientNet's image size at the same cost
    to that of ResNet-RS. Between two networks EfficientNet's size follows a power of the cost."""
    found = {}
    for cost, value in COSTS.items():
        costs, sizes = (np.log([of(network) for network in V1]) for of in (value, lambda network: network[1].px))
        inside = [network for network in RS if costs[0] <= np.log(value(network)) <= costs[-1]]
        at = np.exp(np.interp(np.log([value(network) for network in inside]), costs, sizes))
        found[f"at equal {cost}"] = float(min(at / np.array([entry.px for _, entry in inside])))
    return found
