"""The timing protocol: who is called when, and what the ratio means."""

import time

from convscale.measure.timing import interleaved


def test_alternatives_are_called_in_turn_warm_up_first():
    calls = []
    work = {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}
    table = interleaved(work, rounds=3, warmup=2)
    assert calls == ["a", "b"] * 5
    assert list(table.index) == ["a", "b"]
    assert "2 warm-up and 3 counted rounds" in table.attrs["protocol"]


def test_the_ratio_says_how_much_faster_than_the_first():
    def busy(seconds: float) -> None:
        end = time.process_time() + seconds
        while time.process_time() < end:
            pass

    table = interleaved({"slow": lambda: busy(0.04), "fast": lambda: busy(0.01)}, rounds=3, warmup=0)
    assert table.loc["slow", "ratio"] == 1
    assert 3 < table.loc["fast", "ratio"] < 5
    assert (table["min"] <= table["median"]).all() and (table["median"] <= table["max"]).all()
