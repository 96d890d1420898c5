"""Throughput, latency and memory of networks, and sessions that turn them into tidy tables and records."""

import statistics

import pandas as pd
import pytest
import torch

from convscale.devices import pick
from convscale.measure import sessions, speed
from convscale.measure.comparison import Comparison
from convscale.measure.sessions import COLUMNS, measure_together
from convscale.measure.speed import Case, compile_time, latency, peak_memory, throughput
from convscale.records.measured import records_of
from convscale.records.schema import validate

TINY = "efficientnetv2-tiny"


def comparison(**changes) -> Comparison:
    rows = {"small": (TINY, 16), "large": (TINY, 64), "both": (TINY, (16, 64))}
    known = dict(table="v2:11", quantity="training throughput", unit="images/s", batch=8)
    return Comparison(**(known | dict(what="training", rows=rows, cpu_batch=4, note="a note") | changes))


def test_throughput_is_batch_by_seconds_for_each_round(monkeypatch):
    seconds = pd.DataFrame({"a@16": [0.5, 0.25], "b@16": [1.0, 2.0], "b@32": [3.0, 2.0]})
    monkeypatch.setattr(speed, "seconds_by_round", lambda work, *args, **more: seconds[list(work)])
    cases = {"a": Case(TINY, (16,), 4), "b": Case(TINY, (16, 32), 4)}
    assert latency(cases, pick("cpu"))["b"].tolist() == [2.0, 2.0]
    assert throughput(cases, pick("cpu"))["a"].tolist() == [8.0, 16.0]


@pytest.mark.parametrize(("make", "moves"), [(speed.training_step, True), (speed.inference, False)])
def test_only_a_training_step_moves_weights_and_statistics(make, moves, monkeypatch):
    model = speed.model_of(Case(TINY, (16,), 4), pick("cpu"))
    monkeypatch.setattr(speed, "model_of", lambda case, device: model)
    before = {name: t.clone() for name, t in model.state_dict().items()}
    (call,) = make(Case(TINY, (16,), 4), pick("cpu"), "bfloat16")
    call()
    after = model.state_dict()
    changed = {name for name, t in before.items() if not torch.equal(t, after[name])}
    assert {"stem.0.weight", "stem.1.running_mean"} <= changed if moves else not changed


@pytest.mark.slow
def test_memory_of_a_step_grows_with_the_batch():
    cases = {"8": Case(TINY, (64,), 8), "64": Case(TINY, (64,), 64)}
    table = peak_memory(cases, pick("cpu"), rounds=1)
    # 56 images x 64 x 64 px x 24 channels (stem and stage 1), several float32 copies of each for the backward pass
    assert table["64"][0] - table["8"][0] > 3 * 56 * 64**2 * 24 * 4


@pytest.mark.slow
def test_inference_takes_less_memory_than_a_step():
    cases = {"tiny": Case(TINY, (64,), 64)}
    step, call = (peak_memory(cases, pick("cpu"), training=way, rounds=1)["tiny"][0] for way in (True, False))
    assert call < step / 2


def test_compile_time_is_what_the_first_call_takes_more():
    def call(pauses=[0.2, 0.05]):  # noqa: B006
        import time

        time.sleep(pauses.pop(0))

    assert compile_time(call, pick("cpu")) == pytest.approx(0.15, abs=0.1)


def test_a_session_is_tidy_and_makes_sound_records():
    table = measure_together(comparison(), pick("cpu"), rounds=3)
    assert list(table.columns) == COLUMNS and len(table) == 9 and table["session"].nunique() == 1
    assert set(table["batch"]) == {4} and set(table["precision"]) == {"float32"}
    for said in ("training, batch 4;", "3 counted rounds", "processor time", "load average", "a note"):
        assert said in table["protocol"][0]
    median = table.groupby("row")["value"].median()
    assert median["small"] > median["both"] > median["large"]
    records = [validate(record, "here") for record in records_of(table, pick("cpu"), "convscale measure")]
    assert [record["row"] for record in records] == ["small", "large", "both"]
    assert records[2]["image_sizes"] == [16, 64] and records[2]["value"] == statistics.median(records[2]["rounds"])
    assert len({record["key"] for record in records}) == 3


@pytest.mark.parametrize(
    ("unit", "value"), [("s", 2.0), ("ms", 2000.0), ("ms/image", 500.0), ("images/s", 2.0), ("GB", 2e-9)]
)
def test_units(unit, value):
    assert sessions.UNITS[unit](2.0, 4) == pytest.approx(value)


def test_too_little_memory_halves_the_batch_of_the_whole_session(monkeypatch):
    tried = []

    def fits_two(cases, device, **options):
        tried.append({case.batch for case in cases.values()})
        if tried[-1] != {2}:
            raise torch.OutOfMemoryError
        return pd.DataFrame({row: [1.0, 2.0] for row in cases})

    monkeypatch.setattr(sessions, "latency", fits_two)
    table = measure_together(comparison(cpu_batch=8), pick("cpu"), rounds=2)
    assert tried == [{8}, {4}, {2}]
    assert set(table["batch"]) == {2} and "batch 2 (of 8 that did not fit the memory)" in table["protocol"][0]
    assert table["value"].tolist() == [2.0, 1.0] * 3


def test_a_single_image_that_does_not_fit_is_an_error(monkeypatch):
    def never(*args, **options):
        raise torch.OutOfMemoryError

    monkeypatch.setattr(sessions, "latency", never)
    with pytest.raises(torch.OutOfMemoryError, match="v2:11 training throughput: a batch of 1 does not fit"):
        measure_together(comparison(), pick("cpu"), rounds=1)
