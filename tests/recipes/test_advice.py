"""ResNet-RS's strategies as a function: its thresholds, its networks against the paper's table, its claims."""

import pytest

from convscale.evidence.claims import claims
from convscale.evidence.paper import paper_table
from convscale.recipes import advise
from convscale.recipes.advice import RESNET_RS, regime_of


def about(advice) -> dict[str, str]:
    return {strategy.about: strategy.words for strategy in advice.strategies}


@pytest.mark.parametrize(
    ("epochs", "images", "regime"),
    [
        (10, 1_281_167, "short"),  # the three columns of Figure 3
        (100, 1_281_167, "between"),
        (350, 1_281_167, "long"),
        (40, 300_000_000, "short"),  # what §6.1 says of others
        (11, 1_281_167, "between"),
        (349, 1_281_167, "between"),
        (40, 1_281_167, "between"),
    ],
)
def test_the_regimes_are_the_papers(epochs, images, regime):
    assert regime_of(epochs, images) == regime
    assert advise(epochs=epochs, images=images).regime == regime


def test_depth_for_long_training_and_width_for_short():
    assert about(advise(epochs=350, images=1_281_167))["Depth or width"] == "Scale the depth."
    assert about(advise(epochs=10, images=1_281_167))["Depth or width"] == "Scale the width."


def test_short_training_is_not_regularized_more():
    assert "Regularization" in about(advise(epochs=350, images=1_281_167))
    assert "Regularization" not in about(advise(epochs=10, images=1_281_167))


def test_few_images_start_from_weights_and_fewer_than_imagenets_lean_to_depth():
    assert "Start" in about(advise(epochs=100, images=75_750))
    few = about(advise(epochs=100, images=75_751))
    assert "Start" not in few and few["Fewer images"] == "Lean towards depth."
    assert "Fewer images" not in about(advise(epochs=100, images=1_281_167))


def test_a_budget_names_the_largest_resnet_rs_within_it():
    chosen = advise(epochs=350, images=1_281_167, multiply_adds=16e9)
    assert (chosen.network, chosen.image_size) == ("resnet-rs-152", 256)
    assert advise(epochs=350, images=1_281_167, multiply_adds=2.3e9).network == "resnet-rs-50"
    small = advise(epochs=350, images=1_281_167, multiply_adds=1e9)
    assert small.network is None and "EfficientNet" in about(small)["Image size"]
    assert advise(epochs=350, images=1_281_167).network is None


def test_the_networks_are_those_of_the_papers_table_2():
    cells = paper_table("rs:2").pivot(index="row", columns="column", values="value")
    cells = cells[cells.index.str.startswith("ResNet-RS")].sort_values("FLOPs")
    rows = [(f"resnet-rs-{row.split()[0].rpartition('-')[2]}", int(row.split("@")[1])) for row in cells.index]
    assert [(network, px) for _, network, px in RESNET_RS] == rows
    assert [2 * macs / 1e9 for macs, _, _ in RESNET_RS] == pytest.approx(cells["FLOPs"].tolist())  # two a multiply-add


def test_every_claim_behind_the_advice_is_in_the_ledger():
    known = {claim["id"] for claim in claims()}
    for epochs in (10, 100, 350):
        for strategy in advise(epochs=epochs, images=1_281_167).strategies:
            assert set(strategy.claims) <= known, strategy.about


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"images": 0}, {"multiply_adds": 0}, {"epochs": 1.5}])
def test_what_is_no_case_is_refused_by_name(wrong):
    (name, value) = next(iter(wrong.items()))
    with pytest.raises(ValueError, match=f"advise: {name} = {value}"):
        advise(**{"epochs": 10, "images": 10, **wrong})
