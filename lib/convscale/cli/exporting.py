"""`convscale export`: kept weights for other programs."""

import os
from pathlib import Path

from ..words import plural
from .command import Commands, whole
from .network_options import home_path

FORMATS = ("onnx", "timm", "safetensors")


def export(args) -> None:
    from ..errors import check_name
    from ..files import check_writable

    check_name("format", args.format, FORMATS)
    from ..learning import exporting

    file = args.out or Path(args.weights).with_suffix(exporting.FORMATS[args.format])
    if (
        file.suffix != Path(f"a{exporting.FORMATS[args.format]}").suffix
        or file.resolve() == Path(args.weights).resolve()
    ):
        raise ValueError(f"{file}: name another file, with the ending {exporting.FORMATS[args.format]}")
    check_writable(file.parent)
    told = exporting.export(args.weights, args.format, file, args.image_size)
    print(f"{told['network']} for {plural(len(told['classes']), 'class')}: {file}")
    print(f"classes and preprocessing: {exporting.sidecar(file)}")
    print(f"use: {told['use']}")


def add(commands: Commands) -> None:
    parser = commands.add(
        "export",
        export,
        "kept weights as ONNX, for plain timm, or as tensors alone; with preprocessing as JSON",
        "convscale export --weights best.safetensors --format onnx -o model.onnx",
    )
    parser.add_argument("--weights", required=True, type=os.path.expanduser, help="what `train` kept")
    parser.add_argument("--format", default="onnx", help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    parser.add_argument("-o", "--out", type=home_path, metavar="FILE", help="default: beside the weights")
    parser.add_argument("--image-size", type=whole(1), metavar="PX", help="of ONNX; default: that of the weights")
