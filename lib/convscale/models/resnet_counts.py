"""Parameters and multiply-adds of a ResNet as arithmetic on its table: nothing is built, so a grid of them is free.

The numbers are those of `measure.counting`, which counts built networks; a test compares both.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from .resnet_tables import EXPANSION, WIDTHS, ResNetTable

CLASSES = 1000


@dataclass(frozen=True)
class Layer:
    """A convolution or the classifier from `inp` to `out` channels, with a map of `size` px at its output.

    `other` are its learnable numbers beside the kernel: two a channel of batch norm, or one of a bias.
    """

    kernel: int
    inp: int
    out: int
    size: int
    other: int

    @property
    def params(self) -> int:
        return self.kernel**2 * self.inp * self.out + self.other

    @property
    def multiply_adds(self) -> int:
        return self.kernel**2 * self.inp * self.out * self.size**2


def conv(kernel: int, inp: int, out: int, size: int) -> Layer:
    """With batch norm."""
    return Layer(kernel, inp, out, size, other=2 * out)


def halved(size: int, stride: int) -> int:
    """Of the map behind a layer: every padding here gives size / stride, rounded up."""
    return -(-size // stride)


def stem(table: ResNetTable, px: int) -> list[Layer]:
    width = table.channels(WIDTHS[0])
    size = halved(px, 1 if table.stem.startswith("3x3") else 2)
    if table.stem in ("7x7", "3x3"):
        found = [conv(int(table.stem[0]), 3, width, size)]
    else:
        half = width // 2
        found = [conv(3, *ends, size) for ends in ((3, half), (half, half), (half, width))]
    return [*found, conv(3, width, width, halved(size, 2))] if table.stem_pool == "conv" else found


def block(table: ResNetTable, inp: int, mid: int, size: int, stride: int) -> Iterator[Layer]:
    """A bottleneck: 1x1, 3x3 with the stride, 1x1, the two layers of its gate, and the shortcut where it has one."""
    out, small = EXPANSION * mid, halved(size, stride)
    yield conv(1, inp, mid, size)
    yield conv(3, mid, mid, small)
    yield conv(1, mid, out, small)
    if table.se:
        squeezed = int(out * table.se)
        yield Layer(1, out, squeezed, 1, other=squeezed)
        yield Layer(1, squeezed, out, 1, other=out)
    if stride != 1 or inp != out:
        yield conv(1, inp, out, small)


def layers(table: ResNetTable, px: int | None = None, classes: int = CLASSES) -> Iterator[Layer]:
    """All layers in order for an image of `px` (None: the table's `eval_size`)."""
    px = table.eval_size if px is None else px
    yield from stem(table, px)
    width, size = table.channels(WIDTHS[0]), halved(px, table.stem_stride)
    for group, (mid, depth) in enumerate(zip(map(table.channels, WIDTHS), table.depths, strict=True)):
        for i in range(depth):
            stride = 2 if i == 0 and group > 0 else 1
            yield from block(table, width, mid, size, stride)
            width, size = EXPANSION * mid, halved(size, stride)
    yield Layer(1, width, classes, 1, other=classes)


def resnet_counts(table: ResNetTable, px: int | None = None, classes: int = CLASSES) -> tuple[int, int]:
    """(learnable parameters, multiply-adds of one image of `px`) of a ResNet.

    >>> from convscale.models.resnet_tables import resnet
    >>> resnet_counts(resnet(50))
    (25557032, 4089184256)
    """
    found = list(layers(table, px, classes))
    return sum(layer.params for layer in found), sum(layer.multiply_adds for layer in found)
