"""Settings of claims about EfficientNet's compound scaling: what its rule gives, by arithmetic on tables."""

from collections.abc import Callable

from ..measure.layers import layers
from ..models.efficientnet import COEFFICIENTS, EFFICIENTNET_B0
from ..models.scaling import Coefficients, compound
from ..models.stages import ConvNetTable, scale
from ..models.tables import table

PHIS = range(1, 8)  # whole numbers up to that of B7's size
FINE = 200  # phi is tried at so many places a unit, up to one unit beyond the last of PHIS
NETWORKS = [name for name in COEFFICIENTS if name in {f"b{i}" for i in PHIS}]


def scaled(factors: Coefficients) -> ConvNetTable:
    return scale(EFFICIENTNET_B0, name="scaled", **factors._asdict())


def multiply_adds(network: ConvNetTable) -> int:
    return sum(layer.multiply_adds for layer in layers(network))


def growth_by_phi() -> dict[str, float]:
    """By how much one unit of phi multiplies the multiply-adds of B0 as built, on average up to each phi."""
    base = multiply_adds(EFFICIENTNET_B0)
    return {f"phi = {phi}": (multiply_adds(scaled(compound(phi))) / base) ** (1 / phi) for phi in PHIS}


def shape_of(network: ConvNetTable) -> tuple:
    """Layers and channels."""
    return network.stem, network.head, tuple((stage.width, stage.depth) for stage in network.stages)


def one_phi(with_size: bool) -> dict[str, float]:
    """For each released network 1 if some phi, whole or not, gives all its layers and channels, else 0; `with_size`,
    and its image size."""
    found = [scaled(compound(i / FINE)) for i in range(FINE * (PHIS[-1] + 1) + 1)]
    shapes = {(shape_of(network), network.eval_size if with_size else 0) for network in found}

    def of(name: str) -> ConvNetTable:
        network = table(f"efficientnet-{name}")
        assert isinstance(network, ConvNetTable)
        return network

    return {n.upper(): (shape_of(of(n)), of(n).eval_size if with_size else 0) in shapes for n in NETWORKS}


SCALING: dict[str, Callable[[], dict[str, float]]] = {
    "growth of multiply-adds a unit of phi": growth_by_phi,
    "one phi for layers and channels": lambda: one_phi(with_size=False),
    "one phi for layers, channels and image size": lambda: one_phi(with_size=True),
}
