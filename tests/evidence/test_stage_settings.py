"""Settings that are sums over layers, by hand."""

import pytest

from convscale.evidence.stage_settings import STAGE_SETTINGS


def test_stages_of_b4_by_hand():
    """Stage 6 has 8,636,228 of 16,740,830 parameters, stage 5 1,069,238,016 multiply-adds."""
    found = STAGE_SETTINGS["stages of B4"]()
    assert found["parameters, largest stage / equal share"] == pytest.approx(7 * 8_636_228 / 16_740_830)
    assert found["multiply-adds, largest stage / equal share"] == pytest.approx(7 * 1_069_238_016 / 4_229_588_352)


def test_smaller_expansions_have_fewer_activations_but_not_a_multiply_add():
    absolute, relative = STAGE_SETTINGS["memory of expansions"]().values()
    assert absolute == pytest.approx(54_313_568 / 78_080_592) and relative == pytest.approx(1.028, abs=5e-4)


def test_doubling_and_growth():
    assert set(STAGE_SETTINGS["depth coefficient 2"]().values()) == {2.0}
    assert STAGE_SETTINGS["growth from S to L"]() == {
        "stage 5 / stages 1 to 4": pytest.approx(19 / 9 / 1.75),
        "stage 6 / stages 1 to 4": pytest.approx(25 / 15 / 1.75),
    }


def test_receptive_fields():
    assert list(STAGE_SETTINGS["receptive fields"]().values()) == [
        pytest.approx(1487 / 1799),
        pytest.approx(1487 / 1799 * 380 / 384),
    ]
