"""Which device is taken, and what is said when it is not there."""

import importlib.util
import sys
from types import SimpleNamespace

import pytest
import torch

from convscale.devices import choose, free_memory, hardware, pick


def test_auto_takes_the_cpu_where_there_is_nothing_else(monkeypatch):
    monkeypatch.delenv("PJRT_DEVICE", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(choose, "tpu_present", lambda: False)
    assert pick().kind == "cpu"


def test_auto_takes_a_gpu_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(choose, "tpu_present", lambda: False)
    assert pick().kind == "cuda"


@pytest.mark.parametrize(("asked", "present"), [("TPU", True), ("CPU", False)])
def test_pjrt_device_decides_about_a_tpu(monkeypatch, asked, present):
    monkeypatch.setenv("PJRT_DEVICE", asked)
    assert choose.tpu_present() is present


def test_an_unknown_device_names_the_allowed_ones():
    with pytest.raises(ValueError, match=r"unknown device 'gpu'.*allowed: auto, cpu, cuda, xla"):
        pick("gpu")


def test_an_absent_device_says_what_to_do(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(RuntimeError, match="torch sees no GPU"):
        pick("cuda")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match="pip install torch_xla"):
        pick("xla")


def test_scalars_are_0d_tensors_and_an_unknown_precision_is_refused():
    device = pick("cpu")
    values = device.scalars(dropout=0.25, other=3)
    assert {name: (v.shape, v.item()) for name, v in values.items()} == {"dropout": ((), 0.25), "other": ((), 3.0)}
    with pytest.raises(ValueError, match="unknown precision 'fp8'"):
        device.autocast("fp8")


def test_xla_and_torchrun_exclude_each_other(monkeypatch):
    monkeypatch.setattr(choose, "xla_installed", lambda: True)
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("LOCAL_RANK", "0")
    with pytest.raises(RuntimeError, match="from one process: start without torchrun"):
        pick("xla")


def test_one_process_is_all_there_is():
    device = pick("cpu")
    assert (device.rank, device.world, device.shards, device.is_main) == (0, 1, 1, True)
    assert device.total([1.5, 2]) == [1.5, 2]
    model = torch.nn.Linear(2, 2)
    assert device.parallel(model) is model


def test_images_that_a_container_has_read_leave_its_memory_free(monkeypatch, tmp_path):
    monkeypatch.setattr(hardware, "CGROUP", tmp_path)
    for name, text in (("max", "1000"), ("current", "900"), ("stat", "anon 200\nfile 700\ninactive_file 650\n")):
        (tmp_path / f"memory.{name}").write_text(text)
    assert free_memory() == 750
    (tmp_path / "memory.max").write_text("max")
    assert free_memory() > 1000


@pytest.mark.parametrize(
    ("asked", "fault", "words"),
    [
        ("TPU", OSError("libtpu not found"), r"libtpu not found\. PJRT_DEVICE asks for 'TPU'; unset it, or take"),
        ("X", RuntimeError("No plugin for X\nmore"), r"No plugin for X\. PJRT_DEVICE asks for 'X'; unset it"),
        (None, ImportError("undefined symbol"), r"undefined symbol\. install the torch_xla of your torch's version"),
    ],
)
def test_xla_that_does_not_start_says_why_and_what_to_do(monkeypatch, asked, fault, words):
    class NoDevice:
        def __init__(self):
            raise fault

    monkeypatch.setattr(choose, "xla_installed", lambda: True)
    monkeypatch.setitem(sys.modules, "convscale.devices.xla", SimpleNamespace(XlaDevice=NoDevice))
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    monkeypatch.delenv("PJRT_DEVICE", raising=False)
    if asked:
        monkeypatch.setenv("PJRT_DEVICE", asked)
    with pytest.raises(RuntimeError, match=f"device 'xla' does not start: {words}"):
        pick("xla")


def test_what_pjrt_device_asks_for_is_not_what_is_on_the_bus(monkeypatch):
    monkeypatch.setenv("PJRT_DEVICE", "TPU")
    monkeypatch.setattr(hardware, "tpu_on_bus", lambda: False)
    monkeypatch.setattr(hardware, "xla_installed", lambda: True)
    monkeypatch.setattr("importlib.metadata.version", lambda name: "2.9.0")
    assert "xla: torch_xla 2.9.0, PJRT_DEVICE TPU, no TPU is on the bus" in hardware.describe_devices()
