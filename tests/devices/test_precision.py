"""What a precision means on a device, and what is said about one that cannot be had."""

import pytest
import torch

from convscale.devices import Device, describe_devices, hardware, pick, seam


@pytest.fixture(autouse=True)
def fresh_cpuinfo():
    hardware.bfloat16_hardware.cache_clear()
    yield
    hardware.bfloat16_hardware.cache_clear()


@pytest.mark.parametrize(
    ("flags", "size", "expected"),
    [
        ({"flags": "fpu avx512f avx512_bf16"}, 16, "bfloat16"),
        ({"flags": "fpu avx512f amx_bf16"}, 15, "float32"),
        ({"flags": "fpu avx512f"}, 224, "float32"),
        ({"Features": "asimd bf16"}, 224, "bfloat16"),  # ARM
        ({}, 224, "float32"),  # macOS, Windows
    ],
)
def test_auto_on_a_cpu_depends_on_its_instructions_and_the_image_size(monkeypatch, flags, size, expected):
    monkeypatch.setattr(hardware, "cpuinfo", lambda: flags)
    assert Device("cpu").precision("auto", size) == expected


def test_auto_on_a_cpu_needs_the_image_size():
    with pytest.raises(ValueError, match="depends on the image size"):
        pick("cpu").precision("auto")


@pytest.mark.parametrize(("supported", "expected"), [(True, "bfloat16"), (False, "float16")])
def test_auto_on_a_gpu_is_what_it_computes_in(monkeypatch, supported, expected):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: supported)
    device = Device("cuda")
    assert device.precision("auto") == expected
    assert device.precision("float16") == "float16"


def test_float16_needs_a_gpu():
    device = pick("cpu")
    for use in (device.autocast, device.scaler):
        with pytest.raises(ValueError, match="precision 'float16' needs a GPU, this is cpu: use bfloat16"):
            use("float16")
    assert not device.scaler("auto").is_enabled()


def test_autocast_computes_in_the_precision_asked_for(monkeypatch):
    device, x_BC, layer = pick("cpu"), torch.ones(2, 3), torch.nn.Linear(3, 4)
    monkeypatch.setattr(seam, "bfloat16_hardware", lambda: ("amx_bf16",))
    asked = {("float32", None): torch.float32, ("bfloat16", None): torch.bfloat16, ("auto", 96): torch.bfloat16}
    for (precision, size), dtype in asked.items():
        with device.autocast(precision, size):
            assert layer(x_BC).dtype == dtype


def test_devices_are_described_with_the_remedy_for_what_is_unused(monkeypatch):
    gpu = type("Properties", (), {"name": "GPU X", "total_memory": 80 * 2**30})()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda i: gpu)
    monkeypatch.setattr(hardware, "cpuinfo", lambda: {"model name": "CPU Y", "flags": "amx_bf16"})
    monkeypatch.setattr(hardware, "xla_installed", lambda: False)
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    cpu, bfloat16, *gpus, hint, xla = describe_devices()
    assert cpu.startswith("cpu: CPU Y, ") and bfloat16 == "cpu bfloat16 instructions: amx_bf16"
    assert gpus == ["cuda:0: GPU X, 80 GiB", "cuda:1: GPU X, 80 GiB"]
    assert "torchrun --nproc-per-node 2" in hint
    assert xla == "xla: torch_xla is not installed"
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setenv("RANK", "1")
    assert describe_devices()[-1] == "torchrun: process 1 of 2"
    assert not any("--nproc-per-node" in line for line in describe_devices())
