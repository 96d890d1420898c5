"""Exported weights give the network's outputs where they are used: in onnxruntime, in plain timm, and here."""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from PIL import Image

from convscale.learning import checkpoint, export, exporting, load_trained
from convscale.learning.start import new_model
from convscale.models import build, load_weights

needs_onnx = pytest.mark.skipif(
    not all(map(find_spec, ("onnx", "onnxruntime", "onnxscript"))),
    reason="onnx, onnxruntime and onnxscript are not installed: they come with convscale[export]",
)
CLASSES = ["cat", "dog", "eel"]


def kept(network: str, folder: Path, size: int) -> Path:
    """A file as `fit` keeps it, of a network whose batch norms have statistics of their own."""
    torch.manual_seed(1)
    model = new_model(network, len(CLASSES))
    with torch.no_grad():
        for name, buffer in model.named_buffers():
            if name.endswith("running_var"):
                buffer.uniform_(0.5, 1.5)
    pixels = {"normalisation": "imagenet", "eval_crop": "0.875", "interpolation": "bicubic"}
    about = {"model": network, "classes": CLASSES, "image_size": size, "preprocessing": pixels}
    checkpoint.save_weights(model, folder / "best.safetensors", about)
    return folder / "best.safetensors"


@pytest.fixture
def photo() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (50, 40, 3), dtype=np.uint8))


@needs_onnx
@pytest.mark.parametrize("network", ["efficientnet-tiny8", "efficientnetv2-tiny", "resnet-tiny8", "timm:test_vit2"])
def test_onnx_answers_as_the_network_in_batches_of_any_size(network, tmp_path, photo):
    import onnxruntime

    weights = kept(network, tmp_path, 32)
    told = export(weights, "onnx", tmp_path / "model.onnx")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.safetensors", "model.json", "model.onnx"]
    session, trained = onnxruntime.InferenceSession(tmp_path / "model.onnx"), load_trained(weights)
    pixels_HWC = np.asarray(trained.pixels.transform(photo))
    for count in (1, 5):
        x_BCHW = np.stack([pixels_HWC.transpose(2, 0, 1)] * count).astype(np.float32)
        (logits_BK,) = session.run(None, {"pixels": x_BCHW})
        with torch.no_grad():
            wanted = trained.model(torch.stack([trained.transform(photo)] * count))
        np.testing.assert_allclose(logits_BK, wanted.numpy(), atol=1e-4)
    assert told == json.loads((tmp_path / "model.json").read_text()) and told["input"]["normalised_inside"]


@needs_onnx
def test_onnx_at_another_size(tmp_path):
    export(kept("efficientnetv2-tiny", tmp_path, 32), "onnx", tmp_path / "model.onnx", image_size=48)
    assert json.loads((tmp_path / "model.json").read_text())["input"]["shape"] == ["batch", 3, 48, 48]


@pytest.mark.parametrize("network", ["mobilenetv2", "timm:resnet10t", "timm:test_vit2"])
def test_one_line_of_plain_timm_loads_it(network, tmp_path, photo, monkeypatch):
    weights = kept(network, tmp_path, 32)
    told = export(weights, "timm", tmp_path / "model.safetensors")
    monkeypatch.chdir(tmp_path)
    model = eval(told["use"], {"timm": timm}).eval()
    trained = load_trained(weights)
    x_BCHW = trained.transform(photo)[None]
    with torch.no_grad():
        torch.testing.assert_close(model(x_BCHW), trained.model(x_BCHW), atol=1e-4, rtol=1e-4)
    mean, std = (np.array(told["input"][name]) / 255 for name in ("mean", "std"))
    assert told["image"]["timm"]["mean"] == pytest.approx(mean) and told["image"]["timm"]["std"] == pytest.approx(std)


def test_what_fit_keeps_of_a_network_of_timm_is_timms_already(tmp_path, photo):
    """The line of the documentation, without an export."""
    weights = kept("timm:resnet10t", tmp_path, 32)
    model = timm.create_model("resnet10t", num_classes=3, checkpoint_path=str(weights)).eval()
    trained = load_trained(weights)
    with torch.no_grad():
        assert torch.equal(model(trained.transform(photo)[None]), trained.model(trained.transform(photo)[None]))


def test_plain_tensors_load_here(tmp_path, monkeypatch):
    weights = kept("efficientnetv2-tiny", tmp_path, 32)
    told = export(weights, "safetensors", tmp_path / "plain.safetensors")
    monkeypatch.chdir(tmp_path)
    model = eval(told["use"].partition("#")[0], {"build": build, "load_weights": load_weights})
    wanted = load_trained(weights).model.state_dict()
    assert all(torch.equal(tensor, wanted[name]) for name, tensor in model.state_dict().items())
    assert told["classes"] == CLASSES and told["image"]["centre_square"] == 0.875


def test_a_file_with_other_outputs_is_not_left(tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "TOLERANCE", -1.0)
    with pytest.raises(ValueError, match=r"the exported timm:resnet10t has other outputs .* nothing was kept"):
        export(kept("timm:resnet10t", tmp_path, 32), "timm", tmp_path / "model.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["best.safetensors"]


def test_what_cannot_be_exported_is_one_error(tmp_path, monkeypatch):
    weights = kept("efficientnetv2-tiny", tmp_path, 32)
    with pytest.raises(ValueError, match="timm has no network efficientnetv2-tiny: export it as onnx, safetensors"):
        export(weights, "timm", tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match="unknown format 'onx': did you mean onnx"):
        export(weights, "onx", tmp_path / "model.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ImportError, match=r"is not installed: pip install 'convscale\[export\]'"):
        export(weights, "onnx", tmp_path / "model.onnx")
