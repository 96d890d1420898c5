"""One process on CPU or one CUDA GPU; `torchrun.py` and `xla.py` extend it to many."""

import contextlib
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn

from ..errors import check_name
from .depthwise import depthwise_in_float32
from .hardware import bfloat16_hardware, free_memory, processor_name, resident_peak
from .kinds import PRECISIONS

# "auto" on a CPU: the smallest size that we measured. Seconds of a training step in float32 / in bfloat16, ours, one
# Zen 5 core with avx512_bf16 and no AMX, torch 2.9, `python -m benchmarks precision`'s cases. 16, 24, 32 px in batches
# of 64: efficientnet-tiny8 0.97, 1.14, 1.36; efficientnetv2-tiny8 1.06, 1.08, 1.22; resnet-tiny8 1.48, 1.81, 1.69.
# 64, 96, 128, 160, 224 px in batches of 8: efficientnet-b0 0.99, 1.09, 1.11, 1.28, 1.49; efficientnetv2-b0 1.04, 1.24,
# 1.35, 1.45, 1.57; efficientnetv2-s 1.22, 1.46, 1.55, 1.70, 1.85; resnet-rs-50 1.46, 1.63, 1.95, 2.06, 2.30.
# Smaller steps have to cast as many weights, and are slower by more than 5 % where there are depthwise convolutions:
# 0.81 to 0.87 with 8 images of 32 px (32 of them: 0.99, 1.03), 0.84 to 0.92 with 32 of 16 px in the small networks.
BFLOAT16_FROM_PX = 16


class Device:
    """What a training loop runs on. All values that change from step to step reach the model as tensors made here.

    `world` processes, of which this is number `rank`, each load their share of a global batch: images
    [rank * B / world, (rank + 1) * B / world) of its B. `shards` counts the equal parts in which B is computed.

    `traced` tells that steps are recorded as graphs, compiled once for each shape and each constant in them: then
    shapes have to stay the same and changing values have to be tensors, which elsewhere would only cost.
    """

    rank, world, shards = 0, 1, 1
    traced = False

    def __init__(self, kind: str):
        self.kind = kind
        self.torch = torch.device(kind)

    @property
    def name(self) -> str:
        """What a reader should see: the GPU's name, or the processor's."""
        return torch.cuda.get_device_name(self.torch) if self.kind == "cuda" else processor_name()

    @property
    def count(self) -> int:
        """Accelerators, or CPU threads in use."""
        return 1 if self.kind == "cuda" else torch.get_num_threads()

    @property
    def is_main(self) -> bool:
        """Whether this process prints and writes."""
        return self.rank == 0

    def model(self, model: nn.Module) -> nn.Module:
        """`model` on the device in channels-last layout, which is faster on CPU and CUDA alike, and on a CPU with its
        depthwise convolutions out of autocast."""
        if self.kind == "cpu":
            depthwise_in_float32(model)
        return model.to(self.torch, memory_format=torch.channels_last)

    def settle(self, tensors: Iterable[Tensor]) -> None:
        """Send what steps read and overwrite before the first one: an optimizer's state, averages of weights.

        `model` does so with parameters and buffers. On XLA it saves the compilation of a second graph.
        """

    def parallel(self, model: nn.Module) -> nn.Module:
        """What training calls instead of `model`, so that gradients are means over the global batch.

        Call it once, after `model` is on the device and parameters that stay fixed need no gradient.
        """
        return model

    def accumulating(self, parallel_model: nn.Module, last: bool) -> contextlib.AbstractContextManager:
        """Context of forward and backward of one part of an accumulated gradient; only the `last` is exchanged."""
        return contextlib.nullcontext()

    def put(self, batch: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """This process's share of a batch, on the device; 0-d tensors stay whole."""
        return tuple(t.to(self.torch, non_blocking=True) for t in batch)

    def scalars(self, **values: float) -> dict[str, Tensor]:
        """Schedule values as 0-d float tensors, sent in one transfer; none is baked into a compiled graph."""
        return dict(zip(values, torch.tensor(list(values.values())).to(self.torch).unbind(), strict=True))

    def number(self, value: float, scalar: Tensor) -> float | Tensor:
        """Of a value and the same as one of `scalars`, what an optimizer should get: elsewhere it would read a tensor
        back at each step."""
        return scalar if self.traced else value

    def seed(self, seed: int) -> None:
        """Seed the model's random numbers (dropout); every process draws its own."""
        torch.manual_seed(seed + self.rank)

    def end_step(self) -> None:
        """Tell a lazy device that the step is complete."""

    def wait(self, result: object = None) -> None:
        """Return when the device has done its work; `result` is a tensor that came out of it."""
        if self.kind == "cuda":
            torch.cuda.synchronize(self.torch)

    def seen(self, batch_size: int) -> int:
        """Images of a global batch that a layer of this process sees.

        Raises ValueError for a batch that has no equal shares.
        """
        if batch_size % self.shards:
            raise ValueError(f"a batch of {batch_size} images has no {self.shards} equal shares: use a multiple")
        return batch_size // self.world

    def precision(self, asked: str, image_size: int | None = None) -> str:
        """The precision that `asked` means here for images of `image_size` px; only "auto" on a CPU needs the size.

        "auto" is bfloat16 on GPUs that compute in it, else float16. On CPUs with instructions for it it is bfloat16
        from `BFLOAT16_FROM_PX` up, else float32. Raises ValueError for a precision unknown or not possible here.
        """
        if check_name("precision", asked, PRECISIONS) == "auto":
            return self.automatic(image_size)
        if asked == "float16" and self.kind != "cuda":
            raise ValueError(f"precision 'float16' needs a GPU, this is {self.kind}: use bfloat16, float32 or auto")
        return asked

    def automatic(self, image_size: int | None) -> str:
        """What "auto" means."""
        if self.kind == "cuda":
            return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
        if image_size is None:
            raise ValueError("precision 'auto' on a CPU depends on the image size: give it")
        return "bfloat16" if image_size >= BFLOAT16_FROM_PX and bfloat16_hardware() else "float32"

    def autocast(self, precision: str, image_size: int | None = None) -> contextlib.AbstractContextManager:
        """Context of the forward pass; arguments and errors as of `precision`."""
        precision = self.precision(precision, image_size)
        if precision == "float32":
            return contextlib.nullcontext()
        return torch.autocast(self.torch.type, getattr(torch, precision))

    def scaler(self, precision: str) -> torch.amp.GradScaler:
        """Scaler of the loss, enabled for float16 only; its `state_dict` belongs in checkpoints."""
        concrete = self.precision(precision, image_size=0)  # no size makes "auto" float16 on a CPU
        return torch.amp.GradScaler("cuda", enabled=concrete == "float16")

    def gather(self, span: int) -> Callable[[Tensor], Tensor]:
        """A function that stacks a tensor of `span` neighbouring processes: t -> (span, *t.shape)."""
        raise ValueError(f"one process has no {span - 1} neighbours")

    def mean_buffers_(self, tensors: Sequence[Tensor]) -> None:
        """Average floating-point `tensors` over processes in place: batch norm's running statistics and their EMA.

        Both are linear in each batch's statistics, so averaging them before evaluation or a checkpoint gives what
        averaging at every step would.
        """

    def total(self, values: Sequence[float]) -> list[float]:
        """Sums over the processes, each of which gives what it found in its own share."""
        return list(values)

    def from_main(self, value):
        """What the main process passed, in all of them: plain values and tensors, which arrive on the CPU."""
        return value

    def barrier(self) -> None:
        """Wait for the other processes."""

    def close(self) -> None:
        """Leave the other processes; also done when Python exits."""

    def free_memory(self) -> int:
        """Bytes that tensors may still take: of the GPU's memory, or of the machine's."""
        return torch.cuda.mem_get_info(self.torch)[0] if self.kind == "cuda" else free_memory()

    def peak_memory(self) -> int:
        """Peak bytes of this process: of the GPU's allocator, or of the whole process."""
        if self.kind == "cuda":
            return torch.cuda.max_memory_allocated(self.torch)
        return resident_peak()
