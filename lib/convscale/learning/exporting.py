"""Kept weights for other programs: ONNX, plain timm, plain safetensors; and a JSON file that says how to use them.

A file that is left has been run: ONNX by onnxruntime and timm's by timm gave the network's own outputs.
"""

import json
import logging
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from ..augment import normalise
from ..errors import check_name
from ..files import replace_file
from ..models import Preprocessing, export_weights, timm_name
from ..models.layouts import layouts
from ..models.preprocessing import NORMALISATIONS
from ..models.references import REFERENCES
from ..models.timm_drops import patch_size
from .evaluation import Trained, check_takes, load_trained
from .kept import kept_network, kept_preprocessing

FORMATS = {"onnx": ".onnx", "timm": ".timm.safetensors", "safetensors": ".plain.safetensors"}
TOLERANCE = 1e-4  # of outputs, absolute, or relative to the largest where that is above 1; ours: float32 in any order
TRIED = 3  # images that the file is tried with: a batch of another size than the one that is exported


def export(weights: Path | str, file_format: str, file: Path | str, image_size: int | None = None) -> dict:
    """Write weights that `fit` kept as `file`, and beside it <its stem>.json, whose content is returned.

    "onnx": x_BCHW of pixels 0 to 255 -> logits_BK for any batch, normalisation inside, at `image_size` px or that of
    the evaluation. "timm": loads by `timm.create_model(name, num_classes=K, checkpoint_path=file)`. "safetensors": the
    tensors under the names that they have here. Raises ValueError for another format, a network that timm does not
    have, and outputs that are not those of the network, ImportError with what installs it for packages that are absent,
    and what `check_takes` and `load_trained` raise.
    """
    check_name("format", file_format, FORMATS)
    if file_format == "onnx":
        check_installed()
    trained, file = load_trained(weights, image_size), Path(file)
    check_takes(trained.model, trained.pixels.size)
    network, preprocessing = kept_network(weights)[0], kept_preprocessing(weights, image_size)
    name = network if isinstance(network, str) else network.name
    write = {"onnx": write_onnx, "timm": write_timm, "safetensors": write_plain}[file_format]
    use = write(trained, name, file)
    told = description(trained, name, preprocessing, file_format) | {"use": use}
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    replace_file(sidecar(file), lambda path: path.write_text(text, encoding="utf-8"))
    return json.loads(text)


def sidecar(file: Path) -> Path:
    """The JSON file beside an exported one."""
    return file.with_suffix(".json")


def description(trained: Trained, name: str, preprocessing: Preprocessing, file_format: str) -> dict:
    """What a program has to know: network, classes in the order of the outputs, and what an image becomes before it."""
    mean, std = NORMALISATIONS[preprocessing.normalisation]
    size = preprocessing.size
    return {
        "network": name,
        "classes": list(trained.classes or ()),
        "input": {
            "shape": ["batch", 3, size, size],
            "channels": "red, green, blue",
            "values": "0 to 255" if file_format == "onnx" else "(0 to 255 - mean) / std",
            "mean": list(mean),
            "std": list(std),
            "normalised_inside": file_format == "onnx",
        },
        "image": {
            "centre_square": preprocessing.crop,  # side, as a share of the shorter side; null: the whole image
            "then_resized_to": [size, size],
            "interpolation": preprocessing.interpolation,
            "timm": preprocessing.timm_config(),  # nearly the same: timm resizes first and cuts the square out then
        },
        "output": "logits of the classes; softmax makes them probabilities",
    }


class FromPixels(nn.Module):
    """The network with its normalisation before it."""

    def __init__(self, trained: Trained):
        super().__init__()
        self.model = trained.model
        mean, std = (torch.tensor(values).view(-1, 1, 1) for values in trained.pixels.normalisation)
        self.register_buffer("mean_C11", mean)
        self.register_buffer("std_C11", std)

    def forward(self, pixels: Tensor) -> Tensor:
        """x_BCHW of 0 to 255 -> logits_BK."""
        return self.model((pixels - self.mean_C11) / self.std_C11)


def check_installed() -> None:
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise ImportError(f"{error.name} is not installed: pip install 'convscale[export]'") from None


def write_onnx(trained: Trained, name: str, file: Path) -> str:
    import onnxruntime

    network = FromPixels(trained).eval()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    program = torch.onnx.export(
        network,
        (torch.zeros(2, 3, trained.pixels.size, trained.pixels.size),),
        input_names=["pixels"],
        output_names=["logits"],
        dynamic_shapes={"pixels": {0: torch.export.Dim("batch")}},
        dynamo=True,
        verbose=False,
    )

    def write(path: Path) -> None:
        program.save(path, external_data=False)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        pixels = tried(trained.pixels.size)
        check_equal(network, pixels, torch.from_numpy(session.run(None, {"pixels": pixels.numpy()})[0]), name)

    replace_file(file, write)
    return f"onnxruntime.InferenceSession({file.name!r}).run(None, {{'pixels': x_BCHW}})"


def write_timm(trained: Trained, name: str, file: Path) -> str:
    import timm

    classes, theirs = len(trained.classes or ()), timm_name(name)
    if theirs is None:
        if "timm" not in layouts(trained.model):
            raise ValueError(f"timm has no network {name}: export it as {', '.join(f for f in FORMATS if f != 'timm')}")
        theirs = REFERENCES[name].timm or ""
        module = timm.create_model(theirs, num_classes=classes)
        export_weights(trained.model, module)
    else:
        module = timm.create_model(theirs, num_classes=classes, **timm_options(theirs))
        module.load_state_dict(trained.model.state_dict())
    pixels = normalise(tried(trained.pixels.size), trained.pixels.normalisation)
    with torch.no_grad():
        check_equal(trained.model, pixels, module.eval()(pixels), name)
    save(module, file)
    return timm_line(theirs, classes, file, {} if timm_name(name) is None else timm_options(theirs))


def timm_options(theirs: str) -> dict[str, bool]:
    """What `timm.create_model` is told of a network trained here: transformers took other sizes than timm's."""
    return {"dynamic_img_size": True} if patch_size(theirs) > 1 else {}


def timm_line(theirs: str, classes: int, file: Path, options: dict) -> str:
    """How plain timm loads weights."""
    more = "".join(f", {option}={value}" for option, value in options.items())
    return f"timm.create_model({theirs!r}, num_classes={classes}, checkpoint_path={file.name!r}{more})"


def write_plain(trained: Trained, name: str, file: Path) -> str:
    save(trained.model, file)
    if timm_name(name):
        loaded = f"safetensors.torch.load_file({file.name!r})"
        return f"build({name!r}, {len(trained.classes or ())}).load_state_dict({loaded})  # from convscale.models"
    return f"load_weights(build({name!r}, {len(trained.classes or ())}), {file.name!r})  # from convscale.models"


def save(module: nn.Module, file: Path) -> None:
    state = {name: tensor.contiguous() for name, tensor in module.state_dict().items()}
    replace_file(file, lambda path: save_file(state, path, {"format": "pt"}))


def tried(size: int) -> Tensor:
    """x_BCHW of pixels 0 to 255, the same each time."""
    pixels = np.random.default_rng(0).integers(0, 256, (TRIED, 3, size, size))
    return torch.from_numpy(pixels).float()


@torch.no_grad()
def check_equal(model: nn.Module, x_BCHW: Tensor, logits_BK: Tensor, name: str) -> None:
    """Raise ValueError where other outputs than the network's came out."""
    ours_BK = model.eval()(x_BCHW)
    apart = float((ours_BK - logits_BK).abs().max() / ours_BK.abs().max().clamp(min=1))
    if not apart <= TOLERANCE:
        raise ValueError(f"the exported {name} has other outputs than the network: {apart:.2g} apart; nothing was kept")
