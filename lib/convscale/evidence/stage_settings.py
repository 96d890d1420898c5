"""Settings of claims that are sums over layers of a network's table; none of them builds a network."""

from dataclasses import replace

from ..measure.layers import by_stage, receptive_field
from ..models.stages import ConvNetTable, scale
from ..models.tables import table


def convnet(name: str) -> ConvNetTable:
    """One of our EfficientNets."""
    found = table(name)
    assert isinstance(found, ConvNetTable)
    return found


def at_expansion(network: ConvNetTable, expand: int) -> ConvNetTable:
    """The network with this expansion in every stage."""
    return replace(network, stages=tuple(replace(stage, expand=expand) for stage in network.stages))


def unequal_stages() -> dict[str, float]:
    """Of EfficientNet-B4, without stem and head: what the largest stage has over an equal share of all seven."""
    network, found = convnet("efficientnet-b4"), {}
    for words, quantity in (("parameters", "params"), ("multiply-adds", "multiply_adds")):
        _, *stages, _ = by_stage(network, quantity)
        found[f"{words}, largest stage / equal share"] = max(stages) * len(stages) / sum(stages)
    return found


def memory_of_expansions() -> dict[str, float]:
    """Of EfficientNet-B4 with expansion 4 over the same with 6: outputs of convolutions, and those a multiply-add."""
    b4 = convnet("efficientnet-b4")
    four, six = (
        {what: sum(by_stage(at_expansion(b4, e), what)) for what in ("activations", "multiply_adds")} for e in (4, 6)
    )
    activations = four["activations"] / six["activations"]
    return {
        "activations, expansion 4 / 6": activations,
        "activations a multiply-add, expansion 4 / 6": activations * six["multiply_adds"] / four["multiply_adds"],
    }


def doubled_depths() -> dict[str, float]:
    """Layers of each stage of EfficientNet-B0 at a depth coefficient of 2, over those at 1."""
    b0 = convnet("efficientnet-b0")
    twice = scale(b0, name="twice", depth=2.0)
    return {f"stage {i}": b.depth / a.depth for i, (a, b) in enumerate(zip(b0.stages, twice.stages, strict=True), 1)}


def receptive_fields() -> dict[str, float]:
    """Of EfficientNetV2-S over EfficientNet-B4, in px, and as shares of their images."""
    s, b4 = convnet("efficientnetv2-s"), convnet("efficientnet-b4")
    px = receptive_field(s) / receptive_field(b4)
    return {"V2-S / B4, px": px, "V2-S / B4, images": px * b4.eval_size / s.eval_size}


def growth_of_later_stages() -> dict[str, float]:
    """From EfficientNetV2-S to L: the factor by which stages 5 and 6 grow, over that of stages 1 to 4 together."""
    small, large = ([stage.depth for stage in convnet(f"efficientnetv2-{size}").stages] for size in "sl")
    before = sum(large[:4]) / sum(small[:4])
    return {f"stage {i + 1} / stages 1 to 4": large[i] / small[i] / before for i in (4, 5)}


STAGE_SETTINGS = {
    "stages of B4": unequal_stages,
    "memory of expansions": memory_of_expansions,
    "depth coefficient 2": doubled_depths,
    "receptive fields": receptive_fields,
    "growth from S to L": growth_of_later_stages,
}
