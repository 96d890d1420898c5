"""What this machine has, as far as one can see without starting it."""

import functools
import importlib.metadata
import importlib.util
import os
import platform
import re
import resource
import sys
from pathlib import Path

# (vendor, device) of TPU v2 to v7x; torch_xla 2.9, torch_xla/_internal/tpu.py
TPU_PCI_IDS = {("0x1ae0", device) for device in ("0x0027", "0x005e", "0x0062", "0x0063", "0x006f", "0x0076")}
# Linux's names of instructions that multiply bfloat16 matrices or vectors: x86 "flags", ARM "Features".
BFLOAT16_FLAGS = ("amx_bf16", "avx512_bf16", "bf16", "svebf16")
CGROUP = Path("/sys/fs/cgroup")  # of a container, its own group


def cpuinfo() -> dict[str, str]:
    """The first processor of /proc/cpuinfo; empty where there is none (macOS, Windows)."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return {}
    pairs = (line.split(":", 1) for line in text.split("\n\n")[0].splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def processor_name() -> str:
    return cpuinfo().get("model name") or platform.processor() or platform.machine()


@functools.cache
def bfloat16_hardware() -> tuple[str, ...]:
    """Instructions for bfloat16 products that this CPU has; torch tells them through private functions only."""
    info = cpuinfo()
    flags = (info.get("flags", "") + " " + info.get("Features", "")).split()
    return tuple(name for name in BFLOAT16_FLAGS if name in flags)


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def free_memory() -> int:
    """Bytes that processes may still take here: the machine's, or what the control group of a container leaves.

    Both count as free what files left in memory and nobody uses: a container that has read its images is not full.
    """
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = next(1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")  # macOS: all there is
    try:
        limit, used = (int((CGROUP / name).read_text()) for name in ("memory.max", "memory.current"))
        stat = dict(line.split() for line in (CGROUP / "memory.stat").read_text().splitlines())
        free = min(free, limit - used + int(stat["inactive_file"]))
    except (OSError, ValueError, KeyError):  # no such group, or "max": no limit
        pass
    return free


def resident_peak() -> int:
    """Peak bytes of this process. Linux's `ru_maxrss`, else the way to know, starts from that of the parent process."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024


def tpu_present() -> bool:
    """Whether PJRT_DEVICE asks for a TPU or, where it is not set, one is on the PCI bus."""
    asked = os.environ.get("PJRT_DEVICE")
    return asked == "TPU" if asked else tpu_on_bus()


def tpu_on_bus() -> bool:
    """Whether a TPU that torch_xla 2.9 knows is on the PCI bus.

    torch_xla would answer too, but importing it takes seconds on every machine that has none.
    """
    devices = Path("/sys/bus/pci/devices")
    ids = {((d / "vendor").read_text().strip(), (d / "device").read_text().strip()) for d in devices.glob("*")}
    return bool(ids & TPU_PCI_IDS)


def xla_installed() -> bool:
    return importlib.util.find_spec("torch_xla") is not None


def torchrun_world() -> int:
    """Processes that torchrun started, this one among them; 1 without torchrun."""
    return int(os.environ.get("WORLD_SIZE", 1)) if "LOCAL_RANK" in os.environ else 1


def torchrun_here() -> int:
    """As `torchrun_world`, of the processes on this machine."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", 1)) if "LOCAL_RANK" in os.environ else 1


def describe_devices() -> list[str]:
    """What `pick` can choose from, one line each, with the remedy for what is left unused. Starts no device."""
    import torch  # only now: to count cores nobody needs it

    threads = torch.get_num_threads()
    bfloat16 = ", ".join(bfloat16_hardware()) or "none: precision auto is float32"
    lines = [
        f"cpu: {processor_name()}, {cores()} of {os.cpu_count()} logical cores, torch threads: {threads}",
        f"cpu bfloat16 instructions: {bfloat16}",
    ]
    if torch.cuda.is_available():
        gpus = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
        lines += [f"cuda:{i}: {gpu.name}, {gpu.total_memory / 2**30:.0f} GiB" for i, gpu in enumerate(gpus)]
        if len(gpus) > 1 and torchrun_world() == 1:
            lines.append(f"cuda: one GPU is used; all: torchrun --nproc-per-node {len(gpus)} -m convscale train ...")
    else:
        built = f"built for CUDA {torch.version.cuda}" if torch.version.cuda else "built without CUDA"
        lines.append(f"cuda: torch {torch.__version__} ({built}) sees no GPU")
    if xla_installed():
        asked = os.environ.get("PJRT_DEVICE", "not set")
        tpu = "a TPU is on the bus" if tpu_on_bus() else "no TPU is on the bus"
        lines.append(f"xla: torch_xla {importlib.metadata.version('torch_xla')}, PJRT_DEVICE {asked}, {tpu}")
    else:
        lines.append("xla: torch_xla is not installed")
    if torchrun_world() > 1:
        lines.append(f"torchrun: process {os.environ['RANK']} of {torchrun_world()}")
    return lines
