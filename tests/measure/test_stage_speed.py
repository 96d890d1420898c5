"""Stages timed alone, the device's ceilings beside them, and the largest batch that fits a memory."""

import pytest
import torch

from convscale.devices import pick
from convscale.measure import batches, stage_speed
from convscale.measure.batches import largest, largest_batches
from convscale.measure.ceilings import COPY, PRODUCT, work_of
from convscale.measure.comparison import Comparison
from convscale.measure.sessions import measure_together
from convscale.measure.speed import Case, model_of
from convscale.measure.stage_speed import forward_of, stage_pass, stage_seconds
from convscale.models import table

TINY = "efficientnetv2-tiny"


def test_stages_one_after_the_other_are_the_network():
    model = model_of(Case(TINY, (32,), 2), pick("cpu")).eval()
    images = torch.randn(2, 3, 32, 32)
    x = images
    for part in model.parts():
        x = forward_of(model, part.stage)(x)
    assert torch.equal(x, model(images))


@pytest.mark.parametrize("stage", range(8))
def test_a_pass_goes_through_its_stage_alone_and_leaves_no_gradient(stage):
    case = Case(TINY, (32,), 2, stage)
    model = model_of(case, pick("cpu")).train()
    called, back = set(), set()
    for part in model.parts():
        for module in part.modules:
            module.register_forward_hook(lambda *_, number=part.stage: called.add(number))
            for parameter in module.parameters():
                parameter.register_hook(lambda _, number=part.stage: back.add(number))
    call = stage_pass(model, case, pick("cpu"), "float32")
    called.clear()
    call()
    assert called == back == {stage}
    assert all(parameter.grad is None for parameter in model.parameters())


def test_the_seconds_have_a_column_for_each_stage_and_ceiling(monkeypatch):
    monkeypatch.setitem(stage_speed.SIDE, PRODUCT, 16)
    cases = {
        "early": Case(TINY, (32,), 2, 1),
        "late": Case(table(TINY), (32,), 2, 6),
        "most": Case(PRODUCT, (16,), 2),
        "move": Case(COPY, (16,), 2),
    }
    seconds = stage_seconds(cases, pick("cpu"), "float32", rounds=2)
    assert list(seconds) == list(cases) and seconds.shape == (2, 4) and (seconds > 0).all(axis=None)


def test_a_session_of_stages_is_a_table_like_any_other():
    plan = Comparison(
        table="v2:3",
        quantity="training time of a stage",
        unit="ms/image",
        what="stages",
        rows={"a": (TINY, 32), COPY: (COPY, 16)},
        batch=4,
        cpu_batch=2,
        stages={"a": 2},
    )
    measured = measure_together(plan, pick("cpu"), rounds=1)
    assert measured["row"].tolist() == ["a", COPY] and measured["network"].tolist() == [TINY, COPY]
    assert measured["protocol"][0].startswith("stages, batch 2; float32")


def test_work_of_the_ceilings():
    assert work_of(PRODUCT) == 1024**3
    assert work_of(COPY) == 2 * 64 * 2**20


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 7, 8, 13, 100])
def test_the_largest_batch_is_found_between_powers_of_two(limit):
    tried = []
    assert largest(lambda images: not tried.append(images) and images <= limit, most=100) == limit
    assert len(tried) == len(set(tried)) <= 14 and all(1 <= images <= 100 for images in tried)


def test_out_of_memory_is_an_answer(monkeypatch):
    def steps(case, kind, precision):
        if case.batch > 5:
            raise torch.OutOfMemoryError
        return lambda: None

    monkeypatch.setattr(batches, "all_steps", steps)
    assert batches.fits(Case(TINY, (32,), 1), pick("cpu"), "float32", 5)
    assert not batches.fits(Case(TINY, (32,), 1), pick("cpu"), "float32", 6)
    with pytest.raises(ValueError, match="asked of a GPU, this is cpu"):
        largest_batches({}, pick("cpu"), budget=16 * 10**9, precision="float32", rounds=1)
