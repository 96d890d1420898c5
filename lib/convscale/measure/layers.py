"""A network of MBConv and Fused-MBConv blocks layer by layer, as arithmetic on its table: nothing is built.

The sums are those of `counting`, which counts built networks; a test compares both.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import check_name
from ..models.stages import ConvNetTable, Stage

CLASSES = 1000
OPERATORS = ("mbconv", "fused", "fused+1x1")


@dataclass(frozen=True)
class Layer:
    """A convolution or the classifier: from `inp` channels at `size_in` px to `out` at `size_out`.

    `norm` are its learnable numbers beside the kernel: two a channel of batch norm, or one of a bias. `gate` marks the
    two of squeeze-and-excitation, which see the whole image.
    """

    stage: int  # 0 is the stem, one more than there are stages the head
    kernel: int
    stride: int
    inp: int
    out: int
    size_in: int
    size_out: int
    groups: int = 1
    norm: int = 0
    gate: bool = False

    @property
    def weights(self) -> int:
        return self.kernel**2 * self.inp * self.out // self.groups

    @property
    def params(self) -> int:
        return self.weights + self.norm

    @property
    def multiply_adds(self) -> int:
        return self.weights * self.size_out**2

    @property
    def activations(self) -> int:
        """Elements of the output for one image."""
        return self.out * self.size_out**2

    @property
    def moved(self) -> int:
        """Elements of input and output for one image: what crosses memory at least."""
        return self.inp * self.size_in**2 + self.activations


def layers(table: ConvNetTable, px: int | None = None) -> list[Layer]:
    """All layers in order, for an image of `px` (default: the table's `eval_size`).

    Raises ValueError for an operator that is neither MBConv nor Fused-MBConv.
    """
    size = table.eval_size if px is None else px
    found = [conv(0, 3, table.stem_stride, 3, table.stem, size)]
    for number, stage in enumerate(table.stages, start=1):
        check_name("operator", stage.op, OPERATORS)
        for i in range(stage.depth):
            last = found[-1]
            found += block(number, stage, last.out, last.size_out, stage.stride if i == 0 else 1)
    width, size = found[-1].out, found[-1].size_out
    end = len(table.stages) + 1
    if table.head:
        found.append(conv(end, 1, 1, width, table.head, size))
    features = table.head or width
    return [*found, Layer(end, 1, 1, features, CLASSES, 1, 1, norm=CLASSES)]


def conv(stage: int, kernel: int, stride: int, inp: int, out: int, size: int, groups: int = 1) -> Layer:
    """With batch norm; every padding here gives size / stride, rounded up."""
    return Layer(stage, kernel, stride, inp, out, size, -(-size // stride), groups, norm=2 * out)


def block(number: int, stage: Stage, inp: int, size: int, stride: int) -> Iterator[Layer]:
    """One block: V2 Figure 2, and as released without a projection where a fused block does not expand."""
    mid = inp * stage.expand
    if stage.op == "mbconv":
        if stage.expand != 1:
            yield conv(number, 1, 1, inp, mid, size)
        yield conv(number, stage.kernel, stride, mid, mid, size, groups=mid)
    elif stage.expand == 1 and stage.op == "fused":
        yield conv(number, stage.kernel, stride, inp, stage.width, size)
        mid = stage.width
    else:
        yield conv(number, stage.kernel, stride, inp, mid, size)
    size = -(-size // stride)
    if stage.se:
        squeezed = max(1, int(inp * stage.se))
        yield Layer(number, 1, 1, mid, squeezed, 1, 1, norm=squeezed, gate=True)
        yield Layer(number, 1, 1, squeezed, mid, 1, 1, norm=mid, gate=True)
    if not (stage.expand == 1 and stage.op == "fused"):
        yield conv(number, 1, 1, mid, stage.width, size)


def by_stage(table: ConvNetTable, quantity: str, px: int | None = None) -> list[int]:
    """A quantity of `Layer` ("params", "weights", "multiply_adds", "activations", "moved") summed over each stage, from
    the stem to the head."""
    sums: dict[int, int] = defaultdict(int)
    for layer in layers(table, px):
        sums[layer.stage] += getattr(layer, quantity)
    return [sums[number] for number in sorted(sums)]


def receptive_field(table: ConvNetTable) -> int:
    """Side in px of the square of the image that one number of the last feature map is computed from.

    Through convolutions alone: squeeze-and-excitation averages over the whole image and sees all of it. A kernel k adds
    k - 1 steps, each as long as the product of all strides before it.
    """
    side = step = 1
    for layer in layers(table):
        if not layer.gate:
            side += (layer.kernel - 1) * step
            step *= layer.stride
    return side
