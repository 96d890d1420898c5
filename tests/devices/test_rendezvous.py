"""Processes of one start find each other, and not the dead of an earlier one; what the first one has reaches all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import torch
import torch.distributed as dist

from convscale.devices.rendezvous import announced, awaited, store_of_this_start
from convscale.devices.torchrun import with_places, with_tensors


@pytest.fixture
def store():
    return dist.HashStore()


def test_all_hear_the_same_name_and_another_one_at_each_start(store):
    store.set_timeout(timedelta(seconds=20))
    names = []
    for _ in range(2):
        with ThreadPoolExecutor(3) as threads:
            others = [threads.submit(awaited, store, rank) for rank in (1, 2)]
            first = threads.submit(announced, store, 3).result()
            assert {other.result() for other in others} == {first}
        names.append(first)
    assert names[0] != names[1]


def test_the_word_of_a_dead_process_is_not_taken_for_its_heir(store):
    store.set_timeout(timedelta(seconds=20))
    store.set("word/1", "of the dead")
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(announced, store, 2)
        assert awaited(store, 1) == first.result()


def test_without_an_agent_torch_finds_the_others_itself(monkeypatch):
    monkeypatch.delenv("TORCHELASTIC_USE_AGENT_STORE", raising=False)
    assert store_of_this_start(0, 2) is None


def test_a_state_is_sent_as_plain_values_and_tensors():
    state = {"step": 3, "model": {"w": torch.ones(2, 3)}, "losses": [1.0, torch.tensor(2)]}
    tensors: list[torch.Tensor] = []
    told = with_places(state, tensors)
    assert "tensor" not in str(told) and len(tensors) == 2
    found = with_tensors(told, tensors)
    assert found["step"] == 3 and torch.equal(found["model"]["w"], torch.ones(2, 3)) and found["losses"][1] == 2
